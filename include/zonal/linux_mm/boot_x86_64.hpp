// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a kernel for x86-64 does with its firmware's map before its zones: boot_map and
// boot_rules.hpp do the rest.
//
//     const bool fits = reserve_bios_range(firmware).has_value();
//     firmware.end_usable_at(end_of_x86_64_memory);
//     const unsigned order = memory_block_order(firmware.end_of_usable(), geometry);

#include <zonal/core/geometry.hpp>
#include <zonal/hotplug/firmware_map.hpp>

namespace zonal::inline v0::linux_mm {

/// Memory from here on is not used: 64 TiB, what four levels of page tables map linearly.
/// Models: arch/x86/kernel/e820.c MAX_ARCH_PFN; differs: five levels reach further.
inline constexpr phys_addr end_of_x86_64_memory{std::uint64_t{1} << 46};

/// What x86 firmware calls usable and Linux does not take: page 0, and what lies between the old
/// video memory and 1 MiB.
/// Fails: no_space
/// Models: arch/x86/kernel/setup.c trim_bios_range().
template <unsigned Capacity>
constexpr result<done> reserve_bios_range(firmware_map<Capacity>& firmware) {
    constexpr byte_range kept[] = {{phys_addr{0}, phys_addr{0x1000}},
                                   {phys_addr{0xa0000}, phys_addr{0x100000}}};
    for (const byte_range& r : kept)
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

} // namespace zonal::inline v0::linux_mm
