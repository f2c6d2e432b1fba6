// SPDX-License-Identifier: BSL-1.0
#pragma once

// What this kernel decides about memory, all of it before it runs: its zones, the word that it
// keeps for each page, what its callers may ask for, and where hot-plugged memory goes.

#include <zonal/flags.hpp>
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/request.hpp>

namespace kernel {

using namespace zonal;

template <zone_traits Traits>
struct zone_with {
    static constexpr zone_traits traits = Traits;
};
// clang-format off
struct dma : zone_with<zone_traits{.reach_bits = 24}> { static constexpr text name = "DMA"; };
struct dma32 : zone_with<zone_traits{.reach_bits = 32}> { static constexpr text name = "DMA32"; };
struct normal : zone_with<zone_traits{}> { static constexpr text name = "Normal"; };
struct movable : zone_with<zone_traits{.movable = true, .hot_removable = true}> {
    static constexpr text name = "Movable";
};
struct device : zone_with<zone_traits{
                    .allocatable = false, .device = true, .hot_removable = true}> {
    static constexpr text name = "Device";
};
struct zones : zone_set<dma, dma32, normal, movable, device> {};
// clang-format on

/// Pages of 4 KiB; page words come and go by 128 MiB, devices' memory by 2 MiB.
inline constexpr page_geometry geometry{};
inline constexpr unsigned max_nodes = 8;
/// As far as the page tables of the boot entry reach, each byte at its own address.
inline constexpr phys_addr end_of_memory{std::uint64_t{128} << 30};

// ---- a page ----

/// Of the first page of a block: what the block is. Other pages are `none`.
struct page_use {
    static constexpr text field_name = "use";
    std::uint64_t value = 0;
    friend constexpr bool operator==(page_use, page_use) = default;
};
inline constexpr page_use none{0}, free_block{1}, used_block{2};
/// It has 2^order pages.
struct block_order {
    static constexpr text field_name = "order";
    std::uint64_t value = 0;
    friend constexpr bool operator==(block_order, block_order) = default;
};

// 63  61 60   58 57 56 55   52 51                0
// | node | zone | use | order |                   |
struct word
    : page_word<64, node_field<3>, zone_of<zones>, field<page_use, 2>, field<block_order, 4>> {};
static_assert(word::max<node_id> + 1 == max_nodes && word::shift<zone_id> == 58);

/// What a page word says: of the first page of a block, about the block; of another, one page.
struct block {
    page_owner owner;
    page_use use;
    unsigned order = 0;
    [[nodiscard]] constexpr page_count size() const { return page_count{1u << order}; }
    friend constexpr bool operator==(const block&, const block&) = default;
};

struct page {
    std::uint64_t flags = 0;
    std::uint32_t references = 0; ///< of a device's page
    std::uint32_t next = 0;       ///< pfns of neighbours in a list
    std::uint32_t previous = 0;

    [[nodiscard]] constexpr block as_block() const {
        return {{word::get<node_id>(flags), word::get<zone_id>(flags)},
                word::get<page_use>(flags),
                static_cast<unsigned>(word::get<block_order>(flags).value)};
    }
    constexpr void set(const block& b) {
        flags = word::set(flags, b.owner.node, b.owner.zone, b.use, block_order{b.order});
    }
};

// ---- what can be asked for ----

enum request : unsigned { for_isa = 1, for_pci32 = 2, can_move = 4 };
inline constexpr request_rule rules_of_requests[] = {
    {0, "Normal"},
    {for_isa, "DMA"},
    {for_pci32, "DMA32"},
    {can_move, "Movable"},
    {can_move | for_isa, "DMA"},
    {can_move | for_pci32, "DMA32"}}; // for both devices: bad
inline constexpr request_table requests = requests_of(zones::list, rules_of_requests, 3);
inline constexpr fallback_order fallback = descending_fallback(zones::list);
static_assert(fallback.ends() && unreachable<device, zones>(requests, fallback));

/// A node's own memory first, then that of the others.
inline constexpr struct node_orders {
    node_order<max_nodes> from[max_nodes];
} nearest = [] {
    unsigned char distance[max_nodes * max_nodes];
    for (unsigned i = 0; i < max_nodes * max_nodes; ++i)
        distance[i] = i % (max_nodes + 1) == 0 ? 10 : 20;
    node_orders orders;
    for (unsigned i = 0; i < max_nodes; ++i)
        orders.from[i] = nodes_by_distance<max_nodes>(distance, node_id{i});
    return orders;
}();

// ---- what comes later ----

/// Memory among other memory is as that is; other hot-plugged memory is movable, so that it can go.
inline constexpr first_of<inherit_from_span<>, always<zones::id_of<movable>>> where_it_goes{};

} // namespace kernel
