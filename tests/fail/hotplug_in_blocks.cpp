// SPDX-License-Identifier: BSL-1.0

// A back end that cannot keep ranges of pages.
// EXPECT: hotplug_map_keeps_pages<zonal::block_table<15
// EXPECT: this back end keeps whole blocks only
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/ranges/block_table.hpp>
#include <zonal/ranges/sorted_leaves.hpp>

using namespace zonal;

struct zones : zone_set<linux_mm::normal, linux_mm::movable> {};
struct rules : release<zones, otherwise<return_to_tree>> {};

#ifdef ZONAL_CONTROL
hotplug_map<zones, rules, in_place<4>, sorted_leaves> map;
#else
hotplug_map<zones, rules, in_place<4>, block_table<15>> map;
#endif
