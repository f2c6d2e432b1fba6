// SPDX-License-Identifier: BSL-1.0

// A value whose copy can fail in the middle of a split.
// EXPECT: value_cannot_be_kept_in_ranges<name>
// EXPECT: so the value type needs a default constructor, a copy constructor and a copy assignment, all noexcept
#include <zonal/ranges.hpp>

using namespace zonal;

struct name {
    constexpr name() noexcept = default;
#ifdef ZONAL_CONTROL
    constexpr name(const name&) noexcept {}
    constexpr name& operator=(const name&) noexcept { return *this; }
#else
    constexpr name(const name&) {}
    constexpr name& operator=(const name&) { return *this; }
#endif
    friend constexpr bool operator==(const name&, const name&) = default;
};

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_map<name, in_place<4>> map{};
#else
inline constexpr pfn_range_map<name, in_place<4>> map{};
#endif
