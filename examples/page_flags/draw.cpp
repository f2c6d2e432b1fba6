// SPDX-License-Identifier: BSL-1.0

#include "draw.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

namespace page_flags {

namespace lm = zonal::linux_mm;

namespace {

struct cell {
    std::string name;
    unsigned high = 0; // both inclusive, as bits are counted aloud
    unsigned low = 0;
    const char* colour = "#e0e0e0";
    unsigned bits() const { return high - low + 1; }
};

const char* const colours[lm::page_fields] = {"#f4a261", "#2a9d8f", "#e76f51", "#8ab17d",
                                              "#b392ac", "#e9c46a", "#f0dfa8", "#577590"};

/// The word from its highest bit to bit 0, with the bits that nobody uses.
std::vector<cell> cells_of(const lm::page_layout& layout) {
    std::vector<cell> cells;
    for (unsigned i = 0; i < lm::page_fields; ++i) {
        const zonal::placed_field& f = layout.word.fields[i];
        if (f.is_present())
            cells.push_back(
                {f.asked.name.as<std::string>(), f.shift() + f.width - 1, f.shift(), colours[i]});
    }
    if (layout.word.unused() != 0) {
        const unsigned low = layout[lm::page_field::flags].width;
        cells.push_back({"free", low + layout.word.unused() - 1, low});
    }
    std::sort(cells.begin(), cells.end(),
              [](const cell& a, const cell& b) { return a.high > b.high; });
    return cells;
}

std::string repeated(const char* what, std::size_t times) {
    std::string s;
    while (times-- != 0) s += what;
    return s;
}

/// Black on the nearest of a terminal's 256 colours to "#rrggbb".
std::string painted(const std::string& text, const char* css) {
    const unsigned long rgb = std::strtoul(css + 1, nullptr, 16);
    const auto level = [&](unsigned shift) { return ((rgb >> shift & 0xff) * 5 + 127) / 255; };
    const unsigned long nearest = 16 + 36 * level(16) + 6 * level(8) + level(0);
    return fmt::format("\x1b[48;5;{}m\x1b[30m{}\x1b[0m", nearest, text);
}

} // namespace

std::string draw(const lm::page_layout& layout, unsigned columns, bool colour) {
    std::string out, bits, top, names, widths, bottom;
    std::size_t used = 0;
    const auto end_row = [&] {
        out += fmt::format("{}\n{}┐\n{}│\n{}│\n{}┘\n", bits, top, names, widths, bottom);
        for (std::string* line : {&bits, &top, &names, &widths, &bottom}) line->clear();
        used = 0;
    };
    for (const cell& c : cells_of(layout)) {
        const std::string low = c.bits() == 1 ? "" : std::to_string(c.low);
        const std::string high = std::to_string(c.high);
        const std::size_t inner = std::max(c.name.size(), high.size() + low.size() + 1) + 2;
        if (used != 0 && used + inner + 2 > columns) end_row();
        const auto inside = [&](const std::string& text) {
            return "│" + (colour ? painted(text, c.colour) : text);
        };
        bits += fmt::format(" {}{:>{}}", high, low, inner - high.size());
        top += (used == 0 ? "┌" : "┬") + repeated("─", inner);
        names += inside(fmt::format("{:^{}}", c.name, inner));
        widths += inside(fmt::format("{:^{}}", c.bits(), inner));
        bottom += (used == 0 ? "└" : "┴") + repeated("─", inner);
        used += inner + 1;
    }
    end_row();
    return out;
}

std::string draw_svg(const lm::page_layout& layout, const std::string& title) {
    constexpr unsigned bit_px = 15, left = 10, top = 60, height = 46;
    const std::vector<cell> cells = cells_of(layout);
    const unsigned width = layout.word.word_bits * bit_px + 2 * left;
    const unsigned legend = top + height + 40;
    std::string svg =
        fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" "
                    "font-family=\"sans-serif\">\n"
                    "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n"
                    "<text x=\"{2}\" y=\"26\" font-size=\"17\" fill=\"#222\">{3}</text>\n",
                    width, legend + 24 * ((cells.size() + 3) / 4) + 4, left, title);
    std::size_t place = 0;
    for (const cell& c : cells) {
        const unsigned x = left + (layout.word.word_bits - 1 - c.high) * bit_px;
        const unsigned w = c.bits() * bit_px;
        svg += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"#333\"/>\n", x,
            top, w, height, c.colour);
        svg += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"11\" fill=\"#555\">{}</text>\n",
                           x + 1, top - 5, c.high);
        // A name that does not fit its box is in the legend only.
        if (c.name.size() * 8 < w)
            svg += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"14\" text-anchor=\"middle\" "
                               "fill=\"#111\">{}</text>\n",
                               x + w / 2, top + height / 2 + 5, c.name);
        const unsigned lx = left + static_cast<unsigned>(place % 4) * (width / 4);
        const unsigned ly = legend + static_cast<unsigned>(place / 4) * 24;
        svg += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"14\" fill=\"{}\" stroke=\"#333\"/>\n"
            "<text x=\"{}\" y=\"{}\" font-size=\"13\" fill=\"#222\">{}: {} bit{} from {}</text>\n",
            lx, ly - 12, c.colour, lx + 20, ly, c.name, c.bits(), c.bits() == 1 ? "" : "s", c.low);
        ++place;
    }
    return svg + "</svg>\n";
}

} // namespace page_flags
