// SPDX-License-Identifier: BSL-1.0
#pragma once

// QEMU's registers for memory that is plugged into the running machine: a slot is selected, and
// then says where its DIMM lies and what somebody wants of it. (QEMU: docs/specs/acpi_mem_hotplug.)

#include "machine.hpp"

#include <zonal/hotplug/firmware_map.hpp>

namespace kernel {

class dimm_slots {
    static constexpr std::uint16_t base = 0xa00;
    static constexpr std::uint16_t status = base + 0x14;

public:
    static constexpr unsigned count = 8;
    enum : std::uint8_t { there = 1, inserted = 2, removal = 4, eject_it = 8 };
    enum ost : std::uint32_t { success = 0, in_use = 0x82 }; ///< what ACPI calls them in _OST

    struct dimm {
        zonal::byte_range bytes{};
        std::uint32_t proximity = 0;
        std::uint8_t events = 0;
    };

    static dimm look(unsigned slot) {
        out<std::uint32_t>(base, slot);
        const auto number = [](std::uint16_t at) {
            return in<std::uint32_t>(at) | std::uint64_t{in<std::uint32_t>(at + 4)} << 32;
        };
        const auto events = in<std::uint8_t>(status);
        if (events == 0xff || (events & there) == 0) return {}; // 0xff: no such registers
        const zonal::phys_addr start{number(base)};
        return {{start, zonal::phys_addr{start.value + number(base + 8)}},
                in<std::uint32_t>(base + 0x10),
                events};
    }
    /// Clears an event; eject_it takes the DIMM out.
    static void write(unsigned slot, std::uint8_t what) {
        out<std::uint32_t>(base, slot);
        out(status, what);
    }
    static void report_removal(unsigned slot, ost how) {
        out<std::uint32_t>(base, slot);
        out<std::uint32_t>(base + 4, 3); // about a request to eject
        out<std::uint32_t>(base + 8, how);
    }
};

} // namespace kernel
