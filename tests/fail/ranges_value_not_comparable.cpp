// SPDX-License-Identifier: BSL-1.0

// Values that are to merge but cannot be compared.
// EXPECT: values_cannot_be_compared<driver>
// EXPECT: pfn_range_map: merging needs the value type's operator==
#include <zonal/ranges.hpp>

using namespace zonal;

struct driver {
    int number = 0;
};

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_map<driver, in_place<4>, keep_apart> map{};
#else
inline constexpr pfn_range_map<driver, in_place<4>> map{};
#endif
