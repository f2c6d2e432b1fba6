// SPDX-License-Identifier: BSL-1.0
#pragma once

// A driver's ranges become device memory: memremap_pages() and memunmap_pages().
//
//     const byte_range pmem{phys_addr{1ull << 32}, phys_addr{2ull << 32}};
//     const answer mapped = memremap(system, node_id{0}, &pmem);
//     memunmap(system, &pmem);                  // Device spans it for ever, in Linux

#include <zonal/device/metadata.hpp>
#include <zonal/hotplug/firmware_map.hpp>
#include <zonal/linux_mm/hotplug.hpp>

namespace zonal::inline v0::linux_mm {

namespace detail {

template <class S, unsigned N, unsigned G>
constexpr answer map_range(hotplug<S, N, G>& system, page_owner who, byte_range bytes,
                           words_in_range* words) {
    auto& memory = system.memory;
    const page_geometry g = memory.geometry();
    const auto is_mapped = [&](phys_addr a) {
        const auto owner = memory.owner_of(*g.pfn_of(a));
        return owner && system.zones()[owner->zone].traits.device;
    };
    if (bytes.end <= bytes.start) return fail(kernel_error::invalid);
    const address_range range{bytes.start, bytes.end};
    if (is_mapped(range.start()) || is_mapped(range.last())) return fail(kernel_error::no_memory);
    if (relation_to(system.tree, range, {{.memory = true, .system_ram = true}},
                    system.tree_quirks) != relation::disjoint)
        return fail(kernel_error::no_address);
    const pfn_range pages = *whole_pages_in(range, g);
    if (!system.is_in_reach(range) || bytes_of(pages, g) != result<address_range>{range} ||
        !g.is_aligned(pages, memory.rules().device_unit))
        return fail(kernel_error::invalid);

    // Whole sections take the room for their words one after the other, until one is in the way.
    const page_count section = g.pages_of(unit::section);
    pfn at = g.align_up(pages.start(), unit::section);
    for (; words != nullptr && at + section <= pages.end(); at += section) {
        if (memory.sections().existing().overlaps({pages.start(), at + section})) break;
        if (words->take(system.words_of(section))) continue;
        if (system.quirks.refusal_leaves_sections && pages.start() < at)
            static_cast<void>(memory.add_sections({pages.start(), at}));
        return fail(kernel_error::no_memory);
    }
    const auto mapped = memory.map_device(pages, who);
    if (mapped) return done{};
    system.leave_sections(pages, mapped.error());
    return system.refused(mapped.error());
}

} // namespace detail

/// What is no device's is left alone.
/// Fails:  no_memory  no room to cut others' ranges; those before it are unmapped.
/// Models: mm/memremap.c memunmap_pages().
template <class S, unsigned N, unsigned G>
constexpr answer memunmap(hotplug<S, N, G>& system, const byte_range* ranges, unsigned count = 1) {
    for (unsigned i = 0; i < count; ++i)
        if (ranges[i].start < ranges[i].end)
            if (const auto pages =
                    whole_pages_in({ranges[i].start, ranges[i].end}, system.geometry()))
                if (system.memory.unmap_device(*pages) == fail(errc::no_space))
                    return fail(kernel_error::no_memory);
    return done{};
}

/// Maps `count` ranges as device memory of a node. Page words of whole sections come from `words`,
/// if given: the mapped memory itself.
/// Fails: no_memory   the first or the last page is a device's; `words` is too small; no room;
///        no_address  system RAM is there;
///        invalid     beyond what can be mapped; not in whole subsections;
///        exists      a subsection is there.
/// Ranges mapped before the refused one are unmapped, which leaves spans grown; what the refused
/// one leaves is a quirk.
/// Models: mm/memremap.c memremap_pages(), pagemap_range(); arch/x86/mm/init_64.c, its huge pages.
template <class S, unsigned N, unsigned G>
constexpr answer memremap(hotplug<S, N, G>& system, node_id node, const byte_range* ranges,
                          unsigned count = 1, words_in_range* words = nullptr) {
    const page_owner who{node, *first_zone<&zone_traits::device>(system.zones())};
    for (unsigned i = 0; i < count; ++i)
        if (const answer a = detail::map_range(system, who, ranges[i], words); !a) {
            static_cast<void>(memunmap(system, ranges, i));
            return a;
        }
    return done{};
}

} // namespace zonal::inline v0::linux_mm
