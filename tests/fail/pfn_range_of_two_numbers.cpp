// SPDX-License-Identifier: BSL-1.0

// A range made from bare numbers.
// EXPECT: pfn_range
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn_range range{pfn{0x100}, pfn{0x200}};
#else
inline constexpr pfn_range range{0x100, 0x200};
#endif
