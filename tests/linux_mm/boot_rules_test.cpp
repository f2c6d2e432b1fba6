// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/boot_rules.hpp>

#include <zonal/linux_mm/zones.hpp>

#include "test.hpp"

using namespace zonal;
using namespace zonal::linux_mm;

namespace {

constexpr auto none = pfn::limit;

// Pages of 16 bytes; zone "low" has the pages below 16, so movable memory is taken from 16 on.
constexpr page_geometry toy{
    .page_bytes_log2 = 4, .subsection_order = 1, .section_order = 2, .memory_block_order = 3};
struct low {
    static constexpr text name = "low";
    static constexpr zone_traits traits{.reach_bits = 8};
};
using toy_zones = zone_set<low, normal, movable>;

struct owned_pages {
    std::uint64_t start, end, node;
    bool hot_pluggable = false;
};

constexpr boot_map<> map_of(std::initializer_list<owned_pages> ranges, page_geometry g,
                            const zone_list& zones) {
    firmware_map<> firmware;
    node_map<> owners;
    for (const owned_pages& r : ranges) {
        const byte_range bytes{phys_addr{r.start << g.page_bytes_log2},
                               phys_addr{r.end << g.page_bytes_log2}};
        expects(firmware.add({bytes}) && owners.add({bytes, {r.node}, r.hot_pluggable}),
                "test: too many ranges");
    }
    return boot_map<>::make(boot_ranges<>::make(g, firmware, owners).value(), zones).value();
}

// Where movable memory begins in each node; `none` where it does not.
constexpr bool starts_are(boot_map<> memory, const boot_parameters& wishes, unsigned round_order,
                          std::initializer_list<std::uint64_t> wanted, version kernel = {6, 12}) {
    place_movable(memory, wishes, kernel, round_order);
    if (wanted.size() != memory.nodes().size) return false;
    for (unsigned n = 0; n < wanted.size(); ++n) {
        const boot_node& node = memory.nodes()[n];
        const bool is_in = node.movable_start < node.span.end();
        if ((is_in ? node.movable_start.value() : none) != wanted.begin()[n]) return false;
    }
    return true;
}
constexpr bool toy_starts_are(std::initializer_list<owned_pages> ranges, std::uint64_t kernelcore,
                              std::initializer_list<std::uint64_t> wanted,
                              unsigned round_order = 0) {
    return starts_are(map_of(ranges, toy, toy_zones::list),
                      {.kernelcore = {.bytes = kernelcore * 16}}, round_order, wanted);
}

} // namespace

TEST_CASE("the example of boot_rules.hpp", "[linux_mm]") {
    auto memory =
        map_of({{1, 0xa0, 0}, {0x100, 0xc0000, 0}, {0x100000, 0x1c0000, 0}}, {}, all_zones::list);
    const boot_parameters wishes{.kernelcore = {.bytes = 4ull << 30}};
    place_movable(memory, wishes, {6, 12});
    // Below 4 GiB are 0xbff9f pages of the kernel's 0x100000; 0x40061 more, rounded up to 1024.
    REQUIRE(memory.nodes()[0].movable_start == pfn{0x140400});
}

TEST_CASE("one node: pages where nothing can be movable count as the kernel's", "[linux_mm]") {
    STATIC_REQUIRE(toy_starts_are({{0, 64, 0}}, 40, {40}));
    STATIC_REQUIRE(toy_starts_are({{8, 64, 0}}, 40, {48})); // 8 pages low, 32 from 16 on
    STATIC_REQUIRE(toy_starts_are({{0, 64, 0}}, 16, {16}));
    STATIC_REQUIRE(toy_starts_are({{0, 64, 0}}, 3, {16}));   // it gets more than it asked for
    STATIC_REQUIRE(toy_starts_are({{20, 64, 0}}, 10, {30})); // no page is low
    // Only low pages: then low is the highest zone with memory.
    STATIC_REQUIRE(toy_starts_are({{2, 16, 0}}, 5, {7}));
}

TEST_CASE("one node with holes: ranges are filled from below", "[linux_mm]") {
    // [16, 20) all four, six of [30, 60)
    STATIC_REQUIRE(toy_starts_are({{16, 20, 0}, {30, 60, 0}}, 10, {36}));
    STATIC_REQUIRE(toy_starts_are({{16, 20, 0}, {30, 60, 0}}, 4, {20}));
    STATIC_REQUIRE(toy_starts_are({{10, 14, 0}, {30, 60, 0}}, 4, {30}));
}

TEST_CASE("a request for nothing or for everything moves nothing", "[linux_mm]") {
    STATIC_REQUIRE(toy_starts_are({{0, 64, 0}}, 0, {none}));
    STATIC_REQUIRE(toy_starts_are({{0, 64, 0}}, 64, {none}));
    STATIC_REQUIRE(toy_starts_are({{0, 64, 0}}, 100, {none}));
    STATIC_REQUIRE(toy_starts_are({{0, 64, 0}}, 63, {63}));
    STATIC_REQUIRE(toy_starts_are({}, 10, {}));
}

TEST_CASE("several nodes share what the kernel keeps", "[linux_mm]") {
    // 24 pages in halves: node 0 gives 16 low ones, node 1 half of the 8 left, then node 0 the rest
    STATIC_REQUIRE(toy_starts_are({{0, 32, 0}, {32, 48, 1}}, 24, {20, 36}));
    // 60 in thirds of 20: node 0 has 8 only; the 12 that are left go to the others by halves
    STATIC_REQUIRE(toy_starts_are({{16, 24, 0}, {24, 64, 1}, {64, 104, 2}}, 60, {none, 50, 90}));
    // a page that is left for two nodes or more is not shared out
    STATIC_REQUIRE(toy_starts_are({{16, 24, 0}, {24, 64, 1}, {64, 104, 2}}, 61, {none, 50, 90}));
    // interleaved nodes: each is walked by itself
    STATIC_REQUIRE(
        toy_starts_are({{16, 24, 0}, {24, 32, 1}, {32, 40, 0}, {40, 48, 1}}, 20, {34, 42}));
    // a node that has only low memory keeps all of it
    STATIC_REQUIRE(toy_starts_are({{0, 16, 0}, {16, 48, 1}}, 30, {none, 30}));
}

TEST_CASE("movable memory begins at a multiple of the largest block, or not at all", "[linux_mm]") {
    STATIC_REQUIRE(toy_starts_are({{24, 64, 1}, {64, 104, 2}}, 52, {52, 92}, 2)); // 50, 90
    STATIC_REQUIRE(toy_starts_are({{24, 64, 1}, {64, 104, 2}}, 52, {none, 96}, 5));
    STATIC_REQUIRE(toy_starts_are({{16, 64, 0}}, 16, {32}, 4)); // on it already
}

TEST_CASE("movablecore leaves the kernel the rest; the larger kernelcore counts", "[linux_mm]") {
    constexpr auto starts = [](std::uint64_t kernelcore, std::uint64_t movablecore,
                               std::uint64_t wanted, unsigned order = 0) {
        return starts_are(
            map_of({{0, 64, 0}}, toy, toy_zones::list),
            {.kernelcore = {.bytes = kernelcore * 16}, .movablecore = {.bytes = movablecore * 16}},
            order, {wanted});
    };
    STATIC_REQUIRE(starts(0, 20, 44));
    STATIC_REQUIRE(starts(30, 20, 44));
    STATIC_REQUIRE(starts(50, 20, 50));
    STATIC_REQUIRE(starts(0, 17, 44, 2)); // rounded up to 20 before
    STATIC_REQUIRE(starts(0, 64, none));  // nothing is left: no request
    STATIC_REQUIRE(starts(0, 100, none));
    STATIC_REQUIRE(starts(10, 100, 16));
    STATIC_REQUIRE(starts(0, 0, none));
}

TEST_CASE("an amount is in bytes, a share is of all pages", "[linux_mm]") {
    constexpr page_count total{1000};
    STATIC_REQUIRE(core_size{.bytes = 8191}.pages_of(total, {}) == 1);
    STATIC_REQUIRE(core_size{.bytes = 8192}.pages_of(total, {}) == 2);
    STATIC_REQUIRE(core_size{.bytes = 8192, .percent = 33}.pages_of(total, {}) == 330);
    constexpr auto memory = map_of({{0, 64, 0}}, toy, toy_zones::list);
    STATIC_REQUIRE(starts_are(memory, {.kernelcore = {.percent = 50}}, 0, {32}));
    STATIC_REQUIRE(starts_are(memory, {.movablecore = {.percent = 25}}, 0, {48}));
    STATIC_REQUIRE(starts_are(memory, {.kernelcore = {.percent = 99}}, 0, {63}));
    STATIC_REQUIRE(starts_are(memory, {.kernelcore = {.percent = 100}}, 0, {none}));
}

TEST_CASE("movable_node: hot-pluggable memory is movable, whatever else is asked", "[linux_mm]") {
    constexpr auto memory =
        map_of({{0, 32, 0}, {32, 40, 1}, {40, 64, 1, true}, {64, 70, 1}, {80, 96, 2, true}}, toy,
               toy_zones::list);
    STATIC_REQUIRE(starts_are(memory, {.movable_node = true}, 0, {none, 40, 80}));
    STATIC_REQUIRE(starts_are(memory, {.kernelcore = {.percent = 50}, .movable_node = true}, 0,
                              {none, 40, 80}));
    STATIC_REQUIRE(starts_are(memory, {.movable_node = true}, 4, {none, 48, 80}));
}

TEST_CASE("kernelcore=mirror without mirrored memory is ignored from 6.6 on", "[linux_mm]") {
    constexpr auto memory = map_of(
        {{1, 0xc0000, 0}, {0x100000, 0x140000, 0}, {0x140000, 0x180000, 1}}, {}, all_zones::list);
    constexpr boot_parameters mirror{.kernelcore_mirror = true};
    STATIC_REQUIRE(starts_are(memory, mirror, 10, {0x100000, 0x140000}, {6, 1})); // from 4 GiB on
    STATIC_REQUIRE(starts_are(memory, mirror, 10, {0x100000, 0x140000}, {6, 5}));
    STATIC_REQUIRE(starts_are(memory, mirror, 10, {none, none}, {6, 6}));
    STATIC_REQUIRE(starts_are(memory, mirror, 10, {none, none}, {6, 12}));
    constexpr boot_parameters both{.kernelcore = {.percent = 50}, .kernelcore_mirror = true};
    STATIC_REQUIRE(starts_are(memory, both, 10, {none, none}, {6, 12}));
}
