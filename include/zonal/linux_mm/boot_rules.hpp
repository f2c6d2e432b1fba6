// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where movable memory begins in each node, by Linux's boot parameters.
//
//     const boot_parameters wishes{.kernelcore = {.bytes = 4ull << 30}};
//     place_movable(memory, wishes, {6, 12});
//     const pfn movable_start = memory.nodes()[0].movable_start;
//
// Proven by boots of 6.1 and 6.12.

#include <zonal/hotplug/boot_map.hpp>
#include <zonal/linux_mm/rules.hpp>

namespace zonal::inline v0::linux_mm {

/// kernelcore= or movablecore=: an amount of memory, or a share of all there is.
struct core_size {
    std::uint64_t bytes = 0;
    std::uint64_t percent = 0; ///< counts instead, unless it is 0

    [[nodiscard]] constexpr std::uint64_t pages_of(page_count total,
                                                   const page_geometry& g) const noexcept {
        if (percent >= 100) return total.value(); // more is as good as all
        return percent != 0 ? total.value() * percent / 100 : bytes >> g.page_bytes_log2;
    }
};

/// Models: the boot parameters of these names; their text is the program's to read.
struct boot_parameters {
    core_size kernelcore{};
    core_size movablecore{};
    bool kernelcore_mirror = false;
    bool movable_node = false;
};

/// Whether kernelcore=mirror is ignored where no memory is mirrored; else all of it from 4 GiB on
/// becomes movable.
inline constexpr rule<bool> mirror_needs_mirrored_memory[] = {{since({6, 6}), true}};

/// Movable memory begins at a multiple of the largest block that the page allocator hands out.
inline constexpr unsigned default_max_page_order = 10;

namespace detail {

/// Where movable memory begins in each node of a map, in the order of its nodes; 0: nowhere.
template <class Map>
struct movable_marks {
    pfn of[Map::max_nodes] = {};
};

/// Every node gets an equal share of the kernel's pages, those below `usable_from` included, where
/// nothing can be movable; what small nodes cannot take is shared out again among one node less.
/// Models: mm/mm_init.c find_zone_movable_pfns_for_nodes(), its last part.
template <class Map>
constexpr movable_marks<Map> marks_by_size(const Map& memory, std::uint64_t kernel,
                                           pfn usable_from) {
    movable_marks<Map> mark;
    const auto take = [&kernel](std::uint64_t& share, std::uint64_t pages) {
        kernel -= pages < kernel ? pages : kernel;
        share -= pages < share ? pages : share;
    };
    unsigned nodes = memory.nodes().size;
    do {
        std::uint64_t share = kernel / nodes;
        for (unsigned n = 0; n < memory.nodes().size; ++n) {
            if (kernel < share) share = kernel / nodes;
            std::uint64_t left = share;
            for (const boot_range& r : memory.ranges()) {
                pfn from = mark.of[n] < r.pages.start() ? r.pages.start() : mark.of[n];
                if (r.node != memory.nodes()[n].node || r.pages.end() <= from) continue;
                if (from < usable_from) {
                    const pfn to = r.pages.end() < usable_from ? r.pages.end() : usable_from;
                    take(left, (to - from).value());
                    mark.of[n] = from = to;
                    if (to == r.pages.end()) continue;
                }
                const std::uint64_t here = (r.pages.end() - from).value();
                const std::uint64_t taken = here < left ? here : left;
                mark.of[n] = from + page_count{taken};
                take(left, taken);
                if (left == 0) break;
            }
        }
    } while (--nodes != 0 && kernel > nodes);
    return mark;
}

} // namespace detail

/// Sets where movable memory begins in each node: at its hot-pluggable memory (movable_node), or so
/// that the kernel keeps what kernelcore= and movablecore= leave it.
/// Models: mm/mm_init.c find_zone_movable_pfns_for_nodes(); differs: no memory is mirrored; with
/// kernelcore=mirror before 6.6 the zones below end where movable memory begins, as always.
template <class Map>
constexpr void place_movable(Map& memory, const boot_parameters& wishes, version kernel,
                             unsigned max_page_order = default_max_page_order) {
    const page_geometry& g = memory.geometry();
    const std::uint64_t step = std::uint64_t{1} << max_page_order;
    const auto rounded_up = [step](std::uint64_t n) { return (n + step - 1) / step * step; };
    const auto& nodes = memory.nodes();
    detail::movable_marks<Map> mark;

    if (wishes.movable_node || wishes.kernelcore_mirror) {
        const pfn mirrored_to{(4ull << 30) >> g.page_bytes_log2};
        if (!wishes.movable_node && pick(mirror_needs_mirrored_memory, kernel)) return;
        for (const boot_range& r : memory.ranges())
            for (unsigned n = 0; n < nodes.size; ++n)
                if (r.node == nodes[n].node && mark.of[n] == pfn{} &&
                    (wishes.movable_node ? r.hot_pluggable : mirrored_to <= r.pages.start()))
                    mark.of[n] = r.pages.start();
    } else {
        const page_count total = memory.ranges().present_in(memory.ranges().span());
        std::uint64_t kept = wishes.kernelcore.pages_of(total, g);
        const std::uint64_t movable = rounded_up(wishes.movablecore.pages_of(total, g));
        const std::uint64_t others = movable < total.value() ? total.value() - movable : 0;
        if (movable != 0 && kept < others) kept = others;
        if (kept == 0 || kept >= total.value()) return;
        pfn usable_from;
        for (zone_id z{}; z.value < memory.zones().size; ++z.value)
            if (const pfn_range limits = memory.zone_limits(z); !limits.empty())
                usable_from = limits.start();
        mark = detail::marks_by_size(memory, kept, usable_from);
    }
    for (unsigned n = 0; n < nodes.size; ++n)
        if (mark.of[n] != pfn{})
            static_cast<void>(
                memory.set_movable_start(nodes[n].node, pfn{rounded_up(mark.of[n].value())}));
}

} // namespace zonal::inline v0::linux_mm
