// SPDX-License-Identifier: BSL-1.0

// The value of a failure.
// EXPECT: result: value() of a failure
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn last = pfn::make(0x10000000000000).value();
#else
inline constexpr pfn last = pfn::make(0x10000000000001).value();
#endif
