// SPDX-License-Identifier: BSL-1.0

// A page frame number where a count of pages is wanted.
// EXPECT-GCC: could not convert
// EXPECT-CLANG: no known conversion
// EXPECT: pfn
// EXPECT: page_count
#include <zonal/core.hpp>

using namespace zonal;

constexpr bool is_large(page_count n) { return n > page_count{512}; }

#ifdef ZONAL_CONTROL
inline constexpr bool large = is_large(page_count{0x100});
#else
inline constexpr bool large = is_large(pfn{0x100});
#endif
