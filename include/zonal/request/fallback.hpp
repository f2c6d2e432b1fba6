// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where a request goes when its first zone is full, and the proofs that this always ends and never
// reaches a device.
//
//     constexpr fallback_order down = descending_fallback(zones::list); // Movable, Normal, DMA32
//     static_assert(down.ends());
//     static_assert(unreachable<lm::device, zones>(requests, down));
//
// The order is a value: next[i] is tried after zone i. Linux walks down the ids; tiers of different
// speed may go any other way, and then a cycle is a mistake that `ends` finds.

#include <zonal/request/rules.hpp>
#include <zonal/zone/zone_set.hpp>

namespace zonal::inline v0 {

/// After each zone, the next one to try.
struct fallback_order {
    static constexpr unsigned char nothing = 0xff;

    unsigned char next[max_zones] = {};
    unsigned size = 0;

    /// The zone to try after this one.
    /// Fails: not_found  none: the chain ends.
    [[nodiscard]] constexpr result<zone_id> after(zone_id zone) const noexcept {
        if (zone.value >= size || next[zone.value] >= size) return fail(errc::not_found);
        return zone_id{next[zone.value]};
    }
    /// Every chain comes to an end: no zone is met a second time.
    [[nodiscard]] constexpr bool ends() const noexcept {
        for (zone_id z{}; z.value < size; ++z.value)
            if (const auto second = after(z); second && reaches(*second, z)) return false;
        return true;
    }
    /// A request that starts at `from` can end up in `zone`.
    [[nodiscard]] constexpr bool reaches(zone_id from, zone_id zone) const noexcept {
        unsigned hops = 0;
        for (result<zone_id> z = from; z && hops <= size; z = after(*z), ++hops)
            if (*z == zone) return true;
        return false;
    }
};

/// From each zone to the next lower one that requests may be served from.
/// Models: mm/page_alloc.c build_zonerefs_node(); differs: a constant, made from traits.
[[nodiscard]] constexpr fallback_order descending_fallback(const zone_list& zones) noexcept {
    fallback_order order{.size = zones.size};
    unsigned char below = fallback_order::nothing;
    for (unsigned i = 0; i < zones.size; ++i) {
        order.next[i] = below;
        if (zones.zones[i].traits.allocatable) below = static_cast<unsigned char>(i);
    }
    return order;
}

/// Every request stays where it is: there is no second zone to try.
[[nodiscard]] constexpr fallback_order no_fallback(const zone_list& zones) noexcept {
    fallback_order order{.size = zones.size};
    for (unsigned char& n : order.next) n = fallback_order::nothing;
    return order;
}

/// One "then": after `from` comes `to`.
struct fallback_step {
    text from;
    text to;
};

/// An order of the user's own; zones that no step starts from end their chain.
/// Fails: not_found  a step names a zone that is not in the list;
///        exists     two steps start from one zone;
///        bad_state  a chain never ends.
template <unsigned N>
[[nodiscard]] constexpr result<fallback_order>
fallback_of(const zone_list& zones, const fallback_step (&steps)[N]) noexcept {
    fallback_order order = no_fallback(zones);
    for (const fallback_step& s : steps) {
        const auto from = zones.find(s.from);
        const auto to = zones.find(s.to);
        if (!from || !to) return fail(errc::not_found);
        unsigned char& next = order.next[from->value];
        if (next != fallback_order::nothing) return fail(errc::exists);
        next = static_cast<unsigned char>(to->value);
    }
    if (!order.ends()) return fail(errc::bad_state);
    return order;
}

/// No request, whatever its modifiers, is served from `zone`, at once or by falling back. Nothing
/// is proven, and the answer is no, when a request is answered with a zone that the order lacks.
/// Cost: over the whole table, not over samples; a constant expression.
[[nodiscard]] constexpr bool unreachable(const request_table& requests, const fallback_order& order,
                                         zone_id zone) noexcept {
    for (unsigned m = 0; m < requests.combinations(); ++m) {
        if (requests.is_bad(m)) continue;
        const zone_id first = requests.answers[m];
        if (first.value >= order.size || order.reaches(first, zone)) return false;
    }
    return true;
}

template <class Zone, zone_set_type Set>
[[nodiscard]] constexpr bool unreachable(const request_table& requests,
                                         const fallback_order& order) noexcept {
    return order.size == Set::size && unreachable(requests, order, Set::template id_of<Zone>);
}

} // namespace zonal::inline v0
