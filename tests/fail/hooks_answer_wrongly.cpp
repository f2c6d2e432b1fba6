// SPDX-License-Identifier: BSL-1.0

// A validator that answers with a bool: nobody would know what its true means.
// EXPECT: hook_answers_wrongly<
// EXPECT: hooks: `before` answers with a veto
#include <zonal/hotplug/hooks.hpp>

using namespace zonal;

struct keep_two_gigabytes {
#ifdef ZONAL_CONTROL
    static constexpr veto before(const hotplug_event&) { return no_veto; }
#else
    static constexpr bool before(const hotplug_event&) { return true; }
#endif
    static constexpr void after(const hotplug_event&) {}
};

inline constexpr hooks<keep_two_gigabytes> list{};
