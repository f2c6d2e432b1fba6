// SPDX-License-Identifier: BSL-1.0

// A container in place for nothing.
// EXPECT: in_place
#include <zonal/ranges.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_set<in_place<1>> set{};
#else
inline constexpr pfn_range_set<in_place<0>> set{};
#endif
