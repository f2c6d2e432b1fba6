// SPDX-License-Identifier: BSL-1.0
#pragma once

// The beginning of a recorded trace: what the machine was, how its kernel booted, and its memory
// right after.

#include <zonal/hotplug/firmware_map.hpp>

#include "trace.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace zonal_test {

struct boot_trace {
    json boot;     ///< the event
    json snapshot; ///< the first

    explicit boot_trace(const std::string& path) {
        for (trace t(path); snapshot.is_null() && t.next();)
            if (t.is("snapshot"))
                snapshot = t.snapshot();
            else if (t.is("event") && t.line().at("op") == "boot")
                boot = t.line();
        if (boot.is_null() || snapshot.is_null())
            throw std::runtime_error("no boot or no snapshot in " + path);
    }
};

inline std::vector<std::string> all_traces() {
    std::vector<std::string> paths;
    for (const auto& file : std::filesystem::directory_iterator(recorded + "/traces"))
        if (file.path().extension() == ".gz") paths.push_back(file.path().string());
    std::sort(paths.begin(), paths.end());
    return paths;
}

inline zonal::firmware_kind kind_named(const std::string& name) {
    using kind = zonal::firmware_kind;
    if (name == "usable") return kind::usable;
    if (name == "reserved") return kind::reserved;
    if (name == "ACPI data") return kind::acpi_tables;
    if (name == "ACPI NVS") return kind::acpi_nvs;
    if (name == "unusable") return kind::unusable;
    if (name == "persistent (type 7)") return kind::persistent;
    if (name == "persistent (type 12)") return kind::persistent_legacy;
    throw std::runtime_error("unknown kind of memory: " + name);
}

/// The firmware's own map, or the one that the command line made of it ("user").
inline std::vector<zonal::firmware_range> firmware_rows(const boot_trace& t,
                                                        const std::string& source) {
    std::vector<zonal::firmware_range> rows;
    for (const json& row : t.boot["e820"])
        if (row["src"] == source)
            rows.push_back({{zonal::phys_addr{number_in(row["start"])},
                             zonal::phys_addr{number_in(row["end"]) + 1}},
                            kind_named(row["type"])});
    return rows;
}

/// Which node owns which addresses, as the kernel read it from the firmware's tables.
inline zonal::node_map<> firmware_nodes(const boot_trace& t) {
    zonal::node_map<> nodes;
    for (const std::string line : t.boot["dmesg"]) {
        unsigned node = 0;
        unsigned long long start = 0, end = 0;
        if (std::sscanf(line.c_str(), "ACPI: SRAT: Node %u PXM %*u [mem %llx-%llx]", &node, &start,
                        &end) != 3)
            continue;
        const bool hot = line.find("] hotplug") != std::string::npos;
        if (!nodes.add({{zonal::phys_addr{start}, zonal::phys_addr{end + 1}}, {node}, hot}))
            throw std::runtime_error("more node ranges than there is room for");
    }
    return nodes;
}

/// The nodes that numa=fake= made, as the kernel printed them.
inline std::vector<zonal::node_range> printed_fake_nodes(const boot_trace& t) {
    std::vector<zonal::node_range> nodes;
    for (const std::string line : t.boot["dmesg"]) {
        unsigned node = 0;
        unsigned long long start = 0, end = 0;
        if (std::sscanf(line.c_str(), "Faking node %u at [mem %llx-%llx]", &node, &start, &end) ==
            3)
            nodes.push_back({{zonal::phys_addr{start}, zonal::phys_addr{end + 1}}, {node}});
    }
    return nodes;
}

} // namespace zonal_test
