// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory that is in use leaves as a whole or stays: its blocks are taken offline one by one, and
// come back if one of them cannot be.
//
//     const auto pinned = [](std::uint64_t block) { return block == 33; };
//     unplug(system, phys_addr{1ull << 32}, 3 << 27, pinned);            // kernel_error::busy

#include <zonal/linux_mm/hotplug.hpp>

namespace zonal::inline v0::linux_mm {

namespace detail {

template <class S, unsigned N, unsigned G, class Pinned>
constexpr answer offline_all(hotplug<S, N, G>& system, phys_addr start, std::uint64_t bytes,
                             Pinned pinned, bool stop_at_first, bool forget_zones) {
    const auto range = address_range::make(start, bytes);
    if (!range || !system.is_in_reach(*range)) return fail(kernel_error::invalid);
    pfn_range_map<online_type, in_place<64>> gone;
    answer all = done{};
    system.for_each_block(*range, [&](std::uint64_t b) {
        if (!system.state_of(b) || !system.state_of(b)->online || (stop_at_first && !all)) return;
        const auto zone = system.zone_of(b);
        const auto back = forget_zones                                   ? online_type::online
                          : zone && system.zones()[*zone].traits.movable ? online_type::movable
                                                                         : online_type::kernel;
        answer left = fail(kernel_error::busy);
        if (!pinned(b))
            left = gone.insert(system.block(b), back) ? system.offline(b)
                                                      : fail(kernel_error::no_memory);
        if (left) return;
        static_cast<void>(gone.erase(system.block(b), missing::ignore));
        all = left;
    });
    if (!all)
        system.for_each_block(*range, [&](std::uint64_t b) {
            if (const auto g = gone.find(system.block(b).start()))
                static_cast<void>(system.online(b, g->value));
        });
    return all;
}

} // namespace detail

/// Takes the blocks of a range out of use and removes it; `pinned` says of the number of a block
/// whether it has pages that cannot be moved away.
/// Fails: invalid  no bytes, or not in whole blocks;
///        busy     a block is pinned: those above it were not tried, those below are back;
///        as hotplug::remove_memory.
/// Models: mm/memory_hotplug.c offline_and_remove_memory().
template <class S, unsigned N, unsigned G, class Pinned>
constexpr answer offline_and_remove(hotplug<S, N, G>& system, phys_addr start, std::uint64_t bytes,
                                    Pinned pinned) {
    if (!system.whole_blocks(address_range::make(start, bytes))) return fail(kernel_error::invalid);
    const auto all = detail::offline_all(system, start, bytes, pinned, true, false);
    return all ? system.remove_memory(start, bytes) : all;
}

/// The same for a DIMM that wants to leave, except that all its blocks are tried, and that those
/// that come back may come to another zone (as quirk).
/// Models: drivers/acpi/scan.c acpi_scan_hot_remove(), acpi_memory_remove_memory().
template <class S, unsigned N, unsigned G, class Pinned>
constexpr answer unplug(hotplug<S, N, G>& system, phys_addr start, std::uint64_t bytes,
                        Pinned pinned) {
    const bool forget_zones = system.quirks.refusal_forgets_zones;
    const auto all = detail::offline_all(system, start, bytes, pinned, false, forget_zones);
    return all ? system.remove_memory(start, bytes) : all;
}

} // namespace zonal::inline v0::linux_mm
