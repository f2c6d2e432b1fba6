// SPDX-License-Identifier: BSL-1.0

// SELF: the first error is in a foreign file
// EXPECT: declval

#include <utility>

#ifndef ZONAL_CONTROL
int zone = std::declval<int>();
#endif
