// SPDX-License-Identifier: BSL-1.0

// Rules for another zone set than the map has.
// EXPECT: release_is_for_other_zones<zonal::zone_set<zonal::linux_mm::normal>
// EXPECT: the release rules are for another zone set
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
inline hotplug_map<zones, release<zones, otherwise<return_to_tree>>, in_place<4>> map;
#else
using others = zone_set<lm::normal>;
inline hotplug_map<zones, release<others, otherwise<return_to_tree>>, in_place<4>> map;
#endif
