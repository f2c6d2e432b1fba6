// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/resource_quirks.hpp>

#include <zonal/linux_mm/iomem_names.hpp>

#include "resource/trees.hpp"
#include "test.hpp"

using namespace zonal;
using namespace zonal_test;
namespace lm = zonal::linux_mm;
using lm::resource_quirks;

// Each wart of a kernel's tree, with it and without.

namespace {

/// A call, and what becomes of a tree with one quirk and with none.
struct both_ways {
    const char* what;
    const char* before;
    address_range range;
    owner_id who;
    const char* with;
    const char* after_with; ///< null: unchanged
    const char* without;
    const char* after_without;
};

template <class Call>
void check(const both_ways& row, bool resource_quirks::* quirk, Call call) {
    resource_quirks quirks;
    quirks.*quirk = true;
    for (const bool has_it : {true, false}) {
        tree_in_place t;
        build(t.tree, row.before);
        INFO(row.what << (has_it ? ", with" : ", without") << " the quirk: " << row.before);
        const char* after = has_it ? row.after_with : row.after_without;
        CHECK(outcome_of(call(t.tree, row.range, row.who, has_it ? quirks : resource_quirks{})) ==
              (has_it ? row.with : row.without));
        CHECK(shown(t.tree) == (after != nullptr ? after : row.before));
    }
}

constexpr auto adjustable = [](auto& tree, address_range r, owner_id who, resource_quirks quirks) {
    return release_adjustable(tree, r, who, quirks);
};
constexpr auto exactly = [](auto& tree, address_range r, owner_id who, resource_quirks quirks) {
    return release_region(tree, r, who, quirks);
};

// The story of the change that put a device zone into Linux: the range of an NVDIMM is given back
// through the tree, like RAM.
constexpr bool the_driver_finds_its_entry(const resource_quirks& quirks) {
    constexpr address_range nvdimm{phys_addr{0x20'0100'0000}, phys_addr{0x20'0200'0000}};
    resource_tree<in_place<4>> tree;
    const auto pmem = tree.insert({nvdimm, "Persistent Memory", {.memory = true}});
    const auto mine = tree.request(nvdimm, "namespace0.0", driver);
    const auto given_back = release_adjustable(tree, nvdimm, the_system, quirks);
    const bool there = tree.is_live(*mine);
    const auto by_driver = release_region(tree, nvdimm, driver, quirks);
    return given_back.has_value() != there && there == by_driver.has_value() &&
           by_driver == (there ? result<done>(done{}) : fail(errc::not_found)) &&
           tree.size() == 1 && tree.is_live(*pmem) && there;
}
static_assert(the_driver_finds_its_entry({}));
static_assert(!the_driver_finds_its_entry(lm::resource_tree_quirks));

} // namespace

TEST_CASE("giving back a device's range through the tree deletes the driver's entry, or is refused",
          "[linux_mm]") {
    constexpr auto as_linux = lm::resource_quirks_for(lm::version{6, 1}).value();
    tree_in_place t;
    const address_range nvdimm = at(0x1000, 0x2000);
    build(t.tree, "1000-2000 pmem{1000-2000 drv}");
    CHECK(release_adjustable(t.tree, nvdimm, the_system) == fail(errc::busy));
    auto& tree = t.tree;
    const auto given = release_adjustable(tree, nvdimm, the_system, as_linux); // done, and
    const auto late = release_region(tree, nvdimm, driver, as_linux);          // not_found
    CHECK(given.has_value());
    CHECK(late == fail(errc::not_found));
    CHECK(shown(t.tree) == "1000-2000 pmem");
    CHECK(the_driver_finds_its_entry({}));
    CHECK_FALSE(the_driver_finds_its_entry(as_linux));
}

TEST_CASE("quirk no_owners: anybody takes out what is a driver's", "[linux_mm]") {
    constexpr auto quirk = &resource_quirks::no_owners;
    check({"a device's range",
           "0-40 pmem{0-40 drv}",
           at(0, 0x40),
           {},
           "done",
           "0-40 pmem",
           "busy",
           nullptr},
          quirk, adjustable);
    check({"half of it",
           "0-40 pmem{0-40 drv}",
           at(0, 0x20),
           {},
           "done",
           "0-40 pmem{20-40 drv}",
           "busy",
           nullptr},
          quirk, adjustable);
    check({"exactly its range",
           "0-40 pmem{0-40 drv}",
           at(0, 0x40),
           {},
           "done",
           "0-40 pmem",
           "busy",
           nullptr},
          quirk, exactly);
}

TEST_CASE("quirk first_busy_only: two adjacent entries are released by nobody", "[linux_mm]") {
    constexpr auto quirk = &resource_quirks::first_busy_only;
    check({"two entries",
           "10-20 ram 20-40 ram2",
           at(0x10, 0x40),
           {},
           "not_found",
           nullptr,
           "done",
           ""},
          quirk, adjustable);
    check({"parts of two",
           "10-20 ram 20-40 ram2",
           at(0x18, 0x28),
           {},
           "not_found",
           nullptr,
           "done",
           "10-18 ram 28-40 ram2"},
          quirk, adjustable);
    check({"one of them",
           "10-20 ram 20-40 ram2",
           at(0x20, 0x40),
           {},
           "done",
           "10-20 ram",
           "done",
           "10-20 ram"},
          quirk, adjustable);
    check({"below a busy one",
           "0-40 busy{10-20 busy2}",
           at(0x10, 0x20),
           {},
           "not_found",
           nullptr,
           "done",
           "0-40 busy"},
          quirk, exactly);
}

TEST_CASE("quirk drops_children: what lies in a released entry vanishes", "[linux_mm]") {
    constexpr auto quirk = &resource_quirks::drops_children;
    check(
        {"a range", "10-20 ram{10-18 x{10-14 y}}", at(0x10, 0x20), {}, "done", "", "busy", nullptr},
        quirk, adjustable);
    check({"exactly an entry",
           "10-20 busy{10-18 x}",
           at(0x10, 0x20),
           {},
           "done",
           "",
           "busy",
           nullptr},
          quirk, exactly);
    check({"a part of it",
           "10-20 ram{10-18 x}",
           at(0x10, 0x14),
           {},
           "busy",
           nullptr,
           "busy",
           nullptr},
          quirk, adjustable);
}

TEST_CASE("quirk children_stay_below: the upper half of a cut gets no entries", "[linux_mm]") {
    constexpr auto quirk = &resource_quirks::children_stay_below;
    check({"one above",
           "10-40 ram{30-38 y}",
           at(0x20, 0x30),
           {},
           "busy",
           nullptr,
           "done",
           "10-20 ram 30-40 ram{30-38 y}"},
          quirk, adjustable);
    check({"one below",
           "10-40 ram{10-18 x}",
           at(0x20, 0x30),
           {},
           "done",
           "10-20 ram{10-18 x} 30-40 ram",
           "done",
           "10-20 ram{10-18 x} 30-40 ram"},
          quirk, adjustable);
    check({"no cut",
           "10-40 ram{30-38 y}",
           at(0x10, 0x20),
           {},
           "done",
           "20-40 ram{30-38 y}",
           "done",
           "20-40 ram{30-38 y}"},
          quirk, adjustable);
}

TEST_CASE("quirk misses_first_byte: one byte at the start of an entry is not found", "[linux_mm]") {
    constexpr auto quirk = &resource_quirks::misses_first_byte;
    check({"the first", "10-40 ram", at(0x10, 0x11), {}, "not_found", nullptr, "done", "11-40 ram"},
          quirk, adjustable);
    check({"another",
           "10-40 ram",
           at(0x11, 0x12),
           {},
           "done",
           "10-11 ram 12-40 ram",
           "done",
           "10-11 ram 12-40 ram"},
          quirk, adjustable);
    check({"two", "10-40 ram", at(0x10, 0x12), {}, "done", "12-40 ram", "done", "12-40 ram"}, quirk,
          adjustable);
}

TEST_CASE("quirk same_name_is_same_place: names that read the same keep entries apart",
          "[linux_mm]") {
    const char here[] = "System RAM";
    const char there[] = "System RAM";
    constexpr region_flags flags{
        .memory = true, .system_ram = true, .busy = true, .mergeable = true};
    for (const bool has_it : {true, false})
        for (const bool same_place : {true, false}) {
            resource_tree<in_place<2>> tree;
            const auto low = tree.insert({at(0x10, 0x20), here, flags});
            CHECK(tree.insert({at(0x20, 0x30), same_place ? text(here) : text(there), flags})
                      .has_value());
            const auto merged =
                lm::merge(tree, *low, the_system, {.same_name_is_same_place = has_it});
            CHECK(merged.has_value());
            CHECK(tree.size() == (has_it && !same_place ? 2u : 1u));
        }
}

TEST_CASE("quirk asks_top_level_only: RAM below a device's entry is not seen", "[linux_mm]") {
    constexpr region_query ram{{.memory = true, .system_ram = true}};
    constexpr resource_quirks quirk{.asks_top_level_only = true};
    tree_in_place t;
    build(t.tree, "10-40 window{10-40 region{10-40 ram}} 50-60 ram2 60-70 dev");
    CHECK(relation_to(t.tree, at(0x10, 0x40), ram, quirk) == relation::disjoint);
    CHECK(relation_to(t.tree, at(0x10, 0x40), ram) == relation::intersects);
    CHECK(relation_to(t.tree, at(0x10, 0x60), ram, quirk) == relation::mixed);
    CHECK(relation_to(t.tree, at(0x10, 0x60), ram, resource_quirks{}) == relation::intersects);
    CHECK(relation_to(t.tree, at(0x50, 0x60), ram, quirk) == relation::intersects);
    CHECK(relation_to(t.tree, at(0x60, 0x70), ram, quirk) == relation::disjoint);
}

TEST_CASE("the resource tree of every kernel has no owners, and one entry a release",
          "[linux_mm]") {
    for (const lm::version v : {lm::version{4, 3}, {5, 10}, {6, 1}, {6, 12}, {7, 3}}) {
        const auto quirks = lm::resource_quirks_for(v);
        REQUIRE(quirks.has_value());
        CHECK(quirks->no_owners);
        CHECK(quirks->first_busy_only);
        CHECK(quirks->children_stay_below);
        CHECK(quirks->asks_top_level_only == (v < lm::version{6, 12}));
    }
    CHECK(lm::resource_quirks_for({4, 2}) == fail(errc::not_found));
}

TEST_CASE("a name says whether a region is system RAM", "[linux_mm]") {
    const auto is_ram = [](text name) {
        return lm::system_ram.matches(lm::describe_by_name(name));
    };
    CHECK(is_ram("System RAM"));
    CHECK(is_ram("System RAM (kmem)"));
    CHECK(is_ram("Kernel code"));
    CHECK_FALSE(is_ram("System RAMP"));
    CHECK_FALSE(is_ram("System ROM"));
    CHECK_FALSE(is_ram("Persistent Memory"));
    CHECK_FALSE(is_ram(""));
    CHECK_FALSE(lm::describe_by_name("System RAM").flags.driver_managed);
    CHECK(lm::describe_by_name("System RAM (virtio_mem)").flags.driver_managed);
    CHECK(lm::describe_by_name("Persistent Memory").kind == lm::persistent_memory);
    CHECK(lm::describe_by_name("Persistent Memory (legacy)").kind == lm::legacy_persistent_memory);
    CHECK(lm::describe_by_name("PCI Bus 0000:00").flags == region_flags{.memory = true});
}
