// SPDX-License-Identifier: BSL-1.0

// The sum of two page frame numbers, which is no place.
// EXPECT-GCC: no match for 'operator+'
// EXPECT-CLANG: invalid operands to binary expression
// EXPECT: pfn.hpp
// EXPECT: page_count
#include <zonal/core.hpp>

using namespace zonal;

inline constexpr pfn first{0x100};

#ifdef ZONAL_CONTROL
inline constexpr pfn sum = first + page_count{0x100};
#else
inline constexpr pfn sum = first + first;
#endif
