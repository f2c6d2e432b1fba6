// SPDX-License-Identifier: BSL-1.0

// A range that ends beyond 2^52.
// EXPECT: pfn: beyond 2^52
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn_range range{pfn{0xfffffffffffff}, page_count{1}};
#else
inline constexpr pfn_range range{pfn{0xfffffffffffff}, page_count{2}};
#endif
