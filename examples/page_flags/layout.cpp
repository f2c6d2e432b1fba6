// SPDX-License-Identifier: BSL-1.0

// page_flags layout: what a configuration makes of the page word, and what to turn when something
// fell out.

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include <zonal/linux_mm/changes.hpp>

#include "../terminal.hpp"

#include "commands.hpp"
#include "draw.hpp"
#include "input.hpp"
#include "zone_device_option.hpp"

namespace page_flags {

namespace {

void print_changes(const lm::change_list& changes) {
    if (changes.size == 0) fmt::print("      no single option brings it back\n");
    for (const lm::change& c : changes)
        fmt::print("      {}  {} -> {}\n", str(c.option), c.from, c.to);
}

void print_lost(const lm::config& c, const lm::page_layout& layout) {
    for (unsigned i = 0; i < lm::page_fields; ++i) {
        const zonal::placed_field& f = layout.word.fields[i];
        if (f.outcome == zonal::fate::kept) continue;
        const std::string where = f.outcome == zonal::fate::shrunk
                                      ? fmt::format("has {} of {} bits", f.width, f.asked.width)
                                  : f.asked.otherwise == zonal::no_room::member
                                      ? "fell out, and is a member of struct page"
                                      : "fell out, and is found through the page's section";
        fmt::print("\n  {} {}: the word is {} bit{} short. Any one of these brings it back:\n",
                   str(f.asked.name), where, f.short_by, f.short_by == 1 ? "" : "s");
        print_changes(lm::changes_for(c, static_cast<lm::page_field>(i)));
    }
}

void print_requests(const lm::config& c) {
    const zonal::zone_list zones = lm::zones_of(c);
    const zonal::request_table requests = lm::requests_of(zones);
    const zonal::fallback_order down = zonal::descending_fallback(zones);
    const auto names = [](unsigned modifiers) {
        static constexpr const char* const bits[] = {"DMA", "HIGHMEM", "DMA32", "MOVABLE"};
        std::string s;
        for (unsigned b = 0; b < 4; ++b)
            if ((modifiers >> b & 1) != 0) s += (s.empty() ? "" : "|") + std::string(bits[b]);
        return s.empty() ? std::string("no modifier") : s;
    };
    fmt::print("\n  requests\n");
    for (unsigned m = 0; m < requests.combinations(); ++m) {
        const auto zone = requests.zone_for(m);
        if (!zone) continue;
        std::string chain = str(zones[*zone].name);
        for (auto next = down.after(*zone); next; next = down.after(*next))
            chain += " -> " + str(zones[*next].name);
        fmt::print("    {:<16} {}\n", names(m), chain);
    }
    const zonal::packed_requests packed = lm::packed_requests_of(c).value();
    fmt::print("    as a table       {:#x}, {} bits an entry; bad combinations {:#x}\n",
               packed.table, packed.entry_bits, packed.bad);
    for (std::uint64_t i = 0; i < zones.size; ++i)
        if (zones.zones[i].traits.device && zonal::unreachable(requests, down, zonal::zone_id{i}))
            fmt::print("    {} is reached by no request and no fallback\n",
                       str(zones.zones[i].name));
}

/// Whether the configuration could have a device zone, by the Kconfig of its version.
void print_device_option(const kernel_config& read) {
    if (read.mm.zone_device) return;
    const auto check = can_have_zone_device(read.options, read.mm.kernel);
    fmt::print("\n  no Device zone: CONFIG_ZONE_DEVICE ");
    if (check)
        fmt::print("is off, and could be on{}\n",
                   check.asked ? "" : " (asked only with CONFIG_EXPERT)");
    else
        fmt::print("needs");
    for (unsigned i = 0; i < check.missing_count; ++i)
        fmt::print("{} {}CONFIG_{}", i == 0 ? "" : ",", check.missing[i].wanted ? "" : "no ",
                   str(row_of(check.missing[i].what).name));
    if (!check) fmt::print("\n");
}

bool show(const std::string& file, const request& asked) {
    const kernel_config read = read_config(file, asked.kernel, asked.arch);
    const lm::config& c = read.mm;
    const lm::page_layout layout = lm::page_layout_of(c);
    std::string arch = "unknown architecture";
    for (const auto& row : architecture_rows)
        if (row.arch == read.arch) arch = str(row.name);
    const std::string title = fmt::format("Linux {}.{} {}, {} bits", c.kernel.major, c.kernel.minor,
                                          arch, c.bits_per_long);
    const lm::evidence proven = lm::evidence_for(c.kernel);
    fmt::print("{}: {}{}\n\n  zones ", file, title,
               proven == lm::evidence::proven ? ""
               : proven == lm::evidence::between
                   ? " (lies between versions compared with real kernels)"
                   : " (later than all versions compared with real kernels)");
    const zonal::zone_list zones = lm::zones_of(c);
    for (unsigned i = 0; i < zones.size; ++i) fmt::print(" {} {} ", i, str(zones.zones[i].name));
    fmt::print("\n\n");

    if (const unsigned refused = lm::refusals_of(c); refused != 0) {
        for (const lm::refusal r : lm::refusals)
            if ((refused & static_cast<unsigned>(r)) != 0)
                fmt::print("  refused: {}\n", str(describe(r)));
        if (!layout.word.fits())
            fmt::print("  the word is {} bits short\n", layout.word.short_by());
        fmt::print("  Any one of these makes it fit:\n");
        print_changes(lm::changes_for(c));
        if (!asked.svg.empty()) fmt::print("  nothing to draw in {}\n", asked.svg);
        return false;
    }
    const unsigned columns = terminal::columns(stdout);
    fmt::print("{}", draw(layout, columns, terminal::shows_colour(stdout)));
    print_lost(c, layout);
    print_device_option(read);

    fmt::print("\n  flags, bit by bit\n   ");
    const zonal::flag_names flags = lm::page_flags_of(c);
    std::size_t column = 4;
    for (unsigned bit = 0; bit < flags.count; ++bit) {
        const std::string name = fmt::format(" {} {}", bit, str(flags.name[bit]));
        if (column + name.size() > columns) {
            fmt::print("\n   ");
            column = 4;
        }
        fmt::print("{}", name);
        column += name.size();
    }
    fmt::print("\n");
    print_requests(c);

    if (!asked.svg.empty()) {
        std::ofstream out(asked.svg);
        out << draw_svg(layout, "Page flags word, " + title);
        if (!out.flush()) throw user_error(asked.svg + ": cannot be written");
        fmt::print("\n  drawn in {}\n", asked.svg);
    }
    return true;
}

} // namespace

int show_layouts(const request& asked) {
    const std::vector<std::string> files =
        asked.files.empty() ? std::vector{own_config()} : asked.files;
    if (!asked.svg.empty() && files.size() != 1)
        throw user_error("--svg draws one FILE; name just one");
    bool all = true;
    for (const std::string& file : files) {
        if (&file != &files.front()) fmt::print("\n");
        all = show(file, asked) && all;
    }
    return all ? 0 : 1;
}

} // namespace page_flags
