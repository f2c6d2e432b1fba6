// SPDX-License-Identifier: BSL-1.0

// A policy that a map has no slot for: its ranges stay apart anyway.
// EXPECT: policy_has_no_slot_here<zonal::keep_apart
// EXPECT: policies: the container has no slot for this type
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
inline hotplug_map<zones, rules, in_place<4>, keep_apart> map;
#endif
