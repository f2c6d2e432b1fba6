// SPDX-License-Identifier: BSL-1.0

#include "owners.hpp"

#include "command_line.hpp"

#include <algorithm>
#include <map>
#include <new>

#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/resource/search.hpp>

namespace zone_map {

namespace {

using zonal::address_range;
using zonal::page_owner;
using firmware_map = zonal::firmware_map<512>;
using node_map = zonal::node_map<256>;

void must(zonal::result<zonal::done> r) {
    if (!r) throw std::bad_alloc{};
}

/// System RAM at any depth of iomem. Entries that meet inside a page do not cost it.
std::vector<address_range> ram_of(const machine& m) {
    std::vector<address_range> ram;
    zonal::for_each_match(m.iomem, {}, lm::system_ram, [&](address_range r, zonal::region_id) {
        if (!ram.empty() && ram.back().is_followed_by(r))
            ram.back() = ram.back().envelope(r);
        else
            ram.push_back(r);
        return true;
    });
    return ram;
}

/// The part of the RAM that firmware listed at boot: its entries are in order, and those of memory
/// that was added follow or, if it was there early, precede them. Empty if there is no list.
firmware_map ram_at_boot(const machine& m, const std::vector<address_range>& ram) {
    firmware_map listed, boot;
    auto e =
        std::min_element(m.firmware.begin(), m.firmware.end(), [](const auto& a, const auto& b) {
            return a.bytes.start < b.bytes.start;
        });
    for (zonal::phys_addr last{}; e != m.firmware.end() && last <= e->bytes.start; ++e) {
        last = e->bytes.start;
        if (!listed.add(*e)) return {};
    }
    if (!edit_firmware_map(listed, view(m.command_line))) return {};
    for (auto run = listed.run_from({}); run; run = listed.run_from(run->bytes.end))
        for (const address_range& r : ram)
            if (run->kind == zonal::firmware_kind::usable && !r.reaches_top())
                if (!boot.add({run->bytes.intersection({r.start(), r.end()})})) return {};
    return boot;
}

/// Which node owns which addresses, by the links of the blocks. Where a node begins inside a block,
/// no link tells; zoneinfo does.
std::optional<node_map> nodes_of(const machine& m, ownership& found) {
    std::map<node_id, pfn> begins;
    for (const zone_row& z : m.zone_rows)
        if (z.knows_start() && begins.try_emplace(z.node, z.start).first->second > z.start)
            begins[z.node] = z.start;
    node_map nodes;
    bool has_room = true;
    const auto add = [&](pfn_range pages, node_id node) {
        const address_range r = bytes_of(pages, m.geometry).value();
        zonal::node_range* const below = nodes.size == 0 ? nullptr : nodes.end() - 1;
        if (below != nullptr && below->node == node && below->bytes.end == r.start())
            below->bytes.end = r.end();
        else
            has_room &= nodes.add({{r.start(), r.end()}, node}).has_value();
    };
    for (const memory_block& b : m.blocks) {
        pfn_range rest = b.pages;
        node_id owner = b.nodes.back();
        for (const auto& [node, start] : begins) {
            const node_id below = nodes.size == 0 ? b.nodes.front() : nodes.end()[-1].node;
            if (b.zones != "none" || node == below || !rest.contains(start) ||
                found.ram_pages.pages_in({rest.start(), start}).is_zero())
                continue;
            add({rest.start(), start}, below);
            rest = {start, rest.end()};
            owner = node;
            found.cuts.push_back(start);
        }
        add(rest, owner);
    }
    if (!has_room) return {};
    return nodes;
}

boot_wishes wishes_of(const machine& m) { return parse_command_line(view(m.command_line)); }

std::optional<boot_memory> boot_of(const machine& m, ownership& found) {
    const firmware_map usable = ram_at_boot(m, found.ram);
    const auto nodes = nodes_of(m, found);
    // Without blocks, nothing tells which of several nodes has which memory.
    const bool is_of_many = m.zone_rows.front().node != m.zone_rows.back().node;
    if (usable.end_of_usable() == zonal::phys_addr{} || !nodes || (m.blocks.empty() && is_of_many))
        return {};
    const auto ranges = boot_memory::ranges_type::make(m.geometry, usable, *nodes);
    if (!ranges) return {};
    auto boot = boot_memory::make(*ranges, m.zones);
    if (!boot) return {};
    lm::place_movable(*boot, wishes_of(m), m.kernel);
    return *boot;
}

} // namespace

ownership owners_of(const machine& m) {
    ownership found;
    found.ram = ram_of(m);
    for (const address_range& r : found.ram)
        must(found.ram_pages.insert(whole_pages_in(r, m.geometry).value_or({})));
    found.boot = boot_of(m, found);

    // A page has one owner: the first to say so.
    const auto give = [&](pfn_range part, page_owner who) {
        for (const pfn_range r : found.ram_pages.overlapping(part))
            must(found.pages.insert(r.intersection(part), who, zonal::overlap::keep));
    };
    const auto give_as_booted = [&](pfn_range part) {
        for (const zonal::boot_node& n : found.boot->nodes())
            for (zone_id z{}; z.value < m.zones.size; ++z.value)
                for (const zonal::boot_range& r : found.boot->ranges())
                    if (r.node == n.node)
                        give(found.boot->pages_of(n.node, z).span.intersection(part).intersection(
                                 r.pages),
                             {n.node, z});
    };
    const auto give_as_reported = [&](pfn_range part) {
        for (const zone_row& z : m.zone_rows) {
            if (!z.span().overlaps(part)) continue;
            give(z.span().intersection(part), {z.node, z.zone});
            found.unclear.push_back({z.node, z.zone});
        }
    };
    // Which memory is mirrored, or can leave, is not in these files.
    const bool marks_movable = wishes_of(m).movable_node || wishes_of(m).kernelcore_mirror;
    const auto is_partly_movable = [&](const memory_block& b) {
        return std::any_of(m.zone_rows.begin(), m.zone_rows.end(), [&](const zone_row& z) {
            return m.zones[z.zone].traits.movable && z.span().overlaps(b.pages);
        });
    };
    for (const memory_block& b : m.blocks) {
        if (!b.is_online()) continue;
        if (const auto zone = m.zones.find(view(b.zones)); zone)
            give(b.pages, {b.nodes.back(), *zone});
        else if (found.boot && !(marks_movable && is_partly_movable(b)))
            give_as_booted(b.pages);
        else
            give_as_reported(b.pages);
    }
    const pfn_range everywhere{pfn{}, pfn{pfn::limit}};
    if (m.blocks.empty()) found.boot ? give_as_booted(everywhere) : give_as_reported(everywhere);
    return found;
}

} // namespace zone_map
