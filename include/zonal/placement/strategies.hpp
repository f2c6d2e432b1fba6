// SPDX-License-Identifier: BSL-1.0
#pragma once

// Ready-made strategies, and the query they look at.
//
//   always<Zone>                 that zone; ends a list
//   callers_default              the zone that came with the query; ends a list
//   device_if_asked              the device zone for a driver's range; refuses when there is none
//   movable_if_start_is_movable  memory above the start of movable memory is movable too
//   inherit_from_span<Among>     what the spans around the range say, when they agree
//
// Not there: "movable if all of the range lies in the movable zone". One page more would change its
// answer, and the zone would have grown by that page anyway; inherit_from_span looks for overlap.

#include <concepts>

#include <zonal/placement/strategy.hpp>
#include <zonal/zone/predicate.hpp>
#include <zonal/zone/span.hpp>

namespace zonal::inline v0 {

/// A range that wants a zone, and what its node has so far.
template <class Q>
concept range_query = requires(const Q& q, zone_id z) {
    { q.range } -> std::convertible_to<pfn_range>;
    { q.zones() } -> std::convertible_to<const zone_list&>;
    { q.pages_of(z) } -> std::convertible_to<zone_pages>;
};
/// One that says whether a driver keeps the pages.
template <class Q>
concept device_query = range_query<Q> && requires(const Q& q) {
    { q.for_device } -> std::convertible_to<bool>;
};

/// The plain query: a range added to a node.
template <zone_view V>
struct hot_add {
    const V& view;
    node_id node;
    pfn_range range;
    bool for_device = false;
    zone_id default_zone{}; ///< what callers_default answers

    [[nodiscard]] constexpr const zone_list& zones() const { return view.zones(); }
    [[nodiscard]] constexpr zone_pages pages_of(zone_id z) const { return view.pages_of(node, z); }
};

/// The first zone whose traits answer yes to Predicate: see zone/predicate.hpp.
/// Fails: not_found
template <auto Predicate>
[[nodiscard]] constexpr result<zone_id> first_zone(const zone_list& zones) {
    for (zone_id z{}; z.value < zones.size; ++z.value)
        if (detail::answers<Predicate>(zones[z])) return z;
    return fail(errc::not_found);
}

template <zone_id Zone>
struct always {
    static constexpr bool always_answers = true;
    static constexpr placement answer(const auto&) noexcept { return Zone; }
};

struct callers_default {
    static constexpr bool always_answers = true;
    static constexpr placement answer(const auto& q)
        requires std::convertible_to<decltype(q.default_zone), zone_id>
    {
        return q.default_zone;
    }
};

/// Refuses: not_found  a driver asks, and the set has no device zone.
struct device_if_asked {
    static constexpr placement answer(const device_query auto& q) {
        if (!q.for_device) return does_not_apply;
        return first_zone<&zone_traits::device>(q.zones());
    }
};

/// Compares starts only: neither the size of the range nor the end of the movable zone matters, and
/// a movable zone that spans nothing but holes attracts as well.
struct movable_if_start_is_movable {
    static constexpr placement answer(const range_query auto& q) {
        const auto movable = first_zone<&zone_traits::movable>(q.zones());
        if (!movable) return does_not_apply;
        const pfn_range span = zone_pages(q.pages_of(*movable)).span;
        return !span.empty() && span.start() <= q.range.start() ? *movable : does_not_apply;
    }
};

/// The lowest zone whose span the range overlaps, of those whose traits answer yes to Among; passes
/// when there is none, or when both movable and unmovable ones overlap.
template <auto Among = &zone_traits::allocatable>
struct inherit_from_span {
    static constexpr placement answer(const range_query auto& q) {
        const zone_list& zones = q.zones();
        result<zone_id> found = fail(errc::not_found);
        for (zone_id z{}; z.value < zones.size; ++z.value) {
            const zone_traits& traits = zones[z].traits;
            if (!detail::answers<Among>(zones[z])) continue;
            if (!zone_pages(q.pages_of(z)).span.overlaps(q.range)) continue;
            if (!found)
                found = z;
            else if (zones[*found].traits.movable != traits.movable)
                return does_not_apply;
        }
        return found ? *found : does_not_apply;
    }
};

} // namespace zonal::inline v0
