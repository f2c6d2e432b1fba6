// SPDX-License-Identifier: BSL-1.0

// A physical address where a page frame number is wanted.
// EXPECT-GCC: could not convert
// EXPECT-CLANG: no known conversion
// EXPECT: phys_addr
// EXPECT: pfn
#include <zonal/core.hpp>

using namespace zonal;

constexpr bool is_low(pfn p) { return p < pfn{0x1000}; }
inline constexpr page_geometry x86_64{};

#ifdef ZONAL_CONTROL
inline constexpr bool low = is_low(x86_64.pfn_of(phys_addr{0x100000}).value());
#else
inline constexpr bool low = is_low(phys_addr{0x100000});
#endif
