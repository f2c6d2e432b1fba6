// SPDX-License-Identifier: BSL-1.0

// page_flags infer: from words that are known raw and decoded to the layouts behind them, and to
// what a zone's number means.

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <set>

#include <fmt/format.h>

#include "commands.hpp"
#include "infer.hpp"
#include "input.hpp"
#include "zone_meanings.hpp"

namespace page_flags {

namespace {

/// The same places of the fields, in all the versions that allow them.
struct explanation {
    std::vector<lm::validity> versions;
    lm::config first;
};

std::string name_of_layout(const lm::config& c) {
    std::string name;
    print_layout_name(c, [&](zonal::text part) { name += str(part); });
    return name;
}

std::string ranges(const std::vector<lm::validity>& versions) {
    std::string out;
    for (std::size_t i = 0; i < versions.size(); ++i) {
        const lm::version from = versions[i].since;
        while (i + 1 < versions.size() && versions[i + 1].since == versions[i].until) ++i;
        const lm::version to = versions[i].until;
        out += fmt::format("{}{}.{}", out.empty() ? "" : ", ", from.major, from.minor);
        out += to == lm::never ? " and later" : fmt::format(" to before {}.{}", to.major, to.minor);
    }
    return out;
}

} // namespace

int infer_layouts() {
    const std::vector<reported> words = read_reports(std::cin);
    if (words.empty())
        throw user_error("stdin: no word with its decoded form found; lines look like "
                         "0x17ff...(slab|node=0|zone=2)");
    std::vector<report> lines;
    for (const reported& w : words) lines.push_back({w.raw, view(w.printed)});

    std::map<std::array<unsigned, 8>, explanation> found;
    infer(lines.data(), static_cast<unsigned>(lines.size()),
          [&](lm::validity versions, const lm::config& c) {
              const lm::page_layout l = lm::page_layout_of(c);
              std::array<unsigned, 8> places{c.bits_per_long,
                                             lm::pick(lm::prints_fields, c.kernel)};
              for (unsigned i = 0; i < 5; ++i) places[i + 2] = l.word.fields[i].width;
              const auto [at, isnew] = found.try_emplace(places, explanation{{}, c});
              at->second.versions.push_back(versions);
              return true;
          });
    if (found.empty()) {
        fmt::print("no layout that Linux can make explains {}\n",
                   words.size() == 1 ? "this word"
                                     : fmt::format("all {} words together", words.size()));
        return 1;
    }

    fmt::print("{} word{}, {} layout{} that explain{}:\n", words.size(),
               words.size() == 1 ? "" : "s", found.size(), found.size() == 1 ? "" : "s",
               found.size() == 1 ? "s" : "");
    std::set<std::uint64_t> numbers;
    for (const auto& [places, e] : found) {
        fmt::print("\n  {}\n    Linux {}\n", name_of_layout(e.first), ranges(e.versions));
        if (!lm::pick(lm::prints_fields, e.first.kernel)) {
            fmt::print("    these versions print no fields, so nothing tells where they are\n");
            continue;
        }
        numbers.clear();
        for (const reported& w : words)
            numbers.insert(lm::page_layout_of(e.first)[lm::page_field::zone].get(w.raw));
        for (const std::uint64_t number : numbers)
            for (const auto& [name, sets] : zone_meanings(e.first, number)) {
                fmt::print("    zone={} is {:<8} with", number, name);
                for (const std::string& zones : sets)
                    fmt::print("{} {}", &zones == &sets.front() ? "" : ";", zones);
                fmt::print("\n");
            }
    }
    return 0;
}

} // namespace page_flags
