// SPDX-License-Identifier: BSL-1.0

// A distance from a page to one below it.
// EXPECT: pfn: the distance would be negative
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr page_count size = pfn{0x200} - pfn{0x100};
#else
inline constexpr page_count size = pfn{0x100} - pfn{0x200};
#endif
