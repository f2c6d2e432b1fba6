// SPDX-License-Identifier: BSL-1.0

// A map kept in two places.
// EXPECT: two_policies_for_one_slot<zonal::storage_slot, zonal::in_place<4>, zonal::caller_storage>
// EXPECT: policies: two of them (last arguments) fill the same slot
#include <zonal/ranges.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_map<int, in_place<4>, keep_apart> map{};
#else
inline constexpr pfn_range_map<int, in_place<4>, keep_apart, caller_storage> map{};
#endif
