// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whether the maps of a zoned_memory agree with each other and with what is accounted.
//
//     REQUIRE(fault_in(memory).empty());

#include <zonal/hotplug/zoned_memory.hpp>

namespace zonal::inline v0::testing {

namespace detail {

template <class Memory>
constexpr text fault_in_sections(const Memory& m) {
    const page_geometry g = m.geometry();
    for (const pfn_range e : m.sections().existing())
        if (!g.is_aligned(e, unit::subsection)) return "part of a subsection exists";
    for (const pfn_range t : m.sections().tainted()) {
        if (!g.is_aligned(t, unit::section)) return "part of a section is tainted";
        const page_count one = g.pages_of(unit::section);
        for (pfn at = t.start(); at < t.end(); at += one)
            if (!m.section_of(at)) return "a section is tainted without subsections";
    }
    return {};
}

template <class Memory>
constexpr text fault_in_blocks(const Memory& m) {
    for (const auto& b : m.blocks()) {
        if (!m.geometry().is_aligned(b.range, unit::memory_block)) return "part of a block exists";
        if (!b.value.early && !m.sections().existing().contains(b.range))
            return "a block has holes";
        if (!b.value.early && b.value.online && !m.pages().contains(b.range))
            return "pages are online without an owner";
        if (!b.value.online && !m.rules().zone_when_added && m.pages().overlaps(b.range))
            return "pages are offline with an owner";
    }
    return {};
}

template <class Memory>
constexpr text fault_in_pages(const Memory& m) {
    for (const auto& p : m.pages()) {
        const page_owner who = p.value.owner;
        if (!m.sections().existing().contains(p.range)) return "a page has an owner and no word";
        if (!m.zones().contains(who.zone)) return "a page is in no zone";
        const auto block = m.blocks().find(p.range.start());
        const bool device = m.zones()[who.zone].traits.device;
        const bool holes = !p.value.present && !device && block && block->value.early;
        if (!holes && !m.pages_of(who.node, who.zone).span.contains(p.range))
            return "a page lies outside of its zone's span";
        if (p.value.present && device) return "a device's page is present";
        if (p.value.present && !m.blocks().contains(p.range))
            return "a page is present in no block";
        for (const auto& b : m.blocks().overlapping(p.range))
            if (p.value.present && !b.value.online) return "a page of an offline block is present";
    }
    return {};
}

template <class Memory>
constexpr text fault_in_accounts(const Memory& m) {
    for (node_id n{}; n.value < Memory::max_nodes; ++n.value)
        for (zone_id z{}; z.value < m.zones().size; ++z.value) {
            page_count present, early;
            for (const auto& p : m.pages()) {
                if (p.value.owner != page_owner{n, z} || !p.value.present) continue;
                present += p.range.size();
                for (const auto& b : m.blocks().overlapping(p.range))
                    if (b.value.early) early += b.range.intersection(p.range).size();
            }
            const zone_pages pages = m.pages_of(n, z);
            if (pages.present != present) return "a zone's present pages are miscounted";
            if (pages.present_early != early) return "a zone's early pages are miscounted";
            if (!m.node_span(n).contains(pages.span)) return "a zone spans more than its node";
        }
    return {};
}

} // namespace detail

/// What is wrong, or nothing.
/// Cost: O(nodes * zones * ranges).
template <class Memory>
[[nodiscard]] constexpr text fault_in(const Memory& m) {
    for (const auto look : {&detail::fault_in_sections<Memory>, &detail::fault_in_blocks<Memory>,
                            &detail::fault_in_pages<Memory>, &detail::fault_in_accounts<Memory>})
        if (const text fault = look(m); !fault.empty()) return fault;
    return {};
}

} // namespace zonal::inline v0::testing
