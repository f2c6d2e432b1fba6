// SPDX-License-Identifier: BSL-1.0
#pragma once

// The span of a zone: from its first page to one past its last, holes included, and how it follows
// pages that come and go.
//
//     constexpr pfn_range before{pfn{0x100}, pfn{0x200}};
//     constexpr pfn_range after = before.envelope({pfn{0x280}, pfn{0x300}});
//     static_assert(after == pfn_range{pfn{0x100}, pfn{0x300}});           // a hole inside
//
// A span is a pfn_range like any other, empty iff it spans nothing; an emptied one is [0, 0).
// Growing is an envelope. Shrinking must find the next page that is still there, so `shrunk` asks a
// view of the pages; what systems do differently there is data, `shrink_rules`.

#include <concepts>

#include <zonal/core/geometry.hpp>
#include <zonal/zone/zone_list.hpp>

namespace zonal::inline v0 {

/// What one node has of one zone. Plugging extends the span; only onlined pages are present.
/// Models: include/linux/mmzone.h struct zone: zone_start_pfn, spanned_pages, present_pages,
/// present_early_pages, cma_pages.
struct zone_pages {
    pfn_range span{};
    page_count present{};
    page_count present_early{}; ///< of these, there since boot
    page_count cma{};           ///< of these, lent to movable pages until a driver wants them

    [[nodiscard]] constexpr bool is_populated() const noexcept { return !present.is_zero(); }

    /// Counts n pages as in use; the span grew when they were stamped with their zone.
    /// Models: mm/memory_hotplug.c adjust_present_page_count().
    constexpr void online(page_count n, bool early = false) {
        present += n;
        if (early) present_early += n;
    }
    /// Requires: n pages are present, and present since boot if `early`.
    constexpr void offline(page_count n, bool early = false) {
        present -= n;
        if (early) present_early -= n;
    }
    friend constexpr bool operator==(const zone_pages&, const zone_pages&) = default;
};

/// Stands for "whichever zone of the node" in a search.
inline constexpr zone_id any_zone{~std::uint64_t{0}};

struct page_owner {
    node_id node;
    zone_id zone = any_zone;
    friend constexpr bool operator==(page_owner, page_owner) = default;
};

/// Knows what each node has of each zone: of a zone or node that is not there, nothing.
template <class V>
concept zone_view = requires(const V& v, node_id n, zone_id z) {
    { v.zones() } -> std::convertible_to<const zone_list&>;
    { v.pages_of(n, z) } -> std::convertible_to<zone_pages>;
};

/// Also knows whose pages are whose. `first_in` looks at in.start(), in.start() + step, ... for the
/// first page of an owner; `last_in` at in.end() - 1, in.end() - 1 - step, ... for the last.
template <class V>
concept page_view =
    zone_view<V> && requires(const V& v, page_owner who, pfn_range in, page_count step) {
        { v.geometry() } -> std::convertible_to<page_geometry>;
        { v.node_span(who.node) } -> std::convertible_to<pfn_range>;
        { v.first_in(in, step, who) } -> std::same_as<result<pfn>>;
        { v.last_in(in, step, who) } -> std::same_as<result<pfn>>;
    };

/// What differs between systems when a range leaves. The default finds exactly what is left.
struct shrink_rules {
    /// The distance between the pages that are looked at.
    unit step = unit::page;
    /// Looks after every removal whether any page is left, and empties the span if none is: for
    /// spans whose ends can be holes. The removed pages may then still be there while it looks. The
    /// span of a node, otherwise the envelope of its zones', is searched like theirs.
    bool rescans_for_leftovers = false;
    bool device_zones_shrink = true;
};

namespace detail {

constexpr pfn_range between(pfn from, pfn to) {
    return from < to ? pfn_range{from, to} : pfn_range{};
}

template <page_view V>
constexpr pfn_range span_without(const V& view, page_owner who, pfn_range span, pfn_range removed,
                                 shrink_rules rules) {
    const page_count step = view.geometry().pages_of(rules.step);
    const pfn_range none_found = rules.rescans_for_leftovers ? span : pfn_range{};
    pfn_range left = span; // with a hole, unless an end is removed
    if (removed.start() == span.start()) {
        const auto first = view.first_in(between(removed.end(), span.end()), step, who);
        left = first ? pfn_range{*first, span.end()} : none_found;
    } else if (removed.end() == span.end()) {
        const auto last = view.last_in(between(span.start(), removed.start()), step, who);
        left = last ? pfn_range{span.start(), *last + page_count{1}} : none_found;
    }
    if (!rules.rescans_for_leftovers) return left;

    // Only where the removed pages begin are they known to be the removed ones.
    auto other = view.first_in(span, step, who);
    if (other && *other == removed.start())
        other = view.first_in(between(removed.end(), span.end()), step, who);
    return other ? left : pfn_range{};
}

} // namespace detail

struct spans {
    pfn_range zone;
    pfn_range node;
    friend constexpr bool operator==(spans, spans) = default;
};

/// The spans of a zone and of its node after `removed` left the zone; the caller stores them.
/// Requires: removed is not empty, was part of the zone, and is aligned to rules.step; the view
/// does
///           not know its pages as the zone's any more, unless the rules rescan for leftovers.
/// Cost:     one search of the view a span, two more with rescanning.
/// Models:   mm/memory_hotplug.c remove_pfn_range_from_zone(), shrink_zone_span(),
///           update_pgdat_span(), 4.3's shrink_pgdat_span(); differs: pfn 0 can be found.
template <page_view V>
[[nodiscard]] constexpr spans shrunk(const V& view, page_owner from, pfn_range removed,
                                     shrink_rules rules = {}) {
    const zone_list& zones = view.zones();
    spans now{zone_pages(view.pages_of(from.node, from.zone)).span, view.node_span(from.node)};
    if (zones[from.zone].traits.device && !rules.device_zones_shrink) return now;

    now.zone = detail::span_without(view, from, now.zone, removed, rules);
    if (rules.rescans_for_leftovers) {
        now.node = detail::span_without(view, {from.node}, now.node, removed, rules);
    } else {
        now.node = now.zone;
        for (zone_id z{}; z.value < zones.size; ++z.value)
            if (z != from.zone)
                now.node = now.node.envelope(zone_pages(view.pages_of(from.node, z)).span);
    }
    return now;
}

} // namespace zonal::inline v0
