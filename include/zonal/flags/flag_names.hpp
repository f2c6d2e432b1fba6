// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the flag bits of a word are called, and in which order they are printed.

#include <cstdint>

#include <zonal/core/result.hpp>

namespace zonal::inline v0 {

/// Names of the bits [0, count) and the order in which a system prints them, which need not be that
/// of the bits.
struct flag_names {
    text name[64]; ///< by bit
    unsigned count = 0;
    unsigned char printed[64] = {}; ///< bits in printing order, `count` of them

    /// The bit of a flag.
    /// Fails: not_found  no flag of that name.
    [[nodiscard]] constexpr result<unsigned> bit_of(text flag) const noexcept {
        for (unsigned bit = 0; bit < count; ++bit)
            if (name[bit] == flag) return bit;
        return fail(errc::not_found);
    }
};

} // namespace zonal::inline v0
