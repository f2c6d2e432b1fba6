// SPDX-License-Identifier: BSL-1.0

// A result that holds a reference.
// EXPECT: result: T must be an object type; use a pointer for a reference
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
using answer = result<const pfn*>;
#else
using answer = result<const pfn&>;
#endif
inline constexpr bool small = sizeof(answer) <= 16;
