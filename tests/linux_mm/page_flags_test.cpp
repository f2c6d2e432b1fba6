// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/page_flags.hpp>

#include "../../examples/page_flags/kconfig.hpp"
#include <zonal/linux_mm/rules.hpp>

#include "csv.hpp"
#include "linux_mm/recorded.hpp"
#include "test.hpp"

#include <map>
#include <set>
#include <tuple>

using namespace zonal::linux_mm;
using namespace page_flags;
using namespace zonal_test;
using zonal::text;

namespace {

constexpr config c{.kernel = {6, 1}, .memory_failure = true};
static_assert(page_flags_of(c).name[22] == text("hwpoison"));
static_assert(nr_pageflags(c) == 24);

/// name, bit, kind, printed name: a row of the recorded tables.
using row = std::tuple<std::string, unsigned, std::string, std::string>;
using rows = std::set<row>;

rows rows_of(const config& kernel) {
    rows all;
    const auto flags = page_flags_of(kernel);
    for (unsigned bit = 0; bit < flags.count; ++bit) {
        const std::string name = string_of(flags.name[bit]);
        all.insert({"PG_" + name, bit, "flag", name});
    }
    all.insert({"__NR_PAGEFLAGS", flags.count, "count", ""});
    for_each_alias(kernel, [&](const page_flag_alias_row& alias, unsigned bit) {
        all.insert({"PG_" + string_of(alias.name), bit, "alias of PG_" + string_of(alias.of), ""});
    });
    return all;
}

/// The same without the printed names, which the enum files do not have.
rows without_printed(const rows& all) {
    rows some;
    for (const auto& [name, bit, kind, printed] : all) some.insert({name, bit, kind, ""});
    return some;
}

/// "MMU+IDLE" of the recorded enumerations.
config config_of(const std::string& options, unsigned bits, bool hw_tags, version kernel) {
    const auto has = [&](const char* one) {
        return ("+" + options + "+").find("+" + std::string(one) + "+") != std::string::npos;
    };
    config made;
    made.kernel = kernel;
    made.bits_per_long = bits;
    made.kasan = hw_tags ? kasan_mode::hw_tags : kasan_mode::none;
    made.extended = has("EXT");
    made.mmu = has("MMU");
    made.uncached = has("UNCACHED");
    made.memory_failure = has("MF");
    made.thp = has("THP");
    made.idle = has("IDLE");
    made.arch_2 = has("ARCH2");
    made.arch_3 = has("ARCH3");
    return made;
}

/// The options that a kernel's own list of names gives away; for kernels whose `.config` is not
/// recorded.
config config_told_by(const rows& all, version kernel) {
    const auto has = [&](const std::string& name) {
        for (const row& r : all)
            if (std::get<0>(r) == name) return true;
        return false;
    };
    config made;
    made.kernel = kernel;
    made.bits_per_long = kernel < version{6, 2} ? (has("PG_arch_2") ? 64 : 32) : 64;
    made.mmu = has("PG_mlocked");
    made.uncached = has("PG_uncached");
    made.memory_failure = has("PG_hwpoison");
    made.idle = has("PG_idle");
    made.arch_2 = has("PG_arch_2");
    made.arch_3 = has("PG_arch_3");
    made.memory_hotplug = has("PG_vmemmap_self_hosted");
    return made;
}

std::string printed_in_order(const config& kernel) {
    const auto flags = page_flags_of(kernel);
    std::string all;
    for (unsigned i = 0; i < flags.count; ++i)
        all += (i == 0 ? "" : "|") + std::to_string(flags.printed[i]) + "=" +
               string_of(flags.name[flags.printed[i]]);
    return all;
}

/// "locked error referenced …" by bit.
std::string in_bit_order(const config& kernel) {
    const auto flags = page_flags_of(kernel);
    std::string all;
    for (unsigned bit = 0; bit < flags.count; ++bit)
        all += (bit == 0 ? "" : " ") + string_of(flags.name[bit]);
    return all;
}

} // namespace

TEST_CASE("every recorded enumeration of page flags is reproduced, and nothing more",
          "[linux_mm]") {
    std::size_t kernels = 0, seen = 0;
    for (const char* v : {"4.3", "4.7", "5.4", "5.10", "5.15", "6.1", "6.12", "7.3"}) {
        std::istringstream in(gunzip(recorded + "/page_flag_names/enum_" + v + ".csv.gz"));
        csv table(in);
        std::map<std::tuple<std::string, unsigned, bool>, rows> recorded_rows;
        while (table.next()) {
            recorded_rows[{table["options"], static_cast<unsigned>(table.number("bits_per_long")),
                           table["kasan_hw_tags"] == "1"}]
                .insert(
                    {table["name"], static_cast<unsigned>(table.number("bit")), table["kind"], ""});
            ++seen;
        }
        for (const auto& [key, expected] : recorded_rows) {
            const auto& [options, bits, hw_tags] = key;
            INFO(v << " " << options << " " << bits << " bits, hw tags " << hw_tags);
            CHECK(without_printed(rows_of(config_of(options, bits, hw_tags, version_of(v)))) ==
                  expected);
            ++kernels;
        }
    }
    CHECK(kernels == 448);
    CHECK(seen == 15744);
}

TEST_CASE("the names of every recorded distribution kernel are reproduced, and nothing more",
          "[linux_mm]") {
    std::set<std::string> with_config;
    {
        std::ifstream in(recorded + "/distro/distro.csv");
        csv table(in);
        while (table.next()) with_config.insert(table["headers_package"]);
    }
    std::size_t kernels = 0, read = 0;
    for (const char* v : {"5.10", "6.1", "6.12", "7.2", "7.3"}) {
        std::istringstream in(gunzip(recorded + "/page_flag_names/distro_" + v + ".csv.gz"));
        csv table(in);
        std::map<std::string, rows> by_package;
        while (table.next())
            by_package[table["headers_package"]].insert({table["name"],
                                                         static_cast<unsigned>(table.number("bit")),
                                                         table["kind"], table["pGp_name"]});
        for (const auto& [package, expected] : by_package) {
            INFO(package);
            ++kernels;
            config kernel = config_told_by(expected, version_of(v));
            if (with_config.count(package) != 0) {
                const auto k = read_kconfig(view(config_text(package)));
                REQUIRE(k);
                kernel = k->mm;
                ++read;
            }
            CHECK(rows_of(kernel) == expected);
        }
    }
    CHECK(kernels == 56);
    CHECK(read == 28);
}

TEST_CASE("distribution kernels print the flags in the recorded order", "[linux_mm]") {
    std::ifstream in(recorded + "/distro/distro.csv");
    csv table(in);
    std::size_t kernels = 0;
    while (table.next()) {
        INFO(table["headers_package"]);
        const auto k = read_kconfig(view(config_text(table["headers_package"])));
        REQUIRE(k);
        CHECK(printed_in_order(k->mm) == table["pGp_names"]);
        CHECK(nr_pageflags(k->mm) == table.number("NR_PAGEFLAGS"));
        ++kernels;
    }
    CHECK(kernels == 28);
}

TEST_CASE("between the recorded versions the flags follow the recorded epochs", "[linux_mm]") {
    const std::string from_4_10 =
        "locked error referenced uptodate dirty lru active waiters slab owner_priv_1 ";
    for (version v : {version{4, 10}, version{4, 14}, version{4, 19}}) {
        CHECK(in_bit_order({.kernel = v}).rfind(from_4_10, 0) == 0);
        STATIC_REQUIRE(evidence_for({4, 14}) == evidence::between);
    }
    const std::string from_4_20 =
        "locked referenced uptodate dirty lru active workingset waiters error slab owner_priv_1 ";
    CHECK(in_bit_order({.kernel = {4, 20}}).rfind(from_4_20, 0) == 0);

    config all{.kernel = {6, 8},
               .uncached = true,
               .memory_failure = true,
               .idle = true,
               .arch_2 = true,
               .arch_3 = true};
    CHECK(
        in_bit_order(all) ==
        "locked writeback referenced uptodate dirty lru head waiters active workingset error slab "
        "owner_priv_1 arch_1 reserved private private_2 mappedtodisk reclaim swapbacked "
        "unevictable "
        "mlocked uncached hwpoison young idle arch_2 arch_3");
    all.kernel = {6, 11};
    CHECK(in_bit_order(all) ==
          "locked writeback referenced uptodate dirty lru head waiters active workingset error "
          "owner_priv_1 arch_1 reserved private private_2 mappedtodisk reclaim swapbacked "
          "unevictable "
          "mlocked uncached hwpoison young idle arch_2 arch_3");
}

TEST_CASE("words from public reports name the flags that their kernels printed", "[linux_mm]") {
    struct report {
        config kernel;
        unsigned long word; // the flag bits only
        const char* printed;
    };
    const report reports[] = {
        {{.kernel = {4, 9}, .bits_per_long = 32},
         0x187878,
         "uptodate|dirty|lru|active|private|private_2|writeback|head|unevictable|mlocked"},
        {{.kernel = {5, 14}}, 0x10200, "slab|head"},
        {{.kernel = {6, 15}}, 0x2009, "locked|uptodate|reserved"},
    };
    for (const report& r : reports) {
        const auto flags = page_flags_of(r.kernel);
        std::string printed;
        for (unsigned i = 0; i < flags.count; ++i)
            if ((r.word >> flags.printed[i] & 1) != 0)
                printed += (printed.empty() ? "" : "|") + string_of(flags.name[flags.printed[i]]);
        CHECK(printed == r.printed);
    }
}

TEST_CASE("old kernels print in bit order, later ones in an order of their own", "[linux_mm]") {
    for (version v : {version{4, 3}, version{4, 7}}) {
        const auto flags = page_flags_of({.kernel = v, .idle = true});
        for (unsigned i = 0; i < flags.count; ++i) CHECK(flags.printed[i] == i);
    }
    const config hw{
        .kernel = {5, 15}, .kasan = kasan_mode::hw_tags, .memory_failure = true, .idle = true};
    for (version v : {version{5, 15}, version{6, 1}}) {
        config kernel = hw;
        kernel.kernel = v;
        const std::string printed = printed_in_order(kernel);
        CHECK(printed.rfind("0=locked|7=waiters|8=error|1=referenced|", 0) == 0);
        const std::string end = "hwpoison|23=young|24=idle|25=arch_2|26=skip_kasan_poison";
        CHECK(printed.substr(printed.size() - end.size()) == end);
    }
}

TEST_CASE("the fields are printed from 5.12 on", "[linux_mm]") {
    STATIC_REQUIRE_FALSE(pick(prints_fields, {4, 3}));
    STATIC_REQUIRE_FALSE(pick(prints_fields, {5, 11}));
    STATIC_REQUIRE(pick(prints_fields, {5, 12}));
    STATIC_REQUIRE(pick(prints_fields, {7, 3}));
}

TEST_CASE("a given number of flags replaces the count", "[linux_mm]") {
    STATIC_REQUIRE(nr_pageflags({.kernel = {6, 1}, .given_pageflags = 31}) == 31);
    STATIC_REQUIRE(page_flags_of({.kernel = {6, 1}, .given_pageflags = 31}).count == 23);
    STATIC_REQUIRE(page_flags_of({.kernel = {6, 1}}).bit_of("dropbehind").error() ==
                   zonal::errc::not_found);
}

TEST_CASE("each flag that exists is printed exactly once", "[linux_mm]") {
    // All versions at which a table may turn, under no option and under all.
    for (unsigned short major = 4; major <= 7; ++major)
        for (unsigned short minor = 0; minor <= 21; ++minor)
            for (const char* options : {"-", "EXT+MMU+UNCACHED+MF+THP+IDLE+ARCH2+ARCH3"})
                for (bool hw_tags : {false, true}) {
                    const config kernel = config_of(options, 64, hw_tags, {major, minor});
                    if (kernel.kernel < oldest) continue;
                    const auto flags = page_flags_of(kernel);
                    INFO(major << "." << minor << " " << options);
                    std::set<unsigned> bits;
                    std::set<std::string> names;
                    for (unsigned i = 0; i < flags.count; ++i) {
                        bits.insert(flags.printed[i]);
                        names.insert(string_of(flags.name[i]));
                    }
                    CHECK(bits.size() == flags.count);
                    CHECK(names.size() == flags.count);
                    CHECK(*bits.rbegin() == flags.count - 1);
                }
}
