// SPDX-License-Identifier: BSL-1.0

// The snippets in the comments of linux_mm/ and freebsd_vm/ that no other test has; see
// core_test.cpp.

#include <zonal/freebsd_vm/amd64.hpp>
#include <zonal/linux_mm/boot_rules.hpp>
#include <zonal/linux_mm/changes.hpp>
#include <zonal/linux_mm/decode.hpp>
#include <zonal/linux_mm/memremap.hpp>
#include <zonal/linux_mm/offline_and_remove.hpp>
#include <zonal/linux_mm/page_word.hpp>

#include <string>

#include "../debian_config.hpp"
#include "../test.hpp"

namespace snippet_of_freebsd {

using namespace zonal;

namespace fb = freebsd_vm;
constexpr request_table requests = fb::requests<fb::large>;
static_assert(*requests.zone_for(fb::below_4_gib) == fb::large::id_of<fb::dma32>);
static_assert(unreachable<fb::fictitious, fb::large>(requests, fb::fallback<fb::large>));

} // namespace snippet_of_freebsd

namespace snippet_of_page_word {

namespace lm = zonal::linux_mm;
inline constexpr lm::config mine{.kernel = {6, 1}, .numa = true, .nodes_shift = 10};
struct page_flags_word : lm::page_word<mine> {};
static_assert(page_flags_word::width<zonal::node_id> == 10);

} // namespace snippet_of_page_word

using namespace zonal;
using namespace zonal::linux_mm;

namespace {

using zones = zone_set<dma32, normal, movable, device>;
constexpr page_geometry geometry;

/// Debian's for x86_64, as far as its words depend on it.
constexpr config debian_6_1 = zonal_test::debian_x86_64({6, 1});

/// 3 GiB at 0 and 4 GiB at 4 GiB.
firmware_map<> firmware_of_7_gib() {
    firmware_map<> firmware;
    REQUIRE(firmware.add({{phys_addr{0}, phys_addr{3ull << 30}}}));
    REQUIRE(firmware.add({{phys_addr{4ull << 30}, phys_addr{8ull << 30}}}));
    return firmware;
}

} // namespace

TEST_CASE("linux_mm/boot_rules.hpp", "[snippets]") {
    const auto usable = boot_ranges<>::make(geometry, firmware_of_7_gib(), node_map<>{}).value();
    auto memory = boot_map<>::make(usable, zones::list).value();
    const boot_parameters wishes{.kernelcore = {.bytes = 4ull << 30}};
    place_movable(memory, wishes, {6, 12});
    const pfn movable_start = memory.nodes()[0].movable_start;
    CHECK(movable_start == pfn{0x140000}); // 3 GiB below 4 GiB, and the first one above
}

TEST_CASE("linux_mm/changes.hpp", "[snippets]") {
    constexpr linux_mm::config config{.kernel = {6, 12},
                                      .zone_dma = true,
                                      .zone_dma32 = true,
                                      .zone_device = true,
                                      .memory = memory_model::sparse,
                                      .max_physmem_bits = 46,
                                      .section_size_bits = 27,
                                      .numa = true,
                                      .nodes_shift = 10,
                                      .numa_balancing = true,
                                      .nr_cpus = 256};
    std::string said;
    const auto say = [&](text option, unsigned from, unsigned to) {
        said += option.as<std::string>() + ' ' + std::to_string(from) + " -> " +
                std::to_string(to) + '\n';
    };
    for (const change& c : changes_for(config, page_field::last_cpupid))
        say(c.option, c.from, c.to); // CONFIG_NODES_SHIFT 10 -> 6
    CHECK(said.find("CONFIG_NODES_SHIFT 10 -> 6\n") != std::string::npos);
}

TEST_CASE("linux_mm/decode.hpp", "[snippets]") {
    constexpr linux_mm::config config = debian_6_1;
    std::string printed;
    const auto out = [&](text part) { printed.append(part.data, part.size); };
    print_word(format_of(config), 0xfffffc0000200, out);
    CHECK(printed == "0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)");
}

TEST_CASE("linux_mm/page_layout.hpp", "[snippets]") {
    constexpr linux_mm::config config = debian_6_1;
    constexpr page_layout debian = page_layout_of(config);
    static_assert(debian.fits() && debian[page_field::node].width == 10);
}

TEST_CASE("linux_mm/page_word.hpp", "[snippets]") {
    using namespace snippet_of_page_word;
    STATIC_REQUIRE(page_flags_word::get<zonal::node_id>(page_flags_word::set(0, node_id{5})) ==
                   node_id{5});
}

TEST_CASE("linux_mm/hotplug.hpp", "[snippets]") {
    hotplug<in_place<64>> linux_6_12(hotplug_rules_for({6, 12}).value(), zones::list, geometry);
    linux_6_12.node[0].possible = true;
    linux_6_12.add_memory(node_id{0}, phys_addr{1ull << 32}, 1 << 27);
    CHECK(linux_6_12.state_of(32));
    linux_6_12.online(32, online_type::movable);
    CHECK(linux_6_12.zone_of(32) == zones::id_of<movable>);
    linux_6_12.remove_memory(phys_addr{1ull << 32}, 1 << 27); // kernel_error::busy
    CHECK(linux_6_12.remove_memory(phys_addr{1ull << 32}, 1 << 27) == fail(kernel_error::busy));
}

TEST_CASE("linux_mm/offline_and_remove.hpp", "[snippets]") {
    hotplug<in_place<64>> system(hotplug_rules_for({6, 12}).value(), zones::list, geometry);
    system.node[0].possible = true;
    REQUIRE(system.add_memory(node_id{0}, phys_addr{1ull << 32}, 3 << 27));
    for (unsigned block = 32; block != 35; ++block)
        REQUIRE(system.online(block, online_type::movable));
    const auto pinned = [](std::uint64_t block) { return block == 33; };
    unplug(system, phys_addr{1ull << 32}, 3 << 27, pinned); // kernel_error::busy
    for (unsigned block = 32; block != 35; ++block) CHECK(system.state_of(block)->online);
    CHECK(unplug(system, phys_addr{1ull << 32}, 3 << 27, pinned) == fail(kernel_error::busy));
}

TEST_CASE("linux_mm/memremap.hpp", "[snippets]") {
    hotplug<in_place<64>> system(hotplug_rules_for({6, 12}).value(), zones::list, geometry);
    const auto& exist = system.memory.sections().existing();
    const byte_range pmem{phys_addr{1ull << 32}, phys_addr{2ull << 32}};
    const answer mapped = memremap(system, node_id{0}, &pmem);
    CHECK(mapped);
    CHECK(exist.contains(pfn{1u << 20}));
    memunmap(system, &pmem); // Device spans it for ever, in Linux
    CHECK(exist.empty());
    CHECK(system.pages_of(node_id{0}, zones::id_of<device>).span ==
          pfn_range{pfn{1u << 20}, pfn{2u << 20}});
}
