// SPDX-License-Identifier: BSL-1.0

// Something else than a map or set of ranges.
// EXPECT-GCC: required for the satisfaction of 'map_or_set_of_ranges<Map>' [with Map = dimms]
// EXPECT-CLANG: because 'dimms' does not satisfy 'map_or_set_of_ranges'
#include <zonal/ranges/concurrent.hpp>
#include <zonal/ranges/pfn_range_map.hpp>

using namespace zonal;

struct dimms {
    pfn_range range[4];
};

#ifdef ZONAL_CONTROL
concurrent<pfn_range_map<int, in_place<4>>> map;
#else
concurrent<dimms> map;
#endif
