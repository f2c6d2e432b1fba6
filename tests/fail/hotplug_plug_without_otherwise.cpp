// SPDX-License-Identifier: BSL-1.0

// Memory in no zone, which no rule says who gets back.
// EXPECT: memory that is plugged offline is in no zone
// EXPECT: add otherwise<policy> to the release rules
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
using each_zone = release<zones, on<lm::normal, return_to_tree>, on<lm::movable, return_to_tree>,
                          on<lm::device, leave_to_driver>>;
struct map_type : hotplug_map<zones, each_zone, in_place<4>> {};
inline constexpr pfn_range some{pfn{0}, pfn{4}};

#ifdef ZONAL_CONTROL
auto add(map_type& map) { return map.plug<lm::normal>(some); }
#else
auto add(map_type& map) { return map.plug(some); }
#endif
