// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a kernel for x86-64 starts with what its firmware and its command line say.
//
//     const auto memory =
//         boot_x86_64<boot_map<>>({6, 12}, zones::list, firmware, nodes, "kernelcore=4G");
//     const auto order = memory->geometry().memory_block_order;      // 15: blocks of 128 MiB
//
// Proven by boots of 6.1 and 6.12, under a hypervisor.

#include <zonal/linux_mm/boot_x86_64.hpp>

#include "replay/boot_nodes.hpp"

namespace zonal_test {

/// A machine's memory as that kernel starts with it; Map is a boot_map, firmware and nodes are what
/// the machine says of itself.
/// Fails: as firmware_map::add, boot_ranges::make and boot_map::make.
template <class Map, unsigned Entries, unsigned Owners>
[[nodiscard]] constexpr result<Map>
boot_x86_64(lm::version kernel, const zone_list& zones, firmware_map<Entries> firmware,
            const node_map<Owners>& nodes, text command_line, bool on_bare_metal = false) {
    using ranges = typename Map::ranges_type;
    const boot_wishes wishes = zone_map::parse_command_line(command_line);
    if (const auto edited = zone_map::edit_firmware_map(firmware, command_line); !edited)
        return fail(edited.error());
    if (const auto reserved = lm::reserve_bios_range(firmware); !reserved)
        return fail(reserved.error());
    firmware.end_usable_at(lm::end_of_x86_64_memory);

    page_geometry g;
    g.memory_block_order = lm::memory_block_order(firmware.end_of_usable(), g, on_bare_metal);
    const auto all = ranges::make(g, firmware, node_map<1>{});
    if (!all) return fail(all.error());
    const auto owners = nodes_of(*all, nodes, wishes, kernel);
    if (!owners) return fail(owners.error());
    const auto usable = ranges::make(g, firmware, *owners);
    if (!usable) return fail(usable.error());
    auto memory = Map::make(*usable, zones);
    if (memory) lm::place_movable(*memory, wishes, kernel);
    return memory;
}

} // namespace zonal_test
