// SPDX-License-Identifier: BSL-1.0

// A number of slots where a storage policy is wanted.
// EXPECT: storage_policy
#include <zonal/resource.hpp>

using namespace zonal;

struct sixteen_slots {};

#ifdef ZONAL_CONTROL
inline constexpr resource_tree<in_place<16>> tree;
#else
inline constexpr resource_tree<sixteen_slots> tree;
#endif
