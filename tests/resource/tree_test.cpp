// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource/tree.hpp>

#include "contract.hpp"
#include "resource/trees.hpp"
#include "test.hpp"

using namespace zonal;
using namespace zonal_test;

namespace {

constexpr address_range nvdimm = at(0x1000, 0x2000);

// The header's example.
constexpr bool the_driver_gives_it_back() {
    resource_tree<in_place<8>> tree;
    const auto pmem = tree.insert({nvdimm, "Persistent Memory", {.memory = true}});
    const auto mine = tree.request(nvdimm, "namespace0.0", driver); // inside, and busy
    bool ok = tree.release(*mine) == fail(errc::busy);              // only the driver can
    ok = ok && tree.release(*pmem) == fail(errc::busy);             // an entry lies in it
    ok = ok && tree.release(*mine, driver).has_value();
    return ok && tree.release(*pmem).has_value() && tree.size() == 0;
}
static_assert(the_driver_gives_it_back());

/// One line of a table: a tree, what is done with it, what becomes of it.
struct row {
    const char* before;
    address_range range;
    const char* outcome;
    const char* after; ///< null: unchanged
};

template <class Tree>
void inserts(const row& r, insert_mode mode) {
    Tree t;
    build(t.tree, r.before);
    region what = described("new");
    what.range = r.range;
    const auto in_the_way = t.tree.conflict(r.range, mode);
    const auto made = t.tree.insert(what, mode);
    INFO(r.before << " + " << shown(r.range));
    CHECK(outcome_of(made) == r.outcome);
    CHECK(shown(t.tree) == (r.after != nullptr ? r.after : r.before));
    CHECK(made.has_value() == !in_the_way);
    if (made) CHECK(t.tree[*made].range.contains(r.range));
    if (in_the_way && in_the_way != t.tree.root())
        CHECK(t.tree[in_the_way].range.overlaps(r.range));
}

} // namespace

TEST_CASE("a device's range goes back through its driver only", "[resource]") {
    CHECK(the_driver_gives_it_back());
}

TEMPLATE_TEST_CASE("resource_tests.md 3, request(root, new): a child where no sibling overlaps",
                   "[resource]", ZONAL_TEST_TREES) {
    const row rows[] = {
        {"", at(0x10, 0x20), "done", "10-20 new"},                                // empty
        {"20-30 a", at(0x00, 0x10), "done", "0-10 new 20-30 a"},                  // before
        {"10-20 a 40-50 b", at(0x28, 0x38), "done", "10-20 a 28-38 new 40-50 b"}, // between
        {"20-30 a", at(0x40, 0x50), "done", "20-30 a 40-50 new"},                 // after
        {"10-20 a 30-40 b", at(0x20, 0x30), "done", "10-20 a 20-30 new 30-40 b"}, // touching
        {"20-30 a", at(0x18, 0x21), "overlap", nullptr},                          // left
        {"20-30 a", at(0x2f, 0x38), "overlap", nullptr},                          // right
        {"20-30 a", at(0x24, 0x28), "overlap", nullptr},                          // inside
        {"20-30 a", at(0x10, 0x40), "overlap", nullptr},                          // containing
        {"20-30 a", at(0x20, 0x30), "exists", nullptr},                           // equal
        {"20-30 a{24-28 b}", at(0x24, 0x28), "overlap", nullptr},                 // not deeper
        {"", address_range{}, "done", "0-top new"},                               // everything
        {"0-top a", address_range::up_from(phys_addr{~0ull}), "overlap", nullptr},
    };
    for (const row& r : rows) inserts<TestType>(r, insert_mode::conflict);
    // start > end is no address_range: "an address range is made, or refused as bad_range".
}

TEST_CASE("resource_tests.md 3, request(root, new): outside the root", "[resource]") {
    resource_tree<in_place<2>> ports({.range = at(0, 0x10000), .name = "ports"});
    CHECK(ports.insert({.range = at(0xfff0, 0x10001)}) == fail(errc::out_of_reach));
    CHECK(ports.insert({.range = at(0x10000, 0x10001)}) == fail(errc::out_of_reach));
    CHECK(ports.request(at(0x10000, 0x10001), "far") == fail(errc::out_of_reach));
    CHECK(ports.conflict(at(0x10000, 0x10001), insert_mode::adopt) == ports.root());
    CHECK(ports.insert({.range = at(0xfff0, 0x10000)}).has_value());
    CHECK(ports[ports.root()].name == text("ports"));
    CHECK(ports.size() == 1);
}

TEMPLATE_TEST_CASE(
    "resource_tests.md 3, insert(parent, new): goes down, and adopts what it contains",
    "[resource]", ZONAL_TEST_TREES) {
    const row rows[] = {
        {"10-40 a", at(0x20, 0x30), "done", "10-40 a{20-30 new}"}, // nest down
        {"10-40 a{18-38 b}", at(0x20, 0x30), "done", "10-40 a{18-38 b{20-30 new}}"},
        {"20-30 a", at(0x10, 0x40), "done", "10-40 new{20-30 a}"},           // adopt one
        {"08-10 z 10-20 a{12-14 x} 28-30 b 38-40 c", at(0x10, 0x30), "done", // adopt many
         "8-10 z 10-30 new{10-20 a{12-14 x} 28-30 b} 38-40 c"},
        {"10-20 a", at(0x10, 0x20), "done", "10-20 new{10-20 a}"}, // equal: above
        {"10-40 p{10-20 a}", at(0x10, 0x20), "done", "10-40 p{10-20 new{10-20 a}}"},
        {"20-30 a", at(0x18, 0x28), "overlap", nullptr},          // partial, left
        {"20-30 a", at(0x28, 0x38), "overlap", nullptr},          // partial, right
        {"10-20 a 28-38 b", at(0x10, 0x30), "overlap", nullptr},  // adopts none
        {"10-40 p{18-28 a}", at(0x20, 0x30), "overlap", nullptr}, // deeper down
    };
    for (const row& r : rows) inserts<TestType>(r, insert_mode::adopt);
}

TEMPLATE_TEST_CASE("resource_tests.md 3, insert_expand_to_fit: grows over what is in the way",
                   "[resource]", ZONAL_TEST_TREES) {
    const row rows[] = {
        {"10-20 a", at(0x18, 0x30), "done", "10-30 new{10-20 a}"},                 // left
        {"20-30 a", at(0x10, 0x28), "done", "10-30 new{20-30 a}"},                 // right
        {"10-20 a 30-40 b", at(0x18, 0x38), "done", "10-40 new{10-20 a 30-40 b}"}, // both
        {"10-20 a{18-20 b}", at(0x1c, 0x28), "done", "10-28 new{10-20 a{18-20 b}}"},
        {"10-80 p{20-30 a}", at(0x28, 0x38), "done", "10-80 p{20-38 new{20-30 a}}"}, // deeper
        {"10-80 p{20-30 a}", at(0x28, 0x90), "done", "10-90 new{10-80 p{20-30 a}}"},
        {"0-8 a 10-20 b", at(0x4, 0x18), "done", "0-20 new{0-8 a 10-20 b}"},
        {"10-top a", at(0x8, 0x18), "done", "8-top new{10-top a}"},
    };
    for (const row& r : rows) inserts<TestType>(r, insert_mode::expand);
}

TEST_CASE("resource_tests.md 3, insert_expand_to_fit: gives up when it is the root", "[resource]") {
    resource_tree<in_place<4>> tree({.range = at(0x10, 0x40)});
    CHECK(tree.insert({.range = at(0x20, 0x41)}, insert_mode::expand) == fail(errc::out_of_reach));
    CHECK(tree.size() == 0);
    const auto window = tree.insert({.range = at(0x10, 0x30), .name = "window"});
    // Within another entry, that is the border.
    CHECK(tree.insert({.range = at(0x28, 0x38)}, insert_mode::expand, *window) ==
          fail(errc::out_of_reach));
    CHECK(tree.insert({.range = at(0x28, 0x30)}, insert_mode::expand, *window).has_value());
}

TEMPLATE_TEST_CASE("resource_tests.md 3, remove(old): children move up to the parent", "[resource]",
                   ZONAL_TEST_TREES) {
    TestType t;
    build(t.tree, "0-8 z 10-40 a{10-18 b{10-14 x} 20-28 c} 50-60 d");
    const auto b = named(t.tree, "b");
    CHECK(t.tree.release(named(t.tree, "a"), the_system, children::move_up).has_value());
    CHECK(shown(t.tree) == "0-8 z 10-18 b{10-14 x} 20-28 c 50-60 d");
    CHECK(t.tree.is_live(b));
    CHECK(t.tree.parent(b) == t.tree.root());
    CHECK(t.tree.release(named(t.tree, "c"), the_system, children::move_up).has_value()); // a leaf
    CHECK(shown(t.tree) == "0-8 z 10-18 b{10-14 x} 50-60 d");
    CHECK(t.tree.release(b, the_system, children::move_up).has_value());
    CHECK(shown(t.tree) == "0-8 z 10-14 x 50-60 d");
    CHECK(t.tree.size() == 3);
}

TEMPLATE_TEST_CASE("resource_tests.md 3, release(old): with and without children", "[resource]",
                   ZONAL_TEST_TREES) {
    TestType t;
    const char* const before = "0-8 z 10-40 a{10-18 b{10-14 x} 20-28 c} 50-60 d";
    build(t.tree, before);
    const auto a = named(t.tree, "a"), b = named(t.tree, "b"), x = named(t.tree, "x");
    CHECK(t.tree.release(a) == fail(errc::busy)); // nothing was said about them
    CHECK(shown(t.tree) == before);
    CHECK(t.tree.release(named(t.tree, "d")).has_value()); // a leaf
    CHECK(t.tree.release(a, the_system, children::take_along).has_value());
    CHECK(shown(t.tree) == "0-8 z");
    CHECK(t.tree.size() == 1);
    for (const region_id gone : {a, b, x}) {
        CHECK_FALSE(t.tree.is_live(gone));
        CHECK(t.tree.release(gone) == fail(errc::stale));
    }
}

TEMPLATE_TEST_CASE("resource_tests.md 3, adjust(res, start, size)", "[resource]",
                   ZONAL_TEST_TREES) {
    const char* const before = "10-20 a 20-60 p{28-30 x 30-38 y 40-48 z} 70-80 b";
    struct {
        const char* name;
        address_range to;
        const char* outcome;
        const char* after;
    } const rows[] = {
        {"y", at(0x32, 0x36), "done", "10-20 a 20-60 p{28-30 x 32-36 y 40-48 z} 70-80 b"},
        {"y", at(0x30, 0x40), "done", "10-20 a 20-60 p{28-30 x 30-40 y 40-48 z} 70-80 b"},
        {"z", at(0x50, 0x60), "done", "10-20 a 20-60 p{28-30 x 30-38 y 50-60 z} 70-80 b"}, // moves
        {"p", at(0x28, 0x48), "done", "10-20 a 28-48 p{28-30 x 30-38 y 40-48 z} 70-80 b"},
        {"p", at(0x29, 0x60), "busy", nullptr},         // shrinks past a child
        {"p", at(0x20, 0x47), "busy", nullptr},         //
        {"p", at(0x1f, 0x60), "overlap", nullptr},      // grows into a sibling
        {"p", at(0x20, 0x71), "overlap", nullptr},      //
        {"y", at(0x2f, 0x38), "overlap", nullptr},      //
        {"y", at(0x30, 0x41), "overlap", nullptr},      //
        {"x", at(0x50, 0x58), "overlap", nullptr},      // passes its siblings
        {"z", at(0x48, 0x61), "out_of_reach", nullptr}, // leaves its parent
        {"x", at(0x1f, 0x30), "out_of_reach", nullptr}, //
    };
    for (const auto& r : rows) {
        TestType t;
        build(t.tree, before);
        INFO(r.name << " to " << shown(r.to));
        CHECK(outcome_of(t.tree.adjust(named(t.tree, text(r.name, 1)), r.to)) == r.outcome);
        CHECK(shown(t.tree) == (r.after != nullptr ? r.after : before));
    }
}

TEMPLATE_TEST_CASE("resource_tests.md 3, request_region: a busy leaf, below what is not busy",
                   "[resource]", ZONAL_TEST_TREES) {
    struct {
        const char* before;
        address_range range;
        const char* outcome;
        const char* after;
    } const rows[] = {
        {"", at(0x10, 0x20), "done", "10-20 new"},
        {"10-40 window{10-30 bus}", at(0x18, 0x20), "done",
         "10-40 window{10-30 bus{18-20 new}}"}, // nested
        {"10-40 window{10-30 bus}", at(0x10, 0x30), "done",
         "10-40 window{10-30 bus{10-30 new}}"},                        // equal: below
        {"10-20 busy", at(0x12, 0x14), "busy", nullptr},               // busy conflict
        {"10-40 window{10-20 drv}", at(0x10, 0x20), "busy", nullptr},  //
        {"10-40 window{10-20 busy}", at(0x18, 0x28), "busy", nullptr}, //
        {"10-40 window", at(0x38, 0x48), "overlap", nullptr},          // in part
        {"10-20 window", at(0x08, 0x28), "overlap", nullptr},          // around
    };
    for (const auto& r : rows) {
        TestType t;
        build(t.tree, r.before);
        INFO(r.before << " + " << shown(r.range));
        const auto made = t.tree.request(r.range, "new", driver);
        CHECK(outcome_of(made) == r.outcome);
        CHECK(shown(t.tree) == (r.after != nullptr ? r.after : r.before));
        if (made) CHECK(t.tree[*made].flags.busy);
    }
}

TEST_CASE("resource_tests.md 3, request_region: muxed regions are tried again, not waited for",
          "[resource]") {
    resource_tree<in_place<4>> ports({.range = at(0, 0x10000)});
    const auto first = ports.request(at(0x2e, 0x30), "superio", driver);
    CHECK(ports.request(at(0x2e, 0x30), "superio", other_driver) == fail(errc::busy));
    CHECK(ports.release(*first, driver).has_value());
    CHECK(ports.request(at(0x2e, 0x30), "superio", other_driver).has_value());
}

TEST_CASE("a claim is of the memory and the kind that it lies in", "[resource]") {
    resource_tree<in_place<4>> tree;
    const region_flags frame{.memory = true, .system_ram = true, .mergeable = true, .other = 1};
    CHECK(tree.insert({at(0x10, 0x20), "dax0.0", frame, {4}}).has_value());
    const auto ram = tree.request(at(0x10, 0x18), "ram", driver, {.other = 2});
    CHECK(tree[*ram].flags ==
          region_flags{.memory = true, .system_ram = true, .busy = true, .other = 2});
    CHECK(tree[*ram].kind == region_kind{4});
    CHECK(tree[*ram].owner == driver);
    CHECK(tree[*tree.request(at(0x20, 0x28), "alone")].flags ==
          region_flags{.memory = true, .busy = true});
}

TEMPLATE_TEST_CASE("cutting an entry sends what lies in it to its side", "[resource]",
                   ZONAL_TEST_TREES) {
    struct {
        const char* before;
        std::uint64_t cut;
        const char* outcome;
        const char* after;
    } const rows[] = {
        {"10-40 a", 0x20, "done", "10-20 a 20-40 a"},
        {"10-40 a{10-20 x 20-30 y 38-40 z} 50-60 b", 0x20, "done",
         "10-20 a{10-20 x} 20-40 a{20-30 y 38-40 z} 50-60 b"},
        {"10-40 a{10-20 x{10-14 w}}", 0x20, "done", "10-20 a{10-20 x{10-14 w}} 20-40 a"},
        {"10-40 a{30-40 z{30-38 w}}", 0x20, "done", "10-20 a 20-40 a{30-40 z{30-38 w}}"},
        {"10-40 a{18-28 x}", 0x20, "busy", nullptr},
        {"10-40 a", 0x10, "bad_range", nullptr},
        {"10-40 a", 0x40, "bad_range", nullptr},
        {"10-40 a", 0x8, "bad_range", nullptr},
        {"10-top a", 0xfffffffffffffff0, "done", "10-fffffffffffffff0 a fffffffffffffff0-top a"},
    };
    for (const auto& r : rows) {
        TestType t;
        build(t.tree, r.before);
        INFO(r.before << " at " << hex(r.cut));
        const auto upper = t.tree.split(named(t.tree, "a"), phys_addr{r.cut});
        CHECK(outcome_of(upper) == r.outcome);
        CHECK(shown(t.tree) == (r.after != nullptr ? r.after : r.before));
        if (!upper) continue;
        CHECK(t.tree[*upper].range.start() == phys_addr{r.cut});
        for (region_id c = t.tree.first_child(*upper); c; c = t.tree.next(c))
            CHECK(t.tree.parent(c) == *upper);
    }
}

TEMPLATE_TEST_CASE("resource_tests.md 3, merge_system_ram: adjacent, alike, empty, and all flagged",
                   "[resource]", ZONAL_TEST_TREES) {
    struct {
        const char* what;
        const char* before; // of which the entry at 20 is merged
        const char* outcome;
        const char* after;
    } const rows[] = {
        {"both sides", "10-20 ram 20-30 ram 30-40 ram", "done", "10-40 ram"},
        {"the next one", "20-30 ram 30-40 ram", "done", "20-40 ram"},
        {"the one before", "10-20 ram 20-30 ram", "done", "10-30 ram"},
        {"at the top", "20-fffffffffffff000 ram fffffffffffff000-top ram", "done", "20-top ram"},
        {"gaps", "10-18 ram 20-30 ram 38-40 ram", "done", nullptr},
        {"name differs", "10-20 ram2 20-30 ram", "done", nullptr},
        {"a neighbour has a child", "10-20 ram{10-18 x} 20-30 ram", "done", nullptr},
        {"it has a child", "10-20 ram 20-30 ram{20-28 x} 30-40 ram", "done", nullptr},
        {"another parent", "8-20 p{10-20 ram} 20-30 ram", "done", nullptr},
        {"not RAM", "10-20 ram 20-30 busy 30-40 ram", "bad_state", nullptr},
    };
    for (const bool flagged : {true, false})
        for (const auto& r : rows) {
            TestType t;
            build(t.tree, r.before);
            INFO(r.what << (flagged ? "" : ", the others not flagged"));
            region_id middle;
            for (region_id e = t.tree.after(t.tree.root()); e; e = t.tree.after(e)) {
                if (t.tree[e].range.start() == phys_addr{0x20} && !middle) middle = e;
                region_flags flags = t.tree[e].flags;
                flags.mergeable = flags.system_ram && flagged;
                CHECK(t.tree.set_flags(e, flags).has_value());
            }
            const auto merged = t.tree.merge(middle);
            CHECK(outcome_of(merged) == r.outcome);
            CHECK(shown(t.tree) == (flagged && r.after != nullptr ? r.after : r.before));
            if (!merged) continue;
            CHECK(t.tree[*merged].flags.mergeable); // it says so from now on
            CHECK(t.tree[*merged].range.contains(phys_addr{0x20}));
            CHECK(t.tree.is_live(middle) == (middle == *merged));
        }
}

TEST_CASE("alike are entries with the same characters, flags, kind and owner", "[resource]") {
    const char characters[] = {'r', 'a', 'm'};
    const region a{.name = "ram"};
    STATIC_REQUIRE(alike{}(region{.name = "x"}, region{.range = at(1, 2), .name = "x"}));
    CHECK(alike{}(a, region{.name = {characters, 3}})); // wherever they are
    STATIC_REQUIRE(!alike{}(region{.name = "x"}, region{.name = "y"}));
    STATIC_REQUIRE(!alike{}(region{.flags = {.busy = true}}, region{}));
    STATIC_REQUIRE(!alike{}(region{.flags = {.other = 1}}, region{}));
    STATIC_REQUIRE(!alike{}(region{.kind = {1}}, region{}));
    STATIC_REQUIRE(!alike{}(region{.owner = {1}}, region{}));
}

TEST_CASE("resource_tests.md 3, devm: releases in reverse order, and a second one finds it gone",
          "[resource]") {
    resource_tree<in_place<4>> tree;
    const auto window = tree.insert({at(0x10, 0x40), "window", {.memory = true}, {}, driver});
    const auto claim = tree.request(at(0x10, 0x20), "claim", driver);
    CHECK(tree.release(*window, driver) == fail(errc::busy)); // first in, last out
    CHECK(tree.release(*claim, driver).has_value());
    CHECK(tree.release(*window, driver).has_value());
    CHECK(tree.release(*claim, driver) == fail(errc::stale));

    resource_tree<in_place<1>> one; // whose only slot is used again
    const auto first = one.request(at(0x10, 0x20), "claim", driver);
    CHECK(one.release(*first, driver).has_value());
    const auto second = one.request(at(0x10, 0x20), "claim", driver);
    CHECK(first->slot == second->slot);
    CHECK(one.release(*first, driver) == fail(errc::stale));
    CHECK_FALSE(one.is_live(*first));
    CHECK(one.is_live(*second));
}

TEST_CASE("only its owner takes an entry out or changes it", "[resource]") {
    tree_in_place t;
    auto& tree = t.tree;
    const char* const before = "10-40 drv{18-20 x} 40-50 busy";
    build(tree, before);
    const auto theirs = named(tree, "drv"), x = named(tree, "x"), ours = named(tree, "busy");
    for (const owner_id who : {the_system, other_driver}) {
        CHECK(tree.release(theirs, who, children::move_up) == fail(errc::busy));
        CHECK(tree.release(theirs, who, children::take_along) == fail(errc::busy));
        CHECK(tree.adjust(theirs, at(0x10, 0x30), who) == fail(errc::busy));
        CHECK(tree.split(theirs, phys_addr{0x30}, who) == fail(errc::busy));
        CHECK(tree.merge(theirs, who) == fail(errc::busy));
        CHECK(tree.set_flags(theirs, {}, who) == fail(errc::busy));
    }
    CHECK(tree.release(ours, driver) == fail(errc::busy)); // nor does a driver the system's
    CHECK(shown(tree) == before);
    // What would leave with it belongs to somebody else.
    CHECK(tree.release(theirs, driver, children::take_along) == fail(errc::busy));
    CHECK(shown(tree) == before);
    CHECK(tree.split(theirs, phys_addr{0x30}, driver).has_value());
    CHECK(tree[named(tree, "drv")].owner == driver);
    CHECK(tree.release(x).has_value());
    CHECK(tree.release(theirs, driver, children::take_along).has_value());
    CHECK(tree.release(ours, anyone).has_value()); // as in a tree without owners
    CHECK(shown(tree) == "30-40 drv");
}

TEST_CASE("the root neither leaves nor changes", "[resource]") {
    resource_tree<in_place<2>> tree;
    const auto root = tree.root();
    CHECK(tree.release(root, anyone, children::take_along) == fail(errc::bad_state));
    CHECK(tree.adjust(root, at(0, 1), anyone) == fail(errc::bad_state));
    CHECK(tree.split(root, phys_addr{1}, anyone) == fail(errc::bad_state));
    CHECK(tree.merge(root, anyone) == fail(errc::bad_state));
    CHECK(tree.set_flags(root, {}, anyone) == fail(errc::bad_state));
    CHECK_FALSE(tree.parent(root));
    CHECK_FALSE(tree.next(root));
    CHECK(tree[root].range == address_range{});
}

TEST_CASE(
    "an id that names nothing is stale to those that can say so, and a broken contract to others",
    "[resource]") {
    STATIC_REQUIRE(!region_id{});
    STATIC_REQUIRE(!resource_tree<in_place<1>>{}.is_live(region_id{}));
    STATIC_REQUIRE(!resource_tree<in_place<1>>{}.is_live(region_id{0, 0}));
    STATIC_REQUIRE(
        !resource_tree<in_place<1>>{}.is_live({resource_tree<in_place<1>>::root().slot, 1}));
    resource_tree<in_place<2>> tree;
    for (const region_id id : {region_id{}, region_id{0, 0}, region_id{1, 5}, region_id{77, 0}}) {
        CHECK(tree.release(id) == fail(errc::stale));
        CHECK(tree.insert({}, insert_mode::adopt, id) == fail(errc::stale));
        CHECK(tree.request({}, "", the_system, {}, id) == fail(errc::stale));
        CHECK(tree.adjust(id, {}) == fail(errc::stale));
        CHECK(tree.split(id, phys_addr{1}) == fail(errc::stale));
        CHECK(tree.merge(id) == fail(errc::stale));
        CHECK(tree.set_flags(id, {}) == fail(errc::stale));
    }
    STATIC_REQUIRE(!constant<[] { return resource_tree<in_place<1>>{}[region_id{}].flags; }>);
    STATIC_REQUIRE(!constant<[] { return resource_tree<in_place<1>>{}.next(region_id{0, 0}); }>);
    STATIC_REQUIRE(!constant<[] { return resource_tree<in_place<1>>{}.after(region_id{}); }>);
    CHECK(traps(
        [] { static_cast<void>(resource_tree<in_place<1>>{}.first_child(region_id{3, 0})); }));
}

TEST_CASE("a walk meets parents before their children, in the order of addresses", "[resource]") {
    tree_in_place t;
    build(t.tree, "0-8 a 10-40 b{10-18 c{10-14 d} 20-28 e} 50-60 f");
    const auto names = [&](region_id top, bool into_children) {
        std::string all;
        for (region_id e = t.tree.after(top, top); e; e = t.tree.after(e, top, into_children))
            all += t.tree[e].name.as<std::string>();
        return all;
    };
    CHECK(names(t.tree.root(), true) == "abcdef");
    CHECK(names(named(t.tree, "b"), true) == "cde");
    CHECK(names(named(t.tree, "b"), false) == "ce");
    CHECK(names(named(t.tree, "d"), true).empty());
    CHECK(t.tree.after(named(t.tree, "b"), t.tree.root(), false) == named(t.tree, "f"));
}

TEST_CASE("a tree in place is a value; one over a caller's slots takes its entries along",
          "[resource]") {
    tree_in_place a;
    build(a.tree, "10-20 x{10-18 y}");
    auto copy = a.tree;
    CHECK(copy.release(named(copy, "y")).has_value());
    CHECK(shown(a.tree) == "10-20 x{10-18 y}");
    CHECK(shown(copy) == "10-20 x");
    STATIC_REQUIRE(std::is_trivially_copyable_v<resource_tree<in_place<3>>>);
    STATIC_REQUIRE(!std::is_copy_constructible_v<resource_tree<caller_storage>>);
    STATIC_REQUIRE(!std::is_default_constructible_v<resource_tree<caller_storage>>);
    STATIC_REQUIRE(!std::is_convertible_v<region_slot(&)[4], resource_tree<caller_storage>>);

    tree_of_caller b;
    build(b.tree, "10-20 x{10-18 y}");
    const auto y = named(b.tree, "y");
    resource_tree<caller_storage> moved = std::move(b.tree);
    CHECK(shown(moved) == "10-20 x{10-18 y}");
    CHECK(moved.is_live(y));
    CHECK(b.tree.size() == 0);
    CHECK_FALSE(b.tree.is_live(y));
    CHECK(b.tree.insert({.range = at(1, 2)}) == fail(errc::no_space));
    b.tree = std::move(moved);
    CHECK(shown(b.tree) == "10-20 x{10-18 y}");

    tree_allocated c; // whose slots move when there are more
    build(c.tree, "10-20 x{10-18 y}");
    const auto x = named(c.tree, "x");
    for (std::uint64_t i = 0x100; i < 0x200; ++i)
        CHECK(c.tree.insert({.range = at(i, i + 1)}).has_value());
    CHECK(c.tree.size() == 0x102);
    CHECK(c.tree.is_live(x));
    CHECK(c.tree.first_child(x) == named(c.tree, "y"));
    CHECK(c.tree.split(x, phys_addr{0x18}).has_value());
}
