// SPDX-License-Identifier: BSL-1.0

// The storage of the map, named where the concurrent map's own policies are.
// EXPECT: policy_has_no_slot_here<zonal::in_place<4>, zonal::readers_slot
// EXPECT: policies: the container has no slot for this type
#include <zonal/ranges/concurrent.hpp>
#include <zonal/ranges/pfn_range_set.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
concurrent<pfn_range_set<in_place<4>>, fixed_readers<4>> set;
#else
concurrent<pfn_range_set<in_place<4>>, in_place<4>> set;
#endif
