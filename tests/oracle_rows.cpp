// SPDX-License-Identifier: BSL-1.0

// Recorded rows in, the library's answers out: oracle_rows KIND --kernel V <rows.csv >answers.csv
// Kinds: layout, gfp, zone_for_memory, zone_for_pfn_range, shrink; and config FILE..., which reads
// whole .config files and writes one row each with the columns of layout and gfp.

#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "../examples/page_flags/kconfig.hpp"

#include "linux_mm/recorded.hpp"
#include "oracle_rows_layout.hpp"
#include "oracle_rows_placement.hpp"

using namespace zonal_test;

namespace {

const std::vector<std::string> layout_columns = {"nr_cpus_bits",
                                                 "nr_pageflags",
                                                 "max_nr_zones",
                                                 "zones_shift",
                                                 "zones_width",
                                                 "sections_shift",
                                                 "sections_width",
                                                 "nodes_width",
                                                 "last_cpupid_shift",
                                                 "last_cpupid_width",
                                                 "kasan_tag_width",
                                                 "lru_gen_width",
                                                 "lru_refs_width",
                                                 "node_not_in_page_flags",
                                                 "last_cpupid_not_in_page_flags",
                                                 "sections_pgoff",
                                                 "nodes_pgoff",
                                                 "zones_pgoff",
                                                 "last_cpupid_pgoff",
                                                 "kasan_tag_pgoff",
                                                 "lru_gen_pgoff",
                                                 "lru_refs_pgoff",
                                                 "sections_pgshift",
                                                 "nodes_pgshift",
                                                 "zones_pgshift",
                                                 "last_cpupid_pgshift",
                                                 "kasan_tag_pgshift",
                                                 "sections_mask",
                                                 "nodes_mask",
                                                 "zones_mask",
                                                 "last_cpupid_mask",
                                                 "kasan_tag_mask",
                                                 "lru_gen_mask",
                                                 "lru_refs_mask",
                                                 "zoneid_shift",
                                                 "zoneid_pgoff",
                                                 "zoneid_pgshift",
                                                 "zoneid_mask",
                                                 "nr_unused_pageflag_bits",
                                                 "error"};

const std::vector<std::string> gfp_columns = {"zones",
                                              "zone_names",
                                              "max_nr_zones",
                                              "zones_shift",
                                              "gfp_zones_shift",
                                              "gfp_zone_table",
                                              "gfp_zone_bad",
                                              "m0",
                                              "m1",
                                              "m2",
                                              "m3",
                                              "m4",
                                              "m5",
                                              "m6",
                                              "m7",
                                              "m8",
                                              "m9",
                                              "ma",
                                              "mb",
                                              "mc",
                                              "md",
                                              "me",
                                              "mf",
                                              "error"};

std::vector<std::string> in_order(answers found, const std::vector<std::string>& columns) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) cells.push_back(found[column]);
    return cells;
}

void answer_configs(const std::vector<std::string>& files) {
    std::vector<std::string> columns = {"file", "kernel", "arch", "page_shift"};
    for (const auto* more : {&layout_columns, &gfp_columns})
        for (const std::string& column : *more)
            if (std::find(columns.begin(), columns.end(), column) == columns.end())
                columns.push_back(column);
    columns.push_back("gfp_bits_shift");
    columns.push_back("pgp_names");
    for (std::size_t i = 0; i < columns.size(); ++i) std::cout << (i == 0 ? "" : ",") << columns[i];
    std::cout << '\n';

    for (const std::string& file : files) {
        const std::string contents = gunzip(file);
        const auto read = page_flags::read_kconfig(view(contents));
        if (!read)
            throw std::invalid_argument(file + ":" + std::to_string(read.error().line) + ": " +
                                        string_of(describe(read.error().why)) + " " +
                                        string_of(read.error().name));
        const lm::config& c = read->mm;
        answers row = layout_results(c);
        const std::string refused = row["error"];
        for (auto& [column, value] : gfp_results(c)) row[column] = value;
        if (!refused.empty()) row["error"] = refused;
        row["file"] = file;
        row["kernel"] = std::to_string(c.kernel.major) + "." + std::to_string(c.kernel.minor);
        for (const page_flags::architecture_row& a : page_flags::architecture_rows)
            if (a.arch == read->arch) row["arch"] = string_of(a.name);
        row["page_shift"] = std::to_string(read->page_shift);
        if (read->max_physmem_at_run_time) row["sections_shift"] = "runtime";
        const zonal::flag_names names = lm::page_flags_of(c);
        for (unsigned i = 0; i < names.count; ++i)
            row["pgp_names"] += (i == 0 ? "" : "|") + std::to_string(names.printed[i]) + "=" +
                                string_of(names.name[names.printed[i]]);
        const auto cells = in_order(row, columns);
        for (std::size_t i = 0; i < cells.size(); ++i) std::cout << (i == 0 ? "" : ",") << cells[i];
        std::cout << '\n';
    }
}

} // namespace

int main(int argc, char** argv) try {
    CLI::App app{"Answers recorded rows with the library: rows on stdin, the same rows with "
                 "results on stdout."};
    std::string kind, kernel;
    std::vector<std::string> files;
    app.add_option("KIND", kind,
                   "layout, gfp, zone_for_memory, zone_for_pfn_range, shrink, or config")
        ->required();
    app.add_option("FILE", files, ".config files, plain or gzip (kind config)");
    app.add_option("--kernel", kernel, "kernel version of the rows, such as 6.1");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    std::ios::sync_with_stdio(false);

    if (kind == "config") {
        answer_configs(files);
        return 0;
    }
    if (kernel.empty()) throw std::invalid_argument("--kernel is needed for rows of this kind");
    const lm::version v = version_from(kernel);
    if (v < lm::oldest) throw std::invalid_argument("kernels before 4.3 are not modelled");
    if (kind == "layout")
        answer_rows(std::cin, std::cout, {"bits_per_long", "zone_dma", "nr_pageflags"},
                    layout_columns, [&](const csv& row) {
                        return in_order(layout_results(config_from(row, v)), layout_columns);
                    });
    else if (kind == "gfp")
        answer_rows(std::cin, std::cout, {"bits_per_long", "zone_dma"}, gfp_columns,
                    [&](const csv& row) {
                        return in_order(gfp_results(config_from(row, v)), gfp_columns);
                    });
    else if (!oracle_rows_placement(kind, v, std::cin, std::cout))
        throw std::invalid_argument("'" + kind + "' is no kind of rows; --help lists them");
    return 0;
} catch (const std::exception& error) {
    std::cerr << "oracle_rows: " << error.what() << '\n';
    return 2;
}
