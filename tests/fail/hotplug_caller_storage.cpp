// SPDX-License-Identifier: BSL-1.0

// A map of several tables in one array that somebody lends.
// EXPECT: hotplug_storage_is_not_made_by_itself<zonal::caller_storage>
// EXPECT: the storage must have a default constructor
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
inline hotplug_map<zones, rules, caller_storage> map;
#endif
