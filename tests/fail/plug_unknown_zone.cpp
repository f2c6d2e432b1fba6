// SPDX-License-Identifier: BSL-1.0

// Memory for a zone that the set lacks.
// EXPECT-GCC: [with Zone = zonal::linux_mm::dma32;
// EXPECT-CLANG: index_in_set<zonal::linux_mm::dma32
// EXPECT: no such zone in this set
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};
struct map_type : hotplug_map<zones, rules, in_place<4>> {};
inline constexpr pfn_range some{pfn{0}, pfn{4}};

#ifdef ZONAL_CONTROL
auto add(map_type& map) { return map.plug<lm::normal>(some); }
#else
auto add(map_type& map) { return map.plug<lm::dma32>(some); }
#endif
