// SPDX-License-Identifier: BSL-1.0

// A page below the first one.
// EXPECT: pfn: below zero
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn before = pfn{0x100} - page_count{0x100};
#else
inline constexpr pfn before = pfn{0x100} - page_count{0x101};
#endif
