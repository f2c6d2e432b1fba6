// SPDX-License-Identifier: BSL-1.0

// SELF: has no line '// EXPECT: text' for this compiler

#ifndef ZONAL_CONTROL
static_assert(sizeof(int) == 1, "nobody waits for this sentence");
#endif
