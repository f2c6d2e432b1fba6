// SPDX-License-Identifier: BSL-1.0

// SELF: it must be shorter than 2048
// EXPECT: one mistake, forty errors

#ifndef ZONAL_CONTROL
template <int I>
struct chatty : chatty<I - 1> {
    static_assert(I < 0, "one mistake, forty errors");
};
template <>
struct chatty<0> {};
chatty<40> much;
#endif
