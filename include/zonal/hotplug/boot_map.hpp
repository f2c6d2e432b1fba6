// SPDX-License-Identifier: BSL-1.0
#pragma once

// The zones of a system as it starts: how the pages of each node are shared out among them.
//
//     auto memory = boot_map<>::make(usable, zones::list).value();
//     const bool known = memory.set_movable_start(node_id{0}, pfn{0x180000}).has_value();
//     memory.pages_of(node_id{0}, zones::id_of<movable>);      // span and present pages
//
// Zones are intervals that follow from how far each reaches, cut to what a node spans; only the
// movable zone begins where somebody says. So nothing is stored but the ranges and that mark, and
// the rest is computed when asked.

#include <zonal/hotplug/boot_ranges.hpp>
#include <zonal/zone/span.hpp>

namespace zonal::inline v0 {

/// A node that has memory.
struct boot_node {
    node_id node{};
    pfn_range span{};              ///< from its first page to one past its last
    pfn movable_start{pfn::limit}; ///< its pages from here on are the movable zone's
};

/// A zone_view: what each node has of each zone, all of it there since boot.
template <unsigned MaxRanges = 64, unsigned MaxNodes = 16>
class boot_map {
public:
    using ranges_type = boot_ranges<MaxRanges>;
    static constexpr unsigned max_nodes = MaxNodes;

    /// Zones that the kernel does not map begin at `kernel_mapped_end`, where the others end.
    /// Requires: zones is a valid list.
    /// Fails: no_space  more nodes with memory than there is room for.
    [[nodiscard]] static constexpr result<boot_map> make(const ranges_type& usable,
                                                         const zone_list& zones,
                                                         pfn kernel_mapped_end = pfn{pfn::limit}) {
        boot_map made{usable, zones, kernel_mapped_end};
        for (const boot_range& r : usable)
            if (const auto added = made.add_node(r); !added) return fail(added.error());
        return made;
    }

    /// Gives what `node` has from `start` on to the movable zone; from its end on, that is nothing.
    /// Fails: not_found  the node has no memory, or there is no movable zone.
    constexpr result<done> set_movable_start(node_id node, pfn start) {
        for (boot_node& n : nodes_) {
            if (n.node != node || !zones_.contains(movable_)) continue;
            n.movable_start = start;
            return done{};
        }
        return fail(errc::not_found);
    }

    [[nodiscard]] constexpr const ranges_type& ranges() const noexcept { return ranges_; }
    [[nodiscard]] constexpr const page_geometry& geometry() const { return ranges_.geometry(); }
    [[nodiscard]] constexpr const zone_list& zones() const noexcept { return zones_; }
    /// In ascending order of their ids.
    [[nodiscard]] constexpr const auto& nodes() const noexcept { return nodes_; }
    [[nodiscard]] constexpr pfn_range node_span(node_id node) const noexcept {
        const boot_node* n = find(node);
        return n == nullptr ? pfn_range{} : n->span;
    }

    /// What the zone can have, of any node: from the end of the zone below it to as far as it
    /// reaches. Empty for the movable zone, which takes from others, and for device zones.
    /// Requires: the zone is one of zones().
    /// Models: mm/mm_init.c free_area_init(), its limits of zones.
    [[nodiscard]] constexpr pfn_range zone_limits(zone_id zone) const {
        pfn from = ranges_.span().start();
        for (zone_id z{};; ++z.value) {
            const pfn reach = reach_of(zones_[z].traits);
            const pfn to = from < reach ? reach : from;
            if (z == zone) return {from, to};
            from = to;
        }
    }

    /// What a node has of a zone.
    /// Cost:   O(zones + ranges).
    /// Models: mm/mm_init.c zone_spanned_pages_in_node(), zone_absent_pages_in_node(),
    ///         adjust_zone_range_for_zone_movable().
    [[nodiscard]] constexpr zone_pages pages_of(node_id node, zone_id zone) const {
        const boot_node* n = find(node);
        if (n == nullptr || !zones_.contains(zone)) return {};
        const pfn mark = n->movable_start;
        const pfn_range part = zone == movable_ ? pfn_range{mark, pfn{pfn::limit}}
                                                : zone_limits(zone).intersection({pfn{}, mark});
        const pfn_range span = part.intersection(n->span);
        const page_count present = ranges_.present_in(span, node);
        return {span, present, present};
    }

    /// Whose a page is by its page word. A section has words for its holes too: they name the owner
    /// of the next usable page; behind the last one, that of the last.
    /// Fails: not_found  the page's section does not exist, or no zone reaches that far.
    /// Models: mm/mm_init.c memmap_init() and init_unavailable_range().
    [[nodiscard]] constexpr result<page_owner> owner_of(pfn p) const {
        const auto section = pfn_range::make(geometry().align_down(p, unit::section),
                                             geometry().pages_of(unit::section));
        if (!section || ranges_.present_in(*section).is_zero()) return fail(errc::not_found);
        const boot_range* r = ranges_.begin();
        while (r->pages.end() <= p && r + 1 != ranges_.end()) ++r;
        if (p < r->pages.start()) p = r->pages.start();
        if (r->pages.end() <= p) p = r->pages.end() - page_count{1};
        for (zone_id z{}; z.value < zones_.size; ++z.value)
            if (pages_of(r->node, z).span.contains(p)) return page_owner{r->node, z};
        return fail(errc::not_found);
    }

private:
    constexpr boot_map(const ranges_type& usable, const zone_list& zones, pfn mapped_end)
        : ranges_(usable), zones_(zones), kernel_mapped_end_(mapped_end) {
        while (zones_.contains(movable_) && !zones_[movable_].traits.movable) ++movable_.value;
    }

    /// One past the last page of the system that the zone could have.
    [[nodiscard]] constexpr pfn reach_of(const zone_traits& traits) const {
        if (traits.movable || traits.device) return {};
        const unsigned page = geometry().page_bytes_log2;
        if (traits.reach_bits < page) return {};
        const unsigned bits = traits.reach_bits - page;
        pfn reach = ranges_.span().end();
        if (bits < pfn_bits && pfn{pfn::rep{1} << bits} < reach) reach = pfn{pfn::rep{1} << bits};
        return traits.kernel_mapped && kernel_mapped_end_ < reach ? kernel_mapped_end_ : reach;
    }

    [[nodiscard]] constexpr const boot_node* find(node_id node) const noexcept {
        for (const boot_node& n : nodes_)
            if (n.node == node) return &n;
        return nullptr;
    }

    constexpr result<done> add_node(const boot_range& r) {
        unsigned at = 0;
        while (at < nodes_.size && nodes_[at].node < r.node) ++at;
        if (at == nodes_.size || nodes_[at].node != r.node) {
            if (const auto added = nodes_.add({}); !added) return added;
            for (unsigned i = nodes_.size - 1; i > at; --i) nodes_.items[i] = nodes_[i - 1];
            nodes_.items[at] = {r.node, r.pages};
        }
        nodes_.items[at].span = nodes_[at].span.envelope(r.pages);
        return done{};
    }

    ranges_type ranges_;
    zone_list zones_;
    pfn kernel_mapped_end_;
    zone_id movable_{}; ///< zones_.size when there is none
    bounded_list<boot_node, MaxNodes> nodes_;
};

} // namespace zonal::inline v0
