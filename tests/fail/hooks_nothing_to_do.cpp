// SPDX-License-Identifier: BSL-1.0

// A hook that has none of the members.
// EXPECT: hook_does_nothing<misspelt>
// EXPECT: this type has none of `veto before(const hotplug_event&)`
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};

#ifdef ZONAL_CONTROL
struct misspelt {
    constexpr void after(const hotplug_event&) {}
};
inline hotplug_map<zones, rules, in_place<4>, hooks<misspelt>> map;
#else
struct misspelt {
    constexpr void afterwards(const hotplug_event&) {}
};
inline hotplug_map<zones, rules, in_place<4>, hooks<misspelt>> map;
#endif
