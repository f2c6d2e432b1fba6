// SPDX-License-Identifier: BSL-1.0

// Who holds a range, of a map that does not keep names.
// EXPECT: holders have no names here; add named_holders<N>
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};
inline constexpr auto look = [](holder) {};

#ifdef ZONAL_CONTROL
struct map_type : hotplug_map<zones, rules, in_place<4>, named_holders<2>> {};
result<done> list(map_type& map, range_handle h) { return map.for_each_holder(h, look); }
#else
struct map_type : hotplug_map<zones, rules, in_place<4>> {};
result<done> list(map_type& map, range_handle h) { return map.for_each_holder(h, look); }
#endif
