// SPDX-License-Identifier: BSL-1.0
#pragma once

// Linux's requests: four modifier bits, eight good combinations.

#include <zonal/linux_mm/page_layout.hpp>
#include <zonal/request/fallback.hpp>
#include <zonal/request/packed.hpp>

namespace zonal::inline v0::linux_mm {

/// The modifiers that choose a zone; the same bits in every version.
enum gfp : unsigned { gfp_dma = 1, gfp_highmem = 2, gfp_dma32 = 4, gfp_movable = 8 };
inline constexpr unsigned gfp_zone_modifiers = 4;

/// A request that may move need not be movable memory: only together with HIGHMEM does it say that
/// it needs no address in the kernel's map either.
/// Models: include/linux/gfp.h, the table above GFP_ZONE_TABLE.
inline constexpr request_rule gfp_rules[] = {
    {0, normal::name},
    {gfp_dma, dma::name, normal::name},
    {gfp_highmem, highmem::name, normal::name},
    {gfp_dma32, dma32::name, normal::name},
    {gfp_movable, normal::name},
    {gfp_movable | gfp_dma, dma::name, normal::name},
    {gfp_movable | gfp_highmem, movable::name},
    {gfp_movable | gfp_dma32, dma32::name, normal::name},
};

[[nodiscard]] constexpr request_table requests_of(const zone_list& zones) {
    return zonal::requests_of(zones, gfp_rules, gfp_zone_modifiers);
}

/// The bits of an entry of the packed table.
/// Models: GFP_ZONES_SHIFT. The device zone is no answer, so from 4.7 on five zones with a device
/// still have entries of two bits; before, an entry is as wide as the zone field.
[[nodiscard]] constexpr unsigned entry_bits_of(const config& c) noexcept {
    const unsigned zones = zones_of(c).size;
    if (pick(device_needs_no_entry, c.kernel) && c.zone_device && zones - 1 <= 4) return 2;
    return bits_for(zones);
}

/// The packed table of a configuration.
/// Fails: no_space  it does not fit a long.
/// Models: GFP_ZONE_TABLE; differs: entries of three bits are computed in 64 bits, where the
/// kernel's own expression overflows an int.
[[nodiscard]] constexpr result<packed_requests> packed_requests_of(const config& c) {
    return pack(requests_of(zones_of(c)), c.bits_per_long, entry_bits_of(c));
}

/// Everything for which the kernel refuses a configuration, or'ed: see refusal.
[[nodiscard]] constexpr unsigned refusals_of(const config& c) {
    const bool table = packed_requests_of(c).has_value();
    return page_layout_of(c).refused |
           (table ? 0u : static_cast<unsigned>(refusal::table_too_large));
}

/// Linux's requests for a zone set, and where they go when the first zone is full.
template <zone_set_type Set>
inline constexpr request_table requests = requests_of(Set::list);
template <zone_set_type Set>
inline constexpr fallback_order fallback = descending_fallback(Set::list);

} // namespace zonal::inline v0::linux_mm
