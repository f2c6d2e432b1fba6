// SPDX-License-Identifier: BSL-1.0

// A page frame number beyond 2^52.
// EXPECT: pfn: beyond 2^52
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn last{0x10000000000000};
#else
inline constexpr pfn last{0x10000000000001};
#endif
