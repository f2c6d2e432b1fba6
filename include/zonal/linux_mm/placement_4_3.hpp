// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where 4.3 puts memory: the architecture chooses a zone when memory is added (until 4.12), and
// onlining can move it across the border between the movable zone and the zone below.
//
//     const zone_id zone = zone_for_memory(hot_add{memory, node_id{0}, dimm, false, default_zone});

#include <zonal/linux_mm/online_settings.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/placement/strategies.hpp>

namespace zonal::inline v0::linux_mm {

/// Like device_if_asked, but where no device zone is configured the wish is ignored.
struct device_if_configured {
    static constexpr placement answer(const device_query auto& q) {
        const auto zone = first_zone<&zone_traits::device>(q.zones());
        return q.for_device && zone ? *zone : does_not_apply;
    }
};

/// Models: mm/memory_hotplug.c zone_for_memory() and should_add_memory_movable() of 4.3.
using zone_for_memory_rules =
    first_of<device_if_configured, movable_if_start_is_movable, callers_default>;

/// The zone of an added range. A byte address that is not page-aligned is rounded down first.
template <zone_view V>
[[nodiscard]] constexpr zone_id zone_for_memory(const hot_add<V>& q) {
    return zone_for_memory_rules{}.zone_for(q).value();
}

/// The zone that an architecture hands to zone_for_memory() as the default. No name: the first zone,
/// whatever it is.
struct hot_add_arch {
    text name;
    text zone;
};
/// Models: arch_add_memory() of each, in 4.3. Two more choose by themselves: see zone_for_arch.
inline constexpr hot_add_arch hot_add_archs_4_3[] = {
    {"ia64", normal::name},    {"powerpc", {}},          {"sh", normal::name},
    {"x86-32", highmem::name}, {"x86-64", normal::name},
};

/// s390's borders. They are meant to cut a range into up to three pieces, but each step hands on
/// all that remains, and the "exists" of the later steps is swallowed: the first page decides for
/// all.
struct boot_limits {
    pfn dma_end{0x80000}; ///< 2 GiB
    pfn ram_end{0x80000};
};

/// The zone that an architecture's hot-add chooses; the query's default_zone is not looked at.
/// Fails: not_found  memory cannot be hot-added there in 4.3, or the default is not configured.
/// Models: arch_add_memory() of 4.3.
template <zone_view V>
[[nodiscard]] constexpr result<zone_id> zone_for_arch(text arch_name, const hot_add<V>& q,
                                                      boot_limits limits = {}) {
    const zone_list& zones = q.zones();
    // These two do not hear a driver's wish. The last zone of tile was Movable: it had no Device.
    if (arch_name == "tile") return zone_id{zones.size - 1};
    if (arch_name == "s390")
        return zones.find(q.range.start() < limits.dma_end   ? dma::name
                          : q.range.start() < limits.ram_end ? normal::name
                                                             : movable::name);
    for (const hot_add_arch& arch : hot_add_archs_4_3) {
        if (arch.name != arch_name) continue;
        const auto zone = arch.zone.empty() ? zone_id{} : zones.find(arch.zone);
        if (!zone) return zone;
        return zone_for_memory(hot_add<V>{q.view, q.node, q.range, q.for_device, *zone});
    }
    return fail(errc::not_found);
}

/// What onlining leaves: the zone of the range, and the spans of Movable and of the zone below it.
struct online_move {
    zone_id zone;
    pfn_range below;
    pfn_range movable;
    friend constexpr bool operator==(const online_move&, const online_move&) = default;
};

/// Onlines a range that was added to zone `from`. Memory changes sides only where the zones stay
/// contiguous: to the kernel from Movable's lower edge, to Movable from the upper edge of the zone
/// below it. Any other combination of type and zone leaves the range where it is.
/// Requires: the zones have Normal and Movable.
/// Fails:    bad_state  the range is in a zone above Normal or asked to become movable, but the
///                      node has no present memory up to Normal, and CONFIG_MOVABLE_NODE is off;
///           bad_range  the range does not lie at the edge.
/// Models:   mm/memory_hotplug.c online_pages(), move_pfn_range_left() and _right() of 4.3.
template <zone_view V>
[[nodiscard]] constexpr result<online_move> online_4_3(const hot_add<V>& q, zone_id from,
                                                       online_type type, bool config_movable_node) {
    const zone_id normal_id = q.zones().find(normal::name).value();
    const zone_id movable_id = q.zones().find(movable::name).value();
    const zone_id below_id{movable_id.value - 1};
    const pfn_range r = q.range;
    const pfn_range high = q.pages_of(movable_id).span;
    const pfn_range low = q.pages_of(below_id).span;
    const auto span = [](pfn a, pfn b) { return a < b ? pfn_range{a, b} : pfn_range{}; };

    bool has_normal_memory = false;
    for (zone_id z{}; z <= normal_id; ++z.value)
        has_normal_memory = has_normal_memory || q.pages_of(z).is_populated();
    if ((from > normal_id || type == online_type::movable) && !has_normal_memory &&
        !config_movable_node)
        return fail(errc::bad_state);

    if (type == online_type::kernel && from == movable_id) {
        if (r.end() > high.end() || r.start() > high.start() || r.end() <= high.start())
            return fail(errc::bad_range);
        const pfn start = low.empty() ? r.start() : low.start();
        return online_move{below_id, span(start, r.end()), span(r.end(), high.end())};
    }
    if (type == online_type::movable && from == below_id) {
        if (low.start() > r.start() || low.end() > r.end() || r.start() >= low.end())
            return fail(errc::bad_range);
        const pfn end = high.empty() ? r.end() : high.end();
        return online_move{movable_id, span(low.start(), r.start()), span(r.start(), end)};
    }
    return online_move{from, low, high};
}

} // namespace zonal::inline v0::linux_mm
