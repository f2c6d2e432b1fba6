// SPDX-License-Identifier: BSL-1.0
#pragma once

// The auto-movable policy: memory becomes movable as long as there is enough kernel memory from
// boot to manage it.
//
// Its numbers wrap like the kernel's 64-bit unsigned long, because it moves and shortens the range
// while it decides, and then looks up the kernel zone of what the range has become.

#include <concepts>

#include <zonal/linux_mm/memory_group.hpp>
#include <zonal/linux_mm/online_settings.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/placement/strategies.hpp>

namespace zonal::inline v0::linux_mm {

/// What onlining looks at: the zones of nodes [0, v.nodes()), groups [0, v.groups()), and the zone
/// of a section (not_found: it is not online).
template <class V>
concept online_view = zone_view<V> && requires(const V& v, group_id g, section_id s) {
    { v.geometry() } -> std::convertible_to<page_geometry>;
    { v.nodes() } -> std::convertible_to<std::uint64_t>;
    { v.groups() } -> std::convertible_to<std::uint64_t>;
    { v.group(g) } -> std::convertible_to<memory_group>;
    { v.online_zone_of(s) } -> std::same_as<result<zone_id>>;
};

/// A range that goes online.
/// Requires: it is not empty; group is no_group or one of the view's; there are Normal and Movable.
template <online_view V>
struct online_query {
    const V& view;
    online_settings settings{};
    online_type type = online_type::online;
    node_id node{};
    pfn_range range{};
    group_id group = no_group;

    [[nodiscard]] constexpr const zone_list& zones() const { return view.zones(); }
    [[nodiscard]] constexpr zone_pages pages_of(zone_id z) const { return view.pages_of(node, z); }
};

/// The lowest zone below Normal whose span overlaps [start, start + size), modulo 2^64; else Normal,
/// never HighMem.
/// Models: mm/memory_hotplug.c default_kernel_zone_for_pfn().
template <online_view V>
[[nodiscard]] constexpr zone_id kernel_zone_for(const online_query<V>& q, std::uint64_t start,
                                                std::uint64_t size) {
    const zone_id last = q.zones().find(normal::name).value();
    for (zone_id z{}; z < last; ++z.value) {
        const pfn_range span = q.pages_of(z).span;
        if (!span.empty() && start < span.end().value() && start + size > span.start().value())
            return z;
    }
    return last;
}

/// Stands for all nodes together.
inline constexpr node_id any_node{~std::uint64_t{0}};

/// Whether `size` more pages of q.group may become movable, by what `scope` has. Other dynamic
/// groups count on kernel memory for their movable memory; a dynamic group's own kernel memory
/// serves its own.
/// Requires: the ratio is not zero.
/// Cost:     O(nodes * zones + groups).
/// Models:   mm/memory_hotplug.c auto_movable_can_online_movable(); differs: always 64 bits.
template <online_view V>
[[nodiscard]] constexpr bool may_be_movable(const online_query<V>& q, node_id scope,
                                            std::uint64_t size) {
    const std::uint64_t ratio = q.settings.auto_movable_ratio;
    const bool all = scope == any_node;
    const zone_list& zones = q.zones();
    std::uint64_t early = 0;   // kernel memory of the boot
    std::uint64_t movable = 0; // memory that is managed from there
    const std::uint64_t end = all ? q.view.nodes() : scope.value + 1;
    for (node_id n{all ? 0 : scope.value}; n.value < end; ++n.value) {
        for (zone_id z{}; z.value < zones.size; ++z.value) {
            const zone_pages pages = q.view.pages_of(n, z);
            if (!pages.is_populated()) continue;
            const bool is_movable = zones[z].traits.movable;
            movable += is_movable ? pages.present.value() : pages.cma.value();
            early += is_movable ? 0 : pages.present_early.value() - pages.cma.value();
        }
    }

    std::uint64_t needed = 0; // kernel memory that other groups count on
    std::uint64_t theirs = 0; // their movable memory, covered by that
    for (group_id g{}; g.value < q.view.groups(); ++g.value) {
        const memory_group other = q.view.group(g);
        if (g == q.group || !other.is_dynamic || !(all || other.node == scope)) continue;
        const std::uint64_t need = other.movable.value() * 100 / ratio;
        if (need > other.kernel.value()) needed += need - other.kernel.value();
        theirs += other.movable.value();
    }

    if (early <= needed) return false;
    early -= needed;
    if (q.group != no_group)
        if (const memory_group own = q.view.group(q.group); own.is_dynamic)
            early += own.kernel.value();
    return movable - theirs + size <= ratio * early / 100;
}

/// Where the policy is set: the movable zone, or the kernel zone of what the range has become on the
/// way. Neither movable_node nor the movable zone's span matters.
/// Models: mm/memory_hotplug.c auto_movable_zone_for_pfn().
struct auto_movable {
    template <online_view V>
    static constexpr placement answer(const online_query<V>& q) {
        if (q.settings.policy != online_policy::auto_movable) return does_not_apply;
        const zone_id movable_zone = first_zone<&zone_traits::movable>(q.zones()).value();
        const bool grouped = q.group != no_group;
        const memory_group group = grouped ? memory_group(q.view.group(q.group)) : memory_group{};
        std::uint64_t start = q.range.start().value();
        std::uint64_t size = q.range.size().value();
        const auto kernel = [&] { return kernel_zone_for(q, start, size); };
        std::uint64_t decided = size; // pages that become what this range becomes
        std::uint64_t already = 0;    // of these, movable

        if (q.settings.auto_movable_ratio == 0) return kernel();
        if (grouped && !group.is_dynamic) {
            if (!group.kernel.is_zero()) return kernel();
            decided = group.pages.value();
            already = group.movable.value();
        } else if (grouped && group.pages.value() != size) {
            // A unit that is kernel memory in part gains nothing from becoming movable elsewhere.
            decided = group.pages.value();
            const page_geometry geometry = q.view.geometry();
            const std::uint64_t section = geometry.pages_of(unit::section).value();
            start &= ~(decided - 1);
            for (const auto end = start + decided; start < end; start += section) {
                const auto zone = q.view.online_zone_of(section_id{start / section});
                if (!zone) continue;
                if (*zone != movable_zone) return kernel();
                already += section;
            }
        }
        size = decided - already;

        const bool per_node = q.settings.numa && q.settings.auto_movable_numa_aware;
        const bool may =
            may_be_movable(q, any_node, size) && (!per_node || may_be_movable(q, q.node, size));
        return may ? movable_zone : kernel();
    }
};

} // namespace zonal::inline v0::linux_mm
