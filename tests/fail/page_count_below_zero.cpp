// SPDX-License-Identifier: BSL-1.0

// Fewer than zero pages.
// EXPECT: page_count: fewer than zero pages
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr page_count left = page_count{2} - page_count{1};
#else
inline constexpr page_count left = page_count{1} - page_count{2};
#endif
