// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/online_policy.hpp>
#include <zonal/linux_mm/placement_4_3.hpp>
#include <zonal/linux_mm/span_rules.hpp>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "oracle_rows_placement.hpp"
#include "test.hpp"

using namespace zonal;
using namespace zonal::linux_mm;
using zonal_test::csv;
using zonal_test::memory_table;

namespace {

memory_table memory(const char* zones, const char* groups = "", const char* sections = "") {
    memory_table m;
    m.read_zones(zones);
    m.read_groups(groups);
    m.read_sections(sections);
    return m;
}

/// [start, start + size) in units of 0x8000 pages, one section.
constexpr pfn_range sections(std::uint64_t start, std::uint64_t size = 1) {
    return {pfn{start << 15}, page_count{size << 15}};
}
constexpr pfn_range at(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }

std::string name(zone_id z) { return zonal_test::zone_name(z); }
std::string name(result<zone_id> z) { return z ? name(*z) : name_of(z.error()).as<std::string>(); }
template <class Zone>
constexpr zone_id id = all_zones::id_of<Zone>;

/// Every row of a recorded table against `answer`; returns how many there were.
template <class Answer>
int all_rows(const std::string& file, const Answer& answer) {
    std::ifstream in(ZONAL_TEST_DATA "/placement/" + file);
    REQUIRE(in);
    csv rows(in);
    int count = 0;
    while (rows.next()) {
        INFO(file << ", line " << rows.line());
        answer(rows);
        ++count;
    }
    return count;
}

} // namespace

// ---- the headers' own examples ----------------------------------------------------------------

TEST_CASE("memory gets its zone when it is added, until 4.12", "[linux_mm]") {
    const memory_table memory = ::memory("0/Movable=8000+8000;");
    const pfn_range dimm = sections(1);
    const zone_id default_zone = id<normal>;
    const zone_id zone = zone_for_memory(hot_add{memory, node_id{0}, dimm, false, default_zone});
    CHECK(zone == id<movable>);
}

TEST_CASE("memory gets its zone when it is onlined, from 4.13 on", "[linux_mm]") {
    using my_memory = memory_table;
    const my_memory memory;
    const pfn_range range = sections(1);
    const online_query<my_memory> dimm{
        .view = memory, .settings = {.movable_node = true}, .node = node_id{0}, .range = range};
    const zone_id zone = zone_for_pfn_range(dimm);
    CHECK(zone == id<movable>);
}

TEST_CASE("spans shrink by the rules of a version", "[linux_mm]") {
    const memory_table memory = ::memory("0/Normal=8000+10000;", "", "1:0/Normal;");
    const pfn_range offlined = sections(2);
    const zone_id id = ::id<normal>;
    const auto rules = shrink_rules_for(version{6, 12});
    const spans left = shrunk(memory, {node_id{0}, id}, offlined, rules.value());
    CHECK(left == spans{sections(1), sections(1)});
}

// ---- recorded: the real functions on random states --------------------------------------------

TEST_CASE("4.3 places hot-added memory as recorded", "[linux_mm]") {
    CHECK(all_rows("zone_for_memory_4.3.csv", [](const csv& row) {
              CHECK(zonal_test::zone_for_memory_result(row) == row["result"]);
          }) == 800);
}

TEST_CASE("6.12 places onlined memory as recorded", "[linux_mm]") {
    const auto compare = [](const csv& row) {
        CHECK(zonal_test::zone_for_pfn_range_result(row) == row["result_zone"]);
    };
    CHECK(all_rows("place_modern_6.12.csv", compare) == 600);
    CHECK(all_rows("place_modern_6.12_nonuma.csv", compare) == 200);
}

TEST_CASE("4.3 and 6.12 shrink spans as recorded", "[linux_mm]") {
    const auto compare = [](version kernel) {
        return [rules = shrink_rules_for(kernel).value()](const csv& row) {
            const auto [zones, nodes] = zonal_test::shrink_result(row, rules);
            CHECK(zones == row["zones_after"]);
            CHECK(nodes == row["nodes_after"]);
        };
    };
    CHECK(all_rows("shrink_4.3.csv", compare({4, 3})) == 400);
    CHECK(all_rows("shrink_6.12.csv", compare({6, 12})) == 400);
}

// ---- 4.3, adding ------------------------------------------------------------------------------

TEST_CASE("4.3 gives a driver's range the device zone, or ignores the wish", "[linux_mm]") {
    const auto m = memory("0/Normal=0+8000;0/Movable=8000+8000;0/Device=10000+8000;");
    CHECK(name(zone_for_memory(hot_add{m, node_id{0}, sections(0), true, id<normal>})) == "Device");
    CHECK(name(zone_for_memory(hot_add{m, node_id{0}, sections(9), true, id<normal>})) == "Device");

    struct no_device {
        zone_list list = [] {
            config c;
            c.zone_dma32 = true;
            return zones_of(c); // DMA32 Normal Movable
        }();
        const zone_list& zones() const { return list; }
        zone_pages pages_of(node_id, zone_id z) const {
            return {z == zone_id{2} ? sections(4) : pfn_range{}, {}, {}, {}};
        }
    } const older;
    CHECK(zone_for_memory(hot_add{older, node_id{0}, sections(3), true, zone_id{1}}) == zone_id{1});
    CHECK(zone_for_memory(hot_add{older, node_id{0}, sections(4), true, zone_id{1}}) == zone_id{2});
    // The core refuses instead.
    using strict = first_of<device_if_asked, movable_if_start_is_movable, callers_default>;
    const hot_add<no_device> asked{older, node_id{0}, sections(3), true, zone_id{1}};
    CHECK(strict{}.zone_for(asked).error() == errc::not_found);
}

TEST_CASE("4.3 compares the start of a range with the start of the movable zone", "[linux_mm]") {
    const auto m = memory("0/Movable=20000+8000;0/Normal=40000+8000;1/Normal=0+8000;");
    const auto zone = [&](std::uint64_t node, pfn_range r) {
        return name(zone_for_memory(hot_add{m, node_id{node}, r, false, id<normal>}));
    };
    CHECK(zone(0, at(0x1ffff, 0x30000)) == "Normal");    // reaches into it: size does not matter
    CHECK(zone(0, at(0x20000, 0x20001)) == "Movable");   // equality counts
    CHECK(zone(0, at(0x100000, 0x108000)) == "Movable"); // behind its end, after a gap
    CHECK(zone(0, at(0x40000, 0x48000)) == "Movable");   // inside another zone's span
    CHECK(zone(1, at(0x100000, 0x108000)) == "Normal");  // only the node asked for

    // By span, not by presence; and the default is returned unexamined.
    const auto holes = memory("0/Movable=20000+8000:p0:e0:c0;");
    CHECK(name(zone_for_memory(hot_add{holes, node_id{0}, sections(8), false, id<dma>})) ==
          "Movable");
    for (const zone_id any : {id<dma>, id<highmem>, id<movable>})
        CHECK(zone_for_memory(hot_add{holes, node_id{0}, sections(0), false, any}) == any);
}

TEST_CASE("4.3 rounds an unaligned byte address down", "[linux_mm]") {
    constexpr page_geometry x86{};
    STATIC_REQUIRE(x86.pfn_of(phys_addr{0x20000fff}) == pfn{0x20000});
}

TEST_CASE("each architecture of 4.3 has its own default zone", "[linux_mm]") {
    const auto m = memory("0/Normal=0+8000;0/Movable=20000+8000;");
    const auto zone = [&](const char* arch, pfn_range r, bool for_device = false) {
        const text arch_name{arch, std::char_traits<char>::length(arch)};
        return name(zone_for_arch(arch_name, hot_add{m, node_id{0}, r, for_device, id<highmem>}));
    };
    const pfn_range low = sections(1), high = sections(8);
    for (const char* arch : {"ia64", "sh", "x86-64"}) {
        CAPTURE(arch);
        CHECK(zone(arch, low) == "Normal");
        CHECK(zone(arch, high) == "Movable");
        CHECK(zone(arch, low, true) == "Device");
    }
    CHECK(zone("powerpc", low) == "DMA"); // the first zone, whatever it is
    CHECK(zone("powerpc", high) == "Movable");
    CHECK(zone("powerpc", low, true) == "Device");
    CHECK(zone("x86-32", low) == "HighMem");
    CHECK(zone("x86-32", high) == "Movable");
    CHECK(zone("x86-32", low, true) == "Device");
    // Neither asks zone_for_memory, so a driver's wish is not heard.
    CHECK(zone("s390", low, true) == "DMA");
    CHECK(zone("tile", low, true) == "Device"); // only because this set has one: the last index
    CHECK(zone("tile", low, false) == "Device");
    CHECK(zone_for_arch("mips", hot_add{m, node_id{0}, low}).error() == errc::not_found);
}

TEST_CASE("an architecture's default must be configured", "[linux_mm]") {
    struct {
        zone_list list = zones_of(config{}); // Normal Movable
        const zone_list& zones() const { return list; }
        zone_pages pages_of(node_id, zone_id) const { return {}; }
    } const m;
    const hot_add q{m, node_id{0}, sections(1)};
    CHECK(zone_for_arch("x86-32", q).error() == errc::not_found);
    CHECK(zone_for_arch("powerpc", q) == zone_id{0}); // Normal is the first here
    CHECK(zone_for_arch("tile", q) == zone_id{1});    // and Movable the last
}

TEST_CASE("s390's borders are judged by the first page of the range", "[linux_mm]") {
    const auto m = memory("");
    const boot_limits limits{.dma_end = pfn{0x80000}, .ram_end = pfn{0x100000}};
    const auto zone = [&](pfn_range r) {
        return name(zone_for_arch("s390", hot_add{m, node_id{0}, r}, limits));
    };
    CHECK(zone(at(0x7ffff, 0x200000)) == "DMA"); // crosses both borders
    CHECK(zone(at(0x80000, 0x200000)) == "Normal");
    CHECK(zone(at(0xfffff, 0x200000)) == "Normal");
    CHECK(zone(at(0x100000, 0x200000)) == "Movable");
}

// ---- 4.3, onlining ----------------------------------------------------------------------------

TEST_CASE("4.3 moves memory to the kernel from the lower edge of Movable", "[linux_mm]") {
    // Below Movable stands HighMem in this set; it is empty or ends where Movable starts.
    const auto online = [](const char* zones, pfn_range r) {
        const auto m = memory(zones);
        return online_4_3(hot_add{m, node_id{0}, r}, id<movable>, online_type::kernel, false);
    };
    const char* const both = "0/Normal=0+100:p1:e1:c0;0/HighMem=100+100;0/Movable=200+100;";
    CHECK(online(both, at(0x200, 0x240)) ==
          online_move{id<highmem>, at(0x100, 0x240), at(0x240, 0x300)});
    CHECK(online(both, at(0x200, 0x300)) ==
          online_move{id<highmem>, at(0x100, 0x300), {}}); // all of it
    CHECK(online(both, at(0x1c0, 0x240)) ==
          online_move{id<highmem>, at(0x100, 0x240), at(0x240, 0x300)});
    CHECK(online(both, at(0x1c0, 0x201)).has_value());
    CHECK(online(both, at(0x1c0, 0x200)).error() == errc::bad_range); // ends where Movable starts
    CHECK(online(both, at(0x201, 0x240)).error() == errc::bad_range); // not the edge
    CHECK(online(both, at(0x200, 0x301)).error() == errc::bad_range); // beyond the end

    const char* const empty = "0/Normal=0+100:p1:e1:c0;0/Movable=200+100;";
    CHECK(online(empty, at(0x200, 0x240)) ==
          online_move{id<highmem>, at(0x200, 0x240), at(0x240, 0x300)});
}

TEST_CASE("4.3 moves memory to Movable from the upper edge of the zone below", "[linux_mm]") {
    const auto online = [](const char* zones, pfn_range r) {
        const auto m = memory(zones);
        return online_4_3(hot_add{m, node_id{0}, r}, id<highmem>, online_type::movable, false);
    };
    const char* const both = "0/Normal=0+100:p1:e1:c0;0/HighMem=100+100;0/Movable=200+100;";
    CHECK(online(both, at(0x1c0, 0x200)) ==
          online_move{id<movable>, at(0x100, 0x1c0), at(0x1c0, 0x300)});
    CHECK(online(both, at(0x100, 0x200)) ==
          online_move{id<movable>, {}, at(0x100, 0x300)}); // all of it
    CHECK(online(both, at(0x1ff, 0x240)).has_value());
    CHECK(online(both, at(0x200, 0x240)).error() == errc::bad_range); // starts behind the zone
    CHECK(online(both, at(0x1c0, 0x1ff)).error() == errc::bad_range); // not the edge
    CHECK(online(both, at(0x0ff, 0x200)).error() == errc::bad_range); // before the start

    const char* const empty = "0/Normal=0+100:p1:e1:c0;0/HighMem=100+100;";
    CHECK(online(empty, at(0x1c0, 0x200)) ==
          online_move{id<movable>, at(0x100, 0x1c0), at(0x1c0, 0x200)});
}

TEST_CASE("4.3 leaves the zone alone where nothing is to be moved", "[linux_mm]") {
    const auto m = memory("0/DMA32=0+100:p1:e1:c0;0/Normal=100+100;0/Movable=200+100;");
    const auto stays = [&](zone_id from, online_type type) {
        return online_4_3(hot_add{m, node_id{0}, at(0x210, 0x220)}, from, type, false) ==
               online_move{from, {}, at(0x200, 0x300)};
    };
    for (const zone_id from : {id<dma32>, id<normal>, id<highmem>, id<movable>})
        CHECK(stays(from, online_type::online));
    CHECK(stays(id<normal>, online_type::kernel));
    CHECK(stays(id<movable>, online_type::movable));
    CHECK(stays(id<dma32>, online_type::movable)); // not the zone below Movable
}

TEST_CASE("4.3 wants kernel memory on the node before movable memory", "[linux_mm]") {
    const auto bare = memory("0/Movable=200+100:p256:e0:c0;0/HighMem=100+100:p256:e0:c0;"
                             "1/Normal=0+100:p256:e256:c0;");
    const auto online = [&](zone_id from, online_type type, bool config_movable_node) {
        return online_4_3(hot_add{bare, node_id{0}, at(0x1c0, 0x200)}, from, type,
                          config_movable_node);
    };
    CHECK(online(id<movable>, online_type::online, false).error() == errc::bad_state);
    CHECK(online(id<highmem>, online_type::online, false).error() == errc::bad_state);
    CHECK(online(id<normal>, online_type::movable, false).error() == errc::bad_state);
    CHECK(online(id<normal>, online_type::online, false).has_value());
    CHECK(online(id<movable>, online_type::online, true).has_value());
    CHECK(online(id<highmem>, online_type::movable, true)->zone == id<movable>);
    const auto dma_only = memory("0/DMA=0+100:p1:e1:c0;0/Movable=200+100;");
    CHECK(online_4_3(hot_add{dma_only, node_id{0}, at(0x200, 0x240)}, id<movable>,
                     online_type::online, false)
              .has_value());
}

// ---- onlining since 4.13 ----------------------------------------------------------------------

namespace {

constexpr online_settings auto_301{.policy = online_policy::auto_movable};
constexpr online_settings movable_first{.movable_node = true};

std::string placed(const memory_table& m, pfn_range r, online_settings settings = {},
                   online_type type = online_type::online, group_id group = no_group,
                   node_id node = {}) {
    return name(zone_for_pfn_range(online_query<memory_table>{m, settings, type, node, r, group}));
}

} // namespace

TEST_CASE("online_kernel asks the spans below Normal, online_movable nothing", "[linux_mm]") {
    const auto m = memory("0/DMA=0+1000;0/DMA32=1000+7000;0/HighMem=40000+8000;0/Movable=8000+8000;"
                          "1/DMA32=10000+8000;");
    const auto kernel = [&](pfn_range r) { return placed(m, r, auto_301, online_type::kernel); };
    CHECK(kernel(at(0xfff, 0x1001)) == "DMA"); // the lowest of two
    CHECK(kernel(at(0x1000, 0x1001)) == "DMA32");
    CHECK(kernel(at(0x7fff, 0x9000)) == "DMA32");    // overlaps by one page
    CHECK(kernel(at(0x8000, 0x9000)) == "Normal");   // touches; Movable is not considered
    CHECK(kernel(at(0x10000, 0x18000)) == "Normal"); // another node's DMA32
    CHECK(kernel(at(0x40000, 0x48000)) == "Normal"); // never HighMem
    CHECK(placed(m, at(0, 0x1000), auto_301, online_type::movable) == "Movable");
    CHECK(placed(m, at(0, 0x1000), {}, online_type::movable) == "Movable");
    CHECK(placed(m, at(0, 0x1000), {}, online_type::movable, no_group, node_id{7}) == "Movable");
}

TEST_CASE("contig-zones follows the one side that overlaps, else movable_node", "[linux_mm]") {
    // Sections: 0-1 DMA32, 2-5 Normal, 4-7 Movable, 10 HighMem.
    const auto m =
        memory("0/DMA32=0+10000;0/Normal=10000+20000;0/Movable=20000+20000;0/HighMem=50000+8000;");
    struct {
        pfn_range range;
        const char *plain, *with_movable_node;
    } const cases[] = {
        {sections(1), "DMA32", "DMA32"},     // kernel only
        {sections(1, 2), "DMA32", "DMA32"},  // two kernel zones: the lower
        {sections(3), "Normal", "Normal"},   //
        {sections(7), "Movable", "Movable"}, // movable only
        {sections(7, 9), "Movable", "Movable"}, {sections(4), "Normal", "Movable"}, // both
        {sections(1, 4), "DMA32", "Movable"}, // both, and the lower kernel zone
        {sections(8), "Normal", "Movable"},   // none: it only touches
        {sections(10), "Normal", "Movable"},  // HighMem is not considered
        {sections(100), "Normal", "Movable"}, //
    };
    for (const auto& c : cases) {
        CAPTURE(c.range.start().value(), c.range.end().value());
        CHECK(placed(m, c.range) == c.plain);
        CHECK(placed(m, c.range, movable_first) == c.with_movable_node);
    }
    // The span counts, not what is present; another node's zones do not.
    CHECK(placed(m, sections(7), {}, online_type::online, no_group, node_id{1}) == "Normal");
}

TEST_CASE("auto-movable admits 3.01 GiB of movable memory to 1 GiB, equality allowed",
          "[linux_mm]") {
    // early 262144 pages * 301 / 100 = 789053 movable pages
    const auto with = [](const char* movable_pages, std::uint64_t more) {
        const auto m =
            memory((std::string("0/Normal=0+40000:p262144:e262144:c0;0/Movable=100000+200000:p") +
                    movable_pages + ":e0:c0;")
                       .c_str());
        return placed(m, {pfn{0x400000}, page_count{more}}, auto_301);
    };
    CHECK(with("756285", 0x8000) == "Movable"); // 756285 + 32768 = 789053
    CHECK(with("756286", 0x8000) == "Normal");
    CHECK(with("0", 789053) == "Movable");
    CHECK(with("0", 789054) == "Normal");
}

TEST_CASE("auto-movable counts boot memory only, and CMA as movable", "[linux_mm]") {
    const auto may = [](const char* zones, std::uint64_t pages, unsigned ratio = 100) {
        const auto m = memory(zones);
        const online_settings settings{.policy = online_policy::auto_movable,
                                       .auto_movable_ratio = ratio};
        return placed(m, {pfn{0x400000}, page_count{pages}}, settings) == "Movable";
    };
    CHECK(may("0/Normal=0+1000:p1000:e100:c0;", 100));
    CHECK(!may("0/Normal=0+1000:p1000:e100:c0;", 101)); // hot-added memory does not count
    CHECK(may("0/Normal=0+1000:p1000:e100:c20;", 60));  // 80 to manage 20 + 60
    CHECK(!may("0/Normal=0+1000:p1000:e100:c20;", 61));
    CHECK(!may("0/Normal=0+1000:p1000:e0:c0;", 1));       // no boot memory: never
    CHECK(!may("0/Normal=0+1000:p0:e100:c0;", 1));        // not populated: not looked at
    CHECK(!may("0/Normal=0+1000:p1000:e100:c0;", 1, 0));  // ratio 0
    CHECK(may("0/Normal=0+1000:p1000:e100:c0;", 50, 50)); // floor(50 * 100 / 100)
    CHECK(
        may("0/DMA=0+10:p60:e60:c0;0/HighMem=10+10:p40:e40:c0;", 100)); // every other zone is early
    CHECK(!may("0/Normal=0+10:p100:e100:c0;0/Device=10+10:p0:e0:c0;", 101));
}

TEST_CASE("auto-movable looks at all nodes, and at this one when numa-aware", "[linux_mm]") {
    // Node 1 has no kernel memory from boot, as a CXL node has none.
    const auto m =
        memory("0/Normal=0+40000:p262144:e262144:c0;1/Movable=100000+8000:p32768:e0:c0;");
    const auto placed_with = [&](online_settings s) {
        s.policy = online_policy::auto_movable;
        return placed(m, sections(0x40), s, online_type::online, no_group, node_id{1});
    };
    CHECK(placed_with({}) == "Normal");
    CHECK(placed_with({.auto_movable_numa_aware = false}) == "Movable");
    CHECK(placed_with({.numa = false}) == "Movable"); // without CONFIG_NUMA it does not act
    CHECK(placed_with({.auto_movable_ratio = 12, .auto_movable_numa_aware = false}) == "Normal");
    CHECK(placed(m, sections(0x40), auto_301) == "Movable"); // node 0
    // movable_node and the span of Movable are ignored.
    online_settings all = auto_301;
    all.movable_node = true;
    CHECK(placed(m, sections(0x20), all, online_type::online, no_group, node_id{1}) == "Normal");
}

TEST_CASE("a static group is decided as a whole", "[linux_mm]") {
    const char* const zones = "0/Normal=0+40000:p262144:e65536:c0;0/DMA32=300000+10000;";
    const online_settings settings{.policy = online_policy::auto_movable,
                                   .auto_movable_ratio = 100};
    const auto online = [&](const char* group, pfn_range r) {
        return placed(memory(zones, group), r, settings, online_type::online, group_id{0});
    };
    const pfn_range block = sections(0x40);
    CHECK(online("0:nid0:static65536:k0:m0;", block) == "Movable");
    CHECK(online("0:nid0:static65537:k0:m0;", block) == "Normal"); // the whole DIMM does not fit
    CHECK(online("0:nid0:static98304:k0:m32768;", block) ==
          "Movable"); // only what is left of it counts
    CHECK(online("0:nid0:static32768:k1:m0;", block) ==
          "Normal"); // a part is kernel memory already
    // The kernel zone is looked up for what is left of the DIMM: [0x2f0000, 0x300001) touches
    // DMA32.
    CHECK(online("0:nid0:static65537:k0:m0;", at(0x2f0000, 0x2f8000)) == "DMA32");
    CHECK(online("0:nid0:static65537:k0:m1;", at(0x2f0000, 0x2f8000)) == "Movable");
    CHECK(online("0:nid0:static65537:k1:m0;", at(0x2f0000, 0x2f8000)) == "Normal"); // before that
    CHECK(online("0:nid0:static65537:k1:m0;", at(0x300000, 0x308000)) == "DMA32");
    // More movable pages than the DIMM has: the rest wraps around, and cancels them in the zone.
    CHECK(online("0:nid0:static32768:k0:m65536;", block) == "Normal");
    const auto wrapped =
        memory("0/Normal=0+40000:p262144:e1:c0;0/Movable=50000+10000:p65536:e0:c0;",
               "0:nid0:static0:k0:m65536;");
    CHECK(placed(wrapped, block, settings, online_type::online, group_id{0}) == "Movable");
}

TEST_CASE("a dynamic group is decided unit by unit", "[linux_mm]") {
    const char* const zones = "0/Normal=0+40000:p262144:e65536:c0;0/DMA32=210000+8000;";
    const online_settings settings{.policy = online_policy::auto_movable,
                                   .auto_movable_ratio = 100};
    // Unit of four sections; the block is the second of unit [0x40, 0x44).
    const auto online = [&](const char* online_sections,
                            const char* group = "0:nid0:dynamic131072:k0:m0;",
                            pfn_range r = sections(0x41)) {
        return placed(memory(zones, group, online_sections), r, settings, online_type::online,
                      group_id{0});
    };
    CHECK(online("") == "Normal");                                         // 131072 > 65536
    CHECK(online("40:0/Movable;42:0/Movable;") == "Movable");              // two sections are left
    CHECK(online("40:0/Movable;3f:0/Movable;44:0/Movable;") == "Normal");  // outside of the unit
    CHECK(online("40:0/Movable;42:1/Movable;43:0/Movable;") == "Movable"); // of whichever node
    CHECK(online("40:0/Movable;42:0/Movable;43:0/Normal;") == "Normal");
    CHECK(online("", "0:nid0:dynamic32768:k0:m0;") == "Movable"); // unit and range of one size
    CHECK(online("40:0/Normal;", "0:nid0:dynamic32768:k0:m0;") == "Movable"); // no walk then
    // Its own kernel memory serves it: early + 65536.
    CHECK(online("", "0:nid0:dynamic131072:k65536:m0;") == "Movable");

    // After a complete walk the kernel zone is looked up at the end of the unit, here [0x220000,
    // 0x240000); at an offending section, with the size of the request.
    const char* const near = "0:nid0:dynamic131072:k0:m0;";
    const auto in_unit = [&](const char* dma32, const char* online_sections) {
        const auto m =
            memory((std::string("0/Normal=0+40000:p262144:e1:c0;0/DMA32=") + dma32 + ';').c_str(),
                   near, online_sections);
        return placed(m, sections(0x41), settings, online_type::online, group_id{0});
    };
    CHECK(in_unit("208000+8000", "") == "Normal");              // where the block is
    CHECK(in_unit("220000+8000", "") == "DMA32");               // where the walk ended
    CHECK(in_unit("238000+8000", "") == "DMA32");               // its last section
    CHECK(in_unit("238000+8000", "40:0/Movable;") == "Normal"); // one section fewer
    CHECK(in_unit("210000+8000", "42:0/Normal;") == "DMA32");   // section 0x42 offends
    CHECK(in_unit("218000+8000", "42:0/Normal;") == "Normal");
}

TEST_CASE("dynamic groups keep kernel memory for their own movable memory", "[linux_mm]") {
    const auto may = [](const char* groups, std::uint64_t pages, group_id group = no_group,
                        const char* movable = "0") {
        const auto m =
            memory((std::string("0/Normal=0+40000:p1000:e1000:c0;0/Movable=40000+8000:p") +
                    movable + ":e0:c0;1/Normal=80000+8000:p1000:e1000:c0;")
                       .c_str(),
                   groups);
        const online_settings settings{.policy = online_policy::auto_movable,
                                       .auto_movable_ratio = 200};
        return placed(m, {pfn{0x400000}, page_count{pages}}, settings, online_type::online,
                      group) == "Movable";
    };
    CHECK(may("", 2000));
    CHECK(!may("", 2001));
    // 800 movable pages need 400 of kernel memory: (1000 - 400) * 2, and do not count themselves.
    CHECK(may("0:nid0:dynamic65536:k0:m800;", 1200, no_group, "800"));
    CHECK(!may("0:nid0:dynamic65536:k0:m800;", 1201, no_group, "800"));
    CHECK(may("0:nid0:dynamic65536:k300:m800;", 1800, no_group, "800")); // 100 are missing
    CHECK(!may("0:nid0:dynamic65536:k300:m800;", 1801, no_group, "800"));
    CHECK(may("0:nid0:dynamic65536:k500:m800;", 2000, no_group, "800")); // nothing is missing
    CHECK(!may("0:nid0:dynamic65536:k500:m800;", 2001, no_group, "800"));
    CHECK(!may("0:nid0:static65536:k0:m800;", 1201, no_group, "800")); // static groups take no part
    CHECK(may("0:nid0:static65536:k0:m800;", 1200, no_group, "800"));
    CHECK(may("0:nid1:dynamic65536:k0:m800;", 2000));                  // another node's
    CHECK(!may("0:nid0:dynamic65536:k0:m2000;", 1, no_group, "2000")); // all early memory is needed
    CHECK(may("0:nid0:dynamic65536:k0:m1998;", 2, no_group, "1998"));  // all but one page
    // Its own kernel memory serves a group only once the others have what they need.
    CHECK(!may("0:nid0:dynamic1:k500:m0;1:nid0:dynamic65536:k0:m2000;", 1, group_id{0}, "2000"));
    CHECK(
        may("0:nid0:dynamic1002:k500:m0;1:nid0:dynamic65536:k0:m1998;", 1002, group_id{0}, "1998"));
    // The group itself does not wait for itself.
    CHECK(may("0:nid0:dynamic1200:k0:m800;", 1200, group_id{0}, "800"));
    CHECK(!may("0:nid0:dynamic1201:k0:m800;", 1201, group_id{0}, "800"));
}

TEST_CASE("a group counts what is online in it by kind of zone", "[linux_mm]") {
    memory_group g{.node = node_id{0}, .pages = page_count{0x8000}, .blocks = 1};
    g.online(page_count{10}, true);
    g.online(page_count{7}, false);
    g.offline(page_count{4}, true);
    CHECK((g.movable == page_count{6} && g.kernel == page_count{7}));
}

TEST_CASE("valid_zones of an offline block: plain, then kernel and movable if they differ",
          "[linux_mm]") {
    const auto words = [](const memory_table& m, pfn_range r, online_settings s,
                          group_id group = no_group) {
        std::string out;
        for (const zone_id z : valid_zones(
                 online_query<memory_table>{m, s, online_type::movable, node_id{0}, r, group}))
            out += (out.empty() ? "" : " ") + name(z);
        return out;
    };
    const auto m = memory("0/DMA32=0+100000;0/Normal=100000+40000;0/Movable=200000+40000;");
    CHECK(words(m, at(0x140000, 0x148000), {}) == "Normal Movable");
    CHECK(words(m, at(0x200000, 0x208000), {}) == "Movable Normal");
    CHECK(words(m, at(0x140000, 0x148000), movable_first) == "Movable Normal");
    CHECK(words(m, at(0xf8000, 0x100000), {}) == "DMA32 Movable");
    // auto-movable can find another kernel zone than online_kernel does: three words.
    const auto dimm = memory("0/DMA32=200000+8000;", "0:nid0:static131072:k0:m0;");
    CHECK(words(dimm, at(0x1f8000, 0x200000), auto_301, group_id{0}) == "DMA32 Normal Movable");
}

// ---- spans ------------------------------------------------------------------------------------

TEST_CASE("shrink rules have validity ranges", "[linux_mm]") {
    STATIC_REQUIRE(shrink_rules_for({4, 3})->rescans_for_leftovers);
    STATIC_REQUIRE(shrink_rules_for({4, 3})->device_zones_shrink);
    STATIC_REQUIRE(shrink_rules_for({5, 4})->rescans_for_leftovers);
    STATIC_REQUIRE(!shrink_rules_for({5, 5})->rescans_for_leftovers);
    STATIC_REQUIRE(!shrink_rules_for({7, 3})->device_zones_shrink);
    STATIC_REQUIRE(shrink_rules_for({4, 2}).error() == errc::not_found);
}

TEST_CASE("4.3 shrinks device zones, later kernels never do", "[linux_mm]") {
    for (const version kernel : {version{4, 3}, version{6, 12}}) {
        memory_table m = memory("0/Normal=8000+8000;0/Device=10000+10000;", "",
                                "1:0/Normal;2:0/Device;3:0/Device;");
        m.read_nodes("0=8000+18000;");
        zonal_test::remove_range(m, {node_id{0}, id<device>}, sections(2, 2),
                                 *shrink_rules_for(kernel));
        const bool old = kernel < version{5, 5};
        CHECK(m.written_zones() == (old ? "0/Normal=8000+8000;0/Device=0+0;"
                                        : "0/Normal=8000+8000;0/Device=10000+10000;"));
        CHECK(m.written_nodes() == (old ? "0=8000+8000;" : "0=8000+18000;"));
    }
}

TEST_CASE("4.3 empties a zone of holes with its last section, later kernels keep its span",
          "[linux_mm]") {
    for (const version kernel : {version{4, 3}, version{6, 12}}) {
        memory_table m = memory("0/Normal=8000+18000;", "", "2:0/Normal;");
        m.read_nodes("0=8000+18000;");
        zonal_test::remove_range(m, {node_id{0}, id<normal>}, sections(2),
                                 *shrink_rules_for(kernel));
        const bool old = kernel < version{5, 5};
        CHECK(m.written_zones() == (old ? "0/Normal=0+0;" : "0/Normal=8000+18000;"));
        CHECK(m.written_nodes() == (old ? "0=0+0;" : "0=8000+18000;"));
    }
}

TEST_CASE("4.3 never empties a zone that starts inside a section", "[linux_mm]") {
    memory_table m = memory("0/Normal=8001+ffff;", "", "2:0/Normal;");
    m.read_nodes("0=8001+ffff;");
    zonal_test::remove_range(m, {node_id{0}, id<normal>}, sections(2), *shrink_rules_for({4, 3}));
    CHECK(m.written_zones() == "0/Normal=8001+ffff;");
}

TEST_CASE("offlining shrinks across neighbours that are offline already", "[linux_mm]") {
    memory_table m = memory("0/Movable=8000+28000;", "", "1:0/Movable;5:0/Movable;");
    m.read_nodes("0=8000+28000;");
    zonal_test::remove_range(m, {node_id{0}, id<movable>}, sections(5), *shrink_rules_for({6, 12}));
    CHECK(m.written_zones() == "0/Movable=8000+8000;");
    zonal_test::remove_range(m, {node_id{0}, id<movable>}, sections(1), *shrink_rules_for({6, 12}));
    CHECK(m.written_zones() == "0/Movable=0+0;");
    CHECK(m.written_nodes() == "0=0+0;");
}

// ---- the tool's rows --------------------------------------------------------------------------

namespace {

std::string answered(const std::string& kind, version kernel, const std::string& in) {
    std::istringstream rows(in);
    std::ostringstream out;
    try {
        const bool known = zonal_test::oracle_rows_placement(kind, kernel, rows, out);
        REQUIRE(known);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return out.str();
}

} // namespace

TEST_CASE("rows keep unknown columns and their order, and get the result added or replaced",
          "[linux_mm]") {
    CHECK(answered("zone_for_memory", {4, 3},
                   "note,for_device,zone_default,nr_pages,start_pfn,nid,zones\n"
                   "\"a, \"\"b\"\"\",0,Normal,8000,8000,0,0/Movable=8000+8000;\n") ==
          "note,for_device,zone_default,nr_pages,start_pfn,nid,zones,result\n"
          "\"a, \"\"b\"\"\",0,Normal,8000,8000,0,0/Movable=8000+8000;,Movable\n");
    CHECK(answered("shrink", {6, 12},
                   "nodes_after,sections,zones_before,nodes_before,remove_section,nid,zone\n"
                   "?,1:0/DMA;,0/DMA=0+10000;,0=0+10000;,0,0,DMA\n") ==
          "nodes_after,sections,zones_before,nodes_before,remove_section,nid,zone,zones_after\n"
          "0=8000+8000;,1:0/DMA;,0/DMA=0+10000;,0=0+10000;,0,0,DMA,0/DMA=8000+8000;\n");
    CHECK(answered("zone_for_pfn_range", {7, 3},
                   "result_zone,numa,policy,ratio,numa_aware,movable_node,online_type,nid,group,"
                   "start_pfn,nr_pages,"
                   "zones,groups,online_sections\n"
                   ",0,contig-zones,301,1,1,online,0,-1,8000,8000,,,\n") ==
          "result_zone,numa,policy,ratio,numa_aware,movable_node,online_type,nid,group,start_pfn,"
          "nr_pages,"
          "zones,groups,online_sections\n"
          "Movable,0,contig-zones,301,1,1,online,0,-1,8000,8000,,,\n");
}

TEST_CASE("rows that cannot be answered are refused with their line", "[linux_mm]") {
    using Catch::Matchers::Contains;
    const std::string header = "zones,nid,start_pfn,nr_pages,zone_default,for_device\n";
    const auto refused = [&](const char* row) {
        return answered("zone_for_memory", {4, 3}, header + row + "\n");
    };
    CHECK_THAT(refused("0/Normal=8000;,0,0,0,Normal,0"),
               Contains("line 2: ") && Contains("'+' expected"));
    CHECK_THAT(refused("0/Narmol=8000+8000;,0,0,0,Normal,0"), Contains("'Narmol' is not a zone"));
    CHECK_THAT(refused(",x,0,0,Normal,0"), Contains("line 2: 'x'"));
    CHECK_THAT(refused(",0,0,0,Normal,yes"), Contains("for_device"));
    CHECK_THAT(refused(",0,10000000000000,8000,Normal,0"), Contains("beyond the last pfn"));
    CHECK_THAT(refused(",0,fffffffffffffffff,8000,Normal,0"), Contains("number expected"));
    CHECK_THAT(refused(",0"), Contains("line 2: "));
    CHECK_THAT(answered("zone_for_memory", {4, 3}, "zones,nid\n"),
               Contains("line 1: ") && Contains("start_pfn"));
    CHECK_THAT(answered("zone_for_memory", {6, 12}, header), Contains("zone_for_pfn_range"));
    CHECK_THAT(answered("zone_for_pfn_range", {4, 3}, header), Contains("zone_for_memory"));
    std::istringstream none;
    CHECK(!zonal_test::oracle_rows_placement("layout", {4, 3}, none, std::cout));
}
