// SPDX-License-Identifier: BSL-1.0
#pragma once

// How Linux's zones shrink, as data for zone/span.hpp.
//
//     const auto rules = shrink_rules_for(version{6, 12});
//     const spans left = shrunk(memory, {node_id{0}, id}, offlined, rules.value());

#include <zonal/linux_mm/rules.hpp>
#include <zonal/zone/span.hpp>

namespace zonal::inline v0::linux_mm {

/// Until 5.5, a section (since 5.3, a subsection) at a time, at removal, while it is still valid. A
/// zone whose last section this was is emptied wherever it lay, except that from an unaligned start
/// of the span the search cannot tell the removed section from a leftover. From then on the whole
/// range at once, when it has gone offline; device zones keep what they ever spanned, and so pin the
/// span of their node. Proven for 4.3, 6.1, 6.12 and 7.3.
/// Models: mm/memory_hotplug.c shrink_zone_span() and shrink_pgdat_span() of 4.3;
/// remove_pfn_range_from_zone() and update_pgdat_span() of 6.1 to 7.3; differs: pfns from 2^31 on
/// are found as they are, where 4.3 passes them through an int.
inline constexpr rule<shrink_rules> shrink_rules_by_version[] = {
    {until({5, 3}), {.step = unit::section, .rescans_for_leftovers = true}},
    {until({5, 5}), {.step = unit::subsection, .rescans_for_leftovers = true}},
    {since({5, 5}), {.step = unit::subsection, .device_zones_shrink = false}},
};

/// Fails: not_found  older than `oldest`.
[[nodiscard]] constexpr result<shrink_rules> shrink_rules_for(version v) noexcept {
    if (v < oldest) return fail(errc::not_found);
    return pick(shrink_rules_by_version, v);
}

} // namespace zonal::inline v0::linux_mm
