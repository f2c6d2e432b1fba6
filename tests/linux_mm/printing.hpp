// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the library prints, as strings, and the page words of public reports.

#include <fstream>
#include <string>
#include <vector>

#include "../../examples/page_flags/infer.hpp"

#include "csv.hpp"
#include "linux_mm/recorded.hpp"

namespace zonal_test {

/// What stands in the brackets when that configuration's kernel prints the word.
inline std::string decoded(const zonal::linux_mm::config& c, std::uint64_t raw) {
    std::string out;
    zonal::print_flags(zonal::linux_mm::format_of(c), raw,
                       [&](zonal::text part) { out.append(part.data, part.size); });
    return out;
}

inline std::string layout_name(const zonal::linux_mm::config& c) {
    std::string out;
    page_flags::print_layout_name(c, [&](zonal::text part) { out.append(part.data, part.size); });
    return out;
}

/// The configuration of a layout's name; throws if there is none.
inline zonal::linux_mm::config named(const std::string& name) {
    const auto c = page_flags::config_named(view(name));
    if (!c) throw std::invalid_argument("no layout is called '" + name + "'");
    return *c;
}

/// A line of a public bug report: a word, and what its kernel made of it.
struct public_report {
    std::uint64_t raw = 0;
    std::string decoded, kernel, arch;

    page_flags::report line() const { return {raw, view(decoded)}; }
};

inline std::vector<public_report> public_reports() {
    std::ifstream in(recorded + "/dump_page/public_reports.csv");
    std::vector<public_report> all;
    for (csv row(in); row.next();)
        all.push_back(
            {row.number("raw_flags", 16), row["decoded"], row["kernel_version"], row["arch"]});
    return all;
}

/// One answer of infer.
struct explanation {
    zonal::linux_mm::validity versions;
    zonal::linux_mm::config layout;
};

inline std::vector<explanation> explanations(const std::vector<page_flags::report>& lines) {
    std::vector<explanation> all;
    page_flags::infer(
        lines.data(), static_cast<unsigned>(lines.size()),
        [&](zonal::linux_mm::validity versions, const zonal::linux_mm::config& layout) {
            all.push_back({versions, layout});
            return true;
        });
    return all;
}

} // namespace zonal_test
