// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource.hpp>

#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/hotplug_rules.hpp>
#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/linux_mm/resource_quirks.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

#include "../../examples/zone_map/command_line.hpp"
#include "linux_mm/recorded.hpp"
#include "resource/trees.hpp"
#include "test.hpp"

#include <filesystem>
#include <vector>

using namespace zonal;
using namespace zonal_test;

// Maps of real machines from public reports: what had gone wrong on them, what the library says to
// that, and the words that the test's name begins with. Zones are in zone_map/realmaps_test.cpp.
//
//     cxl_region_teardown_sequence    a driver's RAM outlives its region, and the next one goes
//                                     elsewhere: busy; "the leaked kmem range"
//     cxl_region_teardown_corruption  an entry is freed, RAM in it stays: busy, and then stale;
//                                     "the freed parent", "in no real map does an entry leave"
//     cxl_insert_reparents,           an entry goes silently above one of its range: exists,
//     cxl_softreserved_qemu           unless asked for; "silent re-parenting", "in no real map
//                                     does an entry go above"
//     cxl_softreserved_blocks_...     a region cannot be created anew: exists, and which entry;
//                                     "soft-reserved memory blocks"
//     cxl_reserved_child_blocks       the same of a whole window: no_space; "a reserved range"
//     cxl_two_windows_physical        firmware's range covers two windows: overlap; "a firmware
//                                     range"
//     cxl_window_overlaps_pci         a window covers PCI buses: overlap; "a window that
//                                     swallows"
//     cxl_three_windows_hmem_owner    another driver has the range: busy, and who; "two drivers"
//     cxl_qemu_nested_kmem,           RAM below other entries is not found: it is; "RAM three
//     cxl_arm64_virt,                 levels"
//     hmem_numa_qemu
//     pmem_kmem_kexec                 the next kernel takes a driver's RAM for its own: a flag
//                                     says whose it is; "persistent memory becomes RAM"
//     pmem_section_collision          RAM and pmem in one section: tainted where that is
//                                     possible, else misaligned; "memory that ends inside a
//                                     section"
//     pmem_legacy_small_vm            a part of pmem is RAM: mixed; "a section that holds"
//     pmem_memmap_4g_split            pmem declared over the kernel: overlap; "pmem declared
//                                     over"
//     virtio_mem_before_merge,        an entry for each block: one for all; "16 entries for 2
//     virtio_mem_two_devices          GiB"

namespace {

struct one_map {
    std::string title; ///< of the part of the file, may be empty
    std::string map;
};

/// The maps of a file, which is one, or several with headings.
std::vector<one_map> maps_in(const std::string& file) {
    std::vector<one_map> maps(1);
    const std::string all = gunzip(recorded + "/realmaps/" + file);
    for (std::size_t from = 0; from < all.size();) {
        const std::size_t end = all.find('\n', from);
        const std::string line = all.substr(from, end - from);
        from = end + 1;
        if (line.rfind("##", 0) == 0)
            maps.push_back({line, ""});
        else if (line[0] != '#')
            maps.back().map += line + "\n";
    }
    if (maps.front().map.empty()) maps.erase(maps.begin());
    return maps;
}

/// A map as a tree, each driver's entries its own.
struct loaded {
    one_map source;
    resource_tree<in_place<32>> tree;

    explicit loaded(one_map from) : source(std::move(from)) {
        const auto read = read_iomem(view(source.map), tree, [](text name) {
            region r = linux_mm::describe_by_name(name);
            if (name.starts_with("dax") || name.starts_with("namespace")) r.owner = driver;
            if (name.starts_with("CXL") || name.starts_with("region")) r.owner = other_driver;
            return r;
        });
        INFO(source.map);
        if (!read) FAIL(read.error().line << ": " << string_of(read.error().why));
    }
    loaded(const std::string& file, std::size_t number) : loaded(maps_in(file).at(number)) {}

    std::string printed() const {
        std::string out;
        print_iomem(tree, [&](text part) { out += string_of(part); });
        return out;
    }
    region_id named(const std::string& name) const { return zonal_test::named(tree, view(name)); }
    address_range range(const std::string& name) const { return tree[named(name)].range; }
    relation ram(address_range r) const { return relation_to(tree, r, linux_mm::system_ram); }
};

} // namespace

TEST_CASE("every real map is read and printed back as it was", "[resource][realmaps]") {
    unsigned files = 0;
    unsigned maps = 0;
    for (const auto& file : std::filesystem::directory_iterator(recorded + "/realmaps")) {
        const std::string name = file.path().filename();
        if (name.rfind("iomem_", 0) != 0) continue;
        ++files;
        for (const one_map& map : maps_in(name)) {
            INFO(name << " " << map.title);
            const loaded l(map);
            CHECK(l.printed() == map.map);
            ++maps;
        }
    }
    CHECK(files == 18);
    CHECK(maps == 29);
}

namespace {

template <class F>
void each_map(F use) {
    for (const auto& file : std::filesystem::directory_iterator(recorded + "/realmaps")) {
        const std::string name = file.path().filename();
        if (name.rfind("iomem_", 0) != 0) continue;
        for (const one_map& map : maps_in(name)) {
            INFO(name << " " << map.title);
            loaded l(map);
            use(l);
        }
    }
}

} // namespace

TEST_CASE("in no real map does an entry leave while another lies in it", "[resource][realmaps]") {
    unsigned parents = 0;
    each_map([&](loaded& l) {
        auto& tree = l.tree;
        for (region_id e = tree.after(tree.root()); e; e = tree.after(e)) {
            if (!tree.first_child(e)) continue;
            ++parents;
            CHECK(tree.release(e, tree[e].owner) == fail(errc::busy));
            bool has_others = false; // not the owner's own
            for (region_id c = tree.after(e); c && tree[e].range.contains(tree[c].range);
                 c = tree.after(c))
                has_others |= tree[c].owner != tree[e].owner;
            if (!has_others) continue;
            CHECK(tree.release(e, tree[e].owner, children::take_along) == fail(errc::busy));
        }
        CHECK(l.printed() == l.source.map);
    });
    CHECK(parents == 94);
}

TEST_CASE("in no real map does an entry go above another of its range unasked",
          "[resource][realmaps]") {
    unsigned entries = 0;
    each_map([&](loaded& l) {
        auto& tree = l.tree;
        for (region_id e = tree.after(tree.root()); e; e = tree.after(e)) {
            const region same{tree[e].range, "Soft Reserved", {.memory = true}};
            ++entries;
            CHECK(tree.insert(same, insert_mode::conflict, tree.parent(e)) == fail(errc::exists));
            CHECK(tree.conflict(same.range, insert_mode::conflict, tree.parent(e)) == e);
        }
        CHECK(l.printed() == l.source.map);
    });
    CHECK(entries == 188);
}

TEST_CASE("the leaked kmem range: a region does not leave before what lies in it",
          "[resource][realmaps]") {
    const std::string file = "iomem_cxl_region_teardown_sequence.txt";
    const loaded boot(file, 0), torn_down(file, 1), created_anew(file, 2);
    const std::uint64_t bytes = boot.range("region9").bytes();
    const auto place = [&](const loaded& l) {
        return find_free(l.tree, {.bytes = bytes}, l.named("CXL Window 9")).value();
    };

    SECTION("taken out with its entries moved up, it leaves them behind, and the next one goes "
            "elsewhere") {
        loaded l = boot;
        const auto region9 = l.named("region9");
        CHECK(l.tree.release(region9, other_driver, children::move_up).has_value());
        CHECK(l.printed() == torn_down.source.map);
        const auto again = l.tree.insert({place(l), "region9", {.memory = true}, {}, other_driver},
                                         insert_mode::adopt);
        CHECK(l.tree[*again].range == created_anew.range("region9"));
    }
    SECTION("nobody asked for that, so it is busy until they have left, and fits where it was") {
        loaded l = boot;
        const auto region9 = l.named("region9");
        const auto dax = l.named("dax18.0");
        const address_range range = l.tree[region9].range;
        CHECK(l.tree.release(region9, other_driver) == fail(errc::busy));
        CHECK(l.tree.release(region9, other_driver, children::take_along) == fail(errc::busy));
        CHECK(l.tree.release(dax, driver) == fail(errc::busy)); // RAM lies in it
        CHECK(l.printed() == boot.source.map);
        CHECK(release_adjustable(l.tree, range).has_value()); // the RAM goes
        CHECK(l.tree.release(dax, driver).has_value());       // its driver unbinds
        CHECK(l.tree.release(l.named("Soft Reserved")).has_value());
        CHECK(l.tree.release(region9, other_driver).has_value());
        CHECK(place(l) == range);
    }
}

TEST_CASE(
    "the leaked kmem range in use: while it is plugged nobody plugs its pages, and who has them "
    "is known",
    "[resource][realmaps]") {
    using zones = zone_set<linux_mm::normal, linux_mm::movable, linux_mm::device>;
    using rules = release<zones, otherwise<return_to_tree>,
                          on<linux_mm::movable, drain_then<leave_to_driver>>>;
    hotplug_map<zones, rules, in_place<16>> map;
    auto& tree = map.resources();
    std::string boot = maps_in("iomem_cxl_region_teardown_sequence.txt").at(0).map;
    boot.resize(boot.rfind("        68e80000000")); // RAM, which is plugged below
    REQUIRE(read_iomem(view(boot), tree, [](text name) {
        region r = linux_mm::describe_by_name(name);
        r.flags.busy = name.starts_with("dax");
        if (r.flags.busy) r.owner = driver;
        if (name.starts_with("region")) r.owner = other_driver;
        return r;
    }));
    const auto dax = zonal_test::named(tree, "dax18.0");
    const address_range bytes = tree[dax].range;
    const pfn_range pages = whole_pages_in(bytes, page_geometry{}).value();
    const range_handle ram = map.plug<linux_mm::movable>(pages, {.owner = driver}).value();
    REQUIRE(map.pin(ram)); // somebody uses it

    // Taking it out while it is used, or without having asked, does not work.
    CHECK(map.unplug(ram) == fail(errc::bad_state));
    CHECK(map.drain(ram).error() == errc::busy);
    // The drivers let go of their entries all the same, and there is room where they were.
    REQUIRE(tree.release(dax, driver));
    REQUIRE(tree.release(zonal_test::named(tree, "Soft Reserved")));
    REQUIRE(tree.release(zonal_test::named(tree, "region9"), other_driver));
    const auto window = zonal_test::named(tree, "CXL Window 9");
    CHECK(find_free(tree, {.bytes = bytes.bytes()}, window) == bytes);
    REQUIRE(tree.request(bytes, "dax9.0", other_driver));
    // But its pages are not: the range in the way says whose it is.
    CHECK(map.plug<linux_mm::movable>(pages, {.owner = other_driver}).error() == errc::overlap);
    CHECK(map.find(pages.start())->owner == driver);
    CHECK(map.find(pages.start())->handle == ram);
    REQUIRE(map.unpin(ram));
    REQUIRE(map.unplug(map.drain(ram).value()));
    CHECK(map.plug<linux_mm::movable>(pages, {.owner = other_driver}).has_value());
}

TEST_CASE("the freed parent: an entry stays whole while anything lies in it",
          "[resource][realmaps]") {
    const std::string file = "iomem_cxl_region_teardown_corruption.txt";
    for (const bool pmem : {false, true}) {
        loaded l(file, pmem ? 2 : 0);
        const auto dax = l.named(pmem ? "dax3.0" : "dax4.0");
        const auto above = l.tree.parent(dax);
        const owner_id owner_above = l.tree[above].owner;
        // Whoever frees the device above, its driver's entry is in use and says so.
        for (const auto inside : {children::refuse, children::take_along})
            CHECK(l.tree.release(above, owner_above, inside) == fail(errc::busy));
        CHECK(l.tree.release(dax, driver) == fail(errc::busy));
        CHECK(l.tree.release(dax, driver, children::take_along) == fail(errc::busy));
        CHECK(l.printed() == l.source.map);
        // In order, and then nobody reaches it any more.
        CHECK(release_adjustable(l.tree, l.range("System RAM (kmem)")).has_value());
        CHECK(l.tree.release(dax, driver).has_value());
        CHECK_FALSE(l.tree.is_live(dax));
        CHECK(l.tree.insert({.range = at(0, 1)}, insert_mode::adopt, dax) == fail(errc::stale));
    }
    // What was left of its name would not be taken for one.
    resource_tree<in_place<4>> tree;
    const auto read = read_iomem("480000000-243fffffff : Persistent Memory\n"
                                 "  580000000-243fffffff : \x10\x8f\x03\n",
                                 tree);
    CHECK(read.error() == iomem_error{2, iomem_reason::not_text});
}

TEST_CASE(
    "silent re-parenting: an entry goes above another of its range only if that was asked for",
    "[resource][realmaps]") {
    for (const char* file : {"iomem_cxl_insert_reparents.txt", "iomem_cxl_softreserved_qemu.txt"}) {
        const loaded after(file, 0);
        loaded l = after; // before the insertion
        const region soft = l.tree[l.named("Soft Reserved")];
        REQUIRE(l.tree.release(l.named("Soft Reserved"), the_system, children::move_up));
        const std::string before = l.printed();

        CHECK(l.tree.insert(soft, insert_mode::conflict) == fail(errc::exists));
        CHECK(l.tree.conflict(soft.range, insert_mode::conflict) == l.named("CXL Window 0"));
        CHECK(l.printed() == before);
        CHECK(l.tree.insert(soft, insert_mode::adopt).has_value());
        CHECK(l.printed() == after.source.map);
    }
}

TEST_CASE("a firmware range across two windows is a conflict with the first",
          "[resource][realmaps]") {
    loaded l("iomem_cxl_two_windows_physical.txt", 0);
    const address_range soft = at(0x20'7000'0000, 0xa0'7000'0000);
    CHECK(l.tree.insert({soft, "Soft Reserved"}) == fail(errc::overlap));
    CHECK(l.tree.conflict(soft, insert_mode::conflict) == l.named("CXL Window 0"));
    CHECK(l.printed() == l.source.map);
}

TEST_CASE("two drivers that want one range: the second is refused, and told who has it",
          "[resource][realmaps]") {
    loaded l("iomem_cxl_three_windows_hmem_owner.txt", 0);
    for (const char* name : {"region3", "region4", "region5"}) {
        const address_range range = l.range(name);
        CHECK(l.tree.request(range, "dax_cxl", other_driver) == fail(errc::busy));
        const region_id ram = find(l.tree, range.start()).value(); // the innermost
        const region_id holder = l.tree.parent(ram);
        CHECK(l.tree[holder].name.starts_with("dax"));
        CHECK(l.tree[holder].owner == driver);
        CHECK(l.tree.release(holder, other_driver) == fail(errc::busy));
    }
    CHECK(l.printed() == l.source.map);
}

TEST_CASE("a window that swallows PCI buses is a conflict", "[resource][realmaps]") {
    loaded l("iomem_cxl_window_overlaps_pci.txt", 0);
    const region window = l.tree[l.named("CXL Window 0")];
    REQUIRE(l.tree.release(l.named("CXL Window 0"), other_driver, children::move_up));
    CHECK(l.tree.insert(window, insert_mode::conflict) == fail(errc::overlap));
    const auto first = l.tree.conflict(window.range, insert_mode::conflict);
    CHECK(l.tree[first].name == text("PCI Bus 0000:00"));
    CHECK(l.tree.insert(window, insert_mode::adopt).has_value());
    CHECK(l.printed() == l.source.map);
}

TEST_CASE("RAM three levels below a window is RAM", "[resource][realmaps]") {
    for (const char* file :
         {"iomem_cxl_qemu_nested_kmem.txt", "iomem_cxl_arm64_virt.txt",
          "iomem_cxl_three_windows_hmem_owner.txt", "iomem_hmem_numa_qemu.txt"}) {
        INFO(file);
        const loaded l(file, 0);
        const address_range ram = l.range("System RAM (kmem)");
        CHECK(l.ram(ram) == relation::intersects);
        CHECK(relation_to(l.tree, ram, linux_mm::system_ram,
                          linux_mm::resource_quirks_for({6, 1}).value()) == relation::disjoint);
        CHECK(relation_to(l.tree, ram, linux_mm::system_ram,
                          linux_mm::resource_quirks_for({6, 12}).value()) == relation::intersects);
    }
}

TEST_CASE("soft-reserved memory blocks a new region, and is named as what does",
          "[resource][realmaps]") {
    loaded l("iomem_cxl_softreserved_blocks_region_delete.txt", 0);
    const auto window = l.named("CXL Window 0");
    const auto soft = l.named("Soft Reserved");
    const address_range range = l.range("region0");
    REQUIRE(release_adjustable(l.tree, range));
    REQUIRE(l.tree.release(l.named("dax0.0"), driver));
    REQUIRE(l.tree.release(l.named("region0"), other_driver));

    CHECK(find_free(l.tree, {.bytes = 1}, window) == fail(errc::no_space));
    const region again{range, "region0", {.memory = true}, {}, other_driver};
    CHECK(l.tree.insert(again, insert_mode::conflict, window) == fail(errc::exists));
    CHECK(l.tree.conflict(range, insert_mode::conflict, window) == soft);
    // It belongs to the system, which can give it up, or let the region lie in it.
    CHECK(l.tree.release(soft, other_driver) == fail(errc::busy));
    CHECK(l.tree.insert(again, insert_mode::conflict, soft).has_value());
    REQUIRE(l.tree.release(l.named("region0"), other_driver));
    CHECK(l.tree.release(soft).has_value());
    CHECK(find_free(l.tree, {.bytes = range.bytes()}, window) == range);
}

TEST_CASE("a reserved range that fills a window is why there is no room", "[resource][realmaps]") {
    loaded l("iomem_cxl_reserved_child_blocks.txt", 0);
    const auto window = l.named("CXL Window 0");
    CHECK(find_free(l.tree, {.bytes = 0x1000}, window) == fail(errc::no_space));
    const address_range part = at(0x5'9000'0000, 0x5'a000'0000);
    CHECK(l.tree.conflict(part, insert_mode::conflict, window) == l.named("Reserved"));
    CHECK(l.tree.release(l.named("Reserved")).has_value());
    CHECK(find_free(l.tree, {.bytes = 0x1000'0000}, window) == part);
}

TEST_CASE("persistent memory becomes RAM: the driver's region shrinks to whole blocks",
          "[resource][realmaps]") {
    const std::string file = "iomem_pmem_kmem_kexec.txt";
    const loaded after(file, 2), kexec(file, 3);
    loaded l(file, 0);
    const auto dax = l.named("dax0.0");
    const address_range blocks = at(0x1'5000'0000, 0x3'4000'0000);
    REQUIRE(l.tree.adjust(dax, blocks, driver));
    region ram = linux_mm::describe_by_name("System RAM (kmem)");
    ram.name = "System RAM (kmem)";
    ram.range = blocks;
    REQUIRE(l.tree.insert(ram, insert_mode::conflict, dax));
    CHECK(l.printed() == after.source.map);
    CHECK(l.ram(blocks) == relation::intersects);
    // The name tells a kernel that is started next whose RAM it is; without, it is the system's.
    CHECK(l.tree[l.named("System RAM (kmem)")].flags.driver_managed);
    CHECK_FALSE(kexec.tree[kexec.named("System RAM")].flags.driver_managed);
    CHECK(kexec.range("System RAM") == blocks);
    // The RAM leaves, the driver's region does not.
    CHECK(release_adjustable(l.tree, blocks).has_value());
    CHECK(l.tree.is_live(dax));
    CHECK(l.tree.release(dax, driver).has_value());
}

TEST_CASE("16 entries for 2 GiB become one, and a block that leaves cuts it",
          "[resource][realmaps]") {
    const auto flagged = [](text name) {
        region r = linux_mm::describe_by_name(name);
        r.flags.mergeable = r.flags.system_ram;
        return r;
    };
    const auto merge_all = [](auto& tree, const linux_mm::resource_quirks& quirks) {
        for (region_id e = tree.after(tree.root()); e; e = tree.after(e)) {
            if (!tree[e].flags.driver_managed) continue;
            e = merge(tree, e, the_system, quirks).value();
        }
    };
    const one_map before = maps_in("iomem_virtio_mem_before_merge.txt").at(0);
    resource_tree<in_place<16>> tree;
    REQUIRE(read_iomem(view(before.map), tree, flagged));
    REQUIRE(tree.size() == 13);
    auto by_place = tree; // each name is a piece of the text of its own
    merge_all(by_place, linux_mm::resource_tree_quirks);
    CHECK(by_place.size() == 13);
    merge_all(tree, {});
    CHECK(tree.size() == 3);
    const address_range plugged = at(0x1'4000'0000, 0x1'9800'0000);
    CHECK(find_exact(tree, plugged).has_value());
    CHECK(release_adjustable(tree, at(0x1'5000'0000, 0x1'5800'0000)).has_value());
    CHECK(tree.size() == 4);
    CHECK(relation_to(tree, plugged, linux_mm::system_ram) == relation::mixed);

    // A device that grows in place.
    const std::string file = "iomem_virtio_mem_two_devices.txt";
    const loaded grown(file, 2);
    resource_tree<in_place<4>> device;
    const one_map half = maps_in(file).at(1);
    REQUIRE(read_iomem(view(half.map), device, flagged));
    region more = flagged("System RAM (virtio_mem)");
    more.range = at(0x2'c000'0000, 0x3'4000'0000);
    more.name = "System RAM (virtio_mem)";
    const auto made = device.insert(more, insert_mode::adopt);
    CHECK(device.merge(*made).has_value());
    std::string out;
    print_iomem(device, [&](text part) { out += string_of(part); });
    CHECK(out == grown.source.map);
}

TEST_CASE("a section that holds RAM and persistent memory is mixed", "[resource][realmaps]") {
    const std::string file = "iomem_pmem_section_collision.txt";
    constexpr page_geometry x86_64;
    const auto section_of = [&](std::uint64_t address) {
        const pfn start =
            x86_64.align_down(x86_64.pfn_of(phys_addr{address}).value(), unit::section);
        return bytes_of({start, x86_64.pages_of(unit::section)}, x86_64).value();
    };
    const loaded a(file, 0), b(file, 1);
    CHECK(a.ram(section_of(0x3'0400'0000)) == relation::mixed);
    CHECK(a.ram(section_of(0x1'ffff'ffff)) == relation::intersects);
    CHECK(a.ram(section_of(0x2'0000'0000)) == relation::disjoint);
    CHECK(b.ram(section_of(0x1'fc00'0000)) == relation::mixed);
    CHECK(b.ram(section_of(0x1'f7ff'ffff)) == relation::intersects);

    const loaded small("iomem_pmem_legacy_small_vm.txt", 0);
    CHECK(small.ram(at(0xa000'0000, 0xa800'0000)) == relation::intersects);
    CHECK(small.ram(small.range("Persistent Memory (legacy)")) == relation::mixed);
    const loaded split("iomem_pmem_memmap_4g_split.txt", 0);
    CHECK(split.ram(split.range("Crash kernel")) == relation::intersects);
    CHECK(split.ram(split.range("Persistent Memory (legacy)")) == relation::disjoint);
}

TEST_CASE("memory that ends inside a section: what can be added beside it, and what it becomes",
          "[resource][realmaps]") {
    using zones = zone_set<linux_mm::normal, linux_mm::movable, linux_mm::device>;
    constexpr page_owner ram{node_id{0}, zones::id_of<linux_mm::normal>};
    constexpr page_owner pmem{node_id{0}, zones::id_of<linux_mm::device>};
    const auto pages_at = [](const loaded& l, std::uint64_t start) {
        const auto id = find(l.tree, phys_addr{start}).value();
        return whole_pages_in(l.tree[id].range, page_geometry{}).value();
    };
    const auto section_at = [](const auto& m, pfn p) { return m.section_of(p).value(); };

    // In A, pmem ends and in B it begins in the middle of 128 MiB; the rest of them is RAM.
    const loaded a("iomem_pmem_section_collision.txt", 0), b("iomem_pmem_section_collision.txt", 1);
    const pfn_range ram_above = pages_at(a, 0x3'0400'0000), pmem_below = pages_at(a, 0x2'0000'0000);
    const pfn_range pmem_above = pages_at(b, 0x1'fc00'0000);
    const pfn_range ram_below{pages_at(b, 0x1'0000'0000).start(), pmem_above.start()};

    for (const auto& [of_system, of_device] :
         {std::pair{ram_above, pmem_below}, std::pair{ram_below, pmem_above}}) {
        const pfn shared =
            of_system.start() < of_device.start() ? of_device.start() : of_system.start();
        // Since devices come in subsections: it works, and the pages must be asked one by one.
        zoned_memory<in_place<8>> m(zones::list, {}, linux_mm::hotplug_rules_for({5, 3})->memory);
        REQUIRE(m.boot(of_system, ram));
        REQUIRE_FALSE(section_at(m, shared).tainted);
        REQUIRE(m.map_device(of_device, pmem));
        CHECK(section_at(m, shared).tainted);
        CHECK(m.owner_of(of_system.start()) == ram);
        CHECK(m.owner_of(of_device.start()) == pmem);
        // System memory cannot be added where RAM of the boot is; nothing is left behind.
        CHECK(m.add({m.geometry().align_down(shared, unit::section), page_count{1 << 15}},
                    {node_id{0}}) == fail(errc::exists));

        // Before, in sections: refused with the reason, not a warning and half a range.
        zoned_memory<in_place<8>> old(zones::list, {},
                                      linux_mm::hotplug_rules_for({4, 20})->memory);
        REQUIRE(old.boot(of_system, ram));
        CHECK(old.map_device(of_device, pmem) == fail(errc::misaligned));
        const pfn_range whole = old.geometry().align_out(of_device, unit::section);
        CHECK(old.map_device(whole, pmem) == fail(errc::exists));
        CHECK(old.pages_of(pmem.node, pmem.zone) == zone_pages{});
    }
}

TEST_CASE("pmem declared over the kernel: a conflict with what is there", "[resource][realmaps]") {
    const loaded split("iomem_pmem_memmap_4g_split.txt", 0);
    // memmap=4G!4G makes one range of it.
    firmware_map<4> firmware;
    REQUIRE(firmware.add({{phys_addr{0x1'0000'0000}, phys_addr{0x8'8000'0000}}}));
    REQUIRE(zone_map::edit_firmware_map(firmware, "memmap=4G!4G"));
    const auto declared = firmware.run_from(phys_addr{0x1'0000'0000}).value();
    CHECK(declared == firmware_range{{phys_addr{0x1'0000'0000}, phys_addr{0x2'0000'0000}},
                                     firmware_kind::persistent_legacy});
    const address_range pmem = at(declared.bytes.start.value, declared.bytes.end.value);

    // The kernel's image was there first. It stays one piece, and is named as what is in the way.
    resource_tree<in_place<8>> tree;
    const std::string image = "155e00000-15982bfff : System RAM\n"
                              "  155e00000-156a00fa0 : Kernel code\n";
    REQUIRE(split.source.map.find(image) != std::string::npos);
    REQUIRE(read_iomem(view(image), tree, linux_mm::describe_by_name));
    const region wanted{pmem, "Persistent Memory (legacy)", {.memory = true}};
    CHECK(tree.insert(wanted, insert_mode::conflict) == fail(errc::overlap));
    CHECK(tree.conflict(pmem, insert_mode::conflict) == zonal_test::named(tree, "System RAM"));
    CHECK(tree.request(pmem, "namespace0.0", driver) == fail(errc::busy));
    // What is left of it on either side is what the kernel reported.
    const address_range below = at(pmem.start().value, 0x1'55e0'0000);
    const address_range above = at(0x1'5982'c000, pmem.end().value);
    CHECK(find_exact(split.tree, below).has_value());
    CHECK(find_exact(split.tree, above).has_value());
    for (const address_range r : {below, above})
        CHECK(tree.insert({r, wanted.name, wanted.flags}, insert_mode::conflict).has_value());
}
