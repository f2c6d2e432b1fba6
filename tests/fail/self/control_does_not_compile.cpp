// SPDX-License-Identifier: BSL-1.0

// SELF: does not compile without the mistake
// EXPECT: the mistake is also in the control

static_assert(sizeof(int) == 1, "the mistake is also in the control");
