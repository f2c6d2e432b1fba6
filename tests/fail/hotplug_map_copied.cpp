// SPDX-License-Identifier: BSL-1.0

// A map with a copy: handles and tokens would be of both.
// EXPECT-GCC: use of deleted function
// EXPECT-CLANG: has been explicitly marked deleted here
// EXPECT: range_table(const range_table&) = delete;
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};
struct map_type : hotplug_map<zones, rules, in_place<4>> {};

#ifdef ZONAL_CONTROL
void look(map_type& map) {
    const map_type& same = map;
    static_cast<void>(same.size());
}
#else
void look(map_type& map) {
    const map_type same = map;
    static_cast<void>(same.size());
}
#endif
