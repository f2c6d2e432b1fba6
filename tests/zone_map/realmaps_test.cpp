// SPDX-License-Identifier: BSL-1.0

// What people reported of their kernels' zones, read with the example's readers, and what the
// library says to it. Maps of addresses are in resource/realmaps_test.cpp.
//
//     file                             what the library explains
//     dmesg_zone_ranges                where zones begin and end, from memory, reach and linear map
//     zoneinfo_movable_online_offline  what Movable spans and has, block after block
//     zoneinfo_movable_kvm_protection  kernel zones from the memory; why a span of 1966079 pages
//                                      cannot come out here; reserves from the fallback order
//     zoneinfo_optane_device_spanned   a device zone that spans what it does not have any more
//     zones_sysfs_valid_zones          which zones a block can join, before and after onlining

#include "../../examples/zone_map/input.hpp"

#include <zonal/hotplug/boot.hpp>
#include <zonal/linux_mm/hotplug.hpp>
#include <zonal/request/fallback.hpp>

#include "capture.hpp"
#include "replay/boot_x86_64.hpp"
#include "test.hpp"

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

using namespace zonal;
using namespace zonal_test;
namespace lm = zonal::linux_mm;

namespace {

std::string report_named(const std::string& file) { return gunzip(recorded + "/realmaps/" + file); }

/// Calls use(line) for all that is neither empty nor a remark.
template <class F>
void each_line(const std::string& text, F use) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const bool is_title = line.rfind("## ", 0) == 0;
        if (!is_title) line.erase(std::min(line.find('#'), line.size()));
        if (line.find_first_not_of(' ') != std::string::npos) use(line);
    }
}

/// The addresses of "0x1000-0xffffff".
result<byte_range> bytes_in(const std::string& word) {
    unsigned long long first = 0, last = 0;
    int read = 0;
    if (std::sscanf(word.c_str(), "0x%llx-0x%llx%n", &first, &last, &read) != 2 ||
        static_cast<std::size_t>(read) != word.size())
        return fail(errc::bad_range);
    return byte_range{phys_addr{first}, phys_addr{last + 1}};
}

// ---- what kernels printed when they started -----------------------------------------------------

/// "Zone ranges:" and what stood around it.
struct printed_start {
    std::string machine;
    std::vector<std::pair<std::string, byte_range>> zones; ///< of an empty one, no bytes
    std::vector<node_range> early;                         ///< "Early memory node ranges"
    std::vector<std::uint64_t> pages;                      ///< in all, and of each zone
};

std::vector<printed_start> printed_starts() {
    std::vector<printed_start> all;
    std::string machine;
    bool is_first_line = false;
    each_line(report_named("dmesg_zone_ranges.txt"), [&](std::string line) {
        if (line.rfind("## ", 0) == 0) {
            machine = line.substr(3, line.find_last_not_of(' ') - 2);
            is_first_line = true;
            return;
        }
        for (char& c : line)
            if (std::string("|;,()/").find(c) != std::string::npos) c = ' ';
        if (is_first_line) all.push_back({machine, {}, {}, {}});
        is_first_line = false;
        enum { zones, nodes, counts } part = zones;
        node_id node{};
        std::istringstream words(line);
        for (std::string word; words >> word;) {
            if (word == "early" || word == "one" || word == "page") continue; // remarks
            if (word == "wrong:" || word == "right:") {
                if (word == "right:") all.push_back({machine, {}, {}, {}});
                all.back().machine += " " + word;
            } else if (word == "node") {
                part = nodes;
                words >> word;
                node = {std::stoull(word)};
            } else if (word == "totalpages") {
                part = counts;
            } else if (part == counts && std::isdigit(static_cast<unsigned char>(word[0])) != 0) {
                all.back().pages.push_back(std::stoull(word));
            } else if (lm::all_zones::list.find(view(word))) {
                if (part == zones) all.back().zones.emplace_back(word, byte_range{});
            } else if (word != "empty") {
                const auto bytes = bytes_in(word);
                if (!bytes) FAIL(word);
                if (part == zones)
                    all.back().zones.back().second = *bytes;
                else
                    all.back().early.push_back({*bytes, node});
            }
        }
    });
    return all;
}
const printed_start& start_of(const std::string& machine) {
    static const std::vector<printed_start> all = printed_starts();
    for (const printed_start& p : all)
        if (p.machine.rfind(machine, 0) == 0) return p;
    throw std::runtime_error("no such machine: " + machine);
}

/// What an architecture decides: how many address bits DMA reaches, and how much memory, from where
/// it begins, the kernel maps.
struct architecture {
    const char* machines; ///< whose names begin so
    unsigned char dma_reach_bits;
    std::uint64_t mapped_bytes;
};
constexpr std::uint64_t all_bytes = ~0ull, MiB = 1 << 20;
constexpr architecture architectures[] = {
    {"x86_64", 24, all_bytes}, {"arm64", 32, all_bytes},    {"arm 32-bit", 32, 768 * MiB},
    {"i.MX6", 32, 768 * MiB},  {"ppc e500", 31, 768 * MiB}, {"mips", 24, 512 * MiB},
};
const architecture& architecture_of(const printed_start& p) {
    for (const architecture& a : architectures)
        if (p.machine.rfind(a.machines, 0) == 0) return a;
    throw std::runtime_error("no architecture: " + p.machine);
}

/// The zones that were printed, with the reach that they have there; Movable is always there.
zone_list zones_of(const printed_start& p) {
    const auto has = [&](text name) {
        return std::any_of(p.zones.begin(), p.zones.end(),
                           [&](auto& z) { return view(z.first) == name; });
    };
    zone_list list = lm::zones_of({.zone_dma = has(lm::dma::name),
                                   .zone_dma32 = has(lm::dma32::name),
                                   .highmem = has(lm::highmem::name),
                                   .zone_device = has(lm::device::name)});
    if (has(lm::dma::name)) list.zones[0].traits.reach_bits = architecture_of(p).dma_reach_bits;
    return list;
}

/// The memory: where the kernel listed it, that; else all between the lowest and the highest zone.
std::vector<node_range> memory_of(const printed_start& p) {
    if (!p.early.empty()) return p.early;
    byte_range all{phys_addr{~0ull}, {}};
    for (const auto& [name, bytes] : p.zones)
        if (!bytes.empty()) all = {std::min(all.start, bytes.start), std::max(all.end, bytes.end)};
    return {{all, node_id{0}}};
}

boot_map<> started(const printed_start& p, std::uint64_t mapped_bytes) {
    firmware_map<> firmware;
    node_map<> nodes;
    for (const node_range& r : memory_of(p)) REQUIRE((firmware.add({r.bytes}) && nodes.add(r)));
    if (mapped_bytes == all_bytes && architecture_of(p).dma_reach_bits == 24)
        return boot_x86_64<boot_map<>>({5, 4}, zones_of(p), firmware, nodes, "").value();
    const auto usable = boot_ranges<>::make({}, firmware, nodes).value();
    const pfn mapped_end = mapped_bytes == all_bytes
                               ? pfn{pfn::limit}
                               : usable.span().start() + page_count{mapped_bytes >> 12};
    return boot_map<>::make(usable, zones_of(p), mapped_end).value();
}
boot_map<> started(const printed_start& p) { return started(p, architecture_of(p).mapped_bytes); }

using rows = std::vector<std::string>;

std::string row(const std::string& name, std::uint64_t start, std::uint64_t end) {
    return name + formatted(" [%jx,%jx)", std::uintmax_t{start}, std::uintmax_t{end});
}
rows printed_zones(const printed_start& p) {
    rows out;
    for (const auto& [name, bytes] : p.zones)
        out.push_back(row(name, bytes.start.value, bytes.end.value));
    return out;
}
rows zones_of(const boot_map<>& m) {
    rows out;
    for (zone_id z{}; z.value < m.zones().size; ++z.value) {
        if (m.zones()[z].traits.movable) continue; // printed elsewhere
        const pfn_range limits = m.zone_limits(z);
        out.push_back(limits.empty()
                          ? row(string_of(m.zones()[z].name), 0, 0)
                          : row(string_of(m.zones()[z].name), limits.start().value() << 12,
                                limits.end().value() << 12));
    }
    return out;
}

// ---- zoneinfo -----------------------------------------------------------------------------------

std::vector<zone_map::reported_zone> zones_in(const std::string& text) {
    return zone_map::reported_zones({"", {{"proc/zoneinfo", text}}});
}
zone_map::reported_zone zone_in(const std::vector<zone_map::reported_zone>& all, unsigned node,
                                text name) {
    for (const auto& z : all)
        if (z.node == node_id{node} && lm::all_zones::list[z.zone].name == name) return z;
    throw std::runtime_error("no such zone: " + string_of(name));
}

constexpr pfn_range pages_from(std::uint64_t start, std::uint64_t count) {
    return {pfn{start}, page_count{count}};
}
constexpr std::uint64_t GiB_pages = 1 << 18;

/// Nodes' memory as x86-64 starts with it.
boot_map<> x86_64(const zone_list& zones, std::initializer_list<boot_range> memory) {
    firmware_map<> firmware;
    node_map<> nodes;
    for (const boot_range& r : memory) {
        const address_range b = bytes_of(r.pages, page_geometry{}).value();
        REQUIRE(firmware.add({{b.start(), b.end()}}));
        REQUIRE(nodes.add({{b.start(), b.end()}, r.node}));
    }
    return boot_x86_64<boot_map<>>({5, 4}, zones, firmware, nodes, "").value();
}

} // namespace

TEST_CASE("every report is of a kind that is read", "[zone_map][realmaps]") {
    std::map<std::string, unsigned> files;
    for (const auto& file : std::filesystem::directory_iterator(recorded + "/realmaps")) {
        const std::string name = file.path().filename();
        ++files[name.substr(0, name.find('_'))];
    }
    // The first are read in resource/realmaps_test.cpp, the others below.
    CHECK(files == std::map<std::string, unsigned>{
                       {"iomem", 18}, {"dmesg", 1}, {"zoneinfo", 3}, {"zones", 1}});
}

TEST_CASE("a zone's numbers are read from many lines, from one, or as far as they are there",
          "[zone_map][realmaps]") {
    using zone = zone_map::reported_zone;
    const auto numbers = [](const zone& z) {
        return std::tuple(z.node, z.zone, z.spanned, z.present, z.managed, z.start);
    };
    const zone_map::captured tree =
        zone_map::read_tree(recorded + "/../../examples/zone_map/captured");
    const auto reported = zone_map::reported_zones(tree);
    const zone_map::machine whole = zone_map::understand(tree);
    REQUIRE(reported.size() == whole.zone_rows.size());
    for (std::size_t i = 0; i < reported.size(); ++i) {
        CHECK(reported[i].spanned == whole.zone_rows[i].spanned.value());
        CHECK(reported[i].present == whole.zone_rows[i].present.value());
        CHECK(reported[i].managed == whole.zone_rows[i].managed.value());
    }
    const auto all_at_once = zones_in("Node 1, zone Normal spanned 4 present 3 managed 2");
    const auto line_by_line = zones_in("Node 1, zone Normal\n pages free 1\n low 7\n spanned  4\n"
                                       " present 3\n managed 2\n protection: (0, 0)\n");
    REQUIRE((all_at_once.size() == 1 && line_by_line.size() == 1));
    CHECK(numbers(all_at_once[0]) == numbers(line_by_line[0]));
    CHECK_FALSE(all_at_once[0].start);
    CHECK(zones_in("Node 1, zone Normal\n spanned 4\n").front().spanned == 4u);
    for (const char* wrong : {"", "spanned 4", "Node 1, zone Twilight", "Node 1, zone",
                              "Node 0, zone DMA spanned", "Node 0, zone DMA present 4x"}) {
        INFO(wrong);
        CHECK_THROWS_AS(zones_in(wrong), zone_map::user_error);
    }
}

// ---- zone ranges --------------------------------------------------------------------------------

TEST_CASE("zones begin and end where 15 kernels printed it, by memory, reach and linear map",
          "[zone_map][realmaps]") {
    unsigned machines = 0;
    for (const printed_start& p : printed_starts()) {
        INFO(p.machine);
        const boot_map<> m = started(p);
        ++machines;
        if (p.machine.rfind("arm64, RAM above 32 GiB", 0) == 0) {
            // See the next test. DMA32: memory begins beyond its reach.
            CHECK(zones_of(m)[1] == printed_zones(p)[1]);
            continue;
        }
        if (p.machine.find("wrong:") == std::string::npos)
            CHECK(zones_of(m) == printed_zones(p));
        else
            CHECK(zones_of(m) != printed_zones(p)); // see the next test
        if (!p.early.empty()) {
            std::vector<node_range> ranges;
            for (const boot_range& r : m.ranges()) {
                const address_range b = bytes_of(r.pages, m.geometry()).value();
                ranges.push_back({{b.start(), b.end()}, r.node});
            }
            CHECK(ranges == p.early);
        }
    }
    CHECK(machines == 16); // one is there twice
}

TEST_CASE("a reach that a bus counts from where memory begins is one in the bus's addresses",
          "[zone_map][realmaps]") {
    // DMA ends 33 GiB up, which no number of bits says; on a bus that sees the memory at 0, 30 do.
    const printed_start& p = start_of("arm64, RAM above 32 GiB");
    const phys_addr begin = p.zones.front().second.start, end = p.zones.back().second.end;
    firmware_map<> as_seen;
    REQUIRE(as_seen.add({{phys_addr{0}, phys_addr{end.value - begin.value}}}));
    zone_list list = lm::zones_of({.zone_dma = true});
    list.zones[0].traits.reach_bits = 30;
    const auto usable = boot_ranges<>::make({}, as_seen, node_map<1>{}).value();
    const boot_map<> m = boot_map<>::make(usable, list).value();
    for (const text name : {lm::dma::name, lm::normal::name}) {
        const address_range r = bytes_of(m.zone_limits(*list.find(name)), m.geometry()).value();
        CHECK(row(string_of(name), r.start().value + begin.value, r.end().value + begin.value) ==
              printed_zones(p)[name == lm::dma::name ? 0 : 2]);
    }
}

TEST_CASE("a border between Normal and HighMem that follows a bank of memory is the reported bug",
          "[zone_map][realmaps]") {
    const printed_start& wrong = start_of("mips 32r5, WRONG then RIGHT (max_low_pfn bug) wrong:");
    const printed_start& right = start_of("mips 32r5, WRONG then RIGHT (max_low_pfn bug) right:");
    CHECK(zones_of(started(right, 128 * MiB)) == printed_zones(wrong)); // where a bank ended
    CHECK(zones_of(started(wrong, 512 * MiB)) == printed_zones(right));
    // The border is said once, to the map; it does not move with the memory that there is.
    firmware_map<> banks;
    REQUIRE(banks.add({{phys_addr{0}, phys_addr{128 * MiB}}}));
    REQUIRE(banks.add({{phys_addr{0x9000'0000}, phys_addr{0x2'1000'0000}}}));
    const auto usable = boot_ranges<>::make({}, banks, node_map<1>{}).value();
    const pfn border{512 * MiB >> 12};
    CHECK(zones_of(boot_map<>::make(usable, zones_of(right), border).value()) ==
          printed_zones(right));
}

TEST_CASE("a zone without a hole has all pages between its limits, and no zone has more",
          "[zone_map][realmaps]") {
    struct {
        const char* machine;
        std::uint64_t total, dma, dma32, normal;
    } const reports[] = {{"x86_64 coreboot", 4183229, 3998, 517919, 3661312},
                         {"x86_64 Lenovo", 3069827, 3996, 840167, 2225664}};
    for (const auto& r : reports) {
        INFO(r.machine);
        const printed_start& p = start_of(r.machine);
        REQUIRE(p.pages == std::vector{r.total, r.dma, r.dma32, r.normal});
        CHECK(r.dma + r.dma32 + r.normal == r.total);
        const boot_map<> m = started(p);
        const auto most = [&](unsigned z) { return m.zone_limits(zone_id{z}).size().value(); };
        CHECK(r.dma < most(0));
        CHECK(r.dma32 < most(1));
        CHECK(r.normal == most(2));
    }
    // Where the holes were printed too, the first 16 MiB have what the others counted there.
    const boot_map<> m = started(start_of("x86_64 VM, Travis"));
    CHECK(m.pages_of(node_id{0}, zone_id{0}).present == page_count{reports[0].dma});
}

TEST_CASE("a zone can lie in two nodes, and a hole in a zone", "[zone_map][realmaps]") {
    const boot_map<> two = started(start_of("arm64 QEMU virt, 2 nodes"));
    const auto of = [&](unsigned node, unsigned zone) {
        return two.pages_of(node_id{node}, zone_id{zone});
    };
    CHECK(of(0, 0).span == pfn_range{pfn{0x40000}, pfn{0xc0000}});
    CHECK(of(1, 0).span == pfn_range{pfn{0xc0000}, pfn{0x100000}});
    CHECK(of(0, 2) == zone_pages{});
    CHECK(of(1, 2).span == pfn_range{pfn{0x100000}, pfn{0x140000}});

    const boot_map<> hole = started(start_of("mips Ingenic X2000"));
    const zone_pages normal = hole.pages_of(node_id{0}, zone_id{0});
    CHECK(normal.span.size() == page_count{0x20000});
    CHECK(normal.present == page_count{0xe000});
    const zone_pages high = hole.pages_of(node_id{0}, zone_id{1});
    CHECK(high.span.size() == page_count{0x20000});
    CHECK(high.present == page_count{0x10000});
}

// ---- what zones span and have -------------------------------------------------------------------

TEST_CASE("a movable zone spans and has what the kernel counted, block after block",
          "[zone_map][realmaps]") {
    using zones = zone_set<lm::normal, lm::movable>;
    constexpr node_id node1{1};
    constexpr zone_id movable = zones::id_of<lm::movable>;
    std::vector<zone_map::reported_zone> steps;
    each_line(report_named("zoneinfo_movable_online_offline.txt"), [&](const std::string& line) {
        const std::string counts = line.substr(line.find("spanned"));
        steps.push_back(zones_in("Node 1, zone Movable " + counts).front());
    });
    REQUIRE(steps.size() == 4);

    for (const lm::version kernel : {lm::version{4, 13}, {5, 5}, {6, 12}}) {
        zoned_memory<in_place<4>> m(zones::list, {}, lm::hotplug_rules_for(kernel)->memory);
        const auto block = [&](std::uint64_t n) {
            return pages_from(n * 32768, 32768); // 128 MiB
        };
        REQUIRE(m.add(block(41).envelope(block(43)), {node1}));
        std::size_t step = 0;
        const auto is_as_reported = [&](result<done> changed) {
            REQUIRE(changed);
            INFO("step " << step);
            const zone_pages has = m.pages_of(node1, movable);
            CHECK(has.span.size().value() == steps[step].spanned);
            CHECK(has.present.value() == steps[step].present);
            // What is present is managed, but for pages that keep page words; here none do.
            CHECK((has.present - m.metadata_of({node1, movable})).value() == steps[step].managed);
            ++step;
        };
        is_as_reported(done{});
        REQUIRE(m.online(block(41), movable));
        is_as_reported(m.online(block(43), movable));
        is_as_reported(m.offline(block(43)));
        is_as_reported(m.offline(block(41)));
    }
}

TEST_CASE("kernel zones are as reported; an empty movable zone has no start to grow from",
          "[zone_map][realmaps]") {
    const auto reported = zones_in(report_named("zoneinfo_movable_kvm_protection.txt"));
    REQUIRE(reported.size() == 7);
    using zones = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable>;
    constexpr node_id node0{0};

    // What firmware leaves of the first 640 KiB and of the first 3 GiB, and whole GiB of each node.
    const auto low = *zone_in(reported, 0, lm::dma::name).present +
                     *zone_in(reported, 0, lm::dma32::name).present;
    const std::uint64_t first = 0x9e; // as the other x86-64 machines have it
    const boot_map<> boot =
        x86_64(zones::list, {{pages_from(1, first), node0},
                             {pages_from(0x100, low - first), node0},
                             {pages_from(4 * GiB_pages, 2 * GiB_pages), node0},
                             {pages_from(6 * GiB_pages, GiB_pages), node_id{1}}});
    zoned_memory<in_place<16>> m(zones::list, boot.geometry());
    REQUIRE(boot_from(m, boot));
    for (const auto& z : reported) {
        const text name = lm::all_zones::list[z.zone].name;
        INFO("node " << z.node.value << ' ' << string_of(name));
        if (name == lm::movable::name) continue;
        const zone_pages has = m.pages_of(z.node, *zones::list.find(name));
        CHECK(has.span.size().value() == z.spanned);
        CHECK(has.present.value() == z.present);
    }

    // Memory was added above and became movable. Its zone spans it, and nothing below: the kernel
    // had it begin at the node's first page, because it was empty before.
    const auto movable = zone_in(reported, 0, lm::movable::name);
    const pfn_range added = pages_from(7 * GiB_pages, *movable.present);
    REQUIRE(m.add(added, {node0}));
    REQUIRE(m.online(added, zones::id_of<lm::movable>));
    CHECK(m.pages_of(node0, zones::id_of<lm::movable>) == zone_pages{added, added.size()});
    CHECK(*movable.spanned == (added.end() - boot.node_span(node0).start()).value());
}

TEST_CASE("a zone keeps a share of what a request tries before it comes there",
          "[zone_map][realmaps]") {
    using zones = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable>;
    constexpr fallback_order down = descending_fallback(zones::list);
    constexpr std::uint64_t shares[] = {256, 256, 32, 1}; // lowmem_reserve_ratio
    const std::string report = report_named("zoneinfo_movable_kvm_protection.txt");
    const auto reported = zones_in(report);
    const auto managed = [&](node_id node, zone_id zone) {
        for (const auto& z : reported)
            if (z.node == node && lm::all_zones::list[z.zone].name == zones::name_of(zone))
                return *z.managed;
        return std::uint64_t{0};
    };
    std::size_t at = 0;
    each_line(report, [&](const std::string& line) {
        const auto& zone = reported.at(at++);
        const zone_id id = *zones::list.find(lm::all_zones::list[zone.zone].name);
        unsigned long long kept[4] = {};
        REQUIRE(std::sscanf(line.c_str() + line.find('('), "(%llu, %llu, %llu, %llu)", &kept[0],
                            &kept[1], &kept[2], &kept[3]) == 4);
        for (zone_id from{}; from.value < zones::size; ++from.value) {
            INFO(line << ", from " << string_of(zones::name_of(from)));
            std::uint64_t before = 0;
            result<zone_id> z = from;
            for (; z && *z != id; z = down.after(*z)) before += managed(zone.node, *z);
            CHECK((z ? before / shares[id.value] : 0) == kept[from.value]);
        }
    });
    CHECK(at == 7);
}

TEST_CASE("a device zone that never shrinks spans memory that has become the system's",
          "[zone_map][realmaps]") {
    const auto reported = zones_in(report_named("zoneinfo_optane_device_spanned.txt"));
    REQUIRE(reported.size() == 10);
    using zones = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>;
    const boot_map<> boot =
        x86_64(zones::list, {{pages_from(1, 34 * GiB_pages - 1), node_id{0}},
                             {pages_from(34 * GiB_pages, 32 * GiB_pages), node_id{1}}});
    // From 5.5 on a device zone keeps its span; here it does only where that is asked for.
    for (const bool as_linux : {true, false}) {
        zoned_memory<in_place<16>> m(
            zones::list, {}, as_linux ? lm::hotplug_rules_for({5, 5})->memory : memory_rules{});
        REQUIRE(boot_from(m, boot));
        for (const auto& z : reported) {
            const page_owner who{z.node, *zones::list.find(lm::all_zones::list[z.zone].name)};
            const page_count spanned{*z.spanned};
            CHECK_FALSE(z.present); // not in the report
            if (!zones::traits_of(who.zone).device) {
                CHECK(m.pages_of(who.node, who.zone).span.size() == spanned);
                continue;
            }
            const pfn_range pmem = {pfn{(72 + z.node.value * 256) * GiB_pages}, spanned};
            REQUIRE(m.map_device(pmem, who));
            CHECK(m.pages_of(who.node, who.zone) == zone_pages{pmem}); // spanned, not present
            // It is given to the system, and not online yet.
            REQUIRE(m.unmap_device(pmem));
            REQUIRE(m.add(pmem, {who.node}));
            CHECK(m.pages_of(who.node, who.zone) == (as_linux ? zone_pages{pmem} : zone_pages{}));
            CHECK(m.owner_of(pmem.start()) == fail(errc::not_found));
        }
    }
}

// ---- which zones a block can join ---------------------------------------------------------------

namespace {

/// As the rule was at first, in 4.13: the kernel's memory lies below movable memory.
/// Models: mm/memory_hotplug.c allow_online_pfn_range() of 4.13.
struct kernel_below_movable {
    static constexpr placement answer(const auto& q) {
        const auto span = [&](zone_id z) { return q.pages_of(z).span; };
        const pfn_range high = span(*first_zone<&zone_traits::movable>(q.zones()));
        const pfn_range low = span(*lm::kernel_zone::answer(q).answer());
        const bool above = !high.empty() && high.start() < q.range.end();
        const bool below = q.range.start() < low.end();
        if (q.type == lm::online_type::kernel && above) return fail(errc::bad_state);
        if (q.type == lm::online_type::movable && below) return fail(errc::bad_state);
        return does_not_apply;
    }
};
using rules_of_4_13 = first_of<kernel_below_movable, lm::online_rules>;

} // namespace

TEST_CASE("a block can join the zones that the kernel showed, until it is in one",
          "[zone_map][realmaps]") {
    // The lines as the files that they were read from, before and after block 32 is onlined.
    captured_files before, after;
    captured_files* files = &before;
    std::istringstream lines(report_named("zones_sysfs_valid_zones.txt"));
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("# after", 0) == 0) files = &after;
        unsigned block = 0;
        if (std::sscanf(line.c_str(), "memory%u:", &block) != 1) continue;
        const std::string directory = formatted("sys/devices/system/memory/memory%u/", block);
        line = line.substr(line.find(':') + 2, line.find('#') - line.find(':') - 2);
        (*files)["sys/devices/system/memory/block_size_bytes"] = "8000000\n";
        (*files)[directory + "phys_index"] = formatted("%08x\n", block);
        (*files)[directory + "valid_zones"] = line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
        (*files)[directory + "state"] =
            block == 34 || files == &after ? "online\n" : "offline\n"; // one block was Movable
    }
    zone_map::machine m, m_after;
    m.source.files = before;
    m_after.source.files = after;
    read_blocks(m);
    read_blocks(m_after);
    REQUIRE(m.blocks.size() == 4);
    REQUIRE(m_after.blocks.size() == 1);

    // Before: 33 to 39 were there, one block in Movable, nothing in Normal.
    using zones = zone_set<lm::normal, lm::movable>;
    constexpr zone_id normal = zones::id_of<lm::normal>, movable = zones::id_of<lm::movable>;
    lm::hotplug<in_place<8>> system(*lm::hotplug_rules_for({4, 13}), zones::list, m.geometry);
    auto& memory = system.memory;
    REQUIRE(memory.add(system.block(33).envelope(system.block(39)), {node_id{0}}));
    REQUIRE(memory.online(system.block(34), movable));
    CHECK(memory.pages_of(node_id{0}, normal) == zone_pages{});
    CHECK(memory.pages_of(node_id{0}, movable) == zone_pages{system.block(34), page_count{32768}});
    REQUIRE(memory.add(system.block(32), {node_id{0}})); // probed

    const auto shown = [&](std::uint64_t block) -> std::string {
        if (const auto zone = system.zone_of(block)) return string_of(zones::name_of(*zone));
        std::string names;
        for (const auto type : {lm::online_type::kernel, lm::online_type::movable})
            if (const auto zone = rules_of_4_13{}.zone_for(system.query(block, type)))
                names += (names.empty() ? "" : " ") + string_of(zones::name_of(*zone));
        return names;
    };
    for (const zone_map::memory_block& b : m.blocks) {
        const std::uint64_t block = m.geometry.index_of(b.pages.start(), unit::memory_block);
        INFO("block " << block);
        CHECK(b.is_online() == system.state_of(block)->online);
        CHECK(shown(block) == b.zones);
        // Later there was no border any more: what is offline can go to either.
        if (b.is_online()) continue;
        const auto choice = lm::valid_zones(system.query(block));
        REQUIRE(choice.size == 2);
        CHECK(choice[0] == normal);
        CHECK(choice[1] == movable);
    }
    // online_kernel is refused above movable memory, and goes to Normal below it.
    const auto refused = rules_of_4_13{}.zone_for(system.query(35, lm::online_type::kernel));
    CHECK(refused == fail(errc::bad_state));
    const auto zone = rules_of_4_13{}.zone_for(system.query(32, lm::online_type::kernel));
    REQUIRE(memory.online(system.block(32), zone.value()));
    CHECK(shown(32) == m_after.blocks.front().zones);
    CHECK(shown(33) == "Normal Movable"); // both zones can still meet there
}
