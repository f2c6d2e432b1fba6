// SPDX-License-Identifier: BSL-1.0

// A range that ends before it begins.
// EXPECT: pfn_range: the end lies before the start
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn_range range{pfn{0x100}, pfn{0x200}};
#else
inline constexpr pfn_range range{pfn{0x200}, pfn{0x100}};
#endif
