// SPDX-License-Identifier: BSL-1.0
#pragma once

// FreeBSD on amd64, said in the core's words: a second system beside Linux that needs nothing of
// its own.
//
//     namespace fb = freebsd_vm;
//     constexpr request_table requests = fb::requests<fb::large>;
//     static_assert(*requests.zone_for(fb::below_4_gib) == fb::large::id_of<fb::dma32>);
//     static_assert(unreachable<fb::fictitious, fb::large>(requests, fb::fallback<fb::large>));
//
// A zone is what FreeBSD calls a free list of vm_phys. What differs from Linux: a request names the
// highest address it can use, not a zone; DMA32 exists only on machines with much memory above it;
// and a page does not store its zone or its domain, its segment knows both. Facts from the sources
// around FreeBSD 14.

#include <zonal/core/pfn.hpp>
#include <zonal/flags/page_word.hpp>
#include <zonal/request/fallback.hpp>

namespace zonal::inline v0::freebsd_vm {

/// Below 16 MiB, for ISA devices.
/// Models: sys/amd64/include/vmparam.h VM_FREELIST_LOWMEM, VM_LOWMEM_BOUNDARY.
struct lowmem {
    static constexpr text name = "LOWMEM";
    static constexpr zone_traits traits{.reach_bits = 24};
};
/// The rest below 4 GiB.
/// Models: VM_FREELIST_DMA32; sys/vm/vm_phys.c VM_DMA32_BOUNDARY.
struct dma32 {
    static constexpr text name = "DMA32";
    static constexpr zone_traits traits{.reach_bits = 32};
};
/// Everything above, and on a machine without DMA32 everything from 16 MiB. All of it is in the
/// direct map.
/// Models: VM_FREELIST_DEFAULT.
struct default_list {
    static constexpr text name = "DEFAULT";
    static constexpr zone_traits traits{};
};
/// A driver's memory that was given page structures. It is on no free list, and the range stays the
/// driver's when the structures go.
/// Models: sys/vm/vm_phys.c vm_phys_fictitious_reg_range(), vm_phys_fictitious_unreg_range();
/// PG_FICTITIOUS.
struct fictitious {
    static constexpr text name = "fictitious";
    static constexpr zone_traits traits{
        .allocatable = false, .device = true, .kernel_mapped = false, .hot_removable = true};
};

/// A machine with DMA32, and one without. FreeBSD counts its lists the other way
/// round.
struct large : zone_set<lowmem, dma32, default_list, fictitious> {};
struct small : zone_set<lowmem, default_list, fictitious> {};

/// DMA32 is made for machines with more than 64 GiB above 4 GiB.
/// Models: VM_DMA32_NPAGES_THRESHOLD; sys/vm/vm_phys.c vm_phys_init(); differs: a LOWMEM list is
/// made even where there is no memory for it.
inline constexpr page_count dma32_threshold{16'777'216};
[[nodiscard]] constexpr const zone_list& zones_of(page_count above_4_gib) noexcept {
    return above_4_gib > dma32_threshold ? large::list : small::list;
}

/// The address below which a request's pages must lie; no modifier is no bound. There is one bound,
/// so both together are nobody's request.
enum bound : unsigned { below_4_gib = 1, below_16_mib = 2 };

/// The list in which the search begins. Without DMA32 a bound of 4 GiB is searched for in DEFAULT,
/// page by page.
/// Models: sys/vm/vm_page.c vm_page_alloc_noobj(), and vm_page_alloc_contig() with its `high`;
/// differs: nothing for `low`.
inline constexpr request_rule bounds[] = {
    {0, default_list::name},
    {below_4_gib, dma32::name, default_list::name},
    {below_16_mib, lowmem::name},
};
template <zone_set_type Set>
inline constexpr request_table requests = requests_of(Set::list, bounds, 2);

/// Within a domain, lists are tried from the highest addresses down; then comes the next domain.
/// Models: sys/vm/vm_phys.c vm_phys_alloc_pages(), lists by ascending number;
/// vm_phys_alloc_contig(), segments by descending address.
template <zone_set_type Set>
inline constexpr fallback_order fallback = descending_fallback(Set::list);

template <zone_set_type Set>
inline constexpr bool never_hands_out_a_drivers_page =
    fallback<Set>.ends() && unreachable<fictitious, Set>(requests<Set>, fallback<Set>);
static_assert(never_hands_out_a_drivers_page<large> && never_hands_out_a_drivers_page<small>);

/// Which page queue a page is on, and how active it has been.
struct page_queue {
    static constexpr text field_name = "queue";
    std::uint8_t value = 0;
    friend constexpr bool operator==(page_queue, page_queue) = default;
};
struct act_count {
    static constexpr text field_name = "act_count";
    std::uint8_t value = 0;
    friend constexpr bool operator==(act_count, act_count) = default;
};

// 31         24 23     16 15              0
// | act_count  | queue   | flags (PGA_*)  |
/// The word of a page that is changed by compare-and-set; no field of it can fall out.
/// Models: sys/vm/vm_page.h vm_page_astate.
struct page_state : page_word<32, field<act_count, 8>, field<page_queue, 8>, flag_field<16>> {};
inline constexpr page_queue inactive{0}, active{1}, laundry{2}, unswappable{3}, on_no_queue{255};

} // namespace zonal::inline v0::freebsd_vm
