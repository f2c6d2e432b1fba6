// SPDX-License-Identifier: BSL-1.0
#pragma once

// How Linux's memory comes and goes, by version: the core's rules, and what the core does better.

#include <zonal/hotplug/zone_accounts.hpp>
#include <zonal/linux_mm/resource_quirks.hpp>
#include <zonal/linux_mm/span_rules.hpp>

namespace zonal::inline v0::linux_mm {

/// What a kernel does where the core does better.
struct hotplug_quirks {
    /// Adding or mapping a range that turns out to be taken half-way leaves the sections below
    /// behind, in which nothing can be added ever again.
    bool refusal_leaves_sections = false;
    /// When a DIMM cannot leave, its other blocks come back by plain "online": movable memory ends
    /// up in a kernel zone, where it stays.
    bool refusal_forgets_zones = false;
    /// A node that memory makes online begins at pfn 0 from then on, if devices were mapped on it.
    bool new_node_starts_at_zero = false;
    /// Removing what is not in whole blocks is a BUG, not a refusal.
    bool misaligned_removal_is_bug = false;
    /// Only one block at a time can keep its own page words.
    bool metadata_for_one_block_only = false;
};

struct hotplug_rules {
    memory_rules memory{};
    hotplug_quirks quirks{};
    resource_quirks tree{};
};

/// Four levels of page tables map 2^46 bytes, of 4 KiB pages.
inline constexpr pfn end_of_hotplug{std::uint64_t{1} << 34};

/// Whether pages have their zone from when they are added to when they are removed. Since then, up
/// to 5.5, spans still shrank at removal; here they do when memory goes offline.
inline constexpr rule<bool> zones_come_at_add[] = {{until({4, 13}), true}};
/// Whether only one block at a time can keep its own page words. As recorded from 6.1, not 6.12.
inline constexpr rule<bool> metadata_for_one_block[] = {{until({6, 8}), true}};

/// Fails: not_found  older than `oldest`.
[[nodiscard]] constexpr result<hotplug_rules> hotplug_rules_for(version v) noexcept {
    if (v < oldest) return fail(errc::not_found);
    const shrink_rules shrink = pick(shrink_rules_by_version, v);
    return hotplug_rules{{.zone_when_added = pick(zones_come_at_add, v),
                          .device_unit = shrink.step,
                          .shrink = shrink,
                          .limit = end_of_hotplug},
                         {.refusal_leaves_sections = true,
                          .refusal_forgets_zones = true,
                          .new_node_starts_at_zero = true,
                          .misaligned_removal_is_bug = true,
                          .metadata_for_one_block_only = pick(metadata_for_one_block, v)},
                         *resource_quirks_for(v)};
}

} // namespace zonal::inline v0::linux_mm
