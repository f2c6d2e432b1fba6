// SPDX-License-Identifier: BSL-1.0

// SELF: the mistake compiles
// EXPECT: no mistake at all

#ifndef ZONAL_CONTROL
#warning "no mistake at all"
#endif
