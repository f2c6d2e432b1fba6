// SPDX-License-Identifier: BSL-1.0

// A policy where rules are meant.
// EXPECT: not_release_rules<zonal::return_to_tree>
// EXPECT: write release<the map's zone set, otherwise<policy>
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};

#ifdef ZONAL_CONTROL
inline hotplug_map<zones, rules, in_place<4>> map;
#else
inline hotplug_map<zones, return_to_tree, in_place<4>> map;
#endif
