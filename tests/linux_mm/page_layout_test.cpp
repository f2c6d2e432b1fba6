// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/page_layout.hpp>

#include <set>

#include "../../examples/page_flags/kconfig.hpp"

#include "../oracle_rows_layout.hpp"
#include "../test.hpp"
#include "recorded.hpp"

using namespace zonal_test;

namespace {

const char* const versions[] = {"4.3", "4.7", "5.4", "5.10", "5.15", "6.1", "6.12", "7.3"};

// Inputs of a layout row that come out again unchanged, or are about the C expression.
const char* const not_results[] = {"sweep",
                                   "bits_per_long",
                                   "zone_dma",
                                   "zone_dma32",
                                   "highmem",
                                   "zone_device",
                                   "sparsemem",
                                   "sparsemem_vmemmap",
                                   "numa",
                                   "max_physmem_bits",
                                   "section_size_bits",
                                   "nodes_shift",
                                   "smp",
                                   "numa_balancing",
                                   "nr_cpus",
                                   "kasan",
                                   "lru_gen",
                                   "pf_source",
                                   "pf_options",
                                   "error",
                                   "cc_warning",
                                   "gfp_zone_table_sizeof",
                                   "gfp_zone_table_signed",
                                   "runtime_agrees"};

bool is_result(const std::string& column) {
    return std::find(std::begin(not_results), std::end(not_results), column) ==
           std::end(not_results);
}

void compare(const csv& row, answers ours, const std::string& file) {
    INFO(file << " line " << row.line());
    CHECK(refusal_kinds(row["error"]) == refusal_kinds(ours["error"]));
    CHECK(row["error"].empty() == ours["error"].empty());
    if (!row["error"].empty()) return;
    for (const std::string& column : row.header()) {
        if (!is_result(column)) continue;
        INFO(column);
        CHECK(row[column] == ours[column]);
    }
}

} // namespace

TEST_CASE("every recorded layout row is reproduced, refusals by kind", "[linux_mm]") {
    for (const char* version : versions) {
        const std::string file = std::string(ZONAL_TEST_DATA "/layout/layout_") + version + ".csv";
        std::ifstream in(file);
        csv row(in);
        unsigned rows = 0;
        for (; row.next(); ++rows)
            compare(row, layout_results(config_from(row, version_from(version))), file);
        CHECK(rows > 1000);
    }
}

TEST_CASE("every recorded request row is reproduced, refusals by kind", "[linux_mm]") {
    for (const char* version : versions) {
        const std::string file = std::string(ZONAL_TEST_DATA "/gfp/gfp_") + version + ".csv";
        std::ifstream in(file);
        csv row(in);
        unsigned rows = 0;
        for (; row.next(); ++rows)
            // Where the kernel's own expression overflows an int, its table is no oracle.
            if (row["runtime_agrees"] != "0")
                compare(row, gfp_results(config_from(row, version_from(version))), file);
        CHECK(rows == 20);
    }
}

TEST_CASE("a whole .config gives that kernel's own numbers", "[linux_mm]") {
    // Of no layout and no request table; kconfig_test and page_flags_test compare those that are ours.
    const std::set<std::string> not_ours = {"headers_package",
                                            "kernel",
                                            "flavour",
                                            "arch",
                                            "max_physmem_bits",
                                            "section_size_bits",
                                            "pfn_section_shift",
                                            "max_order",
                                            "max_page_order",
                                            "pageblock_order",
                                            "max_physmem_bits_note",
                                            "bits_per_long",
                                            "nodes_shift",
                                            "page_shift",
                                            "max_numnodes",
                                            "zones",
                                            "sizeof_struct_page",
                                            "pgp_names"};
    std::ifstream in(ZONAL_TEST_DATA "/distro/distro.csv");
    csv row(in);
    unsigned kernels = 0;
    for (; row.next(); ++kernels) {
        INFO(row["headers_package"]);
        const std::string contents = config_text(row["headers_package"]);
        const auto read = page_flags::read_kconfig(view(contents));
        REQUIRE(read.has_value());
        answers ours = layout_results(read->mm);
        for (auto& [column, value] : gfp_results(read->mm)) ours[column] = value;
        CHECK(ours["error"] == "");
        if (read->max_physmem_at_run_time) ours["sections_shift"] = "runtime";

        for (const std::string& recorded_column : row.header()) {
            if (recorded_column.starts_with("cfg_") || recorded_column.starts_with("CONFIG_"))
                continue;
            std::string column = recorded_column;
            for (char& c : column)
                c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            if (column.starts_with("gfp_zone_") && column.size() == 10)
                column = "m" + column.substr(9);
            if (column == "__gfp_bits_shift") column = "gfp_bits_shift";
            if (not_ours.contains(column)) continue;
            INFO(recorded_column);
            CHECK(ours[column] == row[recorded_column]);
        }
    }
    CHECK(kernels == 28);
}
