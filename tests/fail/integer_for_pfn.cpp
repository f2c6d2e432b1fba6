// SPDX-License-Identifier: BSL-1.0

// An integer where a page frame number is wanted.
// EXPECT-GCC: could not convert
// EXPECT-CLANG: no known conversion
// EXPECT: pfn
#include <zonal/core.hpp>

using namespace zonal;

constexpr bool is_low(pfn p) { return p < pfn{0x1000}; }

#ifdef ZONAL_CONTROL
inline constexpr bool low = is_low(pfn{0x100});
#else
inline constexpr bool low = is_low(0x100);
#endif
