// SPDX-License-Identifier: BSL-1.0

// A value that converts into its error.
// EXPECT: result: T and E convert into each other, so a value could pass for an error
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
using answer = result<pfn>;
#else
using answer = result<int, long>;
#endif
inline constexpr bool small = sizeof(answer) <= 16;
