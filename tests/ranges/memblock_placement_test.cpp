// SPDX-License-Identifier: BSL-1.0

// Where Linux's memblock puts an allocation: the 87 cases of its alloc_api, alloc_helpers_api,
// alloc_nid_api and alloc_exact_nid_api tests, as searches for holes over every storage. The name of
// each follows "memblock: "; one that upstream runs in both directions stands here twice. Numbers
// are bytes there and pages here; what is allocated (zeros or poison) is not the library's.
//
// The search is memblock's, with the library's holes: first the wanted node within the window,
// then, unless the node must be that one, any node within the window, then both again without the
// window's lower end. The upper end is never given up, and no allocation spans two nodes.

#include <zonal/ranges.hpp>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

using list = std::vector<pfn_range>;
constexpr int any_node = -1;

struct request {
    std::uint64_t size;
    std::uint64_t alignment = 64;
    pfn_range window{pfn{0}, pfn{pfn::limit}};
    int node = any_node;
    bool exact = false;
};

/// In one node's memory, or in anybody's: memory of two nodes is never one range.
template <class Memory, class Reserved>
result<pfn_range> find_in(const Memory& memory, const Reserved& reserved, const request& r,
                          pfn_range window, int node, search_from side) {
    result<pfn_range> found = fail(errc::no_space);
    const auto blocks = memory.overlapping(window);
    const auto try_block = [&](const range_entry<int>& block) {
        if (node != any_node && block.value != node) return false;
        const auto hole = reserved.find_hole({.size = page_count{r.size},
                                              .alignment = page_count{r.alignment},
                                              .window = block.range.intersection(window),
                                              .from = side});
        if (hole) found = *hole;
        return hole.has_value();
    };
    if (side == search_from::below) {
        for (auto i = blocks.begin(); i != blocks.end() && !try_block(*i);) ++i;
    } else {
        for (auto i = blocks.end(); i != blocks.begin() && !try_block(*--i);) continue;
    }
    return found;
}

template <class Memory, class Reserved>
result<pfn_range> allocate(const Memory& memory, Reserved& reserved, const request& r,
                           search_from side) {
    for (const pfn start : {r.window.start(), pfn{0}})
        for (const int node : {r.node, any_node}) {
            if (r.exact && node != r.node) continue;
            const auto place = find_in(memory, reserved, r, {start, r.window.end()}, node, side);
            if (!place) continue;
            CHECK(reserved.insert(*place));
            return *place;
        }
    return fail(errc::no_space);
}

struct placement_case {
    const char* name;
    search_from side;
    list reserved;
    request asked;
    result<pfn_range> placed;
    list after; ///< of the reserved ranges
};

constexpr search_from down = search_from::above, up = search_from::below; // as memblock says
const result<pfn_range> nowhere = fail(errc::no_space);

template <class Way, std::size_t N>
void run(const placement_case (&cases)[N], const std::vector<range_entry<int>>& memory) {
    for (const placement_case& c : cases) {
        INFO(c.name << (c.side == down ? " (top down)" : " (bottom up)"));
        typename Way::template map<int, 16> kept_memory;
        typename Way::template set<64> kept_reserved;
        for (const auto& e : memory) REQUIRE(kept_memory.container.insert(e.range, e.value));
        for (pfn_range r : c.reserved) REQUIRE(kept_reserved.container.insert(r));
        const auto placed =
            allocate(kept_memory.container, kept_reserved.container, c.asked, c.side);
        CHECK(placed == c.placed);
        if (placed && c.placed) {
            CHECK(placed->start().value() == c.placed->start().value());
            CHECK(placed->end().value() == c.placed->end().value());
        }
        CHECK(list_of(kept_reserved.container) == (c.placed ? c.after : c.reserved));
    }
}

// ---- one block of memory, 32 KiB ----------------------------------------------------------------

constexpr std::uint64_t base = 0x100000, K = 1024, end = 32 * K;
/// Counted from the beginning of memory.
pfn_range mem(std::uint64_t from, std::uint64_t to) { return at(base + from, base + to); }
pfn_range part(std::uint64_t from, std::uint64_t size) { return mem(from, from + size); }

/// Gaps of 256 in all of the memory.
list full_of_small_gaps() {
    list taken;
    for (std::uint64_t i = 0; i != 32; ++i) taken.push_back(mem(i * K + 256, i * K + K));
    return taken;
}

const placement_case simple_cases[] = {
    {"memblock: alloc_top_down_simple", down, {}, {2}, part(end - 64, 2), {part(end - 64, 2)}},
    {"memblock: alloc_bottom_up_simple", up, {}, {2}, part(0, 2), {part(0, 2)}},
    {"memblock: alloc_top_down_disjoint",
     down,
     {part(end - 2, 2)},
     {512},
     part(end - 576, 512),
     {part(end - 576, 512), part(end - 2, 2)}},
    {"memblock: alloc_bottom_up_disjoint",
     up,
     {part(0, 2)},
     {512},
     part(64, 512),
     {part(0, 2), part(64, 512)}},
    {"memblock: alloc_top_down_before",
     down,
     {mem(end - 1536, end - 512)},
     {512},
     mem(end - 512, end),
     {mem(end - 1536, end)}},
    {"memblock: alloc_bottom_up_before", up, {mem(512, 1536)}, {512}, mem(0, 512), {mem(0, 1536)}},
    {"memblock: alloc_top_down_after",
     down,
     {mem(end - 768, end - 256)},
     {512},
     mem(end - 1280, end - 768),
     {mem(end - 1280, end - 256)}},
    {"memblock: alloc_bottom_up_after",
     up,
     {mem(256, 768)},
     {512},
     mem(768, 1280),
     {mem(256, 1280)}},
    {"memblock: alloc_top_down_second_fit",
     down,
     {mem(end - 1280, end - 768), mem(end - 512, end)},
     {512},
     mem(end - 1792, end - 1280),
     {mem(end - 1792, end - 768), mem(end - 512, end)}},
    {"memblock: alloc_bottom_up_second_fit",
     up,
     {mem(0, 512), mem(768, 1280)},
     {512},
     mem(1280, 1792),
     {mem(0, 512), mem(768, 1792)}},
    {"memblock: alloc_in_between_generic",
     down,
     {mem(0, 16 * K), mem(16 * K + 512, end)},
     {512},
     part(16 * K, 512),
     {mem(0, end)}},
    {"memblock: alloc_in_between_generic",
     up,
     {mem(0, 16 * K), mem(16 * K + 512, end)},
     {512},
     part(16 * K, 512),
     {mem(0, end)}},
    {"memblock: alloc_small_gaps_generic", down, full_of_small_gaps(), {512}, nowhere, {}},
    {"memblock: alloc_small_gaps_generic", up, full_of_small_gaps(), {512}, nowhere, {}},
    {"memblock: alloc_all_reserved_generic", down, {mem(0, end)}, {256}, nowhere, {}},
    {"memblock: alloc_all_reserved_generic", up, {mem(0, end)}, {256}, nowhere, {}},
    {"memblock: alloc_no_space_generic", down, {mem(0, end - 256)}, {K}, nowhere, {}},
    {"memblock: alloc_no_space_generic", up, {mem(0, end - 256)}, {K}, nowhere, {}},
    {"memblock: alloc_limited_space_generic",
     down,
     {mem(0, end - 256)},
     {256},
     mem(end - 256, end),
     {mem(0, end)}},
    {"memblock: alloc_limited_space_generic",
     up,
     {mem(0, end - 256)},
     {256},
     mem(end - 256, end),
     {mem(0, end)}},
    {"memblock: alloc_too_large_generic", down, {}, {end + 2}, nowhere, {}},
    {"memblock: alloc_too_large_generic", up, {}, {end + 2}, nowhere, {}},
};
const placement_case without_memory[] = {
    {"memblock: alloc_no_memory_generic", down, {}, {64}, nowhere, {}},
    {"memblock: alloc_no_memory_generic", up, {}, {64}, nowhere, {}},
};

/// Not below this, if possible.
request not_below(std::uint64_t from, std::uint64_t size) {
    return {size, 64, {pfn{base + from}, pfn{pfn::limit}}};
}
const request below_memory{64, 64, {pfn{base - K}, pfn{pfn::limit}}};

const placement_case from_cases[] = {
    {"memblock: alloc_from_simple_generic",
     down,
     {},
     not_below(end - 64, 16),
     part(end - 64, 16),
     {part(end - 64, 16)}},
    {"memblock: alloc_from_simple_generic",
     up,
     {},
     not_below(end - 64, 16),
     part(end - 64, 16),
     {part(end - 64, 16)}},
    {"memblock: alloc_from_misaligned_generic",
     down,
     {},
     not_below(end - 127, 32),
     part(end - 64, 32),
     {part(end - 64, 32)}},
    {"memblock: alloc_from_misaligned_generic",
     up,
     {},
     not_below(end - 127, 32),
     part(end - 64, 32),
     {part(end - 64, 32)}},
    {"memblock: alloc_from_top_down_high_addr",
     down,
     {},
     not_below(end - 63, 32),
     part(end - 64, 32),
     {part(end - 64, 32)}},
    {"memblock: alloc_from_bottom_up_high_addr",
     up,
     {},
     not_below(end - 63, 32),
     part(0, 32),
     {part(0, 32)}},
    {"memblock: alloc_from_top_down_no_space_above",
     down,
     {mem(end - 128, end)},
     not_below(end - 128, 64),
     mem(end - 192, end - 128),
     {mem(end - 192, end)}},
    {"memblock: alloc_from_bottom_up_no_space_above",
     up,
     {mem(end - 128, end)},
     not_below(end - 128, 64),
     mem(0, 64),
     {mem(0, 64), mem(end - 128, end)}},
    {"memblock: alloc_from_top_down_min_addr_cap",
     down,
     {mem(64, end)},
     below_memory,
     mem(0, 64),
     {mem(0, end)}},
    {"memblock: alloc_from_bottom_up_min_addr_cap", up, {}, below_memory, mem(0, 64), {mem(0, 64)}},
};

request in(std::uint64_t size, pfn_range window) { return {size, 64, window}; }

const list two_reserved{mem(8 * K, 9 * K), mem(10 * K, 11 * K)};

const placement_case window_cases[] = {
    {"memblock: alloc_nid_top_down_simple",
     down,
     {},
     in(128, mem(128, 640)),
     mem(512, 640),
     {mem(512, 640)}},
    {"memblock: alloc_nid_bottom_up_simple",
     up,
     {},
     in(128, mem(128, 640)),
     mem(128, 256),
     {mem(128, 256)}},
    {"memblock: alloc_nid_top_down_end_misaligned",
     down,
     {},
     in(128, mem(128, 1000)),
     part(832, 128),
     {part(832, 128)}},
    {"memblock: alloc_nid_bottom_up_start_misaligned",
     up,
     {},
     in(128, mem(130, 1000)),
     part(192, 128),
     {part(192, 128)}},
    {"memblock: alloc_nid_exact_address_generic",
     down,
     {},
     in(128, mem(K, K + 128)),
     part(K, 128),
     {part(K, 128)}},
    {"memblock: alloc_nid_exact_address_generic",
     up,
     {},
     in(128, mem(K, K + 128)),
     part(K, 128),
     {part(K, 128)}},
    {"memblock: alloc_nid_top_down_narrow_range",
     down,
     {},
     in(128, mem(4096, 4160)),
     mem(4032, 4160),
     {mem(4032, 4160)}},
    {"memblock: alloc_nid_bottom_up_narrow_range",
     up,
     {},
     in(128, mem(4096, 4160)),
     mem(0, 128),
     {mem(0, 128)}},
    {"memblock: alloc_nid_low_max_generic",
     down,
     {},
     in(128, at(base - K, base + 64)),
     nowhere,
     {}},
    {"memblock: alloc_nid_low_max_generic", up, {}, in(128, at(base - K, base + 64)), nowhere, {}},
    {"memblock: alloc_nid_min_reserved_generic",
     down,
     {mem(0, 512)},
     in(512, mem(512, 1024)),
     mem(512, 1024),
     {mem(0, 1024)}},
    {"memblock: alloc_nid_min_reserved_generic",
     up,
     {mem(0, 512)},
     in(512, mem(512, 1024)),
     mem(512, 1024),
     {mem(0, 1024)}},
    {"memblock: alloc_nid_max_reserved_generic",
     down,
     {mem(1024, 2048)},
     in(512, mem(512, 1024)),
     mem(512, 1024),
     {mem(512, 2048)}},
    {"memblock: alloc_nid_max_reserved_generic",
     up,
     {mem(1024, 2048)},
     in(512, mem(512, 1024)),
     mem(512, 1024),
     {mem(512, 2048)}},
    {"memblock: alloc_nid_top_down_reserved_with_space",
     down,
     two_reserved,
     in(512, mem(9 * K, 10 * K)),
     mem(9 * K + 512, 10 * K),
     {mem(8 * K, 9 * K), mem(9 * K + 512, 11 * K)}},
    {"memblock: alloc_nid_bottom_up_reserved_with_space",
     up,
     two_reserved,
     in(512, mem(9 * K, 10 * K)),
     part(9 * K, 512),
     {mem(8 * K, 9 * K + 512), mem(10 * K, 11 * K)}},
    {"memblock: alloc_nid_reserved_full_merge_generic",
     down,
     two_reserved,
     in(K, mem(9 * K, 10 * K)),
     part(9 * K, K),
     {mem(8 * K, 11 * K)}},
    {"memblock: alloc_nid_reserved_full_merge_generic",
     up,
     two_reserved,
     in(K, mem(9 * K, 10 * K)),
     part(9 * K, K),
     {mem(8 * K, 11 * K)}},
    {"memblock: alloc_nid_top_down_reserved_no_space",
     down,
     two_reserved,
     in(2 * K, mem(9 * K, 10 * K)),
     part(6 * K, 2 * K),
     {mem(6 * K, 9 * K), mem(10 * K, 11 * K)}},
    {"memblock: alloc_nid_bottom_up_reserved_no_space",
     up,
     two_reserved,
     in(2 * K, mem(9 * K, 10 * K)),
     part(0, 2 * K),
     {mem(0, 2 * K), mem(8 * K, 9 * K), mem(10 * K, 11 * K)}},
    {"memblock: alloc_nid_reserved_all_generic",
     down,
     {mem(0, 9 * K), mem(9 * K + 64, end)},
     in(128, mem(9 * K, 10 * K)),
     nowhere,
     {}},
    {"memblock: alloc_nid_reserved_all_generic",
     up,
     {mem(0, 9 * K), mem(9 * K + 64, end)},
     in(128, mem(9 * K, 10 * K)),
     nowhere,
     {}},
    {"memblock: alloc_nid_top_down_cap_max",
     down,
     {},
     in(128, at(base + K, base + end + K)),
     mem(end - 128, end),
     {mem(end - 128, end)}},
    {"memblock: alloc_nid_bottom_up_cap_max",
     up,
     {},
     in(128, at(base + K, base + end + K)),
     part(K, 128),
     {part(K, 128)}},
    {"memblock: alloc_nid_top_down_cap_min",
     down,
     {},
     in(128, at(base - K, base + end)),
     mem(end - 128, end),
     {mem(end - 128, end)}},
    {"memblock: alloc_nid_bottom_up_cap_min",
     up,
     {},
     in(128, at(base - K, base + end)),
     part(0, 128),
     {part(0, 128)}},
};

// ---- eight nodes --------------------------------------------------------------------------------

constexpr std::uint64_t border[] = {0, 2500, 3125, 4375, 5625, 6250, 6875, 9375, 10000};
constexpr pfn_range everywhere{pfn{base}, pfn{base + 10000}};

pfn_range node(unsigned n) { return mem(border[n], border[n + 1]); }
/// The last pages of a node, and the first.
pfn_range end_of(unsigned n, std::uint64_t size) {
    return mem(border[n + 1] - size, border[n + 1]);
}
pfn_range start_of(unsigned n, std::uint64_t size) { return part(border[n], size); }
/// 100 pages on either side of the border below a node.
pfn_range around(unsigned n) { return mem(border[n] - 100, border[n] + 100); }

request on(int n, std::uint64_t size, pfn_range window = everywhere) {
    return {size, 1, window, n};
}
request only_on(int n, std::uint64_t size, pfn_range window = everywhere) {
    return {size, 1, window, n, true};
}

/// All of the memory but 200 pages that lie in two nodes.
const list all_but_a_border{mem(0, border[6] - 100), mem(border[6] + 100, 10000)};
const list beside_node_2{node(1), node(3)};
/// Leaves two holes of 156 and 157 pages in node 4.
const list middle_of_node_4{mem(border[4] + 156, border[5] - 157)};
const list half_of_node_4{mem(border[4], border[4] + 312)};

const placement_case node_cases[] = {
    {"memblock: alloc_nid_top_down_numa_simple",
     down,
     {},
     on(3, 312),
     end_of(3, 312),
     {end_of(3, 312)}},
    {"memblock: alloc_nid_bottom_up_numa_simple",
     up,
     {},
     on(3, 312),
     start_of(3, 312),
     {start_of(3, 312)}},
    {"memblock: alloc_nid_top_down_numa_small_node",
     down,
     {},
     on(1, 1250),
     end_of(6, 1250),
     {end_of(6, 1250)}},
    {"memblock: alloc_nid_bottom_up_numa_small_node",
     up,
     {},
     on(1, 1250),
     start_of(0, 1250),
     {start_of(0, 1250)}},
    {"memblock: alloc_nid_top_down_numa_node_reserved",
     down,
     {node(2)},
     on(2, 1250),
     end_of(6, 1250),
     {node(2), end_of(6, 1250)}},
    {"memblock: alloc_nid_bottom_up_numa_node_reserved",
     up,
     {node(2)},
     on(2, 1250),
     start_of(0, 1250),
     {start_of(0, 1250), node(2)}},
    {"memblock: alloc_nid_top_down_numa_part_reserved",
     down,
     half_of_node_4,
     on(4, 156),
     end_of(4, 156),
     {half_of_node_4[0], end_of(4, 156)}},
    {"memblock: alloc_nid_bottom_up_numa_part_reserved",
     up,
     half_of_node_4,
     on(4, 156),
     part(border[4] + 312, 156),
     {part(border[4], 468)}},
    {"memblock: alloc_nid_top_down_numa_part_reserved_fallback",
     down,
     middle_of_node_4,
     on(4, 312),
     end_of(7, 312),
     {middle_of_node_4[0], end_of(7, 312)}},
    {"memblock: alloc_nid_bottom_up_numa_part_reserved_fallback",
     up,
     middle_of_node_4,
     on(4, 312),
     start_of(0, 312),
     {start_of(0, 312), middle_of_node_4[0]}},
    {"memblock: alloc_nid_top_down_numa_split_range_low",
     down,
     {},
     on(2, 200, around(3)),
     end_of(2, 200),
     {end_of(2, 200)}},
    {"memblock: alloc_nid_bottom_up_numa_split_range_low",
     up,
     {},
     on(2, 200, around(3)),
     start_of(2, 200),
     {start_of(2, 200)}},
    {"memblock: alloc_nid_top_down_numa_split_range_high",
     down,
     {},
     on(6, 200, around(6)),
     end_of(5, 200),
     {end_of(5, 200)}},
    {"memblock: alloc_nid_bottom_up_numa_split_range_high",
     up,
     {},
     on(6, 200, around(6)),
     start_of(0, 200),
     {start_of(0, 200)}},
    {"memblock: alloc_nid_top_down_numa_no_overlap_split",
     down,
     {},
     on(2, 200, around(6)),
     end_of(2, 200),
     {end_of(2, 200)}},
    {"memblock: alloc_nid_bottom_up_numa_no_overlap_split",
     up,
     {},
     on(2, 200, around(6)),
     start_of(2, 200),
     {start_of(2, 200)}},
    {"memblock: alloc_nid_top_down_numa_no_overlap_low",
     down,
     {},
     on(0, 100, node(4).envelope(node(7))),
     end_of(7, 100),
     {end_of(7, 100)}},
    {"memblock: alloc_nid_bottom_up_numa_no_overlap_low",
     up,
     {},
     on(0, 100, node(4).envelope(node(7))),
     start_of(4, 100),
     {start_of(4, 100)}},
    {"memblock: alloc_nid_top_down_numa_no_overlap_high",
     down,
     {},
     on(7, 100, node(2).envelope(node(5))),
     end_of(5, 100),
     {end_of(5, 100)}},
    {"memblock: alloc_nid_bottom_up_numa_no_overlap_high",
     up,
     {},
     on(7, 100, node(2).envelope(node(5))),
     start_of(2, 100),
     {start_of(2, 100)}},
    {"memblock: alloc_nid_numa_large_region_generic", down, {}, on(3, 2501), nowhere, {}},
    {"memblock: alloc_nid_numa_large_region_generic", up, {}, on(3, 2501), nowhere, {}},
    {"memblock: alloc_nid_numa_reserved_full_merge_generic",
     down,
     beside_node_2,
     on(2, 1250),
     node(2),
     {mem(border[1], border[4])}},
    {"memblock: alloc_nid_numa_reserved_full_merge_generic",
     up,
     beside_node_2,
     on(2, 1250),
     node(2),
     {mem(border[1], border[4])}},
    {"memblock: alloc_nid_numa_split_all_reserved_generic",
     down,
     all_but_a_border,
     on(any_node, 200),
     nowhere,
     {}},
    {"memblock: alloc_nid_numa_split_all_reserved_generic",
     up,
     all_but_a_border,
     on(any_node, 200),
     nowhere,
     {}},
};

const placement_case exact_node_cases[] = {
    {"memblock: alloc_exact_nid_top_down_numa_simple",
     down,
     {},
     only_on(3, 312),
     end_of(3, 312),
     {end_of(3, 312)}},
    {"memblock: alloc_exact_nid_bottom_up_numa_simple",
     up,
     {},
     only_on(3, 312),
     start_of(3, 312),
     {start_of(3, 312)}},
    {"memblock: alloc_exact_nid_top_down_numa_part_reserved",
     down,
     half_of_node_4,
     only_on(4, 156),
     end_of(4, 156),
     {half_of_node_4[0], end_of(4, 156)}},
    {"memblock: alloc_exact_nid_bottom_up_numa_part_reserved",
     up,
     half_of_node_4,
     only_on(4, 156),
     part(border[4] + 312, 156),
     {part(border[4], 468)}},
    {"memblock: alloc_exact_nid_top_down_numa_split_range_low",
     down,
     {},
     only_on(2, 200, around(3)),
     end_of(2, 200),
     {end_of(2, 200)}},
    {"memblock: alloc_exact_nid_bottom_up_numa_split_range_low",
     up,
     {},
     only_on(2, 200, around(3)),
     start_of(2, 200),
     {start_of(2, 200)}},
    {"memblock: alloc_exact_nid_top_down_numa_no_overlap_split",
     down,
     {},
     only_on(2, 200, around(6)),
     end_of(2, 200),
     {end_of(2, 200)}},
    {"memblock: alloc_exact_nid_bottom_up_numa_no_overlap_split",
     up,
     {},
     only_on(2, 200, around(6)),
     start_of(2, 200),
     {start_of(2, 200)}},
    {"memblock: alloc_exact_nid_top_down_numa_no_overlap_low",
     down,
     {},
     only_on(0, 100, node(4).envelope(node(7))),
     end_of(0, 100),
     {end_of(0, 100)}},
    {"memblock: alloc_exact_nid_bottom_up_numa_no_overlap_low",
     up,
     {},
     only_on(0, 100, node(4).envelope(node(7))),
     start_of(0, 100),
     {start_of(0, 100)}},
    {"memblock: alloc_exact_nid_numa_small_node_generic", down, {}, only_on(1, 1250), nowhere, {}},
    {"memblock: alloc_exact_nid_numa_small_node_generic", up, {}, only_on(1, 1250), nowhere, {}},
    {"memblock: alloc_exact_nid_numa_node_reserved_generic",
     down,
     {node(2)},
     only_on(2, 312),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_node_reserved_generic",
     up,
     {node(2)},
     only_on(2, 312),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_part_reserved_fail_generic",
     down,
     middle_of_node_4,
     only_on(4, 312),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_part_reserved_fail_generic",
     up,
     middle_of_node_4,
     only_on(4, 312),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_split_range_high_generic",
     down,
     {},
     only_on(6, 200, around(6)),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_split_range_high_generic",
     up,
     {},
     only_on(6, 200, around(6)),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_no_overlap_high_generic",
     down,
     {},
     only_on(7, 100, node(2).envelope(node(5))),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_no_overlap_high_generic",
     up,
     {},
     only_on(7, 100, node(2).envelope(node(5))),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_large_region_generic",
     down,
     {},
     only_on(3, 1251),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_large_region_generic", up, {}, only_on(3, 1251), nowhere, {}},
    {"memblock: alloc_exact_nid_numa_reserved_full_merge_generic",
     down,
     beside_node_2,
     only_on(2, 1250),
     node(2),
     {mem(border[1], border[4])}},
    {"memblock: alloc_exact_nid_numa_reserved_full_merge_generic",
     up,
     beside_node_2,
     only_on(2, 1250),
     node(2),
     {mem(border[1], border[4])}},
    {"memblock: alloc_exact_nid_numa_split_all_reserved_generic",
     down,
     all_but_a_border,
     only_on(6, 200),
     nowhere,
     {}},
    {"memblock: alloc_exact_nid_numa_split_all_reserved_generic",
     up,
     all_but_a_border,
     only_on(6, 200),
     nowhere,
     {}},
};

std::vector<range_entry<int>> eight_nodes() {
    std::vector<range_entry<int>> nodes;
    for (unsigned n = 0; n != 8; ++n) nodes.push_back({node(n), static_cast<int>(n)});
    return nodes;
}

} // namespace

TEMPLATE_LIST_TEST_CASE("memblock: alloc, where an allocation goes", "[ranges]",
                        every_merging_way) {
    run<TestType>(simple_cases, {{mem(0, end), 0}});
    run<TestType>(without_memory, {});
}
TEMPLATE_LIST_TEST_CASE("memblock: alloc_from, not below an address if possible", "[ranges]",
                        every_merging_way) {
    run<TestType>(from_cases, {{mem(0, end), 0}});
}
TEMPLATE_LIST_TEST_CASE("memblock: alloc_nid, in a window", "[ranges]", every_merging_way) {
    run<TestType>(window_cases, {{mem(0, end), 0}});
}
TEMPLATE_LIST_TEST_CASE("memblock: alloc_nid, near a node", "[ranges]", every_merging_way) {
    run<TestType>(node_cases, eight_nodes());
}
TEMPLATE_LIST_TEST_CASE("memblock: alloc_exact_nid, on a node", "[ranges]", every_merging_way) {
    run<TestType>(exact_node_cases, eight_nodes());
}

TEMPLATE_LIST_TEST_CASE("memblock: alloc_node_on_correct_nid, what is reserved knows its node",
                        "[ranges]", every_merging_way) {
    typename TestType::template map<int, 8> memory, reserved;
    for (const auto& e : eight_nodes()) REQUIRE(memory.container.insert(e.range, e.value));
    const auto place = find_in(memory.container, reserved.container, on(2, 64), everywhere, 2, up);
    REQUIRE(place);
    CHECK(reserved.container.insert(*place, memory.container.find(place->start())->value));
    CHECK(reserved.container.find(place->start())->value == 2);
}
