// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which zone memory goes to when it is onlined, from 4.14 on; until then its pages have no zone.
// (4.13 chooses then as well, but lets no kernel zone reach above Movable: not modelled.)
//
//     const online_query<my_memory> dimm{.view = memory, .settings = {.movable_node = true},
//                                        .node = node_id{0}, .range = range};
//     const zone_id zone = zone_for_pfn_range(dimm);
//
// HighMem and Device are never an answer: memremap moves a driver's range to the device zone by
// name.

#include <zonal/core/bounded_list.hpp>
#include <zonal/linux_mm/auto_movable.hpp>

namespace zonal::inline v0::linux_mm {

struct kernel_zone {
    static constexpr bool always_answers = true;
    static constexpr placement answer(const auto& q) {
        return kernel_zone_for(q, q.range.start().value(), q.range.size().value());
    }
};

struct kind_asked_for {
    static constexpr placement answer(const auto& q) {
        if (q.type == online_type::kernel) return kernel_zone::answer(q);
        if (q.type == online_type::online) return does_not_apply;
        return first_zone<&zone_traits::movable>(q.zones());
    }
};

struct movable_if_movable_node {
    static constexpr placement answer(const auto& q) {
        if (!q.settings.movable_node) return does_not_apply;
        return first_zone<&zone_traits::movable>(q.zones());
    }
};

/// What plain "online" chooses from: all but HighMem and Device.
[[nodiscard]] constexpr bool can_be_onlined_to(const zone_info& z) noexcept {
    return z.traits.allocatable && (z.traits.movable || z.traits.kernel_mapped);
}

/// Plain "online" where the zones around decide, and movable_node when they disagree or are far.
/// Models: mm/memory_hotplug.c default_zone_for_pfn().
using contig_zones =
    first_of<inherit_from_span<&can_be_onlined_to>, movable_if_movable_node, kernel_zone>;

/// The whole decision.
/// Models: mm/memory_hotplug.c zone_for_pfn_range() of 6.1 to 7.3; auto-movable came with 5.15.
using online_rules = first_of<kind_asked_for, auto_movable, contig_zones>;

template <online_view V>
[[nodiscard]] constexpr zone_id zone_for_pfn_range(const online_query<V>& q) {
    return online_rules{}.zone_for(q).value();
}

/// What an offline block can become, in the order in which it is shown: the zone of plain "online",
/// then those of online_kernel and online_movable where they differ from it. The type of the query
/// is not looked at.
/// Models: drivers/base/memory.c valid_zones_show() of an offline block.
template <online_view V>
[[nodiscard]] constexpr bounded_list<zone_id, 3> valid_zones(const online_query<V>& b) {
    bounded_list<zone_id, 3> choice;
    for (online_type type : {online_type::online, online_type::kernel, online_type::movable}) {
        const zone_id zone =
            zone_for_pfn_range(online_query<V>{b.view, b.settings, type, b.node, b.range, b.group});
        if (choice.size == 0 || zone != choice[0]) choice.items[choice.size++] = zone;
    }
    return choice;
}

} // namespace zonal::inline v0::linux_mm
