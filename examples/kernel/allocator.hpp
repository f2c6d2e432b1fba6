// SPDX-License-Identifier: BSL-1.0
#pragma once

// The kernel's page allocator: a buddy a zone of each node, requests by the request table, and the
// map's hook that gives it memory that goes online and takes what goes offline.

#include "buddy.hpp"

#include <zonal/device/metadata.hpp>

namespace kernel {

class page_allocator {
public:
    constexpr page_allocator() {
        for (node_id n{}; n.value < max_nodes; ++n.value)
            for (zone_id z{}; z.value < zones::size; ++z.value) free_in({n, z}) = {pages, {n, z}};
    }

    page_map pages;

    // ---- requests ----

    /// 2^order pages for a request, from a node or, when that has none left, from the next.
    /// Fails: not_found  no rule serves this request; bad_range  the order; no_space.
    result<pfn> allocate(unsigned modifiers, unsigned order = 0, node_id near = {}) {
        const auto first = requests.zone_for(modifiers);
        if (!first) return fail(first.error());
        result<pfn> got = fail(errc::no_space);
        for_each_fallback(
            nearest.from[near.value], fallback, *first,
            [&](node_id n, zone_id z) { return !free_in({n, z}).free_pages().is_zero(); },
            [&](node_id n, zone_id z) { return !(got = free_in({n, z}).allocate(order)); });
        return got;
    }
    void release(pfn first) {
        const auto b = pages[first].as_block();
        free_in(b.owner).release(first, b.order);
    }

    [[nodiscard]] constexpr buddy& free_in(page_owner who) {
        return free_[who.node.value][who.zone.value];
    }
    /// The pages that can be allocated, if nobody has any.
    [[nodiscard]] page_count managed(page_owner who) const {
        return managed_[who.node.value][who.zone.value];
    }

    // ---- memory ----

    /// What the page structs of a section take.
    static constexpr page_count structs_of_section =
        words_take(geometry.pages_of(unit::section), sizeof(page), geometry);

    /// Writes the page words.
    void write_words(pfn_range r, page_owner who) {
        const page blank{.flags = word::set(0, who.node, who.zone)};
        each_section(r, [&](pfn start) {
            const pfn_range section{start, geometry.pages_of(unit::section)};
            const pfn_range part = section.intersection(r);
            page* const first = pages.find(part.start());
            for (std::uint64_t i = 0; i < part.size().value(); ++i) first[i] = blank;
        });
    }
    void add(pfn_range r, page_owner who) {
        free_in(who).add(r);
        managed_[who.node.value][who.zone.value] += r.size();
    }

    // ---- the hook ----

    /// Memory that comes gets page words, from what the kernel has; memory that goes must be free.
    veto before(const hotplug_event& e) {
        if (e.what == hotplug_change::offline)
            return free_in({e.node, e.zone}).remove(e.range) ? no_veto : pages_in_use;
        if (e.what != hotplug_change::online) return no_veto;
        bool all = true;
        each_section(e.range, [&](pfn start) {
            const auto structs = allocate(0, bits_for(structs_of_section.value()), e.node);
            pages.set(start, structs ? at(*structs) : nullptr);
            all &= structs.has_value();
        });
        if (!all) drop_words(e.range);
        return all ? no_veto : no_words;
    }
    void undo(const hotplug_event& e) {
        if (e.what == hotplug_change::offline) free_in({e.node, e.zone}).add(e.range);
        if (e.what == hotplug_change::online) drop_words(e.range);
    }
    void after(const hotplug_event& e) {
        if (e.what == hotplug_change::online) {
            write_words(e.range, {e.node, e.zone});
            add(e.range, {e.node, e.zone});
        }
        if (e.what == hotplug_change::offline) {
            managed_[e.node.value][e.zone.value] -= e.range.size();
            drop_words(e.range);
        }
    }
    static constexpr veto pages_in_use{1}, no_words{2};

    static page* at(pfn p) { return reinterpret_cast<page*>(p.value() << 12); }

private:
    void drop_words(pfn_range r) {
        each_section(r, [&](pfn start) {
            const page* const first = pages.find(start);
            pages.set(start, nullptr);
            if (first != nullptr) release(pfn{reinterpret_cast<std::uintptr_t>(first) >> 12});
        });
    }

    buddy free_[max_nodes][zones::size];
    page_count managed_[max_nodes][zones::size];
};

} // namespace kernel
