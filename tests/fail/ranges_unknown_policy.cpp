// SPDX-License-Identifier: BSL-1.0

// A policy that a map has no slot for.
// EXPECT: policy_has_no_slot_here<first_fit
// EXPECT: policies: the container has no slot for this type
#include <zonal/ranges.hpp>

using namespace zonal;

struct first_fit {};

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_map<int, in_place<4>> map{};
#else
inline constexpr pfn_range_map<int, in_place<4>, first_fit> map{};
#endif
