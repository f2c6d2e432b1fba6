// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/geometry.hpp>

#include <random>
#include <type_traits>

#include "../test.hpp"

using namespace zonal;

namespace {

constexpr std::uint64_t past_last = 0x10'0000'0000'0000; // 2^52
constexpr unit units[] = {unit::page, unit::subsection, unit::section, unit::memory_block};

// Four pages a section: small enough for a whole life in a static_assert.
constexpr page_geometry tiny{
    .page_bytes_log2 = 12, .subsection_order = 1, .section_order = 2, .memory_block_order = 3};
constexpr page_geometry arm64_64k{
    .page_bytes_log2 = 16, .subsection_order = 5, .section_order = 13, .memory_block_order = 13};
constexpr page_geometry largest{
    .page_bytes_log2 = 12, .subsection_order = 51, .section_order = 51, .memory_block_order = 51};

struct size_row {
    page_geometry g;
    unit u;
    std::uint64_t bytes;
};
constexpr size_row sizes[] = {
    {{}, unit::page, 4096},
    {{}, unit::subsection, 2u << 20},
    {{}, unit::section, 128u << 20},
    {{}, unit::memory_block, 128u << 20},
    {tiny, unit::subsection, 2 * 4096},
    {tiny, unit::section, 4 * 4096},
    {tiny, unit::memory_block, 8 * 4096},
    {arm64_64k, unit::page, 65536},
    {arm64_64k, unit::subsection, 2u << 20},
    {arm64_64k, unit::section, 512u << 20},
};

constexpr bool units_are_as_large_as_documented() {
    for (const size_row& r : sizes)
        if (r.g.pages_of(r.u).value() * (std::uint64_t{1} << r.g.page_bytes_log2) != r.bytes)
            return false;
    return true;
}

// Rounding by division, which does not know about powers of two.
constexpr bool rounds_like_division(const page_geometry& g, std::uint64_t number) {
    for (unit u : units) {
        const std::uint64_t size = g.pages_of(u).value();
        const std::uint64_t down = number / size * size;
        const std::uint64_t up = number % size == 0 ? number : down + size;
        const pfn p{number};
        if (g.index_of(p, u) != number / size) return false;
        if (g.align_down(p, u) != pfn{down} || g.align_up(p, u) != pfn{up}) return false;
        if (g.is_aligned(p, u) != (number % size == 0)) return false;
    }
    return true;
}

constexpr bool edges_round_like_division() {
    for (const page_geometry& g : {page_geometry{}, tiny, arm64_64k, largest})
        for (std::uint64_t n :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{4},
              std::uint64_t{0x7fff}, std::uint64_t{0x8000}, std::uint64_t{0x8001},
              past_last / 2 - 1, past_last / 2, past_last / 2 + 1, past_last - 1, past_last})
            if (!rounds_like_division(g, n)) return false;
    return true;
}

struct outward_row {
    pfn_range from;
    pfn_range expected;
};
constexpr outward_row outward[] = {
    // In sections of four pages.
    {{pfn{0}, pfn{4}}, {pfn{0}, pfn{4}}},
    {{pfn{3}, pfn{4}}, {pfn{0}, pfn{4}}},
    {{pfn{3}, pfn{5}}, {pfn{0}, pfn{8}}},
    {{pfn{4}, pfn{5}}, {pfn{4}, pfn{8}}},
    {{pfn{5}, pfn{5}}, {}},
    {{pfn{past_last - 1}, pfn{past_last}}, {pfn{past_last - 4}, pfn{past_last}}},
};

constexpr bool ranges_are_aligned_outward() {
    for (const outward_row& r : outward) {
        const pfn_range out = tiny.align_out(r.from, unit::section);
        if (out != r.expected || !out.contains(r.from) || !tiny.is_aligned(out, unit::section))
            return false;
    }
    return tiny.is_aligned(pfn_range{pfn{4}, pfn{12}}, unit::section) &&
           !tiny.is_aligned(pfn_range{pfn{4}, pfn{13}}, unit::section) &&
           !tiny.is_aligned(pfn_range{pfn{5}, pfn{12}}, unit::section);
}

constexpr bool addresses_and_pages_convert_both_ways() {
    constexpr page_geometry g{};
    if (g.pfn_of(phys_addr{0}) != result<pfn>(pfn{0})) return false;
    if (g.pfn_of(phys_addr{4095}) != result<pfn>(pfn{0})) return false;
    if (g.pfn_of(phys_addr{4096}) != result<pfn>(pfn{1})) return false;
    if (g.pfn_of(phys_addr{~std::uint64_t{0}}) != result<pfn>(pfn{past_last - 1})) return false;
    if (g.address_of(pfn{0x100000}) != result<phys_addr>(phys_addr{0x1'0000'0000})) return false;
    if (g.address_of(pfn{past_last - 1}) != result<phys_addr>(phys_addr{0xffff'ffff'ffff'f000}))
        return false;
    if (g.address_of(pfn{past_last}) != result<phys_addr>(fail(errc::out_of_reach))) return false;
    // 64 KiB pages: 2^48 of them have an address.
    if (arm64_64k.address_of(pfn{past_last / 16}) != result<phys_addr>(fail(errc::out_of_reach)))
        return false;
    if (!arm64_64k.address_of(pfn{past_last / 16 - 1})) return false;
    // 2 KiB pages: twice as many as there are pfns.
    constexpr page_geometry small{.page_bytes_log2 = 11};
    return small.pfn_of(phys_addr{~std::uint64_t{0}}) == result<pfn>(fail(errc::out_of_reach)) &&
           small.pfn_of(phys_addr{std::uint64_t{1} << 63}) == result<pfn>(pfn{past_last});
}

constexpr bool bytes_are_whole_pages_or_refused() {
    constexpr page_geometry g{};
    return g.pages_in(0) == result<page_count>(page_count{0}) &&
           g.pages_in(4096) == result<page_count>(page_count{1}) &&
           g.pages_in(128u << 20) == result<page_count>(page_count{0x8000}) &&
           g.pages_in(4095) == result<page_count>(fail(errc::misaligned)) &&
           g.pages_in(4097) == result<page_count>(fail(errc::misaligned)) &&
           page_geometry{.page_bytes_log2 = 11}.pages_in(~std::uint64_t{0} << 11) ==
               result<page_count>(fail(errc::out_of_reach));
}

struct valid_row {
    page_geometry g;
    bool valid;
};
constexpr valid_row validity[] = {
    {{}, true},
    {tiny, true},
    {arm64_64k, true},
    {largest, true},
    {{12, 0, 0, 0}, true},    // a page is everything
    {{12, 9, 8, 15}, false},  // a subsection larger than its section
    {{12, 9, 15, 14}, false}, // a section larger than its block
    {{12, 9, 15, 52}, false}, // a block of all pfns
    {{64, 9, 15, 15}, false}, // a page of all bytes and more
    {{63, 9, 15, 15}, true},
};
constexpr bool validity_is_as_tabled() {
    for (const valid_row& r : validity)
        if (r.g.is_valid() != r.valid) return false;
    return true;
}

static_assert(units_are_as_large_as_documented());
static_assert(edges_round_like_division());
static_assert(ranges_are_aligned_outward());
static_assert(addresses_and_pages_convert_both_ways());
static_assert(bytes_are_whole_pages_or_refused());
static_assert(validity_is_as_tabled());

} // namespace

TEST_CASE("the default geometry is x86-64's", "[core]") {
    constexpr page_geometry x86_64{}; // 4 KiB, 2 MiB, 128 MiB, 128 MiB
    static_assert(x86_64.pages_of(unit::section) == page_count{0x8000});
    static_assert(x86_64.align_down(pfn{0x8001}, unit::section) == pfn{0x8000});
    CHECK(units_are_as_large_as_documented());
}

TEST_CASE("a geometry is valid when no unit is larger than the next", "[core]") {
    CHECK(validity_is_as_tabled());
}

TEST_CASE("rounding agrees with division at the edges", "[core]") {
    CHECK(edges_round_like_division());
}

TEST_CASE("rounding agrees with division anywhere", "[core]") {
    constexpr unsigned seed = 0x5ec7;
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20000; ++i) {
        const std::uint64_t n = random() >> (12 + random() % 52);
        unsigned orders[3] = {};
        for (unsigned& o : orders) o = static_cast<unsigned>(random() % 52);
        if (orders[0] > orders[1]) std::swap(orders[0], orders[1]);
        if (orders[1] > orders[2]) std::swap(orders[1], orders[2]);
        if (orders[0] > orders[1]) std::swap(orders[0], orders[1]);
        const page_geometry g{12, orders[0], orders[1], orders[2]};
        INFO("seed " << seed << ", step " << i << ", pfn " << n << ", orders " << orders[0] << ' '
                     << orders[1] << ' ' << orders[2]);
        REQUIRE(g.is_valid());
        REQUIRE(rounds_like_division(g, n));
    }
}

TEST_CASE("a range is rounded outward, an empty one to nothing", "[core]") {
    CHECK(ranges_are_aligned_outward());
}

TEST_CASE("bytes and pages convert where the page size is named, or fail", "[core]") {
    CHECK(addresses_and_pages_convert_both_ways());
    CHECK(bytes_are_whole_pages_or_refused());
}

TEST_CASE("geometries compare by value", "[core]") {
    STATIC_REQUIRE(page_geometry{} == page_geometry{12, 9, 15, 15});
    STATIC_REQUIRE(page_geometry{} != tiny);
    STATIC_REQUIRE(std::is_trivially_copyable_v<page_geometry>);
}
