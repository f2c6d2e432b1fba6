// SPDX-License-Identifier: BSL-1.0
#pragma once

// A page word's layout in one argument: 6.1/64:node=10,zone=3,lastcpupid=21:MF+UNCACHED
//
//     const auto c = config_named("6.1/64:node=10,zone=3");
//     print_layout_name(*c, out);
//
// Version, bits of the word, the fields that have bits, the options that add flags. The rest of a
// configuration does not matter for reading a word, so this names exactly what a report can tell.

#include <zonal/linux_mm/decode.hpp>

namespace page_flags {

using namespace zonal;
using namespace zonal::linux_mm;

/// Options that add or take away flags, and their words in a layout's name.
struct named_option {
    text name;
    bool config::* option; ///< null: tags kept by the hardware, where their width does not say so
    bool value = true;

    constexpr void apply_to(config& c) const noexcept {
        if (option != nullptr)
            c.*option = value;
        else
            c.kasan = kasan_mode::hw_tags;
    }
    [[nodiscard]] constexpr bool is_in(const config& c) const noexcept {
        if (option != nullptr) return c.*option == value;
        return c.kasan == kasan_mode::hw_tags &&
               pick(kasan_hw_tag_bits, c.kernel) == pick(kasan_sw_tag_bits, c.kernel);
    }
};
inline constexpr named_option named_options[] = {
    {"MF", &config::memory_failure}, {"UNCACHED", &config::uncached}, {"IDLE", &config::idle},
    {"ARCH2", &config::arch_2},      {"ARCH3", &config::arch_3},      {"EXT", &config::extended},
    {"THP", &config::thp},           {"NOMMU", &config::mmu, false},  {"HWTAGS", nullptr},
};

/// `c`, changed so that its printed fields (in the order of printed_rows) ask for these widths.
[[nodiscard]] constexpr config with_widths(config c, const unsigned* width) noexcept {
    const unsigned section = width[0], node = width[1], zone = width[2], cpupid = width[3],
                   kasan = width[4];
    c.zone_dma = zone >= 2;
    c.zone_dma32 = zone >= 2 && c.bits_per_long == 64;
    c.highmem = zone >= 2 && c.bits_per_long == 32;
    c.zone_device = zone >= 3;
    c.memory = section != 0 ? memory_model::sparse : memory_model::flat;
    c.max_physmem_bits = section;
    c.section_size_bits = 0;
    c.numa = node != 0;
    c.nodes_shift = node;
    c.numa_balancing = cpupid != 0;
    c.nr_cpus = cpupid > last_pid_bits ? 1u << (cpupid - last_pid_bits) : 1u;
    const bool hw = c.kasan == kasan_mode::hw_tags || kasan != pick(kasan_sw_tag_bits, c.kernel);
    c.kasan = kasan == 0 ? kasan_mode::none : hw ? kasan_mode::hw_tags : kasan_mode::sw_tags;
    return c;
}

/// Every printed field of the layout has the width that was asked for.
[[nodiscard]] constexpr bool has_widths(const page_layout& l, const unsigned* width) noexcept {
    for (unsigned i = 0; i < sizeof(printed_rows) / sizeof(printed_row); ++i)
        if (l[printed_rows[i].field].width != width[i]) return false;
    return true;
}

/// Fails: bad_range     not a name of the form above, or a width that no kernel gives the field;
///        out_of_reach  an older version than 4.3;
///        no_space      the fields do not fit the word.
[[nodiscard]] constexpr result<config> config_named(text name) noexcept {
    std::size_t at = 0;
    const auto number = [&](unsigned most) -> result<unsigned> {
        const std::size_t from = at;
        unsigned value = 0;
        for (; at < name.size && name[at] >= '0' && name[at] <= '9'; ++at)
            if ((value = value * 10 + static_cast<unsigned>(name[at] - '0')) > most)
                return fail(errc::bad_range);
        if (at == from) return fail(errc::bad_range);
        return value;
    };
    const auto eat = [&](text literal) {
        const bool there = name.sub(at).starts_with(literal);
        if (there) at += literal.size;
        return there;
    };

    const auto major = number(999);
    if (!major || !eat(".")) return fail(errc::bad_range);
    const auto minor = number(999);
    if (!minor) return fail(errc::bad_range);
    const version kernel{static_cast<unsigned short>(*major), static_cast<unsigned short>(*minor)};
    if (kernel < oldest) return fail(errc::out_of_reach);
    unsigned bits = 64;
    if (eat("/")) {
        const auto given = number(64);
        if (!given || (*given != 32 && *given != 64)) return fail(errc::bad_range);
        bits = *given;
    }

    unsigned width[sizeof(printed_rows) / sizeof(printed_row)] = {};
    if (eat(":")) {
        do {
            bool known = false;
            for (unsigned i = 0; !known && i < sizeof(printed_rows) / sizeof(printed_row); ++i) {
                if (!eat(field_shapes[printed_rows[i].field].name)) continue;
                const auto given = eat("=") ? number(printed_rows[i].most)
                                            : result<unsigned>(fail(errc::bad_range));
                if (!given || *given < printed_rows[i].least || width[i] != 0)
                    return fail(errc::bad_range);
                width[i] = *given;
                known = true;
            }
            if (!known) return fail(errc::bad_range);
        } while (eat(","));
    }
    config c = with_widths({.kernel = kernel, .bits_per_long = bits}, width);
    if (eat(":")) {
        do {
            bool known = false;
            for (const named_option& o : named_options)
                if (!known && (known = eat(o.name))) o.apply_to(c);
            if (!known) return fail(errc::bad_range);
        } while (eat("+"));
    }
    if (at != name.size) return fail(errc::bad_range);
    const page_layout l = page_layout_of(c);
    if (l.is_refused_for(refusal::too_many_zones)) return fail(errc::bad_range);
    if (!l.fits()) return fail(errc::no_space);
    for (const printed_row& row : printed_rows)
        if (l[row.field].short_by != 0) return fail(errc::no_space);
    if (!has_widths(l, width)) return fail(errc::bad_range);
    return c;
}

/// Prints the name under which config_named finds an equal layout.
template <class Out>
constexpr void print_layout_name(const config& c, Out&& out) {
    const page_layout l = page_layout_of(c);
    print_number(c.kernel.major, 10, out);
    out(text("."));
    print_number(c.kernel.minor, 10, out);
    out(text("/"));
    print_number(c.bits_per_long, 10, out);
    text between = ":";
    for (const printed_row& row : printed_rows) {
        const placed_field& f = l[row.field];
        if (!f.is_present()) continue;
        out(between);
        between = ",";
        out(f.asked.name);
        out(text("="));
        print_number(f.width, 10, out);
    }
    between = ":";
    for (const named_option& o : named_options) {
        if (!o.is_in(c)) continue;
        out(between);
        between = "+";
        out(o.name);
    }
}

} // namespace page_flags
