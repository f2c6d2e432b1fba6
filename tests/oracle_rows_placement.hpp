// SPDX-License-Identifier: BSL-1.0
#pragma once

// The kinds zone_for_memory, zone_for_pfn_range and shrink of the tool `oracle_rows`: rows with
// inputs in, the same rows with result columns out. A row that cannot be read throws
// std::invalid_argument with its line.

#include <functional>
#include <initializer_list>
#include <istream>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <zonal/linux_mm/online_policy.hpp>
#include <zonal/linux_mm/placement_4_3.hpp>
#include <zonal/linux_mm/span_rules.hpp>

#include "csv.hpp"
#include "placement_rows.hpp"

namespace zonal_test {

inline std::string zone_name(zonal::zone_id id) {
    return zonal::linux_mm::all_zones::name_of(id).as<std::string>();
}

inline bool truth(const csv& row, const std::string& column) {
    const std::string& cell = row[column];
    if (cell == "1") return true;
    if (cell == "0") return false;
    throw std::invalid_argument(column + ": '" + cell + "' is neither 0 nor 1");
}

/// The one of `words` that a cell holds, by its place.
inline std::size_t word(const csv& row, const std::string& column,
                        std::initializer_list<const char*> words) {
    std::size_t i = 0;
    for (const char* w : words) {
        if (row[column] == w) return i;
        ++i;
    }
    throw std::invalid_argument(column + ": '" + row[column] + "' is not known");
}

/// One number that fills its cell.
inline std::uint64_t number(const csv& row, const std::string& column, int base,
                            std::uint64_t limit = zonal::pfn::limit) {
    cell_reader cell(row[column]);
    const std::uint64_t value = cell.number(base, limit);
    if (!cell.done()) cell.refuse("end of the number expected");
    return value;
}

inline zonal::node_id node_in(const csv& row) { return {number(row, "nid", 10, 1023)}; }

inline zonal::pfn_range range_in(const csv& row) {
    const auto range = zonal::pfn_range::make(zonal::pfn{number(row, "start_pfn", 16)},
                                              zonal::page_count{number(row, "nr_pages", 16)});
    if (!range) throw std::invalid_argument("nr_pages: the range ends beyond the last pfn");
    return *range;
}

/// Kind zone_for_memory: `result`.
inline std::string zone_for_memory_result(const csv& row) {
    memory_table memory;
    memory.read_zones(row["zones"]);
    const zonal::hot_add q{memory, node_in(row), range_in(row), truth(row, "for_device"),
                           zone_named(row["zone_default"])};
    return zone_name(zonal::linux_mm::zone_for_memory(q));
}

/// Kind zone_for_pfn_range: `result_zone`.
inline std::string zone_for_pfn_range_result(const csv& row) {
    using namespace zonal::linux_mm;
    memory_table memory;
    memory.read_zones(row["zones"]);
    memory.read_groups(row["groups"]);
    memory.read_sections(row["online_sections"]);
    const online_settings settings{
        .policy = static_cast<online_policy>(word(row, "policy", {"contig-zones", "auto-movable"})),
        .auto_movable_ratio = static_cast<unsigned>(number(row, "ratio", 10, 0xffffffff)),
        .auto_movable_numa_aware = truth(row, "numa_aware"),
        .movable_node = truth(row, "movable_node"),
        .numa = truth(row, "numa")};
    const auto type = word(row, "online_type", {"online", "online_kernel", "online_movable"});
    const group_id group = row["group"] == "-1" ? no_group : group_id{number(row, "group", 10)};
    if (group != no_group && group.value >= memory.groups())
        throw std::invalid_argument("group: there is no group " + row["group"]);
    const online_query<memory_table> q{memory,       settings,      static_cast<online_type>(type),
                                       node_in(row), range_in(row), group};
    return zone_name(zone_for_pfn_range(q));
}

/// Kind shrink: `zones_after`, `nodes_after`. One section (remove_section), or several
/// (remove_first_section, remove_nr_sections).
inline std::pair<std::string, std::string> shrink_result(const csv& row,
                                                         zonal::shrink_rules rules) {
    memory_table memory;
    memory.read_sections(row["sections"]);
    memory.read_zones(row["zones_before"]);
    memory.read_nodes(row["nodes_before"]);
    const unsigned order = memory.sizes.section_order;
    const std::uint64_t last = zonal::pfn::limit >> order;
    const bool one = row.has("remove_section");
    const std::uint64_t first =
        number(row, one ? "remove_section" : "remove_first_section", 16, last);
    const std::uint64_t count = one ? 1 : number(row, "remove_nr_sections", 10, last - first);
    if (count == 0 || first + count > last)
        throw std::invalid_argument("no such sections to remove");
    remove_range(memory, {node_in(row), zone_named(row["zone"])},
                 {zonal::pfn{first << order}, zonal::page_count{count << order}}, rules);
    return {memory.written_zones(), memory.written_nodes()};
}

/// Copies the rows of `in` to `out`, with the columns `results` replaced, or added at the right, by
/// what `answer` gives for a row. `inputs` are the columns that must be there.
inline void answer_rows(std::istream& in, std::ostream& out, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& results,
                        const std::function<std::vector<std::string>(const csv&)>& answer) {
    csv rows(in);
    for (const auto& column : inputs)
        if (!rows.has(column))
            throw std::invalid_argument("line 1: there is no column '" + column + "'");

    std::vector<std::string> header = rows.header();
    std::vector<std::size_t> at;
    for (const auto& column : results) {
        std::size_t i = 0;
        while (i < header.size() && header[i] != column) ++i;
        if (i == header.size()) header.push_back(column);
        at.push_back(i);
    }
    const auto write = [&](const std::vector<std::string>& cells) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (i != 0) out << ',';
            if (cells[i].find_first_of(",\"") == std::string::npos) {
                out << cells[i];
                continue;
            }
            out << '"';
            for (const char c : cells[i]) out << (c == '"' ? "\"\"" : std::string(1, c));
            out << '"';
        }
        out << '\n';
    };

    write(header);
    while (rows.next()) {
        std::vector<std::string> cells = rows.cells();
        cells.resize(header.size());
        try {
            const std::vector<std::string> found = answer(rows);
            for (std::size_t i = 0; i < at.size(); ++i) cells[at[i]] = found[i];
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument("line " + std::to_string(rows.line()) + ": " +
                                        error.what());
        }
        write(cells);
    }
}

/// The three kinds. False: the kind is none of these.
inline bool oracle_rows_placement(const std::string& kind, zonal::linux_mm::version kernel,
                                  std::istream& in, std::ostream& out) {
    constexpr zonal::linux_mm::version zone_at_online{4, 13};
    if (kind == "zone_for_memory") {
        if (kernel >= zone_at_online)
            throw std::invalid_argument(
                "zone_for_memory: from 4.13 on a zone is chosen when memory goes online; "
                "ask for zone_for_pfn_range");
        answer_rows(
            in, out, {"zones", "nid", "start_pfn", "nr_pages", "zone_default", "for_device"},
            {"result"}, [](const csv& row) { return std::vector{zone_for_memory_result(row)}; });
        return true;
    }
    if (kind == "zone_for_pfn_range") {
        if (kernel < zone_at_online)
            throw std::invalid_argument(
                "zone_for_pfn_range: before 4.13 a zone is chosen when memory is added; "
                "ask for zone_for_memory");
        answer_rows(in, out,
                    {"numa", "policy", "ratio", "numa_aware", "movable_node", "online_type", "nid",
                     "group", "start_pfn", "nr_pages", "zones", "groups", "online_sections"},
                    {"result_zone"},
                    [](const csv& row) { return std::vector{zone_for_pfn_range_result(row)}; });
        return true;
    }
    if (kind == "shrink") {
        const auto rules = zonal::linux_mm::shrink_rules_for(kernel);
        if (!rules) throw std::invalid_argument("shrink: kernels before 4.3 are not modelled");
        answer_rows(in, out, {"sections", "zones_before", "nodes_before", "nid", "zone"},
                    {"zones_after", "nodes_after"}, [&](const csv& row) {
                        auto [zones, nodes] = shrink_result(row, *rules);
                        return std::vector{std::move(zones), std::move(nodes)};
                    });
        return true;
    }
    return false;
}

} // namespace zonal_test
