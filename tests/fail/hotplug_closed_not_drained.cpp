// SPDX-License-Identifier: BSL-1.0

// A range that is closed, and not drained.
// EXPECT: deleted
// EXPECT: // drain it: unplug(drain(token).value())
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};
struct map_type : hotplug_map<zones, rules, in_place<4>> {};

result<done> remove(map_type& map, range_handle h) {
#ifdef ZONAL_CONTROL
    auto closed = map.close(h).value();
    return map.unplug(map.drain(closed).value());
#else
    return map.unplug(map.close(h).value());
#endif
}
