// SPDX-License-Identifier: BSL-1.0

// SELF: does not compile without the mistake
// EXPECT: the mistake

#ifndef ZONAL_CONTROL
static_assert(sizeof(int) == 1, "the mistake");
#else
constexpr int narrowed(long long wide) { return wide; }
static_assert(narrowed(1) == 1);
#endif
