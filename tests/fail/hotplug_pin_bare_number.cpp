// SPDX-License-Identifier: BSL-1.0

// A page number where a handle is meant.
// EXPECT: pin
// EXPECT: range_handle
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};
struct map_type : hotplug_map<zones, rules, in_place<4>> {};

#ifdef ZONAL_CONTROL
result<done> pin(map_type& map) { return map.pin(map.find(pfn{0x100}).value().handle); }
#else
result<done> pin(map_type& map) { return map.pin(0x100); }
#endif
