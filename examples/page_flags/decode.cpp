// SPDX-License-Identifier: BSL-1.0

// page_flags decode: raw words to what the kernel itself would print, with the zone's name beside
// its number.

#include <cstdio>
#include <iostream>

#include <fmt/format.h>

#include <zonal/linux_mm/decode.hpp>

#include "commands.hpp"
#include "input.hpp"
#include "zone_meanings.hpp"

namespace page_flags {

namespace {

lm::config configuration(const request& asked) {
    if (!asked.layout.empty()) {
        const auto named = config_named(view(asked.layout));
        if (!named)
            throw user_error("'" + asked.layout + "' names no layout (" +
                             str(name_of(named.error())) +
                             "); write one like 6.1/64:node=10,zone=3,lastcpupid=21:MF");
        lm::config c = *named;
        if (!asked.kernel.empty()) c.kernel = version_named(asked.kernel);
        return c;
    }
    if (asked.config.empty()) fmt::print(stderr, "the layout is that of {}\n", own_config());
    return read_config(asked.config.empty() ? own_config() : asked.config, asked.kernel, asked.arch)
        .mm;
}

} // namespace

int decode_words(const request& asked) {
    const lm::config c = configuration(asked);
    const lm::page_layout layout = lm::page_layout_of(c);
    if (!layout.fits())
        throw user_error("that kernel refuses this configuration; `page_flags layout` says why");
    const zonal::word_format format = lm::format_of(c);
    const zonal::zone_list zones = lm::zones_of(c);

    const auto print = [&](std::uint64_t raw) {
        std::string line;
        zonal::print_word(format, raw, [&](zonal::text part) { line += str(part); });
        const zonal::zone_id zone{layout[lm::page_field::zone].get(raw)};
        if (!asked.layout.empty()) {
            // A layout's name says how wide a zone number is, but not which zones there are.
            std::string names;
            for (const auto& [name, sets] : zone_meanings(c, zone.value))
                names += (names.empty() ? "" : " or ") + name;
            fmt::print("{}  zone {} is {}\n", line, zone.value, names);
        } else if (zones.contains(zone)) {
            fmt::print("{}  zone {} is {}\n", line, zone.value, str(zones[zone].name));
        } else {
            fmt::print("{}  zone {} does not exist in this configuration\n", line, zone.value);
        }
    };
    const auto too_large = [&](const hex_word& w) {
        return w.too_long || (c.bits_per_long == 32 && w.raw >> 32 != 0);
    };

    if (!asked.words.empty()) {
        for (const std::string& argument : asked.words) {
            const std::string word = argument.starts_with("0x") ? argument : "0x" + argument;
            const hex_word w = word_at(word, 0);
            if (w.end != word.size())
                throw user_error("'" + argument + "' is not a hexadecimal number");
            if (too_large(w))
                throw user_error(
                    fmt::format("'{}' has more than {} bits", argument, c.bits_per_long));
            print(w.raw);
        }
        return 0;
    }

    std::string line;
    std::size_t found = 0;
    bool broken = false;
    for (std::size_t number = 1; std::getline(std::cin, line); ++number)
        for (std::size_t at = find_flags(line, 0); at != std::string::npos;
             at = find_flags(line, at)) {
            const hex_word w = word_at(line, at);
            if (w.end == std::string_view::npos || too_large(w)) {
                fmt::print(stderr, "page_flags: stdin:{}: no word of {} bits after 'flags:'\n",
                           number, c.bits_per_long);
                broken = true;
            } else {
                print(w.raw);
                ++found;
            }
        }
    if (found == 0 && !broken) throw user_error("stdin: no 'flags: 0x...' found");
    return broken ? 2 : 0;
}

} // namespace page_flags
