// SPDX-License-Identifier: BSL-1.0
#pragma once

// Any command line, and any machine's files: each is understood, or refused with a sentence.

#include "entries.hpp"

#include "../../examples/zone_map/check.hpp"
#include "../../examples/zone_map/command_line.hpp"

#include <sstream>

namespace zonal_test {

/// What holds of a firmware map whatever is written to it: its runs ascend, and none is empty.
inline void any_command_line(const std::uint8_t* data, std::size_t size) {
    const exact_bytes line(data, size);
    const zone_map::boot_wishes wishes = zone_map::parse_command_line(line);
    const zonal::page_count total{0x1000};
    for (const auto& core : {wishes.kernelcore, wishes.movablecore})
        must(core.percent == 0 || core.pages_of(total, {}) <= total.value(),
             "a share is at most all of memory");
    zonal::firmware_map<16> firmware;
    for (const std::uint64_t start : {0x0u, 0x100000u, 0x40000000u})
        must(firmware.add({{zonal::phys_addr{start}, zonal::phys_addr{start + 0x9fc00}}})
                 .has_value(),
             "there is room for three entries");
    static_cast<void>(zone_map::edit_firmware_map(firmware, line));
    zonal::phys_addr from{};
    for (auto run = firmware.run_from(from); run; run = firmware.run_from(from)) {
        must(from <= run->bytes.start && !run->bytes.empty(), "runs ascend, and none is empty");
        from = run->bytes.end;
    }
}

/// Files, each behind a line of its path: "@/proc/zoneinfo".
inline zone_map::captured files_in(const std::string& text) {
    zone_map::captured tree{"", {}};
    std::istringstream lines(text);
    std::string* contents = nullptr;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind('@', 0) == 0)
            contents = &tree.files[line.substr(1)];
        else if (contents != nullptr)
            *contents += line + "\n";
    }
    return tree;
}
inline void any_machine(const std::uint8_t* data, std::size_t size) {
    try {
        const zone_map::machine m =
            zone_map::understand(files_in({reinterpret_cast<const char*>(data), size}));
        const zone_map::ownership found = owners_of(m);
        static_cast<void>(compare(m, found));
    } catch (const zone_map::user_error& e) {
        must(*e.what() != '\0', "a refusal says why");
    }
}

} // namespace zonal_test
