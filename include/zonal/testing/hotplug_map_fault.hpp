// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whether every page of a hotplug_map has exactly one owner.
//
//     REQUIRE(fault_in(map).empty());

#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/testing/zoned_memory_fault.hpp>

namespace zonal::inline v0::testing {

namespace detail {

/// What the zone accounting knows of a plugged range is what the range says of itself.
template <class Map>
constexpr text fault_in_range(const Map& map, const plugged_range& r) {
    const auto& memory = map.memory();
    if (!r.online) {
        if (memory.pages().overlaps(r.range) && !memory.rules().zone_when_added)
            return "an offline page is in a zone";
        return memory.blocks().contains(r.range) ? text{} : "an offline page is in no block";
    }
    if (!memory.pages().contains(r.range)) return "an online page is in no zone";
    for (const auto& p : memory.pages().overlapping(r.range)) {
        if (p.value.owner != page_owner{r.node, r.zone}) return "a page is in another zone";
        if (p.value.present == Map::zones::traits_of(r.zone).device)
            return "a device's page is present, or one of the system's is not";
    }
    return {};
}

/// The range is in an entry of who plugged it.
template <class Map>
constexpr text fault_in_entry(const Map& map, const plugged_range& r) {
    const auto is_own = [&](const region& e) { return e.flags.busy && e.owner == r.owner; };
    return zonal::detail::outermost(map.resources(), *bytes_of(r.range, map.memory().geometry()),
                                    is_own)
               ? text{}
               : "a plugged range has no entry in the resource tree";
}

} // namespace detail

/// What is wrong, or nothing.
/// Cost: as fault_in(map.memory()), and O(ranges * entries).
template <class Zones, class Release, class... Policies>
[[nodiscard]] constexpr text fault_in(const hotplug_map<Zones, Release, Policies...>& map) {
    if (const text fault = fault_in(map.memory()); !fault.empty()) return fault;
    text fault{};
    map.for_each([&](const plugged_range& r) {
        if (fault.empty()) fault = detail::fault_in_range(map, r);
        if (fault.empty()) fault = detail::fault_in_entry(map, r);
    });
    for (const auto& p : map.memory().pages()) {
        const bool is_hole = !p.value.present && !Zones::traits_of(p.value.owner.zone).device;
        for (pfn at = p.range.start(); fault.empty() && !is_hole && at < p.range.end();) {
            const auto r = map.find(at);
            if (!r) fault = "a page is in a zone and not plugged";
            if (r) at = r->range.end();
        }
    }
    return fault;
}

} // namespace zonal::inline v0::testing
