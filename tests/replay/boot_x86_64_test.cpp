// SPDX-License-Identifier: BSL-1.0
#include "replay/boot_x86_64.hpp"

#include <zonal/linux_mm/zones.hpp>

#include "test.hpp"

#include <vector>

using namespace zonal;
using namespace zonal_test;
using lm::all_zones;
using zone_map::parse_command_line;

constexpr std::uint64_t MiB = 1u << 20, GiB = 1u << 30;

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
                         std::initializer_list<node_range> firmware, text line, lm::version kernel,
                         std::initializer_list<node_range> wanted) {
    const auto nodes =
        nodes_of(usable_from(start, end), nodes_from(firmware), parse_command_line(line), kernel);
    return nodes && same(*nodes, wanted);
}

} // namespace

TEST_CASE("nodes end with memory and own the gaps between their ranges", "[replay]") {
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

TEST_CASE("the node of the lowest page cannot leave", "[replay]") {
    CHECK(nodes_are(0x1000, 3 * GiB, {owned(0, GiB, 0, true), owned(GiB, 3 * GiB, 1, true)},
                    "movable_node", {6, 1}, {owned(0, GiB, 0), owned(GiB, 3 * GiB, 1, true)}));
}

TEST_CASE("fake nodes are cut from the real ones in turn", "[replay]") {
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

TEST_CASE("a fake node that meets a hole goes on behind it", "[replay]") {
    const auto memory = usable(
        {{phys_addr{0}, phys_addr{512 * MiB}}, {phys_addr{GiB}, phys_addr{2 * GiB + 512 * MiB}}});
    const auto wishes = parse_command_line("numa=fake=4");
    CHECK(same(nodes_of(memory, node_map<>{}, wishes, {6, 1}).value(),
               {owned(0, 512 * MiB, 0), owned(512 * MiB, GiB + 512 * MiB, 1),
                owned(GiB + 512 * MiB, 2 * GiB, 2), owned(2 * GiB, 2 * GiB + 512 * MiB, 3)}));
}

TEST_CASE("a fake node takes what below 4 GiB is too little for another", "[replay]") {
    const auto memory = usable(
        {{phys_addr{0}, phys_addr{2 * GiB + 16 * MiB}}, {phys_addr{4 * GiB}, phys_addr{6 * GiB}}});
    const auto wishes = parse_command_line("numa=fake=2");
    CHECK(same(nodes_of(memory, node_map<>{}, wishes, {6, 1}).value(),
               {owned(0, 4 * GiB, 0), owned(4 * GiB, 6 * GiB, 1)}));
}

TEST_CASE("fake nodes smaller than a step are not made", "[replay]") {
    CHECK(nodes_are(0, GiB, {owned(0, GiB, 5)}, "numa=fake=33", {6, 1}, {owned(0, GiB, 5)}));
    CHECK(nodes_of(usable_from(0, 0), nodes_from({}), parse_command_line("numa=fake=2"), {6, 1})
              ->size == 0);
}

TEST_CASE("more fake nodes than there is room for are refused", "[replay]") {
    node_map<2> firmware;
    CHECK(nodes_of(usable_from(0, GiB), firmware, parse_command_line("numa=fake=3"), {6, 1})
              .error() == errc::no_space);
}

// ---- x86-64 -----------------------------------------------------------------------------------

TEST_CASE("a machine with RAM to 2 GiB keeps the BIOS's ranges, and blocks of 128 MiB, as in the "
          "header's example",
          "[replay]") {
    using namespace zonal::linux_mm;
    constexpr page_geometry geometry;
    firmware_map<8> firmware;
    REQUIRE(firmware.add({{phys_addr{0}, phys_addr{2 * GiB}}, firmware_kind::usable}));
    const bool fits = reserve_bios_range(firmware).has_value();
    firmware.end_usable_at(end_of_x86_64_memory);
    const unsigned order = memory_block_order(firmware.end_of_usable(), geometry);
    CHECK(fits);
    CHECK(order == 15);
    CHECK(firmware.run_from(phys_addr{0x1000})->bytes ==
          byte_range{phys_addr{0x1000}, phys_addr{0xa0000}});
    CHECK(firmware.run_from(phys_addr{0xa0000})->kind == firmware_kind::reserved);
}

TEST_CASE("memory blocks grow from 64 GiB on, as far as they divide the end of memory",
          "[replay]") {
    constexpr auto order = [](std::uint64_t end, bool bare_metal = false) {
        return lm::memory_block_order(phys_addr{end}, page_geometry{}, bare_metal);
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

TEST_CASE("page 0 and the old video and BIOS memory are not taken, even if usable", "[replay]") {
    firmware_map<4> firmware;
    REQUIRE(firmware.add({{phys_addr{0}, phys_addr{2 * MiB}}}));
    const auto memory =
        boot_x86_64<boot_map<>>({6, 1}, all_zones::list, firmware, node_map<>{}, "");
    std::vector<pfn_range> ranges;
    for (const boot_range& r : memory->ranges()) ranges.push_back(r.pages);
    CHECK(ranges == std::vector{pfn_range{pfn{1}, pfn{0xa0}}, pfn_range{pfn{0x100}, pfn{0x200}}});
}

TEST_CASE("a machine boots as its firmware and its command line say", "[replay]") {
    constexpr auto machine = [](text line) {
        firmware_map<16> firmware;
        for (const byte_range& usable : {byte_range{phys_addr{0}, phys_addr{0x9fc00}},
                                         byte_range{phys_addr{MiB}, phys_addr{3 * GiB}},
                                         byte_range{phys_addr{4 * GiB}, phys_addr{5 * GiB}}})
            expects(firmware.add({usable}).has_value(), "test: no room");
        return boot_x86_64<boot_map<>>({6, 12}, all_zones::list, firmware, node_map<>{}, line);
    };
    constexpr auto plain = machine("quiet").value();
    STATIC_REQUIRE(plain.pages_of(node_id{0}, all_zones::id_of<lm::dma>).span ==
                   pfn_range{pfn{1}, pfn{0x1000}});
    STATIC_REQUIRE(plain.pages_of(node_id{0}, all_zones::id_of<lm::dma32>).span ==
                   pfn_range{pfn{0x1000}, pfn{0x100000}});
    STATIC_REQUIRE(plain.pages_of(node_id{0}, all_zones::id_of<lm::normal>).present ==
                   page_count{0x40000});
    STATIC_REQUIRE(plain.geometry().memory_block_order == 15);
    constexpr auto small = machine("mem=1G memmap=16M$16M").value();
    STATIC_REQUIRE(small.pages_of(node_id{0}, all_zones::id_of<lm::dma32>).present ==
                   page_count{0x3e000});
    STATIC_REQUIRE(machine("mem=4K").value().nodes().size == 0);
}

TEST_CASE("memory beyond 64 TiB is not used", "[replay]") {
    firmware_map<5> firmware;
    REQUIRE(firmware.add({{phys_addr{0}, phys_addr{2 * MiB}}}));
    REQUIRE(firmware.add({{phys_addr{65535 * GiB}, phys_addr{65537 * GiB}}}));
    REQUIRE(firmware.add({{phys_addr{~0ull - GiB}, phys_addr{~0ull}}}));
    const auto memory =
        boot_x86_64<boot_map<>>({6, 1}, all_zones::list, firmware, node_map<>{}, "numa=fake=2");
    CHECK(memory->ranges().span().end() == pfn{std::uint64_t{1} << 34});
    CHECK(memory->nodes().size == 2);
}

TEST_CASE("a machine with more than there is room for does not boot", "[replay]") {
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
