// SPDX-License-Identifier: BSL-1.0

// SELF: the message does not say 'a zone named twice'
// EXPECT: static assertion failed
// EXPECT: a zone named twice

#ifndef ZONAL_CONTROL
static_assert(sizeof(int) == 1, "a zone is named twice");
#endif
