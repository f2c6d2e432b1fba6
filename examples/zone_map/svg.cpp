// SPDX-License-Identifier: BSL-1.0

#include <fmt/format.h>

#include "strip.hpp"

namespace zone_map {

namespace {

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text)
        out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    return out;
}

} // namespace

std::string draw_svg(const machine& m, const ownership& found) {
    constexpr unsigned column_px = 9, lane_px = 40, left = 70, top = 86, line_px = 19;
    const strip s = lay_out(m, found, 110);
    std::string body;
    const auto text = [&](unsigned x, unsigned y, const char* style, const std::string& what) {
        body += fmt::format("<text x=\"{}\" y=\"{}\" {}>{}</text>\n", x, y, style, escaped(what));
    };
    constexpr const char* small = "font-size=\"12\" fill=\"#666\"";

    text(12, 32, "font-size=\"18\"", title_of(m, found));
    for (const tick& t : s.ticks) {
        const unsigned x = left + t.column * column_px;
        text(x, top - 12, small, t.address);
        body += fmt::format("<path d=\"M{} {}V{}\" stroke=\"#bbb\"/>\n", x, top - 8,
                            top + s.lanes.size() * lane_px - 6);
    }
    unsigned y = top;
    for (const lane& l : s.lanes) {
        text(12, y + 22, "", l.name);
        for (const run& r : l.runs) {
            const unsigned x = left + r.from * column_px, width = (r.to - r.from) * column_px;
            body += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"34\" rx=\"3\" "
                                "fill=\"{}\" stroke=\"#555\"><title>{}</title></rect>\n",
                                x, y, width, r.shown.css, escaped(r.label));
            if (r.label.size() * 8 < width + 4) // else it is in the title only
                text(x + width / 2, y + 22, "text-anchor=\"middle\" font-size=\"13\"", r.label);
        }
        y += lane_px;
    }
    for (const lane& l : s.lanes) text(left, y += line_px, small, l.name + ": " + l.meaning);
    text(left, y += line_px, small, s.scale);
    y += line_px;
    for (const std::string& row : zone_table(m))
        text(12, y += line_px, "font-family=\"monospace\" font-size=\"13\" xml:space=\"preserve\"",
             row);
    return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" "
                       "font-family=\"sans-serif\" font-size=\"14\" fill=\"#222\">\n"
                       "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n{2}</svg>\n",
                       left + s.columns * column_px + 60, y + line_px, body);
}

} // namespace zone_map
