// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the loader and the firmware say: the memory map of the PVH start info, and three ACPI
// tables: SRAT (which node has which memory), NFIT (NVDIMMs) and FADT (where the timer is).

#include <zonal/hotplug/firmware_map.hpp>

namespace kernel {

using namespace zonal;

/// An object somewhere in memory, aligned or not.
template <class T>
T read(std::uint64_t address) {
    T value;
    __builtin_memcpy(&value, reinterpret_cast<const void*>(address), sizeof(T));
    return value;
}

struct machine_description {
    firmware_map<64> memory;
    node_map<32> nodes;
    bounded_list<node_range, 4> nvdimms;
    std::uint16_t timer_port = 0;
    char command_line[64] = {};

    /// ACPI's number of a node is any number; ours count from 0, in the order of the table.
    node_id node_of(std::uint32_t proximity) const {
        for (unsigned i = 0; i < domains.size; ++i)
            if (domains[i] == proximity) return {i};
        return {};
    }
    bool is_told(text word) const {
        const text line{command_line, sizeof(command_line)};
        for (std::size_t i = 0; i < line.size; ++i)
            if (line.sub(i).starts_with(word)) return true;
        return false;
    }

    bounded_list<std::uint32_t, 16> domains;
};

/// Walks the start info; what there is no room for is a broken contract. Offsets are those of the
/// specifications.
class firmware_reader {
public:
    explicit firmware_reader(machine_description& into) : found_(into) {}

    void read_start_info(std::uint64_t at) {
        expects(read<std::uint32_t>(at) == 0x336ec578 && read<std::uint32_t>(at + 4) >= 1,
                "start info: not PVH's");
        auto range = read<std::uint64_t>(at + 40);
        for (auto n = read<std::uint32_t>(at + 48); n != 0; --n, range += 24) {
            constexpr unsigned usable = 1; // there are more kinds, and this kernel uses none
            const bool is_usable = read<std::uint32_t>(range + 16) == usable;
            must(found_.memory.add(
                {bytes_at(range), is_usable ? firmware_kind::usable : firmware_kind::reserved}));
        }
        const auto line = read<std::uint64_t>(at + 24);
        for (std::size_t i = 0; line != 0 && i + 1 < sizeof(found_.command_line); ++i)
            if ((found_.command_line[i] = read<char>(line + i)) == '\0') break;
        if (const auto rsdp = read<std::uint64_t>(at + 32); rsdp != 0) read_acpi(rsdp);
    }

private:
    static void must(result<done> r) { expects(r.has_value(), "firmware: too many entries"); }
    /// A start and a size, as all these tables write ranges.
    static byte_range bytes_at(std::uint64_t at) {
        const auto start = read<std::uint64_t>(at);
        return {phys_addr{start}, phys_addr{start + read<std::uint64_t>(at + 8)}};
    }
    void read_acpi(std::uint64_t rsdp) {
        const std::uint64_t root = read<std::uint32_t>(rsdp + 16); // RSDT: pointers of 32 bits
        const std::uint32_t length = read<std::uint32_t>(root + 4);
        for (std::uint32_t at = header; at < length; at += 4) {
            const std::uint64_t table = read<std::uint32_t>(root + at);
            char name[4];
            __builtin_memcpy(name, reinterpret_cast<const void*>(table), 4);
            const text is{name, 4};
            if (is == "FACP")
                found_.timer_port = static_cast<std::uint16_t>(read<std::uint32_t>(table + 76));
            if (is == "SRAT")
                for_each_entry<1>(table, 48, [&](auto type, auto e) { read_affinity(type, e); });
            if (is == "NFIT")
                for_each_entry<2>(table, 40, [&](auto type, auto e) { read_nvdimm(type, e); });
        }
    }
    /// Entries begin with a type and a length of so many bytes each.
    template <unsigned Bytes, class F>
    void for_each_entry(std::uint64_t table, std::uint32_t first, F f) {
        using number = std::conditional_t<Bytes == 1, std::uint8_t, std::uint16_t>;
        const std::uint32_t length = read<std::uint32_t>(table + 4);
        for (std::uint32_t at = first; at < length;) {
            const auto size = read<number>(table + at + Bytes);
            if (size == 0) return;
            f(read<number>(table + at), table + at);
            at += size;
        }
    }

    node_id meet(std::uint32_t proximity) {
        bool known = false;
        for (const std::uint32_t domain : found_.domains) known |= domain == proximity;
        if (!known) must(found_.domains.add(proximity));
        return found_.node_of(proximity);
    }
    void read_affinity(unsigned type, std::uint64_t e) {
        constexpr unsigned processor = 0, memory = 1;
        if (type == processor) meet(read<std::uint8_t>(e + 2));
        if (type != memory) return;
        const auto flags = read<std::uint32_t>(e + 28); // bit 0: enabled; 1: hot-pluggable
        const byte_range bytes = bytes_at(e + 8);
        if ((flags & 1) == 0 || bytes.empty()) return;
        must(found_.nodes.add({bytes, meet(read<std::uint32_t>(e + 2)), (flags & 2) != 0}));
    }
    void read_nvdimm(unsigned type, std::uint64_t e) {
        constexpr unsigned address_range = 0;
        constexpr std::uint32_t persistent_memory = 0x66f0d379; // how its GUID begins
        if (type != address_range || read<std::uint32_t>(e + 16) != persistent_memory) return;
        must(found_.nvdimms.add({bytes_at(e + 32), found_.node_of(read<std::uint32_t>(e + 12))}));
    }

    static constexpr std::uint32_t header = 36;
    machine_description& found_;
};

} // namespace kernel
