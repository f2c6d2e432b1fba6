// SPDX-License-Identifier: BSL-1.0

// The error of a success.
// EXPECT: result: error() of a success
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr errc why = pfn::make(0x10000000000001).error();
#else
inline constexpr errc why = pfn::make(0x10000000000000).error();
#endif
