// SPDX-License-Identifier: BSL-1.0

// A back end that cannot keep ranges.
// EXPECT: back_end_lacks_a_call<nothing
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/ranges/sorted_leaves.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal> {};
struct rules : release<zones, otherwise<return_to_tree>> {};
struct nothing {
    using policy_slot = back_end_slot;
};

#ifdef ZONAL_CONTROL
inline hotplug_map<zones, rules, in_place<4>, sorted_leaves> map;
#else
inline hotplug_map<zones, rules, in_place<4>, nothing> map;
#endif
