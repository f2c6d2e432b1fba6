// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory that is in use leaves as a whole or stays: its blocks are taken offline one by one, and
// come back if one of them cannot be, or if the range cannot be removed then.
//
//     const auto pinned = [](std::uint64_t block) { return block == 33; };
//     unplug(system, phys_addr{1ull << 32}, 3 << 27, pinned);            // kernel_error::busy

#include <zonal/linux_mm/hotplug.hpp>

namespace zonal::inline v0::linux_mm {

namespace detail {

struct way_to_leave {
    bool stops_at_first = false; ///< block that stays
    bool forgets_zones = false;  ///< of blocks that come back
};

template <class S, unsigned N, unsigned G, class Pinned>
constexpr answer leave(hotplug<S, N, G>& system, phys_addr start, std::uint64_t bytes,
                       Pinned pinned, way_to_leave how) {
    const auto range = address_range::make(start, bytes);
    if (!system.whole_blocks(range) || !system.is_in_reach(*range))
        return fail(kernel_error::invalid);
    pfn_range_map<online_type, in_place<64>> gone; // and how it comes back
    answer all = done{};
    system.for_each_block(*range, [&](std::uint64_t b) {
        if (!system.state_of(b) || !system.state_of(b)->online || (how.stops_at_first && !all))
            return;
        const auto zone = system.zone_of(b);
        const auto back = how.forgets_zones                              ? online_type::online
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
    if (all) all = system.remove_memory(start, bytes);
    if (!all)
        system.for_each_block(*range, [&](std::uint64_t b) {
            if (const auto g = gone.find(system.block(b).start()))
                static_cast<void>(system.online(b, g->value));
        });
    return all;
}

} // namespace detail

/// Takes the blocks of a range out of use and removes it; `pinned` says of the number of a block
/// whether it has pages that cannot be moved away. Blocks that were offline stay so.
/// Fails: invalid    no bytes, not in whole blocks, or out of reach;
///        busy       a block is pinned: those above it were not tried;
///        no_memory  more than 64 times a kernel zone's blocks follow the movable zone's, or the other
///                   way round;
///        as hotplug::offline, hotplug::remove_memory.
/// On failure the blocks are online as before.
/// Models: mm/memory_hotplug.c offline_and_remove_memory().
template <class S, unsigned N, unsigned G, class Pinned>
constexpr answer offline_and_remove(hotplug<S, N, G>& system, phys_addr start, std::uint64_t bytes,
                                    Pinned pinned) {
    return detail::leave(system, start, bytes, pinned, {.stops_at_first = true});
}

/// The same for a DIMM that wants to leave, except that all its blocks are tried, and that those
/// that come back may come to another zone (as quirk).
/// Models: drivers/acpi/scan.c acpi_scan_hot_remove(), acpi_memory_remove_memory().
template <class S, unsigned N, unsigned G, class Pinned>
constexpr answer unplug(hotplug<S, N, G>& system, phys_addr start, std::uint64_t bytes,
                        Pinned pinned) {
    return detail::leave(system, start, bytes, pinned,
                         {.forgets_zones = system.quirks.refusal_forgets_zones});
}

} // namespace zonal::inline v0::linux_mm
