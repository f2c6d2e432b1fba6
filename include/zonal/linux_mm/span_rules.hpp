// SPDX-License-Identifier: BSL-1.0
#pragma once

// How Linux's zones shrink, as data for zone/span.hpp.
//
//     const auto rules = shrink_rules_for(version{6, 12});
//     const spans left = shrunk(memory, {node_id{0}, id}, offlined, rules.value());

#include <zonal/linux_mm/rules.hpp>
#include <zonal/zone/span.hpp>

namespace zonal::inline v0::linux_mm {

/// One section (later, subsection) at a time, at removal, while it is still valid. A zone whose last
/// section this was is emptied wherever it lay, except that from an unaligned start of the span the
/// search cannot tell the removed section from a leftover.
/// Models: mm/memory_hotplug.c shrink_zone_span() and shrink_pgdat_span() of 4.3; differs: pfns
/// from 2^31 on are found as they are, where 4.3 passes them through an int.
inline constexpr shrink_rules shrink_at_removal{.step = unit::section,
                                                .rescans_for_leftovers = true,
                                                .device_zones_shrink = true,
                                                .node_span = node_span_from::pages};

/// The whole range at once, when it has gone offline. Device zones keep what they ever spanned, and
/// so pin the span of their node.
/// Models: mm/memory_hotplug.c remove_pfn_range_from_zone() and update_pgdat_span() of 6.1 to 7.3.
inline constexpr shrink_rules shrink_at_offline{.step = unit::subsection,
                                                .rescans_for_leftovers = false,
                                                .device_zones_shrink = false,
                                                .node_span = node_span_from::zones};

/// Since 5.5: proven for 6.1, 6.12 and 7.3, and the other for 4.3.
inline constexpr rule<shrink_rules> shrink_rules_by_version[] = {
    {until({5, 5}), shrink_at_removal}, {since({5, 5}), shrink_at_offline}};

/// The smallest unit that memory comes and goes in. Subsections came with 5.3.
inline constexpr rule<unit> smallest_unit[] = {{until({5, 3}), unit::section},
                                               {since({5, 3}), unit::subsection}};

/// Fails: not_found  older than `oldest`.
[[nodiscard]] constexpr result<shrink_rules> shrink_rules_for(version v) noexcept {
    if (v < oldest) return fail(errc::not_found);
    shrink_rules rules = pick(shrink_rules_by_version, v);
    rules.step = pick(smallest_unit, v);
    return rules;
}

} // namespace zonal::inline v0::linux_mm
