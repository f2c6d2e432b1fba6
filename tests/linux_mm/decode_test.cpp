// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/decode.hpp>

#include "../../examples/page_flags/kconfig.hpp"

#include "contract.hpp"
#include "linux_mm/printing.hpp"
#include "test.hpp"

using namespace zonal::linux_mm;
using namespace page_flags;
using namespace zonal_test;
using zonal::text;

namespace {

/// "0=locked|7=waiters|8=error…" of the recorded kernels: bits in printing order, and their names.
std::vector<std::pair<unsigned, std::string>> recorded_names(const std::string& cell) {
    std::vector<std::pair<unsigned, std::string>> names;
    for (std::size_t at = 0; at < cell.size();) {
        const std::size_t bar = std::min(cell.find('|', at), cell.size());
        const std::size_t equals = cell.find('=', at);
        names.emplace_back(std::stoul(cell.substr(at, equals - at)),
                           cell.substr(equals + 1, bar - equals - 1));
        at = bar + 1;
    }
    return names;
}

/// A word as a recorded kernel prints it, from that kernel's own names, shifts and masks.
std::string expected_print(const csv& row, std::uint64_t raw) {
    std::string out;
    const auto piece = [&](const std::string& part) { out += (out.empty() ? "" : "|") + part; };
    for (const auto& [bit, name] : recorded_names(row["pGp_names"]))
        if ((raw >> bit & 1) != 0) piece(name);
    if (version_of(row["kernel"]) < version{5, 12}) return out;
    const auto field = [&](const std::string& column, const char* name, const char* format) {
        if (row.number(column + "_WIDTH") == 0) return;
        const unsigned long long value =
            raw >> row.number(column + "_PGSHIFT") & row.number(column + "_MASK", 16);
        char number[32];
        std::snprintf(number, sizeof number, format, value);
        piece(std::string(name) + "=" + number);
    };
    field("SECTIONS", "section", "%llu");
    field("NODES", "node", "%llu");
    field("ZONES", "zone", "%llu");
    field("LAST_CPUPID", "lastcpupid", "0x%llx");
    field("KASAN_TAG", "kasantag", "0x%llx");
    return out;
}

/// Words that set each bit alone, all bits, and some of many.
std::vector<std::uint64_t> many_words(unsigned bits) {
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - bits);
    std::vector<std::uint64_t> words = {0, all};
    for (unsigned bit = 0; bit < bits; ++bit) {
        words.push_back(std::uint64_t{1} << bit);
        words.push_back(all ^ std::uint64_t{1} << bit);
    }
    std::uint64_t mixed = 1;
    for (unsigned i = 0; i < 64; ++i) {
        mixed = mixed * 6364136223846793005u + 1442695040888963407u;
        words.push_back(mixed >> (64 - bits));
    }
    return words;
}

// Five zones are one too many for 4.3.
constexpr config refused{
    .kernel = {4, 3}, .zone_dma = true, .zone_dma32 = true, .zone_device = true};

} // namespace

TEST_CASE("decode: the example of the header", "[linux_mm]") {
    constexpr auto config = config_named("6.1/64:node=10,zone=3,lastcpupid=21");
    std::string printed;
    zonal::print_word(format_of(*config), 0xfffffc0000200,
                      [&](text part) { printed.append(part.data, part.size); });
    CHECK(printed == "0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)");
}

TEST_CASE("every public report is decoded as its kernel did, under an inferred layout",
          "[linux_mm]") {
    unsigned reports = 0;
    for (const public_report& report : public_reports()) {
        INFO(report.raw << " " << report.decoded << " " << report.kernel);
        const auto found = explanations({report.line()});
        REQUIRE_FALSE(found.empty());
        CHECK(decoded(found.front().layout, report.raw) == report.decoded);
        CHECK(decoded(found.back().layout, report.raw) == report.decoded);
        ++reports;
    }
    CHECK(reports == 53);
}

TEST_CASE("a report whose kernel is known is decoded under that version", "[linux_mm]") {
    struct {
        std::uint64_t raw;
        const char* layout;
    } const rows[] = {
        // 5.14.0-284.11.1.el9_2, x86_64
        {0x57ffffc0010200, "5.14/64:node=10,zone=3,lastcpupid=21:MF+UNCACHED"},
        // 6.15-rc1, x86_64
        {0x300000000002009, "6.15/64:node=6,zone=2:MF"},
        // 5.15.0-75757, arm64
        {0x2ffff00000010200, "5.15/64:node=2,zone=2,lastcpupid=16:MF"},
        // 6.2 and 6.2.0+, x86_64
        {0x200000000001000, "6.2/64:node=6,zone=2"},
        {0xfffffc0000000, "6.2/64:node=10,zone=3,lastcpupid=21"},
        // 4.9.45-v7+, arm: names only, whatever the fields hold
        {0x78787878, "4.9/32:zone=1"},
        // 3.x, x86_64, like 4.3 with PAGEFLAGS_EXTENDED
        {0x2fffff00008000, "4.3/64:node=10,zone=2:EXT"},
    };
    const auto reports = public_reports();
    for (const auto& row : rows) {
        INFO(row.layout);
        const auto report = std::find_if(reports.begin(), reports.end(),
                                         [&](const public_report& r) { return r.raw == row.raw; });
        REQUIRE(report != reports.end());
        CHECK(report->kernel != "");
        CHECK(decoded(named(row.layout), row.raw) == report->decoded);
    }
}

TEST_CASE("a distribution kernel's words are printed with its own names, shifts and masks",
          "[linux_mm]") {
    std::ifstream in(recorded + "/distro/distro.csv");
    unsigned kernels = 0;
    for (csv row(in); row.next(); ++kernels) {
        INFO(row["headers_package"]);
        const std::string file = config_text(row["headers_package"]);
        const auto kernel = read_kconfig(view(file));
        REQUIRE(kernel.has_value());
        for (std::uint64_t raw : many_words(kernel->mm.bits_per_long)) {
            INFO(raw);
            CHECK(decoded(kernel->mm, raw) == expected_print(row, raw));
        }
    }
    CHECK(kernels == 28);
}

TEST_CASE("before 5.12 only names are printed, and the fields are masked off", "[linux_mm]") {
    const char* const fields = ":node=10,zone=2,lastcpupid=20";
    const std::uint64_t raw = 0xfffffffff0000001;
    CHECK(decoded(named(std::string("5.11/64") + fields), raw) == "locked");
    CHECK(decoded(named(std::string("5.12/64") + fields), raw) ==
          "locked|node=1023|zone=3|lastcpupid=0xfffff");
    for (const char* old : {"4.3", "4.7", "4.14", "5.4", "5.10", "5.11"})
        CHECK(decoded(named(std::string(old) + "/64:node=6,zone=2"), 0xff00000000000000) == "");
}

TEST_CASE("a tag is printed as it is stored, which is the tag inverted", "[linux_mm]") {
    const config c = named("6.1/64:node=6,zone=1,lastcpupid=11,kasantag=8");
    const std::uint64_t raw = 0x1ffc28000000000; // a public report of arm64
    CHECK(decoded(c, raw) == "node=0|zone=0|lastcpupid=0x7ff|kasantag=0xa");
    CHECK(page_layout_of(c)[page_field::kasan_tag].get(raw) == 0xf5);

    // From 7.2 on hardware tags have four bits.
    const config narrow = named("7.3/64:node=6,zone=1,lastcpupid=11,kasantag=4");
    CHECK(decoded(narrow, 0x1ffc80000000000) == "node=0|zone=0|lastcpupid=0x7ff|kasantag=0x2");
    CHECK(page_layout_of(narrow)[page_field::kasan_tag].get(0x1ffc80000000000) == 0xd);
}

TEST_CASE("flag bits that this kernel has no name for are one number after the names",
          "[linux_mm]") {
    config c = named("6.1/64:node=6,zone=2");
    const unsigned names = page_flags_of(c).count;
    c.given_pageflags = names + 4;
    const std::uint64_t two_unknown = std::uint64_t{5} << names;
    char number[32];
    std::snprintf(number, sizeof number, "0x%llx", static_cast<unsigned long long>(two_unknown));
    CHECK(decoded(c, two_unknown | 1) == std::string("locked|") + number + "|node=0|zone=0");
    CHECK(decoded(c, two_unknown) == std::string(number) + "|node=0|zone=0");
}

TEST_CASE("the bits of the LRU are never printed", "[linux_mm]") {
    config c = named("6.1/64:node=6,zone=2");
    c.lru_gen = true;
    const page_layout l = page_layout_of(c);
    const std::uint64_t lru = l[page_field::lru_gen].mask() | l[page_field::lru_refs].mask();
    CHECK(lru != 0);
    CHECK(decoded(c, lru | 1) == "locked|node=0|zone=0");
    CHECK(zonal::explains(format_of(c), lru | 1, "locked|node=0|zone=0"));
}

TEST_CASE("a section number stands before all others, and no node that it makes superfluous",
          "[linux_mm]") {
    CHECK(decoded(named("6.12/64:section=20,zone=2"), 0xabcde40000000200) ==
          "workingset|section=703710|zone=1");
    config crowded{.kernel = {6, 12}, .zone_dma = true, .memory = memory_model::sparse};
    crowded.max_physmem_bits = 40;
    crowded.numa = true;
    crowded.nodes_shift = 10;
    REQUIRE(page_layout_of(crowded).node_left_out());
    CHECK(decoded(crowded, 1) == "locked|section=0|zone=0");
}

TEST_CASE("the number of a zone means another zone under another configuration", "[linux_mm]") {
    // zone=3 of a report is movable memory or the driver's, depending on which zones there are.
    constexpr config ram{.kernel = {6, 12}, .zone_dma = true, .zone_dma32 = true};
    constexpr config driver{.kernel = {6, 12}, .zone_dma32 = true, .zone_device = true};
    constexpr std::uint64_t raw = std::uint64_t{3} << 62;
    CHECK(decoded(ram, raw) == "zone=3");
    CHECK(decoded(driver, raw) == "zone=3");
    STATIC_REQUIRE(zones_of(ram)[zonal::zone_id{3}].name == text("Movable"));
    STATIC_REQUIRE(zones_of(driver)[zonal::zone_id{3}].name == text("Device"));
}

TEST_CASE("a refused configuration has no format", "[linux_mm]") {
    CHECK(traps([] { static_cast<void>(format_of(refused)); }));
    STATIC_REQUIRE_FALSE(constant<[] { return format_of(refused); }>);
    STATIC_REQUIRE(constant<[] { return format_of({.kernel = {4, 3}}); }>);
}
