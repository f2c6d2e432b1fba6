// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource/release_range.hpp>

#include "resource/trees.hpp"
#include "test.hpp"

using namespace zonal;
using namespace zonal_test;

namespace {

struct row {
    const char* what;
    const char* before;
    address_range range;
    owner_id who;
    const char* outcome;
    const char* after; ///< null: unchanged
};

} // namespace

TEST_CASE("a range goes back, whatever entries it has become", "[resource]") {
    tree_in_place t;
    auto& tree = t.tree;
    build(tree, "1000-2000 drv 10000-14000 ram 14000-20000 ram2");
    const address_range bar = at(0x1000, 0x2000);
    const address_range dimm_half = at(0x10000, 0x18000);
    const auto exact = release_region(tree, bar, driver);     // the busy entry of this range
    const auto covered = release_adjustable(tree, dimm_half); // trims, cuts, takes out entries
    CHECK(exact.has_value());
    CHECK(covered.has_value());
    CHECK(shown(tree) == "18000-20000 ram2");
}

TEMPLATE_TEST_CASE("resource_tests.md 3, release_region: exactly a busy entry", "[resource]",
                   ZONAL_TEST_TREES) {
    const row rows[] = {
        {"exact", "10-20 busy", at(0x10, 0x20), {}, "done", ""},
        {"nested",
         "0-40 window{10-20 busy 20-30 busy2}",
         at(0x20, 0x30),
         {},
         "done",
         "0-40 window{10-20 busy}"},
        {"off by one", "10-20 busy", at(0x10, 0x1f), {}, "not_found", nullptr},
        {"off by one", "10-20 busy", at(0x10, 0x21), {}, "not_found", nullptr},
        {"off by one", "10-20 busy", at(0x0f, 0x20), {}, "not_found", nullptr},
        {"not busy", "10-20 window", at(0x10, 0x20), {}, "not_found", nullptr},
        {"nothing there", "", at(0x10, 0x20), {}, "not_found", nullptr},
        {"twice", "10-20 window{10-20 busy}", at(0x10, 0x20), {}, "done", "10-20 window"},
        {"below a busy one", "0-40 busy{10-20 busy2}", at(0x10, 0x20), {}, "done", "0-40 busy"},
        {"with an entry in it", "10-20 busy{10-18 x}", at(0x10, 0x20), {}, "busy", nullptr},
        {"somebody else's", "10-20 drv", at(0x10, 0x20), {}, "busy", nullptr},
        {"its own", "10-20 drv", at(0x10, 0x20), driver, "done", ""},
        {"below somebody else's", "10-20 drv{10-20 ram}", at(0x10, 0x20), {}, "done", "10-20 drv"},
        {"around somebody else's", "10-20 drv{10-20 ram}", at(0x10, 0x20), driver, "busy", nullptr},
        {"in anybody's name", "10-20 drv", at(0x10, 0x20), anyone, "done", ""},
    };
    for (const row& r : rows) {
        TestType t;
        build(t.tree, r.before);
        INFO(r.what << ": " << r.before << " - " << shown(r.range));
        CHECK(outcome_of(release_region(t.tree, r.range, r.who)) == r.outcome);
        CHECK(shown(t.tree) == (r.after != nullptr ? r.after : r.before));
    }
}

TEMPLATE_TEST_CASE("resource_tests.md 3, release_mem_region_adjustable", "[resource]",
                   ZONAL_TEST_TREES) {
    const row rows[] = {
        {"exact", "0-8 z 10-40 ram", at(0x10, 0x40), {}, "done", "0-8 z"},
        {"front", "10-40 ram", at(0x10, 0x20), {}, "done", "20-40 ram"},
        {"back", "10-40 ram", at(0x30, 0x40), {}, "done", "10-30 ram"},
        {"middle", "10-40 ram", at(0x20, 0x30), {}, "done", "10-20 ram 30-40 ram"},
        {"one byte in front", "10-40 ram", at(0x10, 0x11), {}, "done", "11-40 ram"},
        {"one byte of one", "10-11 ram", at(0x10, 0x11), {}, "done", ""},
        {"up to the top",
         "10-top ram",
         address_range::up_from(phys_addr{0x20}),
         {},
         "done",
         "10-20 ram"},
        {"below entries that are not busy",
         "0-80 window{0-60 dev{10-40 ram}}",
         at(0x20, 0x30),
         {},
         "done",
         "0-80 window{0-60 dev{10-20 ram 30-40 ram}}"},
        {"busy memory that is no RAM", "10-40 busy", at(0x10, 0x40), {}, "done", ""},

        // Entries in it go to the side they lie in, or keep it as it is. Upstream leaves all of
        // them in the lower half, so that it cannot cut where some lie above.
        {"a child in each half",
         "10-40 ram{10-18 x 38-40 y}",
         at(0x20, 0x30),
         {},
         "done",
         "10-20 ram{10-18 x} 30-40 ram{38-40 y}"},
        {"a child in the upper half",
         "10-40 ram{30-38 y}",
         at(0x20, 0x30),
         {},
         "done",
         "10-20 ram 30-40 ram{30-38 y}"},
        {"a child behind the front",
         "10-40 ram{20-28 y}",
         at(0x10, 0x20),
         {},
         "done",
         "20-40 ram{20-28 y}"},
        {"a child before the back",
         "10-40 ram{18-20 y}",
         at(0x20, 0x40),
         {},
         "done",
         "10-20 ram{18-20 y}"},
        {"a child straddles the cut", "10-40 ram{18-28 x}", at(0x20, 0x30), {}, "busy", nullptr},
        {"a child straddles the other", "10-40 ram{28-38 x}", at(0x20, 0x30), {}, "busy", nullptr},
        {"a child within", "10-40 ram{20-30 x}", at(0x20, 0x30), {}, "busy", nullptr},
        {"a child around", "10-40 ram{10-40 x}", at(0x20, 0x30), {}, "busy", nullptr},
        {"a child of the whole", "10-40 ram{10-18 x}", at(0x10, 0x40), {}, "busy", nullptr},

        // Spanning entries. Upstream finds no single one, releases nothing and says nothing.
        {"two", "10-20 ram 20-40 ram2", at(0x10, 0x40), {}, "done", ""},
        {"the back of one, the front of the next",
         "10-20 ram 20-40 ram2",
         at(0x18, 0x28),
         {},
         "done",
         "10-18 ram 28-40 ram2"},
        {"three",
         "10-20 ram 20-30 ram2 30-40 ram3",
         at(0x18, 0x38),
         {},
         "done",
         "10-18 ram 38-40 ram3"},
        {"at different depths",
         "10-20 ram 20-80 window{20-40 ram2}",
         at(0x18, 0x30),
         {},
         "done",
         "10-18 ram 20-80 window{30-40 ram2}"},
        {"a gap", "10-20 ram 21-40 ram2", at(0x10, 0x40), {}, "not_found", nullptr},
        {"a gap in front", "11-40 ram", at(0x10, 0x20), {}, "not_found", nullptr},
        {"a gap behind", "10-3f ram", at(0x30, 0x40), {}, "not_found", nullptr},
        {"a child in the second",
         "10-20 ram 20-40 ram2{20-28 x}",
         at(0x10, 0x30),
         {},
         "busy",
         nullptr},
        {"the second is somebody else's",
         "10-20 ram 20-40 drv",
         at(0x10, 0x30),
         {},
         "busy",
         nullptr},

        {"absent", "", at(0x10, 0x20), {}, "not_found", nullptr},
        {"not busy", "10-40 window", at(0x10, 0x40), {}, "not_found", nullptr},
        {"no memory", "10-40 port", at(0x10, 0x40), {}, "not_found", nullptr},

        {"a driver's", "0-40 pmem{0-40 drv}", at(0x0, 0x40), {}, "busy", nullptr},
        {"another driver's", "0-40 pmem{0-40 drv}", at(0x0, 0x40), other_driver, "busy", nullptr},
        {"its own", "0-40 pmem{0-40 drv}", at(0x0, 0x20), driver, "done", "0-40 pmem{20-40 drv}"},
        {"the system's below a driver's",
         "0-40 drv{10-40 ram}",
         at(0x20, 0x40),
         {},
         "done",
         "0-40 drv{10-20 ram}"},
        {"a driver's around the system's", "0-40 drv{10-40 ram}", at(0x20, 0x40), driver, "busy",
         nullptr},
        {"in anybody's name", "0-40 pmem{0-40 drv}", at(0x0, 0x40), anyone, "done", "0-40 pmem"},
    };
    for (const row& r : rows) {
        TestType t;
        build(t.tree, r.before);
        INFO(r.what << ": " << r.before << " - " << shown(r.range));
        CHECK(outcome_of(release_adjustable(t.tree, r.range, r.who)) == r.outcome);
        CHECK(shown(t.tree) == (r.after != nullptr ? r.after : r.before));
    }
}

TEST_CASE("resource_tests.md 3, release_mem_region_adjustable without room: nothing changes",
          "[resource]") {
    // Upstream tries again until it gets memory, because its callers cannot handle a failure.
    region_slot slots[2];
    resource_tree<caller_storage> tree{slots};
    build(tree, "0-80 window{10-40 ram}");
    CHECK(release_adjustable(tree, at(0x20, 0x30)) == fail(errc::no_space));
    CHECK(shown(tree) == "0-80 window{10-40 ram}");
    CHECK(release_adjustable(tree, at(0x10, 0x20)).has_value()); // needs none
    CHECK(shown(tree) == "0-80 window{20-40 ram}");
}
