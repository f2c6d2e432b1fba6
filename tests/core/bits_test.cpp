// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/bits.hpp>

#include "../test.hpp"

using zonal::bits_for;
using zonal::low_ones;

namespace {

struct bits_row {
    std::uint64_t values;
    unsigned bits;
};
constexpr std::uint64_t two_to(unsigned n) { return std::uint64_t{1} << n; }
constexpr bits_row bits_rows[] = {
    {0, 0},
    {1, 0},
    {2, 1},
    {3, 2},
    {4, 2},
    {5, 3},
    {8, 3},
    {9, 4},
    {16, 4},
    {17, 5},
    {two_to(31), 31},
    {two_to(31) + 1, 32},
    {two_to(32), 32},
    {two_to(62), 62},
    {two_to(63), 63},
    {two_to(63) + 1, 64},
    {~std::uint64_t{0}, 64},
};

constexpr bool bits_are_as_tabled() {
    for (const bits_row& r : bits_rows)
        if (bits_for(r.values) != r.bits) return false;
    return true;
}
static_assert(bits_are_as_tabled());

constexpr bool ones_are_added_one_by_one() {
    std::uint64_t ones = 0;
    for (unsigned bits = 0; bits < 64; ++bits, ones = ones * 2 + 1)
        if (low_ones(bits) != ones) return false;
    return low_ones(64) == ones && ones + 1 == 0;
}
static_assert(ones_are_added_one_by_one());

} // namespace

TEST_CASE("so many values take so many bits", "[core]") {
    CHECK(bits_are_as_tabled());
    STATIC_REQUIRE(bits_for(low_ones(17) + 1) == 17);
}

TEST_CASE("ones are counted from 0 to 64, without shifting by 64", "[core]") {
    CHECK(ones_are_added_one_by_one());
    STATIC_REQUIRE(low_ones(0) == 0);
    STATIC_REQUIRE(low_ones(1) == 1);
    STATIC_REQUIRE(low_ones(32) == 0xffff'ffff);
    STATIC_REQUIRE(low_ones(63) == 0x7fff'ffff'ffff'ffff);
    STATIC_REQUIRE(low_ones(64) == 0xffff'ffff'ffff'ffff);
}
