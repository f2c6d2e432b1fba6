// SPDX-License-Identifier: BSL-1.0
#pragma once

// The map in lines of text, as the program zone_map draws it: lanes of nodes, zones and owners, and
// a table of what each zone has.

#include "map.hpp"

#include <zonal/resource/search.hpp>

namespace kernel {

/// What lies between two addresses and looks alike in every lane; a hole has no zone.
struct piece {
    pfn_range pages{};
    text node{}, zone{}, owner = "...";
    text blank = " ", zone_fill = " ", owner_fill = " ";
    std::uint64_t columns = 0;
};
using pieces = bounded_list<piece, 24>;

inline pieces pieces_of_map() {
    constexpr page_count tiny{0x400}; // holes of a few MiB are drawn with what is below
    pieces found;
    map.for_each([&](const plugged_range& r) {
        const auto entry = find(map.resources(), phys_addr{r.range.start().value() << 12});
        piece p{r.range, text("01234567").sub(r.node.value, 1)};
        p.zone = r.online ? zones::name_of(r.zone) : text("offline");
        p.owner = entry ? map.resources()[*entry].name : text("nobody");
        if (p.owner.starts_with("System ")) p.owner = p.owner.sub(7);
        p.zone_fill = p.zone == device::name ? "╌" : "─";
        p.owner_fill = p.zone == device::name ? "▓" : "█";

        piece* const last = found.size == 0 ? nullptr : found.end() - 1;
        const page_count gap = last == nullptr ? page_count{} : r.range.start() - last->pages.end();
        if (last != nullptr && gap <= tiny && last->node == p.node && last->zone == p.zone &&
            last->owner == p.owner) {
            last->pages = last->pages.envelope(r.range);
            return;
        }
        if (gap > tiny) must(found.add({{last->pages.end(), r.range.start()}}));
        must(found.add(p));
    });
    return found;
}

/// Room for every label, and the rest to scale.
inline void share_columns(pieces& all, std::uint64_t columns) {
    std::uint64_t memory = 0;
    for (piece& p : all) {
        const std::size_t tick = text(mebibytes(p.pages.start() - pfn{})).size;
        for (const std::size_t label : {tick, p.zone.size, p.owner.size})
            if (p.columns < label + 2) p.columns = label + 2;
        columns -= columns < p.columns ? columns : p.columns;
        if (!p.zone.empty()) memory += p.pages.size().value();
    }
    for (piece& p : all)
        if (!p.zone.empty()) p.columns += columns * p.pages.size().value() / memory;
}

inline void say_filled(text label, text fill, std::uint64_t columns) {
    say(label);
    for (auto at = label.size; at < columns; ++at) say(at == label.size ? text(" ") : fill);
}
inline void say_lane(text name, const pieces& all, text piece::* label, text piece::* fill) {
    say("\n");
    say_filled(name, " ", 8);
    for (const piece& p : all) say("│"), say_filled(p.*label, p.*fill, p.columns - 1);
}

inline void draw_map(text when) {
    say("\n", when, "\n\n        ");
    pieces all = pieces_of_map();
    share_columns(all, 80);
    for (const piece& p : all) say_filled(mebibytes(p.pages.start() - pfn{}), " ", p.columns);
    say(mebibytes((all.end() - 1)->pages.end() - pfn{}));
    say_lane("node", all, &piece::node, &piece::blank);
    say_lane("zone", all, &piece::zone, &piece::zone_fill);
    say_lane("owner", all, &piece::owner, &piece::owner_fill);

    say("\n\nnid zone    pfns                    spanned  present  managed\n");
    for (node_id n{}; n.value < max_nodes; ++n.value)
        for (zone_id z{}; z.value < zones::size; ++z.value) {
            const zone_pages p = map.memory().pages_of(n, z);
            if (p.span.empty()) continue;
            say(digits(n.value, 3), " ");
            say_filled(zones::name_of(z), " ", 8);
            const digits start = hex(p.span.start().value()), end = hex(p.span.end().value());
            const auto width = 28 - static_cast<unsigned>(text(start).size + text(end).size);
            say("[", start, ", ", end, ")", digits(p.span.size().value(), width));
            say(digits(p.present.value(), 9), digits(allocator().managed({n, z}).value(), 9), "\n");
        }
    say("\n");
}

} // namespace kernel
