// SPDX-License-Identifier: BSL-1.0

// A map that is kept nowhere.
// EXPECT: ranges_without_storage<zonal::keep_apart>
// EXPECT: no policy says where the ranges are kept; name in_place<N>, caller_storage
#include <zonal/ranges.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_map<int, keep_apart, in_place<4>> map{};
#else
inline constexpr pfn_range_map<int, keep_apart> map{};
#endif
