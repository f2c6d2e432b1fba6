// SPDX-License-Identifier: BSL-1.0
#pragma once

// What Linux's calls answer; and the library's errors as Linux's numbers, for those who hand them on
// to C.

#include <zonal/core/errc.hpp>
#include <zonal/core/result.hpp>

namespace zonal::inline v0::linux_mm {

/// A refusal by its errno; or the call never returns.
enum class kernel_error : unsigned char {
    no_entry = 2,     // ENOENT
    no_address = 6,   // ENXIO
    too_big = 7,      // E2BIG
    no_memory = 12,   // ENOMEM
    busy = 16,        // EBUSY
    exists = 17,      // EEXIST
    invalid = 22,     // EINVAL
    kernel_bug = 255, ///< the kernel stops the caller for good: BUG()
};
using answer = result<done, kernel_error>;

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
