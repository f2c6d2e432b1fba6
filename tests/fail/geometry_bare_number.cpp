// SPDX-License-Identifier: BSL-1.0

// An address where a page is to be aligned.
// EXPECT: align_down
// EXPECT: phys_addr
#include <zonal/core.hpp>

using namespace zonal;

inline constexpr page_geometry x86_64{};

#ifdef ZONAL_CONTROL
inline constexpr pfn start = x86_64.align_down(pfn{0x8001}, unit::section);
#else
inline constexpr pfn start = x86_64.align_down(phys_addr{0x8001000}, unit::section);
#endif
