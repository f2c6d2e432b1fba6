// SPDX-License-Identifier: BSL-1.0

#include "check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <zonal/linux_mm/span_rules.hpp>

namespace zone_map {

namespace {

using zonal::page_owner;

struct derived_zone {
    pfn_range span;
    page_count present;
    const char* unknown = nullptr; ///< why the span is not
};

/// The present pages are those that are online in the zone. Its span is from the first to the last
/// of them, and as far as it reached at boot where that end lies in a hole: what has a hole never
/// goes offline.
derived_zone derive(const machine& m, const ownership& found, page_owner who) {
    const auto is_whole = [&](pfn p) { // the block that p lies in
        const pfn_range block = m.geometry.align_out({p, page_count{1}}, zonal::unit::memory_block);
        return found.ram_pages.contains(block);
    };
    derived_zone zone;
    pfn_range pages;
    bool was_never_empty = false; // a part of it cannot go offline
    for (const auto& [range, owner] : found.pages) {
        if (owner != who) continue;
        zone.present += range.size();
        pages = pages.envelope(range);
        was_never_empty |= !is_whole(range.start()) || !is_whole(range.end() - page_count{1});
    }
    zone.span = pages;
    const zonal::zone_pages booted =
        found.boot ? found.boot->pages_of(who.node, who.zone) : zonal::zone_pages{};
    if (pages.empty()) {
        if (!booted.is_populated()) zone.span = booted.span; // nothing but a hole
    } else if (!booted.span.empty()) {
        const pfn first = booted.span.start(), last = booted.span.end() - page_count{1};
        if (!is_whole(first)) zone.span = zone.span.envelope({first, page_count{1}});
        if (!is_whole(last)) zone.span = zone.span.envelope({last, page_count{1}});
        if (zone.span != pages && !was_never_empty)
            zone.unknown = "spanned, start_pfn; if it once was empty, it forgot its hole";
    }
    const bool shrinks_late = lm::shrink_rules_for(m.kernel).value_or({}).rescans_for_leftovers;
    const bool some_offline =
        std::any_of(m.blocks.begin(), m.blocks.end(), [](auto& b) { return !b.is_online(); });
    if (!found.boot) zone.unknown = "spanned, start_pfn; its reach at boot is not in these files";
    if (shrinks_late && some_offline)
        zone.unknown = "spanned, start_pfn; before 5.5 they follow removals, which are history";
    return zone;
}

} // namespace

std::size_t comparison::differences() const {
    return static_cast<std::size_t>(std::count_if(numbers.begin(), numbers.end(),
                                                  [](auto& n) { return n.reported != n.derived; }));
}

comparison compare(const machine& m, const ownership& found) {
    if (m.has_masked_iomem)
        throw user_error(m.source.root + "proc/iomem: all addresses are masked, nothing to check "
                                         "with; try sudo, or --root with a captured tree");
    comparison c;
    std::vector<zone_row> rows = m.zone_rows;
    for (const auto& [range, who] : found.pages) // of zones that zoneinfo leaves out
        if (std::none_of(rows.begin(), rows.end(), [&, owner = who](const zone_row& z) {
                return z.node == owner.node && z.zone == owner.zone;
            }))
            rows.push_back({who.node, who.zone});
    for (const zone_row& z : rows) {
        const page_owner who{z.node, z.zone};
        const auto add = [&](const char* what, std::uint64_t reported, std::uint64_t derived) {
            c.numbers.push_back({who, what, reported, derived});
        };
        const auto leave_out = [&](const char* what) {
            c.not_compared.push_back(
                fmt::format("node {} {}: {}", z.node.value, m.name_of(z.zone), what));
        };
        if (std::find(found.unclear.begin(), found.unclear.end(), who) != found.unclear.end()) {
            leave_out("all; which pages are its own is not in these files");
            continue;
        }
        const derived_zone zone = derive(m, found, who);
        add("present", z.present.value(), zone.present.value());
        if (m.zones[z.zone].traits.device) {
            leave_out("spanned; it never shrinks, and what drivers once mapped is not in these "
                      "files");
        } else if (zone.unknown != nullptr) {
            leave_out(zone.unknown);
        } else {
            add("spanned", z.spanned.value(), zone.span.size().value());
            if (std::find(found.cuts.begin(), found.cuts.end(), z.start) != found.cuts.end())
                leave_out("start_pfn; the node begins inside a memory block, which only zoneinfo "
                          "tells");
            else if (z.knows_start() && !zone.present.is_zero())
                add("start_pfn", z.start.value(), zone.span.start().value());
        }
    }
    if (c.numbers.empty())
        throw user_error(m.source.root + "proc/zoneinfo: nothing in it follows from the files that "
                                         "are there; memory blocks would tell");
    c.not_compared.push_back("managed; what the kernel took for itself is not in these files");
    return c;
}

std::string report(const machine& m, const comparison& c) {
    std::string out;
    page_owner shown{node_id{~0ull}};
    for (const compared& n : c.numbers) {
        if (n.reported == n.derived) continue;
        if (out.empty())
            out = m.source.root + "proc/zoneinfo (-) and what follows from the other files (+)\n";
        if (n.zone != shown)
            out += fmt::format(" Node {}, zone {:>8}\n", n.zone.node.value, m.name_of(n.zone.zone));
        out += fmt::format("-        {:<9} {}\n+        {:<9} {}\n", n.what, n.reported, n.what,
                           n.derived);
        shown = n.zone;
    }
    const std::size_t differ = c.differences();
    out += fmt::format("check: {} numbers of {}proc/zoneinfo compared with what follows from the "
                       "other files, {}\n",
                       c.numbers.size(), m.source.root,
                       differ == 0 ? "all agree" : fmt::format("{} differ", differ));
    for (const std::string& what : c.not_compared) out += fmt::format("  not compared: {}\n", what);
    return out;
}

} // namespace zone_map
