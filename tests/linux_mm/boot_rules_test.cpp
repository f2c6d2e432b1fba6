// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/boot_rules.hpp>

#include <zonal/linux_mm/boot_x86_64.hpp>
#include <zonal/linux_mm/zones.hpp>

#include "test.hpp"

#include <vector>

using namespace zonal;
using namespace zonal::linux_mm;

namespace {

constexpr std::uint64_t MiB = 1u << 20, GiB = 1u << 30;
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
    const boot_parameters wishes = parse_boot_parameters("kernelcore=4G");
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

TEST_CASE("a share is of all pages", "[linux_mm]") {
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

// ---- which node owns what ---------------------------------------------------------------------

namespace {

constexpr node_range owned(std::uint64_t start, std::uint64_t end, std::uint64_t node,
                           bool hot_pluggable = false) {
    return {{phys_addr{start}, phys_addr{end}}, {node}, hot_pluggable};
}
constexpr node_map<> nodes_from(std::initializer_list<node_range> ranges) {
    node_map<> nodes;
    for (const node_range& r : ranges) expects(nodes.add(r).has_value(), "test: too many nodes");
    return nodes;
}
constexpr bool same(const node_map<>& a, std::initializer_list<node_range> b) {
    if (a.size != b.size()) return false;
    for (unsigned i = 0; i < a.size; ++i)
        if (a[i] != b.begin()[i]) return false;
    return true;
}
constexpr boot_ranges<> usable(std::initializer_list<byte_range> bytes) {
    firmware_map<2> firmware;
    for (const byte_range& r : bytes) expects(firmware.add({r}).has_value(), "test: no room");
    return boot_ranges<>::make({}, firmware, node_map<1>{}).value();
}
constexpr boot_ranges<> usable_from(std::uint64_t start, std::uint64_t end) {
    return usable({{phys_addr{start}, phys_addr{end}}});
}
constexpr bool nodes_are(std::uint64_t start, std::uint64_t end,
                         std::initializer_list<node_range> firmware, text line, version kernel,
                         std::initializer_list<node_range> wanted) {
    const auto nodes = nodes_of(usable_from(start, end), nodes_from(firmware),
                                parse_boot_parameters(line), kernel);
    return nodes && same(*nodes, wanted);
}

} // namespace

TEST_CASE("nodes end with memory and own the gaps between their ranges", "[linux_mm]") {
    const auto srat = {owned(0, 640 << 10, 0), owned(MiB, GiB, 0), owned(GiB, 9 * GiB, 1)};
    CHECK(nodes_are(0x1000, 2 * GiB, srat, "", {6, 1}, {owned(0, GiB, 0), owned(GiB, 2 * GiB, 1)}));
    CHECK(nodes_are(0x1000, 2 * GiB, srat, "", {6, 12},
                    {owned(0x1000, GiB, 0), owned(GiB, 2 * GiB, 1)}));
    CHECK(nodes_are(0x1000, 2 * GiB, srat, "numa=off", {6, 1}, {owned(0, 2 * GiB, 0)}));
    CHECK(nodes_are(0x1000, 2 * GiB, {}, "", {6, 1}, {owned(0, 2 * GiB, 0)}));
    // another node lies between
    CHECK(nodes_are(
        0, 3 * GiB, {owned(0, GiB, 0), owned(2 * GiB, 3 * GiB, 0), owned(GiB, 2 * GiB, 1)}, "",
        {6, 1}, {owned(0, GiB, 0), owned(2 * GiB, 3 * GiB, 0), owned(GiB, 2 * GiB, 1)}));
}

TEST_CASE("the node of the lowest page cannot leave", "[linux_mm]") {
    CHECK(nodes_are(0x1000, 3 * GiB, {owned(0, GiB, 0, true), owned(GiB, 3 * GiB, 1, true)},
                    "movable_node", {6, 1}, {owned(0, GiB, 0), owned(GiB, 3 * GiB, 1, true)}));
}

TEST_CASE("fake nodes are cut from the real ones in turn", "[linux_mm]") {
    // 512 MiB each: node 0 gives the fake nodes 0 and 2, node 1 gives 1 and 3
    CHECK(nodes_are(0, 2 * GiB, {owned(0, GiB, 0), owned(GiB, 2 * GiB, 1)}, "numa=fake=4", {6, 1},
                    {owned(0, 512 * MiB, 0), owned(GiB, GiB + 512 * MiB, 1),
                     owned(512 * MiB, GiB, 2), owned(GiB + 512 * MiB, 2 * GiB, 3)}));
    // 1088 MiB in four: 272 MiB each are eight steps of 32 MiB; the first two get one step more
    CHECK(nodes_are(0, 1088 * MiB, {}, "numa=fake=4", {6, 1},
                    {owned(0, 288 * MiB, 0), owned(288 * MiB, 576 * MiB, 1),
                     owned(576 * MiB, 832 * MiB, 2), owned(832 * MiB, 1088 * MiB, 3)}));
    CHECK(nodes_are(0, GiB, {}, "numa=fake=1", {6, 1}, {owned(0, GiB, 0)}));
}

TEST_CASE("a fake node that meets a hole goes on behind it", "[linux_mm]") {
    const auto memory = usable(
        {{phys_addr{0}, phys_addr{512 * MiB}}, {phys_addr{GiB}, phys_addr{2 * GiB + 512 * MiB}}});
    const auto wishes = parse_boot_parameters("numa=fake=4");
    CHECK(same(nodes_of(memory, node_map<>{}, wishes, {6, 1}).value(),
               {owned(0, 512 * MiB, 0), owned(512 * MiB, GiB + 512 * MiB, 1),
                owned(GiB + 512 * MiB, 2 * GiB, 2), owned(2 * GiB, 2 * GiB + 512 * MiB, 3)}));
}

TEST_CASE("a fake node takes what below 4 GiB is too little for another", "[linux_mm]") {
    const auto memory = usable(
        {{phys_addr{0}, phys_addr{2 * GiB + 16 * MiB}}, {phys_addr{4 * GiB}, phys_addr{6 * GiB}}});
    const auto wishes = parse_boot_parameters("numa=fake=2");
    CHECK(same(nodes_of(memory, node_map<>{}, wishes, {6, 1}).value(),
               {owned(0, 4 * GiB, 0), owned(4 * GiB, 6 * GiB, 1)}));
}

TEST_CASE("fake nodes smaller than a step are not made", "[linux_mm]") {
    CHECK(nodes_are(0, GiB, {owned(0, GiB, 5)}, "numa=fake=33", {6, 1}, {owned(0, GiB, 5)}));
    CHECK(nodes_of(usable_from(0, 0), nodes_from({}), parse_boot_parameters("numa=fake=2"), {6, 1})
              ->size == 0);
}

TEST_CASE("more fake nodes than there is room for are refused", "[linux_mm]") {
    node_map<2> firmware;
    CHECK(nodes_of(usable_from(0, GiB), firmware, parse_boot_parameters("numa=fake=3"), {6, 1})
              .error() == errc::no_space);
}

// ---- x86-64 -----------------------------------------------------------------------------------

TEST_CASE("memory blocks grow from 64 GiB on, as far as they divide the end of memory",
          "[linux_mm]") {
    constexpr auto order = [](std::uint64_t end, bool bare_metal = false) {
        return memory_block_order(phys_addr{end}, page_geometry{}, bare_metal);
    };
    STATIC_REQUIRE(order(2 * GiB) == 15); // 128 MiB
    STATIC_REQUIRE(order(64 * GiB - 4096) == 15);
    STATIC_REQUIRE(order(64 * GiB) == 19); // 2 GiB
    STATIC_REQUIRE(order(65 * GiB) == 18); // 1 GiB
    STATIC_REQUIRE(order(66 * GiB) == 19);
    STATIC_REQUIRE(order(65 * GiB + 512 * MiB) == 17);
    STATIC_REQUIRE(order(65 * GiB + 256 * MiB) == 16);
    STATIC_REQUIRE(order(65 * GiB + 128 * MiB) == 15);
    STATIC_REQUIRE(order(65 * GiB + 4096) == 15);
    STATIC_REQUIRE(order(66 * GiB + 100) == 19); // the last page is not whole
    STATIC_REQUIRE(order(65 * GiB, true) == 19);
    STATIC_REQUIRE(order(2 * GiB, true) == 15);
}

TEST_CASE("page 0 and the old video and BIOS memory are not taken, even if usable", "[linux_mm]") {
    firmware_map<4> firmware;
    REQUIRE(firmware.add({{phys_addr{0}, phys_addr{2 * MiB}}}));
    const auto memory =
        boot_x86_64<boot_map<>>({6, 1}, all_zones::list, firmware, node_map<>{}, "");
    std::vector<pfn_range> ranges;
    for (const boot_range& r : memory->ranges()) ranges.push_back(r.pages);
    CHECK(ranges == std::vector{pfn_range{pfn{1}, pfn{0xa0}}, pfn_range{pfn{0x100}, pfn{0x200}}});
}

TEST_CASE("a machine boots as its firmware and its command line say", "[linux_mm]") {
    constexpr auto machine = [](text line) {
        firmware_map<16> firmware;
        for (const byte_range& usable : {byte_range{phys_addr{0}, phys_addr{0x9fc00}},
                                         byte_range{phys_addr{MiB}, phys_addr{3 * GiB}},
                                         byte_range{phys_addr{4 * GiB}, phys_addr{5 * GiB}}})
            expects(firmware.add({usable}).has_value(), "test: no room");
        return boot_x86_64<boot_map<>>({6, 12}, all_zones::list, firmware, node_map<>{}, line);
    };
    constexpr auto plain = machine("quiet").value();
    STATIC_REQUIRE(plain.pages_of(node_id{0}, all_zones::id_of<dma>).span ==
                   pfn_range{pfn{1}, pfn{0x1000}});
    STATIC_REQUIRE(plain.pages_of(node_id{0}, all_zones::id_of<dma32>).span ==
                   pfn_range{pfn{0x1000}, pfn{0x100000}});
    STATIC_REQUIRE(plain.pages_of(node_id{0}, all_zones::id_of<normal>).present ==
                   page_count{0x40000});
    STATIC_REQUIRE(plain.geometry().memory_block_order == 15);
    constexpr auto small = machine("mem=1G memmap=16M$16M").value();
    STATIC_REQUIRE(small.pages_of(node_id{0}, all_zones::id_of<dma32>).present ==
                   page_count{0x3e000});
    STATIC_REQUIRE(machine("mem=4K").value().nodes().size == 0);
}

TEST_CASE("memory beyond 64 TiB is not used", "[linux_mm]") {
    firmware_map<5> firmware;
    REQUIRE(firmware.add({{phys_addr{0}, phys_addr{2 * MiB}}}));
    REQUIRE(firmware.add({{phys_addr{65535 * GiB}, phys_addr{65537 * GiB}}}));
    REQUIRE(firmware.add({{phys_addr{~0ull - GiB}, phys_addr{~0ull}}}));
    const auto memory =
        boot_x86_64<boot_map<>>({6, 1}, all_zones::list, firmware, node_map<>{}, "numa=fake=2");
    CHECK(memory->ranges().span().end() == pfn{std::uint64_t{1} << 34});
    CHECK(memory->nodes().size == 2);
}

TEST_CASE("a machine with more than there is room for does not boot", "[linux_mm]") {
    firmware_map<3> firmware;
    REQUIRE(firmware.add({{phys_addr{0}, phys_addr{GiB}}}));
    const auto boot = [&](auto map, text line) {
        return boot_x86_64<decltype(map)>({6, 12}, all_zones::list, firmware, node_map<4>{}, line);
    };
    using two_ranges = boot_map<2, 4>;
    const auto memory = boot_map<2, 4>::make({}, all_zones::list).value();
    CHECK(boot(memory, "").has_value());
    CHECK(boot(memory, "memmap=4K$1G").error() == errc::no_space); // three firmware entries
    CHECK(boot_x86_64<boot_map<1, 4>>({6, 12}, all_zones::list, firmware, node_map<4>{}, "")
              .error() == errc::no_space); // two ranges
    CHECK(boot_x86_64<two_ranges>({6, 12}, all_zones::list, firmware, node_map<4>{}, "numa=fake=3")
              .error() == errc::no_space);
    CHECK(boot_x86_64<boot_map<4, 1>>({6, 12}, all_zones::list, firmware, node_map<4>{},
                                      "numa=fake=2")
              .error() == errc::no_space); // two nodes
}
