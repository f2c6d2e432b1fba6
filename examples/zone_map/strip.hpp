// SPDX-License-Identifier: BSL-1.0
#pragma once

// The address space as one strip of columns with a lane each for nodes, zones, blocks and owners:
// what a terminal and an SVG file draw alike.

#include <string>
#include <vector>

#include "owners.hpp"

namespace zone_map {

/// How something looks: as SVG, on a terminal with 256 colours, and without colour.
struct look {
    const char* css;
    unsigned ansi;
    const char* fill;
};

/// Columns [from, to) of a lane.
struct run {
    unsigned from = 0, to = 0;
    std::string label;
    look shown;
};

struct lane {
    std::string name;
    std::string meaning;
    std::vector<run> runs;
};

struct tick {
    unsigned column = 0;
    std::string address;
};

struct strip {
    unsigned columns = 0;
    std::vector<tick> ticks; ///< ascending
    std::vector<lane> lanes;
    std::string scale; ///< what is not to scale, in a sentence
};

strip lay_out(const machine& m, const ownership& found, unsigned columns);

/// The terminal's picture, with the zones below it a line each; and the same as SVG.
std::string draw(const machine& m, const ownership& found, unsigned columns, bool colour);
std::string draw_svg(const machine& m, const ownership& found);

/// What both write: above the strip, and below it.
std::string title_of(const machine& m, const ownership& found);
std::vector<std::string> zone_table(const machine& m);

/// "16M", "2.5G"
std::string size_text(std::uint64_t bytes, int decimals = 1);

} // namespace zone_map
