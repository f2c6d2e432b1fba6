// SPDX-License-Identifier: BSL-1.0

// Asking for a hook that the list does not have.
// EXPECT: hooks: the list has no such hook (the first argument); add it
#include <zonal/hotplug/hooks.hpp>

using namespace zonal;

struct counts {
    unsigned n = 0;
    constexpr void after(const hotplug_event&) { ++n; }
};
struct another : counts {};

inline hooks<counts> list;
#ifdef ZONAL_CONTROL
inline unsigned n = list.get<counts>().n;
#else
inline unsigned n = list.get<another>().n;
#endif
