// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource/search.hpp>

#include "resource/trees.hpp"
#include "test.hpp"

using namespace zonal;
using namespace zonal_test;

namespace {

constexpr region_query ram{{.memory = true, .system_ram = true}};

template <class S>
std::string parts(const resource_tree<S>& tree, address_range range, region_query query,
                  std::size_t limit = 99) {
    std::string all;
    for_each_match(tree, range, query, [&](address_range part, region_id id) {
        all +=
            (all.empty() ? "" : " ") + shown(part) + " " + tree[id].name.template as<std::string>();
        return --limit != 0;
    });
    return all;
}

/// The answer page by page: which pages have entries, and which of those are what was asked for.
template <class S>
relation page_by_page(const resource_tree<S>& tree, address_range range, region_query query) {
    bool some = false;
    bool others = false;
    for (auto a = range.start().value; a <= range.last().value; ++a) {
        bool taken = false;
        bool matching = false;
        for (region_id e = tree.after(tree.root()); e; e = tree.after(e))
            if (tree[e].range.contains(phys_addr{a})) {
                taken = true;
                matching = matching || query.matches(tree[e]);
            }
        (matching ? some : others) |= taken;
    }
    return !some ? relation::disjoint : others ? relation::mixed : relation::intersects;
}

} // namespace

TEMPLATE_TEST_CASE("the header's questions", "[resource]", ZONAL_TEST_TREES) {
    TestType t;
    auto& tree = t.tree;
    build(tree, "1000-100000 ram 200000-300000 window{240000-280000 ram2}");
    const address_range range = at(0x8000, 0x240001);
    std::string used;
    const auto use = [&](address_range part) { return used += shown(part) + ";", true; };
    const address_range below_4g = at(0, 0x1'0000'0000);

    for_each_match(tree, range, ram, [&](address_range part, region_id) { return use(part); });
    if (relation_to(tree, range, ram) == relation::disjoint) FAIL();
    const auto hole = find_free(tree, {.bytes = 1 << 20, .alignment = 4096, .window = below_4g});

    CHECK(used == "8000-100000;240000-240001;");
    CHECK(shown(*hole) == "100000-200000");
}

TEST_CASE("resource_tests.md 2, region_intersects: 10 probes on a mixed tree", "[resource]") {
    // RAM0; a hole; window W0; RAM1; window W1 with RAM2 (Code in it), RAM3, and some that is none.
    tree_in_place t;
    build(t.tree, "0-100 ram0 200-300 w0 300-400 ram1 "
                  "400-700 w1{400-500 ram2{420-440 ramCode} 500-600 ram3}");
    constexpr std::uint64_t page = 1; // 0x100 pages a megabyte
    struct {
        int number;
        address_range probe;
        relation answer;
    } const rows[] = {
        {1, at(0x0, 0x0 + page), relation::intersects},
        {2, at(0x100 - page, 0x100 + page), relation::intersects}, // a hole is nobody's
        {3, at(0x100, 0x100 + page), relation::disjoint},
        {4, at(0x200 - page, 0x200 + page), relation::disjoint},
        {5, at(0x300 - page, 0x300 + page), relation::mixed},
        {6, at(0x400 - page, 0x400 + page), relation::intersects},
        {7, at(0x500 - page, 0x500 + page), relation::intersects},
        {8, at(0x420, 0x420 + page), relation::intersects},
        {9, at(0x400, 0x500 + page), relation::intersects},
        {10, at(0x500, 0x600 + page), relation::mixed},
    };
    for (const auto& r : rows) {
        INFO(r.number << ": " << shown(r.probe));
        CHECK(relation_to(t.tree, r.probe, ram) == r.answer);
    }
    for (std::uint64_t start = 0; start < 0x720; start += 0x17)
        for (std::uint64_t end = start + 1; end < 0x740; end += 0x29) {
            INFO(shown(at(start, end)));
            REQUIRE(relation_to(t.tree, at(start, end), ram) ==
                    page_by_page(t.tree, at(start, end), ram));
        }
}

TEST_CASE("a relation is asked of a kind too, and at the top of the addresses", "[resource]") {
    resource_tree<in_place<4>> tree;
    const auto high = address_range::up_from(phys_addr{0xffff'ffff'ffff'f000});
    const auto pmem = tree.insert({high, "pmem", {.memory = true}, {4}});
    CHECK(relation_to(tree, high, {{.memory = true}, {4}}) == relation::intersects);
    CHECK(relation_to(tree, high, {{.memory = true}, {5}}) == relation::disjoint);
    CHECK(relation_to(tree, address_range{}, {{}, {4}}) == relation::intersects);
    const auto part = tree.insert({high, "ram", {.memory = true, .system_ram = true}},
                                  insert_mode::conflict, *pmem);
    CHECK(relation_to(tree, high, ram) == relation::intersects);
    CHECK(
        tree.adjust(*part, *address_range::inclusive(high.start(), phys_addr{~1ull})).has_value());
    CHECK(relation_to(tree, high, ram) == relation::mixed);
    CHECK(relation_to(tree, *address_range::inclusive(high.last(), high.last()), ram) ==
          relation::disjoint);
}

TEMPLATE_TEST_CASE(
    "resource_tests.md 3, walk: clipped parts in the order of addresses, at any depth",
    "[resource]", ZONAL_TEST_TREES) {
    TestType t;
    build(t.tree, "10-20 ram 30-60 window{38-40 ram2 40-48 x{40-44 ram3{40-42 ram4}}} 60-70 ram5");
    CHECK(parts(t.tree, at(0, 0x100), ram) ==
          "10-20 ram 38-40 ram2 40-44 ram3 60-70 ram5"); // nested, gaps
    CHECK(parts(t.tree, at(0x18, 0x62), ram) ==
          "18-20 ram 38-40 ram2 40-44 ram3 60-62 ram5"); // clipped at both ends
    CHECK(parts(t.tree, at(0x3f, 0x41), ram) == "3f-40 ram2 40-41 ram3");
    CHECK(parts(t.tree, at(0x20, 0x38), ram).empty());
    CHECK(parts(t.tree, at(0x48, 0x60), ram).empty());
    CHECK(parts(t.tree, at(0, 0x100), ram, 2) == "10-20 ram 38-40 ram2"); // stops when told to
    // All that is memory: only the outermost entries.
    CHECK(parts(t.tree, at(0, 0x100), {{.memory = true}}) == "10-20 ram 30-60 window 60-70 ram5");
    // Within an entry, without itself.
    std::string in_window;
    for_each_match(
        t.tree, address_range{}, {{.memory = true}},
        [&](address_range part, region_id) {
            in_window += shown(part) + ";";
            return true;
        },
        named(t.tree, "window"));
    CHECK(in_window == "38-40;40-48;");
}

TEST_CASE("resource_tests.md 3, walk from above: the last part, and then what lies below it",
          "[resource]") {
    tree_in_place t;
    build(t.tree, "10-20 ram 30-60 window{38-40 ram2} 60-70 ram5");
    std::string downwards;
    result<address_range> rest = address_range{};
    while (rest) {
        result<address_range> last = fail(errc::not_found);
        for_each_match(t.tree, *rest, ram,
                       [&](address_range part, region_id) { return last = part, true; });
        if (!last) break;
        downwards += shown(*last) + ";";
        rest = address_range::make(phys_addr{}, last->start());
    }
    CHECK(downwards == "60-70;38-40;10-20;");
}

TEMPLATE_TEST_CASE(
    "resource_tests.md 3, free-range search: the lowest or the highest hole that fits",
    "[resource]", ZONAL_TEST_TREES) {
    const char* const tree = "10-20 a 28-30 b{28-2c c} 40-50 d";
    struct {
        free_request what;
        const char* outcome; // or the range
    } const rows[] = {
        {{.bytes = 0x10}, "0-10"},
        {{.bytes = 0x11}, "50-61"},
        {{.bytes = 0x8, .window = at(0x10, 0x100)}, "20-28"},
        {{.bytes = 0x8, .window = at(0x22, 0x100)}, "30-38"},
        {{.bytes = 0x8, .alignment = 0x10, .window = at(0x12, 0x100)}, "20-28"},  // aligned
        {{.bytes = 0x10, .alignment = 0x10, .window = at(0x12, 0x100)}, "30-40"}, //
        {{.bytes = 0x8, .alignment = 0x40, .window = at(0x1, 0x100)}, "80-88"},
        {{.bytes = 0x11, .window = at(0x10, 0x50)}, "no_space"}, // full
        {{.bytes = 0x10, .window = at(0x10, 0x3f)}, "no_space"}, // clipped by the window
        {{.bytes = 0x10, .window = at(0x12, 0x18)}, "no_space"},
        {{.bytes = 0x8, .window = at(0x0, 0x48), .from_above = true}, "38-40"}, // descending
        {{.bytes = 0x8, .window = at(0x0, 0x38), .from_above = true}, "30-38"}, //
        {{.bytes = 0x8, .window = at(0x0, 0x30), .from_above = true}, "20-28"}, //
        {{.bytes = 0x8, .window = at(0x0, 0x27), .from_above = true}, "8-10"},  //
        {{.bytes = 0x8, .alignment = 0x10, .window = at(0x0, 0x48), .from_above = true}, "30-38"},
        {{.bytes = 0x8, .from_above = true}, "fffffffffffffff8-top"},
        {{.bytes = 0x8, .alignment = 0x1000, .from_above = true},
         "fffffffffffff000-fffffffffffff008"},
        {{.bytes = 0x8, .alignment = 1ull << 63}, "0-8"},
        {{.bytes = ~0ull}, "no_space"},
        {{.bytes = ~0ull, .from_above = true}, "no_space"},
        {{.bytes = 0}, "bad_range"},
        {{.bytes = 8, .alignment = 0}, "misaligned"},
        {{.bytes = 8, .alignment = 12}, "misaligned"},
    };
    for (const auto& r : rows) {
        TestType t;
        build(t.tree, tree);
        INFO(r.what.bytes << " by " << r.what.alignment << " in " << shown(r.what.window));
        const auto hole = find_free(t.tree, r.what);
        CHECK((hole ? shown(*hole) : outcome_of(hole)) == r.outcome);
    }
}

TEST_CASE("a free range is searched in an entry, and up to the last address", "[resource]") {
    tree_in_place t;
    build(t.tree, "10-80 window{10-20 a 30-40 b}");
    const auto window = named(t.tree, "window");
    CHECK(shown(*find_free(t.tree, {.bytes = 0x10}, window)) == "20-30");
    CHECK(shown(*find_free(t.tree, {.bytes = 0x10, .from_above = true}, window)) == "70-80");
    CHECK(find_free(t.tree, {.bytes = 0x41}, window) == fail(errc::no_space));
    resource_tree<in_place<2>> full;
    CHECK(find_free(full, {.bytes = ~0ull}).has_value());
    CHECK(full.insert({.range = at(0, 1)}).has_value());
    CHECK(shown(*find_free(full, {.bytes = ~0ull})) == "1-top");
    CHECK(full.insert({.range = address_range::up_from(phys_addr{1})}).has_value());
    CHECK(find_free(full, {.bytes = 1}) == fail(errc::no_space));
    CHECK(find_free(full, {.bytes = 1, .from_above = true}) == fail(errc::no_space));
}

TEST_CASE("an entry is found by an address or by its range", "[resource]") {
    tree_in_place t;
    build(t.tree, "10-40 a{10-40 b{20-30 c}} fffffffffffffff0-top z");
    const auto name_at = [&](std::uint64_t address) {
        const auto e = find(t.tree, phys_addr{address});
        return e ? t.tree[*e].name.as<std::string>() : outcome_of(e);
    };
    CHECK(name_at(0xf) == "not_found");
    CHECK(name_at(0x10) == "b");
    CHECK(name_at(0x2f) == "c");
    CHECK(name_at(0x3f) == "b");
    CHECK(name_at(0x40) == "not_found");
    CHECK(name_at(~0ull) == "z");
    CHECK(find_exact(t.tree, at(0x10, 0x40)) == named(t.tree, "a")); // the outermost
    CHECK(find_exact(t.tree, at(0x20, 0x30)) == named(t.tree, "c"));
    CHECK(find_exact(t.tree, at(0x20, 0x31)) == fail(errc::not_found));
    CHECK(find_exact(t.tree, at(0x10, 0x40), {{.busy = true}}) == fail(errc::not_found));
}
