// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource.hpp>

#include "resource/trees.hpp"
#include "test.hpp"

#include <vector>

using namespace zonal;
using namespace zonal_test;

// A whole life of some memory in the tree, for both evaluators, and what happens when room ends in
// the middle of anything.

namespace {

constexpr owner_id nvdimm_driver{1};
constexpr owner_id ram_driver{2};
constexpr region_query system_ram{{.memory = true, .system_ram = true, .busy = true}};

/// Firmware's map; a DIMM comes, half of it goes, comes back, and it is one again; a driver claims
/// persistent memory, another makes RAM of it; all leave in order, and nobody else gets at it.
template <class Tree>
constexpr bool memory_comes_and_goes(Tree& tree) {
    constexpr text at_boot = "00000000-0000ffff : System RAM\n"
                             "  00001000-00001fff : Kernel code\n"
                             "00020000-0002ffff : Persistent Memory\n";
    constexpr address_range dimm = at(0x10000, 0x18000);
    constexpr address_range half = at(0x14000, 0x18000);
    constexpr address_range nvdimm = at(0x20000, 0x30000);
    const auto described_as = [](text name) {
        region r{.flags = {.memory = true}};
        if (!(name == text("Persistent Memory"))) r.flags = system_ram.flags;
        return r;
    };
    if (!read_iomem(at_boot, tree, described_as)) return false;

    // The DIMM. Its entry is the system's, so the system takes half of it out, and adds it again.
    const region ram{dimm, "System RAM", system_ram.flags, {}, the_system};
    const auto plugged = tree.insert(ram);
    if (!plugged || tree.insert(ram) != fail(errc::exists)) return false;
    if (!release_adjustable(tree, half) || release_adjustable(tree, half) != fail(errc::not_found))
        return false;
    if (relation_to(tree, dimm, system_ram) != relation::intersects) return false;
    if (*find_free(tree, {.bytes = half.bytes(), .alignment = 0x4000}) != half) return false;
    region again = ram;
    again.range = half;
    const auto returned = tree.insert(again);
    if (!tree.merge(*plugged) || !tree.merge(*returned)) return false;
    if (find_exact(tree, dimm) != plugged || tree.is_live(*returned)) return false;

    // The NVDIMM. A busy claim is its driver's alone.
    const auto claim = tree.request(nvdimm, "dax0.0", nvdimm_driver);
    if (!claim || tree.request(nvdimm, "dax0.0", ram_driver) != fail(errc::busy)) return false;
    if (release_adjustable(tree, nvdimm) != fail(errc::busy)) return false;
    if (relation_to(tree, nvdimm, system_ram) != relation::disjoint) return false;

    // RAM in it: no longer busy itself, so that the other driver can claim what lies in it.
    if (!tree.set_flags(*claim, {.memory = true, .system_ram = true}, nvdimm_driver)) return false;
    const auto as_ram =
        tree.request(nvdimm, "System RAM (kmem)", ram_driver, {.driver_managed = true});
    if (!as_ram || tree.parent(*as_ram) != *claim) return false;
    if (relation_to(tree, nvdimm, system_ram) != relation::intersects) return false;
    if (tree.release(*claim, nvdimm_driver) != fail(errc::busy)) return false;
    if (release_adjustable(tree, nvdimm) != fail(errc::busy)) return false;
    if (!release_adjustable(tree, nvdimm, ram_driver)) return false;
    if (!tree.release(*claim, nvdimm_driver)) return false;
    if (tree.release(*claim, nvdimm_driver) != fail(errc::stale)) return false;

    // The DIMM goes, and everything is as it was.
    if (!release_adjustable(tree, dimm)) return false;
    std::size_t printed = 0;
    bool same = true;
    print_iomem(tree, [&](text part) {
        same = same && at_boot.sub(printed, part.size) == part;
        printed += part.size;
    });
    return same && printed == at_boot.size && tree.size() == 3;
}

constexpr bool in_place_life() {
    resource_tree<in_place<6>> tree;
    return memory_comes_and_goes(tree);
}
constexpr bool callers_life() {
    region_slot slots[6];
    resource_tree<caller_storage> tree{slots};
    return memory_comes_and_goes(tree);
}
static_assert(in_place_life());
static_assert(callers_life());

/// What can be asked of a tree that needs a slot.
struct call {
    const char* name;
    std::string (*make)(resource_tree<caller_storage>&);
};

} // namespace

TEST_CASE("memory comes and goes, and everything is as it was", "[resource]") {
    CHECK(in_place_life());
    CHECK(callers_life());
}

TEST_CASE("without a slot left, no call changes anything, and with one it works", "[resource]") {
    using tree_type = resource_tree<caller_storage>;
    const char* const before = "10-40 ram{10-18 x 38-40 y} 40-50 window{44-48 z} 60-80 a{60-70 b}";
    const call calls[] = {
        {"insert", [](tree_type& t) { return outcome_of(t.insert({.range = at(0x90, 0xa0)})); }},
        {"insert, adopting",
         [](tree_type& t) {
             return outcome_of(t.insert({.range = at(0x40, 0x80)}, insert_mode::adopt));
         }},
        {"insert, expanding over two",
         [](tree_type& t) {
             return outcome_of(t.insert({.range = at(0x30, 0x70)}, insert_mode::expand));
         }},
        {"insert deeper",
         [](tree_type& t) {
             return outcome_of(t.insert({.range = at(0x62, 0x64)}, insert_mode::adopt));
         }},
        {"request",
         [](tree_type& t) { return outcome_of(t.request(at(0x48, 0x50), "claim", driver)); }},
        {"split",
         [](tree_type& t) { return outcome_of(t.split(named(t, "ram"), phys_addr{0x20})); }},
        {"release_adjustable",
         [](tree_type& t) { return outcome_of(release_adjustable(t, at(0x20, 0x30))); }},
        {"release_adjustable at a child's border",
         [](tree_type& t) { return outcome_of(release_adjustable(t, at(0x18, 0x38))); }},
    };
    for (const call& c : calls)
        for (std::size_t room = 8; room <= 9; ++room) {
            INFO(c.name << ", room for " << room);
            region_slot slots[9];
            tree_type tree{slots, room};
            build(tree, before);
            REQUIRE(tree.size() == 7);
            REQUIRE(tree.insert({.range = at(0x1000, 0x1001)}).has_value());
            std::vector<region_id> ids;
            for (region_id e = tree.after(tree.root()); e; e = tree.after(e)) ids.push_back(e);
            const std::string full = shown(tree);
            const std::string said = c.make(tree);
            if (room == 9) {
                CHECK(said == "done");
                CHECK(tree.size() == 9);
                continue;
            }
            CHECK(said == "no_space");
            CHECK(shown(tree) == full);
            for (std::size_t i = 0; i < ids.size(); ++i) CHECK(tree.is_live(ids[i]));
            // A slot that comes free is enough.
            CHECK(tree.release(ids.back()).has_value());
            CHECK(c.make(tree) == "done");
        }
}
