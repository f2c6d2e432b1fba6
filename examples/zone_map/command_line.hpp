// SPDX-License-Identifier: BSL-1.0
#pragma once

// The words of a kernel command line that decide how memory is laid out at boot.
//
//     constexpr auto wishes = parse_command_line("quiet kernelcore=50% numa=off");
//     static_assert(wishes.kernelcore.percent == 50 && wishes.one_node);
//     const bool fits = edit_firmware_map(firmware, "mem=1G memmap=64M$0x20000000").has_value();
//
// Not known: memmap=nn%ss, and fake nodes by size (numa=fake=1G). What does not parse is ignored,
// as a kernel ignores it. Of contradictory words the last counts.

#include <zonal/hotplug/firmware_map.hpp>
#include <zonal/linux_mm/boot_rules.hpp>

namespace zone_map {

using zonal::done;
using zonal::firmware_kind;
using zonal::phys_addr;
using zonal::result;
using zonal::text;

/// What the command line wishes; `one_node` is numa=off.
struct boot_wishes : zonal::linux_mm::boot_parameters {
    bool one_node = false;
    unsigned fake_nodes = 0; ///< numa=fake=N
};

/// A number, and the text behind it.
struct leading_number {
    std::uint64_t value = 0;
    text rest{};
};

/// Decimal, hexadecimal from 0x, octal from 0; 0, and all of the text, where there is no digit.
/// Models: lib/vsprintf.c simple_strtoull().
[[nodiscard]] constexpr leading_number parse_number(text t) noexcept {
    int base = 10;
    if (t.size > 1 && t[0] == '0') {
        const bool is_hex = t.size > 2 && (t[1] | 0x20) == 'x';
        base = is_hex ? 16 : 8;
        t = t.sub(is_hex ? 2 : 1);
    }
    std::uint64_t value = 0;
    for (; !t.empty(); t = t.sub(1)) {
        const int letter = t[0] | 0x20;
        const int digit = t[0] >= '0' && t[0] <= '9' ? t[0] - '0'
                          : letter >= 'a'            ? letter - 'a' + 10
                                                     : 16;
        if (digit >= base) break;
        value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
    }
    return {value, t};
}

/// With K, M, G, T, P or E behind it, of either case.
/// Models: lib/cmdline.c memparse().
[[nodiscard]] constexpr leading_number parse_bytes(text t) noexcept {
    const leading_number number = parse_number(t);
    const text suffixes = "KMGTPE";
    for (unsigned i = 0; i < suffixes.size; ++i)
        if (!number.rest.empty() && (number.rest[0] & ~0x20) == suffixes[i])
            return {number.value << (10 * (i + 1)), number.rest.sub(1)};
    return number;
}

/// name=value; value is empty where there is no '='.
struct boot_parameter {
    text name{};
    text value{};

    /// '-' and '_' are the same in a name.
    [[nodiscard]] constexpr bool is(text wanted) const noexcept {
        if (name.size != wanted.size) return false;
        for (std::size_t i = 0; i < name.size; ++i)
            if (name[i] != wanted[i] && !(name[i] == '-' && wanted[i] == '_')) return false;
        return true;
    }
};

/// Calls use(boot_parameter) for each word, up to a lone "--"; quotes keep words together.
/// Models: lib/cmdline.c next_arg(); differs: quotes stay in the value.
template <class F>
constexpr void for_each_parameter(text line, F use) {
    while (!line.empty()) {
        std::size_t end = 0;
        std::size_t equals = line.size;
        for (bool quoted = false; end < line.size && (quoted || line[end] != ' '); ++end) {
            if (line[end] == '"') quoted = !quoted;
            if (line[end] == '=' && end < equals) equals = end;
        }
        const text word = line.sub(0, end);
        if (word == "--") return;
        if (end != 0) use(boot_parameter{word.sub(0, equals), word.sub(equals + 1)});
        line = line.sub(end + 1);
    }
}

/// Models: mm/mm_init.c cmdline_parse_core(), arch/x86/mm/numa.c numa_setup().
[[nodiscard]] constexpr boot_wishes parse_command_line(text command_line) noexcept {
    boot_wishes p;
    const auto core = [](text t) -> zonal::linux_mm::core_size {
        const leading_number n = parse_number(t);
        if (n.rest.starts_with("%")) return {.percent = n.value};
        return {.bytes = parse_bytes(t).value};
    };
    for_each_parameter(command_line, [&](boot_parameter word) {
        if (word.is("kernelcore") && word.value == "mirror")
            p.kernelcore_mirror = true;
        else if (word.is("kernelcore"))
            p.kernelcore = core(word.value);
        else if (word.is("movablecore"))
            p.movablecore = core(word.value);
        else if (word.is("movable_node"))
            p.movable_node = true;
        else if (word.is("numa") && word.value.starts_with("off"))
            p.one_node = true;
        else if (word.is("numa") && word.value.starts_with("fake="))
            if (const auto n = parse_number(word.value.sub(5)); n.rest.empty())
                p.fake_nodes = static_cast<unsigned>(n.value);
    });
    return p;
}

namespace detail {

/// nn@ss usable, nn#ss ACPI tables, nn$ss reserved, nn!ss persistent; nn: usable up to there only.
template <unsigned Capacity>
constexpr result<done> apply_memmap(zonal::firmware_map<Capacity>& firmware, text one) {
    if (one == "exactmap") return firmware.clear(), done{};
    const auto [size, rest] = parse_bytes(one);
    if (rest.size == one.size) return done{};
    constexpr firmware_kind kinds[] = {firmware_kind::usable, firmware_kind::acpi_tables,
                                       firmware_kind::reserved, firmware_kind::persistent_legacy};
    for (unsigned i = 0; i < 4 && !rest.empty(); ++i) {
        if (rest[0] != text{"@#$!"}[i]) continue;
        const std::uint64_t start = parse_bytes(rest.sub(1)).value;
        return firmware.add({{phys_addr{start}, phys_addr{start + size}}, kinds[i]});
    }
    if (!rest.starts_with("%")) firmware.end_usable_at(phys_addr{size});
    return done{};
}

} // namespace detail

/// Applies mem= and memmap=, from left to right.
/// Fails: as firmware_map::add; what came before has been applied.
/// Models: arch/x86/kernel/e820.c parse_memopt(), parse_memmap_opt().
template <unsigned Capacity>
constexpr result<done> edit_firmware_map(zonal::firmware_map<Capacity>& firmware,
                                         text command_line) {
    result<done> all = done{};
    for_each_parameter(command_line, [&](boot_parameter word) {
        if (word.is("mem") && parse_bytes(word.value).value != 0)
            firmware.end_usable_at(phys_addr{parse_bytes(word.value).value});
        if (!word.is("memmap")) return;
        for (text left = word.value; !left.empty();) {
            std::size_t comma = 0;
            while (comma < left.size && left[comma] != ',') ++comma;
            if (all) all = detail::apply_memmap(firmware, left.sub(0, comma));
            left = left.sub(comma + 1);
        }
    });
    return all;
}

} // namespace zone_map
