// SPDX-License-Identifier: BSL-1.0

#include "strip.hpp"

#include <fmt/format.h>

namespace zone_map {

namespace {

constexpr unsigned margin = 8; ///< for the names of lanes

/// A run as wide as its columns; characters of several bytes count as one.
std::string text_of(const run& r, bool colour) {
    const unsigned inner = r.to - r.from - 1;
    const std::string label = r.label.substr(0, inner);
    std::string text = "│" + label;
    for (auto column = static_cast<unsigned>(label.size()); column < inner; ++column)
        text += colour || column == label.size() ? " " : r.shown.fill;
    return colour ? fmt::format("\x1b[48;5;{}m\x1b[30m{}\x1b[0m", r.shown.ansi, text) : text;
}

} // namespace

std::string draw(const machine& m, const ownership& found, unsigned columns, bool colour) {
    const strip s = lay_out(m, found, columns - margin - 8); // the last address sticks out
    std::string out = title_of(m, found) + "\n\n";
    std::string line(margin, ' ');
    for (const tick& t : s.ticks) {
        line.resize(margin + t.column, ' ');
        line += t.address;
    }
    out += line + "\n";
    for (const lane& l : s.lanes) {
        out += fmt::format("{:<{}}", l.name, margin);
        unsigned column = 0;
        for (const run& r : l.runs) {
            out += std::string(r.from - column, ' ') + text_of(r, colour);
            column = r.to;
        }
        out += "\n";
    }
    out += "\n";
    for (const lane& l : s.lanes) out += fmt::format("{:<{}}{}\n", l.name, margin, l.meaning);
    out += s.scale + "\n\n";
    for (const std::string& row : zone_table(m)) out += row + "\n";
    return out;
}

} // namespace zone_map
