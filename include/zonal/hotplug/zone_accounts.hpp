// SPDX-License-Identifier: BSL-1.0
#pragma once

// What each node has of each zone, and what each node spans: a small table.

#include <zonal/zone/span.hpp>

namespace zonal::inline v0 {

/// How memory comes and goes: what differs between systems, legitimately.
struct memory_rules {
    /// Pages get their zone when they are added and leave it when they are removed; otherwise when
    /// they go online and offline.
    bool zone_when_added = false;
    /// What device memory comes in.
    unit device_unit = unit::subsection;
    /// How spans follow what leaves a zone.
    shrink_rules shrink{};
    /// No memory from here on.
    pfn limit{pfn::limit};
};

/// A zone_view of the nodes [0, MaxNodes).
/// Models: struct pglist_data and its node_zones.
template <unsigned MaxNodes>
class zone_accounts {
public:
    /// Requires: zones is a valid list.
    explicit constexpr zone_accounts(const zone_list& zones) : zones_(zones) {
        // Without this GCC 12 takes them for uninitialized in constant expressions.
        for (node_row& n : nodes_) {
            n.span = pfn_range{};
            for (zone_pages& z : n.zones) z = zone_pages{};
        }
    }

    [[nodiscard]] constexpr const zone_list& zones() const noexcept { return zones_; }
    [[nodiscard]] constexpr bool contains(node_id n) const noexcept { return n.value < MaxNodes; }
    [[nodiscard]] constexpr bool contains(page_owner o) const noexcept {
        return contains(o.node) && zones_.contains(o.zone);
    }
    [[nodiscard]] constexpr zone_pages pages_of(node_id n, zone_id z) const noexcept {
        return contains(page_owner{n, z}) ? nodes_[n.value].zones[z.value] : zone_pages{};
    }
    [[nodiscard]] constexpr pfn_range node_span(node_id n) const noexcept {
        return contains(n) ? nodes_[n.value].span : pfn_range{};
    }
    /// The pages of a node that are in use, in all its zones.
    [[nodiscard]] constexpr page_count present_in(node_id n) const {
        page_count sum;
        for (zone_id z{}; z.value < zones_.size; ++z.value) sum += pages_of(n, z).present;
        return sum;
    }

    /// Requires, here and below: contains(who).
    [[nodiscard]] constexpr zone_pages& operator[](page_owner who) {
        expects(contains(who), "zone_accounts: no such zone or node");
        return nodes_[who.node.value].zones[who.zone.value];
    }
    constexpr void grow(page_owner who, pfn_range by) {
        zone_pages& zone = (*this)[who];
        zone.span = zone.span.envelope(by);
        pfn_range& node = nodes_[who.node.value].span;
        node = node.envelope(by);
    }
    constexpr void set_spans(page_owner who, spans to) {
        (*this)[who].span = to.zone;
        nodes_[who.node.value].span = to.node;
    }

private:
    struct node_row {
        zone_pages zones[max_zones] = {};
        pfn_range span{};
    };

    zone_list zones_;
    node_row nodes_[MaxNodes] = {};
};

} // namespace zonal::inline v0
