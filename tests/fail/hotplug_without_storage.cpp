// SPDX-License-Identifier: BSL-1.0

// A map that is kept nowhere.
// EXPECT: hotplug_map_without_storage<>
// EXPECT: no policy says where the ranges are kept; name in_place<N>
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
inline hotplug_map<zones, rules> map;
#endif
