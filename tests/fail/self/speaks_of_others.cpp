// SPDX-License-Identifier: BSL-1.0

// SELF: the message speaks of Boost
// EXPECT: no such key

namespace hana {
template <class Key>
struct at_key {
    static_assert(sizeof(Key) == 1, "no such key");
};
} // namespace hana

#ifndef ZONAL_CONTROL
hana::at_key<int> zone;
#endif
