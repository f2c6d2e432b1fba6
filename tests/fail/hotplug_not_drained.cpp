// SPDX-License-Identifier: BSL-1.0

// A range that must be drained, unplugged in one step.
// EXPECT: zone_must_be_drained_first<zonal::linux_mm::device>
// EXPECT: ranges of this zone must be drained first: if (auto drained = map.drain(range)) map.unplug(*std::move(drained))
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};
struct map_type : hotplug_map<zones, rules, in_place<4>> {};

#ifdef ZONAL_CONTROL
result<done> remove(map_type& map, plugged<lm::device> pmem) {
    return map.unplug(map.drain(pmem).value());
}
#else
result<done> remove(map_type& map, plugged<lm::device> pmem) { return map.unplug(pmem); }
#endif
