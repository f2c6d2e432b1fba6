// SPDX-License-Identifier: BSL-1.0
#pragma once

// The library's errors as Linux's numbers, for those who hand them on to C.

#include <zonal/core/errc.hpp>

namespace zonal::inline v0::linux_mm {

/// The positive errno that Linux's memory code gives for the same refusal.
/// Models: include/uapi/asm-generic/errno-base.h, errno.h; MIPS, PowerPC and others number some of
/// those above 34 differently.
[[nodiscard]] constexpr int errno_of(errc e) noexcept {
    switch (e) {
    case errc::not_found: return 2;    // ENOENT
    case errc::out_of_reach: return 7; // E2BIG
    case errc::no_space: return 12;    // ENOMEM
    case errc::busy: return 16;        // EBUSY
    case errc::overlap:
    case errc::exists: return 17; // EEXIST
    case errc::stale: return 19;  // ENODEV
    case errc::bad_range:
    case errc::misaligned:
    case errc::bad_state: return 22; // EINVAL
    case errc::vetoed: return 125;   // ECANCELED
    }
    return 22;
}

} // namespace zonal::inline v0::linux_mm
