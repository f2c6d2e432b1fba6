// SPDX-License-Identifier: BSL-1.0

// A token that the caller would keep.
// EXPECT: deleted
// EXPECT: // give it up: unplug(std::move(token))
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};
struct map_type : hotplug_map<zones, rules, in_place<4>> {};

#ifdef ZONAL_CONTROL
result<done> remove(map_type& map, map_type::drained_type token) {
    return map.unplug(std::move(token));
}
#else
result<done> remove(map_type& map, map_type::drained_type token) { return map.unplug(token); }
#endif
