// SPDX-License-Identifier: BSL-1.0
#pragma once

// How many bits something takes.

#include <cstdint>

namespace zonal::inline v0 {

/// The bits needed to tell `values` values apart: 0 for one value, 2 for 3 or 4.
[[nodiscard]] constexpr unsigned bits_for(std::uint64_t values) noexcept {
    unsigned bits = 0;
    while (bits < 64 && (std::uint64_t{1} << bits) < values) ++bits;
    return bits;
}

/// All ones in the lowest `bits` bits; 0 to 64 of them.
[[nodiscard]] constexpr std::uint64_t low_ones(unsigned bits) noexcept {
    return bits == 0 ? 0 : ~std::uint64_t{0} >> (64 - bits);
}

} // namespace zonal::inline v0
