// SPDX-License-Identifier: BSL-1.0
#pragma once

// From the map that firmware gave to memory in zones:
//
//     zoned_memory<in_place<8>> memory(zones::list, geometry);
//     boot_from(memory, boot_map<>::make(usable, zones::list).value());

#include <zonal/hotplug/zoned_memory.hpp>

namespace zonal::inline v0 {

/// All of a boot_map, its zones' spans as it says, and its holes in existing subsections, whose
/// words say the zone around them.
/// Requires: nothing is there.
/// Fails:    as zoned_memory::boot; out_of_reach  a node beyond what there can be, or pages that no
///           zone reaches; something may have changed.
/// Models:   mm/mm_init.c free_area_init() and init_unavailable_range().
template <class S, unsigned MaxNodes, class BackEnd, class BootMap>
constexpr result<done> boot_from(zoned_memory<S, MaxNodes, BackEnd>& memory, const BootMap& map) {
    const zone_list& zones = memory.zones();
    for (const auto& r : map.ranges()) {
        page_count left = r.pages.size();
        for (zone_id z{}; z.value < zones.size; ++z.value) {
            const pfn_range part = map.pages_of(r.node, z).span.intersection(r.pages);
            if (part.empty()) continue;
            if (const auto ok = memory.boot(part, {r.node, z}); !ok) return ok;
            left -= part.size();
        }
        if (!left.is_zero()) return fail(errc::out_of_reach);
    }
    for (const pfn_range exists : memory.sections().existing())
        for (pfn from = exists.start(); from < exists.end();) {
            const pfn_range hole = *memory.pages().gaps({from, exists.end()}).begin();
            if (hole.empty()) break;
            const auto owner = map.owner_of(hole.start());
            if (!owner) return fail(errc::out_of_reach);
            if (const auto ok = memory.boot(hole, *owner, early_memory::holes); !ok) return ok;
            from = hole.end();
        }
    for (const auto& n : map.nodes())
        for (zone_id z{}; z.value < zones.size; ++z.value)
            memory.set_spans({n.node, z}, {map.pages_of(n.node, z).span, map.node_span(n.node)});
    return done{};
}

} // namespace zonal::inline v0
