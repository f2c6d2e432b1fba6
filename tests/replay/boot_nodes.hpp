// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which node owns which memory, by Linux: what the firmware says, tidied up, or numa=fake=N.
//
//     const auto wishes = parse_command_line("numa=fake=4");
//     const auto owners = nodes_of(usable, from_firmware, wishes, {6, 12});

#include <zonal/hotplug/boot_ranges.hpp>
#include <zonal/linux_mm/rules.hpp>

#include "../../examples/zone_map/command_line.hpp"

namespace zonal_test {

using namespace zonal;
namespace lm = zonal::linux_mm;
using zone_map::boot_wishes;

/// Whether nodes begin where memory does; else at address 0, which shows where fake nodes are cut.
inline constexpr lm::rule<bool> nodes_begin_at_memory[] = {{lm::since({6, 12}), true}};

/// Fake nodes are multiples of this, as far as memory allows.
inline constexpr std::uint64_t fake_node_step_bytes = 32ull << 20;

/// Cuts nodes to `memory` and joins ranges of one node (and kind) that no other node lies between.
/// Models: mm/numa_memblks.c numa_cleanup_meminfo(); differs: nodes that overlap stay as they are.
template <unsigned Owners>
constexpr void tidy_nodes(node_map<Owners>& nodes, byte_range memory) {
    for (unsigned i = nodes.size; i-- > 0;) {
        nodes.items[i].bytes = nodes[i].bytes.intersection(memory);
        if (nodes[i].bytes.empty()) nodes.remove(i);
    }
    for (unsigned i = 0; i < nodes.size; ++i) {
        for (unsigned j = i + 1; j < nodes.size; ++j) {
            const node_range& a = nodes[i];
            const node_range& b = nodes[j];
            if (a.node != b.node || a.hot_pluggable != b.hot_pluggable) continue;
            const byte_range joined{a.bytes.start < b.bytes.start ? a.bytes.start : b.bytes.start,
                                    a.bytes.end < b.bytes.end ? b.bytes.end : a.bytes.end};
            bool is_free = true;
            for (const node_range& other : nodes)
                if (other.node != a.node && !other.bytes.intersection(joined).empty())
                    is_free = false;
            if (!is_free) continue;
            nodes.items[i].bytes = joined;
            nodes.remove(j--);
        }
    }
}

/// `count` nodes of about the same size, cut from the real ones in turn; memory below 4 GiB that
/// would be too little for a node goes to the one before.
/// Requires: count != 0; the real nodes are tidy.
/// Fails: bad_state  a node would be smaller than fake_node_step_bytes;
///        no_space   more ranges than there is room for.
/// Models: mm/numa_emulation.c split_nodes_interleave().
template <class Ranges, unsigned Owners>
[[nodiscard]] constexpr result<node_map<Owners>> fake_nodes(const Ranges& usable,
                                                            node_map<Owners> real, unsigned count) {
    const unsigned page = usable.geometry().page_bytes_log2;
    const auto memory_in = [&](std::uint64_t from, std::uint64_t to) -> std::uint64_t {
        const pfn first{(from >> page) + ((from >> page << page) != from)};
        const pfn end{to >> page};
        return first < end ? usable.present_in({first, end}).value() << page : 0;
    };
    constexpr std::uint64_t step = fake_node_step_bytes;
    constexpr std::uint64_t low_end = 4ull << 30;
    const std::uint64_t all = memory_in(0, usable.span().end().value() << page);
    const std::uint64_t each = (all >> page) / count << page;
    const std::uint64_t size = each / step * step;
    const std::uint64_t larger = each % step * count / step; // nodes with one step more
    if (size == 0) return fail(errc::bad_state);

    node_id highest;
    for (const node_range& r : real)
        if (highest < r.node) highest = r.node;
    node_map<Owners> fake;
    std::uint64_t made = 0;
    for (node_id at{}; real.size != 0; at.value = at == highest ? 0 : at.value + 1) {
        unsigned i = 0;
        while (i < real.size && real[i].node != at) ++i;
        if (i == real.size) continue;

        byte_range& left = real.items[i].bytes;
        const std::uint64_t limit = left.end.value;
        std::uint64_t end = left.start.value + size + (made < larger ? step : 0);
        while (end <= limit && memory_in(left.start.value, end) < size) end += step;
        if (end < low_end && memory_in(end, low_end) < step) end = low_end;
        if (end >= limit || memory_in(end, limit) < size) end = limit;
        const node_range cut{{left.start, phys_addr{end}}, node_id{made++ % count}};
        if (const auto added = fake.add(cut); !added) return fail(added.error());
        left.start = phys_addr{end};
        if (left.empty()) real.remove(i);
    }
    tidy_nodes(fake, {{}, phys_addr{~std::uint64_t{0}}});
    return fake;
}

/// The nodes that count: the firmware's, one for all memory, or fake ones where that is possible.
/// Fails: no_space  more ranges than there is room for.
/// Models: arch/x86/mm/numa.c x86_numa_init(), numa_clear_kernel_node_hotplug(); differs: of the
/// nodes that hold the kernel's own first data, which never leave, only the lowest page's is known.
template <class Ranges, unsigned Owners>
[[nodiscard]] constexpr result<node_map<Owners>>
nodes_of(const Ranges& usable, node_map<Owners> firmware, const boot_wishes& wishes,
         lm::version kernel) {
    const page_geometry& g = usable.geometry();
    const phys_addr first = g.address_of(usable.span().start()).value_or({});
    const phys_addr end = g.address_of(usable.span().end()).value_or(phys_addr{~std::uint64_t{0}});
    const byte_range memory{pick(nodes_begin_at_memory, kernel) ? first : phys_addr{}, end};
    if (wishes.one_node) firmware.size = 0;
    if (firmware.size == 0) static_cast<void>(firmware.add({memory, node_id{0}}));
    if (wishes.fake_nodes != 0)
        for (node_range& r : firmware) r.hot_pluggable = false;
    for (const node_range& low : firmware)
        if (low.bytes.contains(first))
            for (node_range& r : firmware)
                if (r.node == low.node) r.hot_pluggable = false;
    tidy_nodes(firmware, memory);
    if (wishes.fake_nodes == 0) return firmware;
    const auto fake = fake_nodes(usable, firmware, wishes.fake_nodes);
    return fake || fake.error() == errc::no_space ? fake : firmware;
}

} // namespace zonal_test
