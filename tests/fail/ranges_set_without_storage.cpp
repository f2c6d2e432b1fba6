// SPDX-License-Identifier: BSL-1.0

// A set that is kept nowhere.
// EXPECT: ranges_without_storage<>
// EXPECT: no policy says where the ranges are kept; name in_place<N>, caller_storage
#include <zonal/ranges.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_set<in_place<4>> set{};
#else
inline constexpr pfn_range_set<> set{};
#endif
