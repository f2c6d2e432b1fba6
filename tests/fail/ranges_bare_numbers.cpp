// SPDX-License-Identifier: BSL-1.0

// Bare numbers for a range.
// EXPECT: pfn_range
#include <zonal/ranges.hpp>

using namespace zonal;

auto fill(pfn_range_map<int, in_place<4>>& map) {
#ifdef ZONAL_CONTROL
    return map.insert({pfn{0x100}, pfn{0x200}}, 1);
#else
    return map.insert({0x100, 0x200}, 1);
#endif
}
