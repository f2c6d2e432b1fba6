// SPDX-License-Identifier: BSL-1.0
#pragma once

// A snapshot of a recorded trace as the files that the kernel would have shown at that time, as far
// as it was recorded: of /proc/zoneinfo, the four numbers of each zone.

#include "trace.hpp"

#include <cstdio>
#include <map>
#include <set>
#include <string>

namespace zonal_test {

using captured_files = std::map<std::string, std::string>; ///< contents by path

/// "0-2,4"
inline std::set<unsigned> numbers_in_list(const std::string& list) {
    std::set<unsigned> numbers;
    std::istringstream parts(list);
    for (std::string part; std::getline(parts, part, ',');) {
        unsigned first = 0, last = 0;
        const int got = std::sscanf(part.c_str(), "%u-%u", &first, &last);
        for (unsigned n = first; got > 0 && n <= (got == 2 ? last : first); ++n) numbers.insert(n);
    }
    return numbers;
}

/// printf for numbers.
template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
    char text[160];
    std::snprintf(text, sizeof text, format, numbers...);
    return text;
}

inline std::string iomem_text(const json& snapshot) {
    std::string text;
    for (const json& e : snapshot.at("iomem"))
        text += formatted("%*s%08jx-%08jx : ", 2 * e[0].get<int>(), "",
                          std::uintmax_t{number_in(e[1])}, std::uintmax_t{number_in(e[2])}) +
                e[3].get<std::string>() + "\n";
    return text;
}

inline std::string zoneinfo_text(const json& snapshot) {
    std::string text;
    std::set<unsigned> nodes = numbers_in_list(snapshot.at("nodes").at("online"));
    for (const json& z : snapshot.at("zones")) nodes.insert(z[0].get<unsigned>());
    for (const unsigned node : nodes)
        for (const char* name : {"DMA", "DMA32", "Normal", "Movable", "Device"}) {
            std::uintmax_t spanned = 0, present = 0, managed = 0, start = 0;
            for (const json& z : snapshot.at("zones")) {
                if (z[0] != node || z[1] != name) continue;
                spanned = z[2], present = z[3], managed = z[4];
                if (!z[5].is_null()) start = z[5];
            }
            text += formatted("Node %u, zone %8s\n        spanned  %ju\n        present  %ju\n"
                              "        managed  %ju\n",
                              node, name, spanned, present, managed);
            if (present != 0) text += formatted("  start_pfn:           %ju\n", start);
        }
    return text;
}

/// `boot` is the event at the beginning of the trace.
inline captured_files capture(const json& boot, const json& snapshot) {
    captured_files files;
    files["proc/version"] = boot.at("args").at("version").get<std::string>() + "\n";
    files["proc/cmdline"] = boot.at("args").at("cmdline").get<std::string>() + "\n";
    files["proc/iomem"] = iomem_text(snapshot);
    files["proc/zoneinfo"] = zoneinfo_text(snapshot);

    const std::string memory = "sys/devices/system/memory/";
    files[memory + "block_size_bytes"] =
        formatted("%jx\n", std::uintmax_t{number_in(snapshot.at("block_size"))});
    for (const json& run : snapshot.at("blocks"))
        for (unsigned block = run[0]; block <= run[1]; ++block) {
            const std::string directory = memory + formatted("memory%u/", block);
            files[directory + "phys_index"] = formatted("%08x\n", block);
            files[directory + "state"] = run[2].get<std::string>() + "\n";
            files[directory + "valid_zones"] = run[3].get<std::string>() + "\n";
            if (!run[5].is_null()) files[directory + formatted("node%u", run[5].get<unsigned>())];
        }
    unsigned entry = 0;
    for (const json& e : snapshot.at("firmware_memmap")) {
        const std::string directory = formatted("sys/firmware/memmap/%u/", entry++);
        files[directory + "start"] = e[0].get<std::string>() + "\n";
        files[directory + "end"] = e[1].get<std::string>() + "\n";
        files[directory + "type"] = e[2].get<std::string>() + "\n";
    }
    return files;
}

} // namespace zonal_test
