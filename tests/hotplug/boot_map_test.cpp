// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/boot_map.hpp>

#include <zonal/zone/zone_set.hpp>

#include "test.hpp"

using namespace zonal;

namespace {

// Pages of 16 bytes, subsections of 2, sections of 4, blocks of 8 pages. The low zone reaches 16.
constexpr page_geometry toy{
    .page_bytes_log2 = 4, .subsection_order = 1, .section_order = 2, .memory_block_order = 3};

struct low {
    static constexpr text name = "low";
    static constexpr zone_traits traits{.reach_bits = 8};
};
struct high {
    static constexpr text name = "high";
    static constexpr zone_traits traits{};
};
struct unmapped {
    static constexpr text name = "unmapped";
    static constexpr zone_traits traits{.kernel_mapped = false};
};
struct pool {
    static constexpr text name = "pool";
    static constexpr zone_traits traits{.movable = true};
};
struct pmem {
    static constexpr text name = "pmem";
    static constexpr zone_traits traits{.allocatable = false, .device = true};
};
using zones = zone_set<low, high, pool, pmem>;

constexpr pfn_range at(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }
constexpr zone_pages present(pfn_range span, std::uint64_t pages) {
    return {span, page_count{pages}, page_count{pages}};
}

struct owned_pages {
    std::uint64_t start, end, node;
};
// Usable whole pages, each range of its node.
template <class Map = boot_map<8, 4>>
constexpr result<Map> map_of(std::initializer_list<owned_pages> ranges,
                             const zone_list& list = zones::list,
                             pfn kernel_mapped_end = pfn{pfn::limit}) {
    firmware_map<16> firmware;
    node_map<16> owners;
    for (const owned_pages& r : ranges) {
        const byte_range bytes{phys_addr{r.start * 16}, phys_addr{r.end * 16}};
        expects(firmware.add({bytes}) && owners.add({bytes, {r.node}}), "test: too many");
    }
    return Map::make(Map::ranges_type::make(toy, firmware, owners).value(), list,
                     kernel_mapped_end);
}

constexpr node_id first{0}, second{1};

} // namespace

static_assert(zone_view<boot_map<>>);

TEST_CASE("the example of boot_map.hpp", "[hotplug]") {
    firmware_map<4> firmware;
    REQUIRE(firmware.add({{phys_addr{0x1000}, phys_addr{0x1c0000000}}}));
    const auto usable = boot_ranges<>::make({}, firmware, node_map<>{}).value();
    using movable = pool;

    auto memory = boot_map<>::make(usable, zones::list).value();
    const bool known = memory.set_movable_start(node_id{0}, pfn{0x180000}).has_value();
    REQUIRE(known);
    REQUIRE(memory.pages_of(node_id{0}, zones::id_of<movable>) ==
            present(at(0x180000, 0x1c0000), 0x40000));
}

// A whole start in toy geometry. Firmware, in bytes:
//     [0x008, 0x1f8) usable, [0x1f8, 0x20c) reserved, [0x20c, 0x305) usable, [0x400, 0x800) usable
// Node 0 owns [0, 0x480), node 1 [0x480, 0x900); the movable memory of node 1 begins at page 0x60.
constexpr boot_map<8, 2> started() {
    firmware_map<4> firmware;
    node_map<2> owners;
    expects(firmware.add({{phys_addr{0x400}, phys_addr{0x800}}}) &&
                firmware.add({{phys_addr{0x008}, phys_addr{0x305}}}) &&
                firmware.add({{phys_addr{0x1f8}, phys_addr{0x20c}}, firmware_kind::reserved}),
            "test: too many ranges");
    expects(owners.add({{phys_addr{0}, phys_addr{0x480}}, first}) &&
                owners.add({{phys_addr{0x480}, phys_addr{0x900}}, second, true}),
            "test: too many nodes");
    const auto usable = boot_ranges<8>::make(toy, firmware, owners).value();
    auto memory = boot_map<8, 2>::make(usable, zones::list).value();
    expects(memory.set_movable_start(second, pfn{0x60}).has_value(), "test: no such node");
    return memory;
}

constexpr bool start_is_as_drawn() {
    const auto memory = started();
    const auto& usable = memory.ranges();

    // [1, 0x1f) node 0, [0x21, 0x30) node 0, [0x40, 0x48) node 0, [0x48, 0x80) node 1
    const boot_range drawn[] = {{at(1, 0x1f), first},
                                {at(0x21, 0x30), first},
                                {at(0x40, 0x48), first},
                                {at(0x48, 0x80), second, true}};
    const boot_range* found = usable.begin();
    for (const boot_range& r : drawn)
        if (*found++ != r) return false;
    if (found != usable.end()) return false;

    const zone_id lo = zones::id_of<low>, hi = zones::id_of<high>, mov = zones::id_of<pool>;
    const bool zones_fit = memory.zone_limits(lo) == at(1, 0x10) &&
                           memory.zone_limits(hi) == at(0x10, 0x80) &&
                           memory.pages_of(first, lo) == present(at(1, 0x10), 15) &&
                           memory.pages_of(first, hi) == present(at(0x10, 0x48), 15 + 15 + 8) &&
                           memory.pages_of(first, mov) == zone_pages{} &&
                           memory.pages_of(second, lo) == zone_pages{} &&
                           memory.pages_of(second, hi) == present(at(0x48, 0x60), 24) &&
                           memory.pages_of(second, mov) == present(at(0x60, 0x80), 32) &&
                           memory.pages_of(second, zones::id_of<pmem>) == zone_pages{};
    const bool nodes_fit = memory.nodes().size == 2 && memory.node_span(first) == at(1, 0x48) &&
                           memory.node_span(second) == at(0x48, 0x80) &&
                           memory.node_span(node_id{2}) == pfn_range{};

    // Sections of 4 pages: [0x30, 0x40) is a hole, so 12 to 15 are not there.
    bool units_fit = true;
    for (std::uint64_t s = 0; s < 40; ++s)
        units_fit = units_fit && !usable.present_in({pfn{4 * s}, page_count{4}}).is_zero() ==
                                     (s < 12 || (s >= 16 && s < 32));

    const auto owner = [&](std::uint64_t p) { return memory.owner_of(pfn{p}); };
    const bool owners_fit =
        owner(0) == page_owner{first, lo} && owner(0xf) == page_owner{first, lo} &&
        owner(0x1f) == page_owner{first, hi} &&
        owner(0x30) == result<page_owner>(fail(errc::not_found)) &&
        owner(0x47) == page_owner{first, hi} && owner(0x48) == page_owner{second, hi} &&
        owner(0x60) == page_owner{second, mov};
    return zones_fit && nodes_fit && units_fit && owners_fit;
}
static_assert(start_is_as_drawn());

TEST_CASE("a start in toy geometry is as drawn", "[hotplug]") { REQUIRE(start_is_as_drawn()); }

TEST_CASE("a zone's limits end at its reach, or where memory does", "[hotplug]") {
    constexpr zone_id lo = zones::id_of<low>, hi = zones::id_of<high>;
    STATIC_REQUIRE(map_of({{2, 12, 0}})->zone_limits(lo) == at(2, 12));
    STATIC_REQUIRE(map_of({{2, 12, 0}})->zone_limits(hi).empty());
    STATIC_REQUIRE(map_of({{2, 16, 0}})->zone_limits(lo) == at(2, 16));
    STATIC_REQUIRE(map_of({{2, 17, 0}})->zone_limits(hi) == at(16, 17));
    STATIC_REQUIRE(map_of({{20, 30, 0}})->zone_limits(lo).empty());
    STATIC_REQUIRE(map_of({{20, 30, 0}})->zone_limits(hi) == at(20, 30));
    STATIC_REQUIRE(map_of({{2, 30, 0}})->zone_limits(zones::id_of<pool>).empty());
}

TEST_CASE("a node's zone spans from the zone's limit even where its memory begins higher",
          "[hotplug]") {
    constexpr auto memory = map_of({{4, 8, 0}, {20, 24, 0}}).value();
    STATIC_REQUIRE(memory.pages_of(first, zones::id_of<low>) == present(at(4, 16), 4));
    STATIC_REQUIRE(memory.pages_of(first, zones::id_of<high>) == present(at(16, 24), 4));
}

TEST_CASE("nodes may interleave; each zone counts only its node's pages", "[hotplug]") {
    constexpr auto memory = map_of({{16, 20, 1}, {20, 24, 0}, {24, 28, 1}}).value();
    STATIC_REQUIRE(memory.pages_of(second, zones::id_of<high>) == present(at(16, 28), 8));
    STATIC_REQUIRE(memory.pages_of(first, zones::id_of<high>) == present(at(20, 24), 4));
    STATIC_REQUIRE((memory.nodes()[0].node == first && memory.nodes()[1].node == second));
}

TEST_CASE("no memory is a map without anything", "[hotplug]") {
    constexpr auto memory = map_of({}).value();
    STATIC_REQUIRE(memory.nodes().size == 0);
    STATIC_REQUIRE(memory.pages_of(first, zone_id{0}) == zone_pages{});
    STATIC_REQUIRE(memory.zone_limits(zone_id{1}).empty());
    STATIC_REQUIRE(memory.owner_of(pfn{0}) == result<page_owner>(fail(errc::not_found)));
    STATIC_REQUIRE(memory.owner_of(pfn{pfn::limit}) == result<page_owner>(fail(errc::not_found)));
}

TEST_CASE("one page is a map with one page", "[hotplug]") {
    constexpr auto memory = map_of({{17, 18, 1}}).value();
    STATIC_REQUIRE(memory.pages_of(second, zones::id_of<high>) == present(at(17, 18), 1));
    STATIC_REQUIRE(memory.owner_of(pfn{16}) == page_owner{second, zones::id_of<high>});
    STATIC_REQUIRE(memory.owner_of(pfn{19}) == page_owner{second, zones::id_of<high>});
    STATIC_REQUIRE(memory.owner_of(pfn{20}) == result<page_owner>(fail(errc::not_found)));
}

TEST_CASE("the movable zone takes what lies above its start, and nothing from the end on",
          "[hotplug]") {
    constexpr auto with_start = [](std::uint64_t start) {
        auto memory = map_of({{4, 24, 0}, {24, 32, 1}}).value();
        expects(memory.set_movable_start(first, pfn{start}).has_value(), "test: no node");
        return memory;
    };
    constexpr zone_id lo = zones::id_of<low>, hi = zones::id_of<high>, mov = zones::id_of<pool>;
    STATIC_REQUIRE(with_start(20).pages_of(first, hi) == present(at(16, 20), 4));
    STATIC_REQUIRE(with_start(20).pages_of(first, mov) == present(at(20, 24), 4));
    STATIC_REQUIRE(with_start(16).pages_of(first, hi) == zone_pages{});
    STATIC_REQUIRE(with_start(10).pages_of(first, lo) == present(at(4, 10), 6));
    STATIC_REQUIRE(with_start(10).pages_of(first, mov) == present(at(10, 24), 14));
    STATIC_REQUIRE(with_start(0).pages_of(first, mov) == present(at(4, 24), 20));
    STATIC_REQUIRE(with_start(23).pages_of(first, mov) == present(at(23, 24), 1));
    STATIC_REQUIRE(with_start(24).pages_of(first, mov) == zone_pages{});
    STATIC_REQUIRE(with_start(30).pages_of(first, hi) == present(at(16, 24), 8));
    STATIC_REQUIRE(with_start(20).pages_of(second, mov) == zone_pages{});
}

TEST_CASE("a movable start needs a node with memory and a movable zone", "[hotplug]") {
    auto memory = map_of({{4, 24, 0}}).value();
    CHECK(memory.set_movable_start(second, pfn{8}) == result<done>(fail(errc::not_found)));
    auto fixed = map_of({{4, 24, 0}}, zone_set<low, high>::list).value();
    CHECK(fixed.set_movable_start(first, pfn{8}) == result<done>(fail(errc::not_found)));
    CHECK(fixed.pages_of(first, zone_id{1}) == present(at(16, 24), 8));
}

TEST_CASE("zones that the kernel does not map begin where its map ends", "[hotplug]") {
    using with_unmapped = zone_set<low, high, unmapped, pool>;
    constexpr auto memory = map_of({{1, 64, 0}}, with_unmapped::list, pfn{40}).value();
    STATIC_REQUIRE(memory.zone_limits(zone_id{0}) == at(1, 16));
    STATIC_REQUIRE(memory.zone_limits(zone_id{1}) == at(16, 40));
    STATIC_REQUIRE(memory.zone_limits(zone_id{2}) == at(40, 64));
    constexpr auto all_mapped = map_of({{1, 64, 0}}, with_unmapped::list).value();
    STATIC_REQUIRE(all_mapped.zone_limits(zone_id{2}).empty());
}

TEST_CASE("memory that no zone reaches has no owner", "[hotplug]") {
    constexpr auto memory = map_of({{1, 64, 0}}, zone_set<low>::list).value();
    STATIC_REQUIRE(memory.pages_of(first, zone_id{0}) == present(at(1, 16), 15));
    STATIC_REQUIRE(memory.owner_of(pfn{15}) == page_owner{first, zone_id{0}});
    STATIC_REQUIRE(memory.owner_of(pfn{16}) == result<page_owner>(fail(errc::not_found)));
}

TEST_CASE("a zone that reaches less than a page is empty", "[hotplug]") {
    zone_list list;
    REQUIRE(list.add({"tiny", {.reach_bits = 3}}));
    REQUIRE(list.add({"rest", {}}));
    const auto memory = map_of({{0, 4, 0}}, list).value();
    CHECK(memory.pages_of(first, zone_id{0}) == zone_pages{});
    CHECK(memory.pages_of(first, zone_id{1}) == present(at(0, 4), 4));
    list.zones[0].traits.reach_bits = 4;
    CHECK(map_of({{0, 4, 0}}, list)->pages_of(first, zone_id{0}) == present(at(0, 1), 1));
}

TEST_CASE("holes of a section belong to the next usable page's owner, the last ones to the last's",
          "[hotplug]") {
    // Sections of 4: page 14 is in one with memory and belongs to what begins at 20, far behind.
    constexpr auto memory = map_of({{4, 6, 0}, {12, 13, 0}, {20, 21, 1}}).value();
    constexpr page_owner next{second, zones::id_of<high>};
    STATIC_REQUIRE(memory.owner_of(pfn{6}) == page_owner{first, zones::id_of<low>});
    STATIC_REQUIRE(memory.owner_of(pfn{14}) == next);
    STATIC_REQUIRE(memory.owner_of(pfn{15}) == next);
    STATIC_REQUIRE(memory.owner_of(pfn{16}) == result<page_owner>(fail(errc::not_found)));
    STATIC_REQUIRE(memory.owner_of(pfn{23}) == next);
}

TEST_CASE("more nodes than there is room for are refused", "[hotplug]") {
    STATIC_REQUIRE(map_of<boot_map<8, 2>>({{1, 2, 5}, {2, 3, 3}, {3, 4, 5}}).has_value());
    STATIC_REQUIRE(map_of<boot_map<8, 2>>({{1, 2, 5}, {2, 3, 3}, {3, 4, 4}}).error() ==
                   errc::no_space);
}
