// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a kernel for x86-64 starts with what its firmware and its command line say.
//
//     const auto memory =
//         boot_x86_64<boot_map<>>({6, 12}, zones::list, firmware, nodes, "kernelcore=4G");
//     const auto order = memory->geometry().memory_block_order;      // 15: blocks of 128 MiB
//
// Proven by boots of 6.1 and 6.12, under a hypervisor.

#include "replay/boot_nodes.hpp"

namespace zonal_test {

/// Memory from here on is not used: 64 TiB, what four levels of page tables map linearly.
/// Models: arch/x86/kernel/e820.c MAX_ARCH_PFN; differs: five levels reach further.
inline constexpr phys_addr end_of_x86_64_memory{std::uint64_t{1} << 46};

/// What x86 firmware calls usable and Linux does not take: page 0, and what lies between the old
/// video memory and 1 MiB.
/// Fails: no_space
/// Models: arch/x86/kernel/setup.c trim_bios_range().
template <unsigned Capacity>
constexpr result<done> reserve_bios_range(firmware_map<Capacity>& firmware) {
    constexpr byte_range reserved[] = {{phys_addr{0}, phys_addr{0x1000}},
                                       {phys_addr{0xa0000}, phys_addr{0x100000}}};
    for (const byte_range& r : reserved)
        if (const auto added = firmware.add({r, firmware_kind::reserved}); !added) return added;
    return done{};
}

/// The order of memory blocks: a section's if memory ends below 64 GiB; else the largest up to
/// 2 GiB that divides that end, or on bare metal 2 GiB anyway.
/// Models: arch/x86/mm/init_64.c probe_memory_block_size().
[[nodiscard]] constexpr unsigned memory_block_order(phys_addr end_of_memory, const page_geometry& g,
                                                    bool on_bare_metal = false) noexcept {
    constexpr std::uint64_t many = 64ull << 30;
    const unsigned smallest = g.section_order + g.page_bytes_log2;
    const std::uint64_t end = end_of_memory.value >> g.page_bytes_log2 << g.page_bytes_log2;
    unsigned bits = end < many ? smallest : 31;
    if (!on_bare_metal)
        while (bits > smallest && end % (1ull << bits) != 0) --bits;
    return bits - g.page_bytes_log2;
}

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
    if (const auto reserved = reserve_bios_range(firmware); !reserved)
        return fail(reserved.error());
    firmware.end_usable_at(end_of_x86_64_memory);

    page_geometry g;
    g.memory_block_order = memory_block_order(firmware.end_of_usable(), g, on_bare_metal);
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
