// SPDX-License-Identifier: BSL-1.0

// A token with a copy: two removers of one range.
// EXPECT: deleted function
// EXPECT: // a range has one remover: std::move the token
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct rules
    : release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>> {};
struct map_type : hotplug_map<zones, rules, in_place<4>> {};

#ifdef ZONAL_CONTROL
auto given_on(map_type::drained_type token) { return map_type::drained_type(std::move(token)); }
#else
auto given_on(map_type::drained_type token) { return map_type::drained_type(token); }
#endif
