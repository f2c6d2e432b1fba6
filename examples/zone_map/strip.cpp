// SPDX-License-Identifier: BSL-1.0

#include "strip.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/resource/search.hpp>

namespace zone_map {

namespace {

enum lane_index : unsigned { node_lane, zone_lane, block_lane, owner_lane, lanes };

/// Neighbouring pages that look alike in every lane.
struct piece {
    pfn_range pages;
    bool is_memory = false; ///< else a hole or devices, and not to scale
    std::string label[lanes];
    std::uint64_t labelled = 0; ///< how many pages have that owner
    unsigned columns = 1;

    std::uint64_t size() const { return pages.size().value(); }
    bool looks_like(const piece& other) const {
        return is_memory == other.is_memory &&
               (!is_memory || std::equal(label, label + lanes, other.label));
    }
    bool is_of_zone(const piece& other) const {
        return !label[zone_lane].empty() && label[zone_lane] == other.label[zone_lane] &&
               label[node_lane] == other.label[node_lane];
    }
    void take(const piece& other) {
        pages = pages.envelope(other.pages);
        if (other.label[owner_lane].empty() || other.labelled <= labelled) return;
        label[owner_lane] = other.label[owner_lane];
        labelled = other.labelled;
    }
};

bool begins(const std::string& name, std::initializer_list<const char*> with) {
    return std::any_of(with.begin(), with.end(),
                       [&](const char* prefix) { return name.starts_with(prefix); });
}

/// What lies in it does not matter here.
bool is_opaque(const zonal::region& r) {
    return lm::system_ram.matches(r) || begins(str(r.name), {"PCI", "Reserved"});
}
bool is_drivers_range(const std::string& owner) { return begins(owner, {"namespace", "dax"}); }

/// The deepest entry that says something; in short words, because they stand in narrow columns.
std::string owner_at(const machine& m, pfn page) {
    const auto deepest = zonal::find(m.iomem, m.geometry.address_of(page).value());
    if (!deepest) return "";
    zonal::region_id owner = *deepest;
    for (auto up = owner; up != m.iomem.root(); up = m.iomem.parent(up))
        if (is_opaque(m.iomem[up])) owner = up;
    std::string name = str(m.iomem[owner].name);
    if (name.starts_with("PCI")) return "PCI";
    if (name.starts_with("System RAM")) return name.substr(7);
    if (name.starts_with("Persistent Memory")) return name.replace(0, 17, "pmem");
    return name == "Reserved" ? "reserved" : name;
}

/// Where any lane may change.
std::set<pfn> boundaries(const machine& m, const ownership& found) {
    std::set<pfn> cuts{pfn{}, pfn{1}};
    const auto add = [&](pfn_range r) { cuts.insert({r.start(), r.end()}); };
    for (const auto& [range, owner] : found.pages) add(range);
    for (const pfn_range r : found.ram_pages) add(r);
    for (const memory_block& b : m.blocks) add(b.pages);
    for (auto e = m.iomem.after(m.iomem.root()); e;
         e = m.iomem.after(e, m.iomem.root(), !is_opaque(m.iomem[e])))
        if (const auto pages = whole_pages_in(m.iomem[e].range, m.geometry)) add(*pages);
    return cuts;
}

void join_alike(std::vector<piece>& pieces) {
    std::vector<piece> joined;
    for (piece& p : pieces)
        if (!joined.empty() && joined.back().looks_like(p))
            joined.back().take(p);
        else
            joined.push_back(std::move(p));
    pieces = std::move(joined);
}

std::vector<piece> pieces_of(const machine& m, const ownership& found) {
    page_count device_span;
    for (const zone_row& z : m.zone_rows)
        if (m.zones[z.zone].traits.device) device_span = std::max(device_span, z.spanned);
    bool has_dax = false;
    for (auto e = m.iomem.after(m.iomem.root()); e; e = m.iomem.after(e))
        has_dax |= begins(str(m.iomem[e].name), {"dax"});
    std::vector<piece> pieces;
    const std::set<pfn> cuts = boundaries(m, found);
    auto block = m.blocks.begin();
    for (auto cut = cuts.begin(); std::next(cut) != cuts.end(); ++cut) {
        piece p;
        p.pages = {*cut, *std::next(cut)};
        while (block != m.blocks.end() && block->pages.end() <= *cut) ++block;
        const bool in_block = block != m.blocks.end() && block->pages.contains(*cut);
        const std::string& owner = p.label[owner_lane] = owner_at(m, *cut);
        p.labelled = owner.empty() ? 0 : p.size();
        p.is_memory = in_block || found.ram_pages.contains(*cut) || is_drivers_range(owner) ||
                      begins(owner, {"pmem", "Soft Reserved"});
        if (in_block) p.label[block_lane] = block->state;
        if (const auto in_use = found.pages.find(*cut)) {
            p.label[node_lane] = std::to_string(in_use->value.node.value);
            p.label[zone_lane] = m.name_of(in_use->value.zone);
        } else if (begins(owner, {has_dax ? "dax" : "namespace"}) &&
                   p.pages.size() <= device_span) {
            // A namespace can be a disk without page words; beside others, it may well be.
            p.label[zone_lane] = "Device?";
        }
        pieces.push_back(std::move(p));
    }
    join_alike(pieces);
    return pieces;
}

/// Draws small pieces as part of a neighbour, until there are no more than `at_most` and none is
/// smaller than `tiny` pages; but the largest of each zone stays while there is any room.
void simplify(std::vector<piece>& pieces, std::uint64_t tiny, std::size_t at_most) {
    const auto is_largest = [&](const piece& p) {
        return !p.label[zone_lane].empty() &&
               std::none_of(pieces.begin(), pieces.end(), [&](const piece& other) {
                   return p.is_of_zone(other) && p.size() < other.size();
               });
    };
    while (pieces.size() > 1) {
        const bool no_room = pieces.size() > 2 * at_most;
        auto least = pieces.end();
        for (auto p = pieces.begin(); p != pieces.end(); ++p)
            if ((least == pieces.end() || p->size() < least->size()) &&
                (no_room || !is_largest(*p)))
                least = p;
        if (least == pieces.end() || (pieces.size() <= at_most && least->size() >= tiny)) return;
        const auto fits = [&](const piece& p) {
            return std::tuple{p.is_of_zone(*least), p.is_memory, p.size()};
        };
        const bool goes_up = least == pieces.begin() ||
                             (std::next(least) != pieces.end() && fits(least[-1]) < fits(least[1]));
        piece& into = goes_up ? least[1] : least[-1];
        into.pages = into.pages.envelope(least->pages);
        pieces.erase(least);
        join_alike(pieces);
    }
}

/// Calls use(label, first, end) for the pieces [first, end) that are one run in a lane.
template <class F>
void each_run(std::vector<piece>& pieces, unsigned lane, F use) {
    for (auto first = pieces.begin(); first != pieces.end();) {
        const auto end = std::find_if(first, pieces.end(), [&](const piece& p) {
            return p.label[lane] != first->label[lane];
        });
        if (!first->label[lane].empty()) use(first->label[lane], first, end);
        first = end;
    }
}

/// Room for every label as far as there is any, and the rest to scale.
void share_columns(std::vector<piece>& pieces, unsigned columns) {
    const auto used = [](auto first, auto end) {
        return std::accumulate(first, end, 0u, [](unsigned n, auto& p) { return n + p.columns; });
    };
    for (piece& p : pieces)
        if (!p.is_memory) p.columns = 2;
    const auto by_need = [](const piece& a, const piece& b) {
        return double(a.size()) * b.columns * a.is_memory <
               double(b.size()) * a.columns * b.is_memory;
    };
    for (const unsigned lane : {zone_lane, node_lane, block_lane, owner_lane})
        each_run(pieces, lane, [&](const std::string& label, auto first, auto end) {
            while (used(first, end) < label.size() + 2 &&
                   used(pieces.begin(), pieces.end()) < columns)
                ++std::max_element(first, end, by_need)->columns;
        });
    while (used(pieces.begin(), pieces.end()) < columns)
        ++std::max_element(pieces.begin(), pieces.end(), by_need)->columns;
}

look look_of(const std::string& label) {
    struct row {
        const char* begins;
        look shown;
    };
    static const row rows[] = {
        {"DMA32", {"#f4a261", 215, "─"}},     {"DMA", {"#e76f51", 209, "─"}},
        {"Normal", {"#8ab17d", 108, "─"}},    {"HighMem", {"#e9c46a", 179, "─"}},
        {"Movable", {"#4fb3a5", 73, "─"}},    {"Device", {"#c39bd3", 176, "╌"}},
        {"online", {"#cfd8dc", 252, "▒"}},    {"offline", {"#f5f5f5", 244, "·"}},
        {"RAM", {"#9fc5e8", 117, "█"}},       {"pmem", {"#e8d5ee", 225, "░"}},
        {"namespace", {"#d9b8e3", 182, "▓"}}, {"dax", {"#d9b8e3", 182, "▓"}},
    };
    for (const row& r : rows)
        if (label.starts_with(r.begins)) return r.shown;
    return {"#e9e4d4", 187, " "};
}

} // namespace

strip lay_out(const machine& m, const ownership& found, unsigned columns) {
    std::vector<piece> pieces = pieces_of(m, found);
    std::uint64_t memory = 0;
    for (const piece& p : pieces) memory += p.is_memory ? p.size() : 0;
    simplify(pieces, memory / 256, columns / 6);

    const auto size = [&](std::uint64_t pages, int decimals) {
        return size_text(pages << m.geometry.page_bytes_log2, decimals);
    };
    strip s;
    for (piece& p : pieces) {
        std::string& owner = p.label[owner_lane];
        if (p.is_memory) continue;
        owner = owner.empty() ? "hole" : owner;
        s.scale += fmt::format("{}{} {}", s.scale.empty() ? "" : ", ", owner, size(p.size(), 1));
        owner += " ...";
    }
    s.scale =
        fmt::format("Small ranges are widened, below {} drawn with their neighbours; '...' is "
                    "shortened{}{}.",
                    size(memory / 256, 0), s.scale.empty() ? "" : ": ", s.scale);
    share_columns(pieces, columns);

    const auto mark = [&](pfn at) { // unless there is no room
        const tick t{s.columns, size(at.value(), 3)};
        if (s.ticks.empty() || s.ticks.back().column + s.ticks.back().address.size() < t.column)
            s.ticks.push_back(t);
    };
    for (const piece& p : pieces) {
        mark(p.pages.start());
        s.columns += p.columns;
    }
    mark(pieces.back().pages.end());

    s.lanes = {
        {"node", "memory near the same processors", {}},
        {"zone", "of the pages that are online; Device? is a guess for a driver's range", {}},
        {"block",
         fmt::format("{} each, what goes online and offline as a whole",
                     size(m.geometry.pages_of(zonal::unit::memory_block).value(), 1)),
         {}},
        {"owner",
         m.has_masked_iomem ? "a guess, because /proc/iomem shows no addresses"
                            : "by /proc/iomem; RAM is System RAM, pmem is Persistent Memory",
         {}}};
    for (unsigned lane = 0; lane < lanes; ++lane)
        each_run(pieces, lane, [&](const std::string& label, auto first, auto end) {
            run r{0, 0, label, look_of(label)};
            for (auto p = pieces.begin(); p != end; ++p) (p < first ? r.from : r.to) += p->columns;
            r.to += r.from;
            s.lanes[lane].runs.push_back(r);
        });
    if (m.zone_rows.front().node == m.zone_rows.back().node) s.lanes.erase(s.lanes.begin());
    std::erase_if(s.lanes, [](const lane& l) { return l.runs.empty(); });
    return s;
}

std::string size_text(std::uint64_t bytes, int decimals) {
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024; ++unit) value /= 1024;
    if (decimals == 1 && value >= 100) decimals = 0;
    std::string text = fmt::format("{:.{}f}", value, decimals);
    if (decimals != 0) text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return unit == 0 ? text : text + " KMGTPE"[unit];
}

std::string title_of(const machine& m, const ownership& found) {
    const auto size = [&](std::uint64_t pages) {
        return size_text(pages << m.geometry.page_bytes_log2);
    };
    std::uint64_t online = 0;
    for (const zone_row& z : m.zone_rows) online += z.present.value();
    const std::uint64_t rest = (found.ram_pages.pages() - found.pages.pages()).value();
    return fmt::format("Linux {}: {} of RAM online{}", m.kernel_name, size(online),
                       rest < 1024 ? "" : ", " + size(rest) + " not");
}

std::vector<std::string> zone_table(const machine& m) {
    const auto pages = [&](page_count n) {
        return fmt::format("{:>9}{:>7}", n.value(),
                           size_text(n.value() << m.geometry.page_bytes_log2));
    };
    std::vector<std::string> lines{fmt::format("{:<3} {:<7} {:<20}{:>16}{:>16}{:>16}", "nid",
                                               "zone", "pfns", "spanned", "present", "managed")};
    for (const zone_row& z : m.zone_rows)
        if (!z.spanned.is_zero())
            lines.push_back(fmt::format(
                "{:>3} {:<7} {:<20}{}{}{}", z.node.value, m.name_of(z.zone),
                z.knows_start()
                    ? fmt::format("[{:#x}, {:#x})", z.start.value(), z.span().end().value())
                    : "not in zoneinfo",
                pages(z.spanned), pages(z.present), pages(z.managed)));
    return lines;
}

} // namespace zone_map
