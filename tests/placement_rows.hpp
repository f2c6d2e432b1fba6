// SPDX-License-Identifier: BSL-1.0
#pragma once

// The cells of the recorded placement tables, and a memory made from them that the library can look
// at.
//
//   zones     node/Zone=start+spanned[:pPRESENT:eEARLY:cCMA];   pfns in hexadecimal, counts in
//   decimal nodes     node=start+spanned; sections  index:node/Zone; index in hexadecimal groups
//   index:nidNODE:static PAGES|dynamic PAGES:kKERNEL:mMOVABLE;   (no blank before PAGES)

#include <charconv>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <zonal/linux_mm/auto_movable.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone/span.hpp>

#include "probing.hpp"

namespace zonal_test {

/// Reads a cell from the left; what does not fit is an error that quotes the cell.
class cell_reader {
public:
    explicit cell_reader(std::string_view cell) : cell_(cell), rest_(cell) {}

    bool done() const { return rest_.empty(); }
    bool accept(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    void skip(std::string_view expected) {
        if (!accept(expected)) refuse("'" + std::string(expected) + "' expected");
    }
    std::uint64_t number(int base, std::uint64_t limit = zonal::pfn::limit) {
        std::uint64_t value = 0;
        const char* const first = rest_.data();
        const auto [end, error] = std::from_chars(first, first + rest_.size(), value, base);
        if (error != std::errc{} || value > limit) refuse("number expected");
        rest_.remove_prefix(static_cast<std::size_t>(end - first));
        return value;
    }
    zonal::page_count pages(int base) { return zonal::page_count{number(base)}; }
    zonal::node_id node() { return {number(10, 1023)}; }
    zonal::zone_id zone() {
        const std::string_view name = rest_.substr(0, rest_.find_first_of("=;"));
        rest_.remove_prefix(name.size());
        const auto id = zonal::linux_mm::all_zones::list.find({name.data(), name.size()});
        if (!id) refuse("'" + std::string(name) + "' is not a zone");
        return *id;
    }
    zonal::pfn_range span() {
        const zonal::pfn start{number(16)};
        skip("+");
        const auto span = zonal::pfn_range::make(start, pages(16));
        if (!span) refuse("the span ends beyond the last pfn");
        return *span;
    }
    [[noreturn]] void refuse(const std::string& why) const {
        throw std::invalid_argument("'" + std::string(cell_) + "', at '" +
                                    std::string(rest_.substr(0, 20)) + "': " + why);
    }

private:
    std::string_view cell_, rest_;
};

/// The zone that a cell names.
inline zonal::zone_id zone_named(std::string_view name) {
    cell_reader cell(name);
    const zonal::zone_id id = cell.zone();
    if (!cell.done()) cell.refuse("end of the name expected");
    return id;
}

/// Memory as a table. Zones are all of Linux's, sections those of x86-64.
class memory_table {
public:
    struct zone_row {
        zonal::page_owner owner;
        zonal::zone_pages pages;
    };
    struct node_row {
        zonal::node_id node;
        zonal::pfn_range span;
    };

    void read_zones(std::string_view text) {
        for (cell_reader cell(text); !cell.done(); cell.skip(";")) {
            zone_row row;
            row.owner.node = cell.node();
            cell.skip("/");
            row.owner.zone = cell.zone();
            cell.skip("=");
            row.pages.span = cell.span();
            if (cell.accept(":p")) {
                row.pages.present = cell.pages(10);
                cell.skip(":e");
                row.pages.present_early = cell.pages(10);
                cell.skip(":c");
                row.pages.cma = cell.pages(10);
            }
            zone_rows.push_back(row);
        }
    }
    void read_nodes(std::string_view text) {
        for (cell_reader cell(text); !cell.done(); cell.skip(";")) {
            const zonal::node_id node = cell.node();
            cell.skip("=");
            node_rows.push_back({node, cell.span()});
        }
    }
    void read_sections(std::string_view text) {
        for (cell_reader cell(text); !cell.done(); cell.skip(";")) {
            const std::uint64_t index = cell.number(16, zonal::pfn::limit >> sizes.section_order);
            cell.skip(":");
            const zonal::node_id node = cell.node();
            cell.skip("/");
            sections[index] = {node, cell.zone()};
        }
    }
    void read_groups(std::string_view text) {
        for (cell_reader cell(text); !cell.done(); cell.skip(";")) {
            if (cell.number(10) != group_rows.size()) cell.refuse("groups must be numbered from 0");
            zonal::linux_mm::memory_group group;
            cell.skip(":nid");
            group.node = cell.node();
            cell.skip(":");
            group.is_dynamic = cell.accept("dynamic");
            if (!group.is_dynamic) cell.skip("static");
            group.pages = cell.pages(10);
            cell.skip(":k");
            group.kernel = cell.pages(10);
            cell.skip(":m");
            group.movable = cell.pages(10);
            group_rows.push_back(group);
        }
    }

    std::string written_zones() const {
        std::string out;
        for (const auto& row : zone_rows)
            out += std::to_string(row.owner.node.value) + '/' +
                   zonal::linux_mm::all_zones::name_of(row.owner.zone).as<std::string>() +
                   written(row.pages.span);
        return out;
    }
    std::string written_nodes() const {
        std::string out;
        for (const auto& row : node_rows) out += std::to_string(row.node.value) + written(row.span);
        return out;
    }

    // ---- zone_view, page_view, online_view ----

    const zonal::zone_list& zones() const { return zonal::linux_mm::all_zones::list; }
    zonal::page_geometry geometry() const { return sizes; }
    zonal::zone_pages pages_of(zonal::node_id n, zonal::zone_id z) const {
        for (const auto& row : zone_rows)
            if (row.owner == zonal::page_owner{n, z}) return row.pages;
        return {};
    }
    zonal::pfn_range node_span(zonal::node_id n) const {
        for (const auto& row : node_rows)
            if (row.node == n) return row.span;
        return {};
    }
    zonal::result<zonal::pfn> first_in(zonal::pfn_range in, zonal::page_count step,
                                       zonal::page_owner who) const {
        return first_probed(in, step, [&](zonal::pfn p) { return belongs(p, who); });
    }
    zonal::result<zonal::pfn> last_in(zonal::pfn_range in, zonal::page_count step,
                                      zonal::page_owner who) const {
        return last_probed(in, step, [&](zonal::pfn p) { return belongs(p, who); });
    }
    std::uint64_t nodes() const {
        std::uint64_t count = 0;
        for (const auto& row : zone_rows)
            if (row.owner.node.value >= count) count = row.owner.node.value + 1;
        return count;
    }
    std::uint64_t groups() const { return group_rows.size(); }
    zonal::linux_mm::memory_group group(zonal::linux_mm::group_id g) const {
        return group_rows.at(g.value);
    }
    zonal::result<zonal::zone_id> online_zone_of(zonal::section_id s) const {
        const auto at = sections.find(s.value);
        if (at == sections.end()) return zonal::fail(zonal::errc::not_found);
        return at->second.zone;
    }

    zonal::page_geometry sizes;
    std::vector<zone_row> zone_rows;
    std::vector<node_row> node_rows;
    std::vector<zonal::linux_mm::memory_group> group_rows;
    std::map<std::uint64_t, zonal::page_owner> sections; // those that are there

private:
    bool belongs(zonal::pfn p, zonal::page_owner who) const {
        const auto at = sections.find(sizes.index_of(p, zonal::unit::section));
        return at != sections.end() && at->second.node == who.node &&
               (who.zone == zonal::any_zone || at->second.zone == who.zone);
    }
    static std::string written(zonal::pfn_range span) {
        const auto hex = [](std::uint64_t value) {
            char digits[17] = {};
            std::to_chars(digits, digits + 16, value, 16);
            return std::string(digits);
        };
        return '=' + hex(span.start().value()) + '+' + hex(span.size().value()) + ';';
    }
};

static_assert(zonal::page_view<memory_table> && zonal::linux_mm::online_view<memory_table>);

/// Takes [r.start, r.end), whole sections, out of the table and out of the spans.
inline void remove_range(memory_table& memory, zonal::page_owner from, zonal::pfn_range r,
                         zonal::shrink_rules rules) {
    const auto shrink = [&](zonal::pfn_range piece) {
        const zonal::spans left = zonal::shrunk(memory, from, piece, rules);
        for (auto& row : memory.zone_rows)
            if (row.owner == from) row.pages.span = left.zone;
        for (auto& row : memory.node_rows)
            if (row.node == from.node) row.span = left.node;
    };
    const zonal::page_count section = memory.sizes.pages_of(zonal::unit::section);
    // A kernel that rescans removes section by section and shrinks first; the later ones shrink
    // last, at once.
    for (zonal::pfn at = r.start(); at < r.end(); at += section) {
        if (rules.rescans_for_leftovers) shrink({at, section});
        memory.sections.erase(memory.sizes.index_of(at, zonal::unit::section));
    }
    if (!rules.rescans_for_leftovers) shrink(r);
}

} // namespace zonal_test
