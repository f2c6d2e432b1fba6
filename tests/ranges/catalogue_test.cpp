// SPDX-License-Identifier: BSL-1.0

// The hot-plug catalogue: what inserting, erasing and looking do with every kind of window, over
// every policy.

#include <zonal/ranges/pfn_range_map.hpp>

#include "../contract.hpp"
#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

using entry = range_entry<char>;
using list = std::vector<entry>;

constexpr char next_letter(char c) { return static_cast<char>(c + 1); }

/// A map over each policy with room for eight ranges, filled before the test begins.
template <class Way>
struct filled {
    typename Way::template map<char, 8> kept;
    decltype(kept.container)& map = kept.container;

    explicit filled(const list& entries) {
        for (const entry& e : entries) REQUIRE(map.insert(e.range, e.value));
    }
};

} // namespace

// ---- inserting ----------------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("inserting into an empty map", "[ranges]", every_way_below_64) {
    filled<TestType> f({});
    CHECK(f.map.empty());
    CHECK(f.map.pages().is_zero());
    CHECK(f.map.envelope().empty());
    CHECK(f.map.first().error() == errc::not_found);
    CHECK(f.map.last().error() == errc::not_found);
    CHECK(f.map.insert(at(3, 7), 'a'));
    CHECK(list_of(f.map) == list{{at(3, 7), 'a'}});
    CHECK(f.map.pages() == page_count{4});
    CHECK(f.map.envelope() == at(3, 7));
}

TEMPLATE_LIST_TEST_CASE("inserting nothing is no change, wherever it is said to be", "[ranges]",
                        every_way_below_64) {
    filled<TestType> f({{at(3, 7), 'a'}});
    for (pfn_range nothing : {at(0, 0), at(3, 3), at(5, 5), at(7, 7), at(9, 9)}) {
        CHECK(f.map.insert(nothing, 'b'));
        CHECK(f.map.insert(nothing, 'b', overlap::replace));
        CHECK(f.map.insert(nothing, 'b', overlap::keep));
        CHECK(f.map.erase(nothing) == page_count{0});
        CHECK(f.map.update(nothing, next_letter) == page_count{0});
    }
    CHECK(list_of(f.map) == list{{at(3, 7), 'a'}});
}

TEMPLATE_LIST_TEST_CASE("inserting beside a range with an equal value", "[ranges]",
                        every_way_below_64) {
    filled<TestType> f({{at(3, 7), 'a'}});
    CHECK(f.map.insert(at(7, 9), 'a'));
    CHECK(f.map.insert(at(1, 3), 'a'));
    if (TestType::merges)
        CHECK(list_of(f.map) == list{{at(1, 9), 'a'}});
    else
        CHECK(list_of(f.map) == list{{at(1, 3), 'a'}, {at(3, 7), 'a'}, {at(7, 9), 'a'}});
    CHECK(f.map.pages() == page_count{8});
}

TEMPLATE_LIST_TEST_CASE("inserting beside a range with another value", "[ranges]",
                        every_way_below_64) {
    filled<TestType> f({{at(3, 7), 'a'}});
    CHECK(f.map.insert(at(7, 9), 'b'));
    CHECK(f.map.insert(at(1, 3), 'b'));
    CHECK(list_of(f.map) == list{{at(1, 3), 'b'}, {at(3, 7), 'a'}, {at(7, 9), 'b'}});
}

TEMPLATE_LIST_TEST_CASE("inserting into a gap of exactly that size", "[ranges]",
                        every_way_below_64) {
    filled<TestType> f({{at(1, 3), 'a'}, {at(5, 7), 'a'}});
    CHECK(f.map.insert(at(3, 5), 'a'));
    if (TestType::merges)
        CHECK(list_of(f.map) == list{{at(1, 7), 'a'}});
    else
        CHECK(list_of(f.map) == list{{at(1, 3), 'a'}, {at(3, 5), 'a'}, {at(5, 7), 'a'}});
}

TEMPLATE_LIST_TEST_CASE("inserting what is there, in part or as a whole, is refused", "[ranges]",
                        every_way_below_64) {
    const list before{{at(4, 8), 'a'}, {at(12, 16), 'b'}};
    filled<TestType> f(before);
    const pfn_range refused[] = {
        at(4, 8),   // a duplicate
        at(5, 7),   // within
        at(3, 9),   // around
        at(2, 5),   // overlapping by one from below
        at(7, 10),  // overlapping by one from above
        at(0, 20),  // everything
        at(7, 13),  // across a gap
        at(15, 16), // the last page
    };
    for (pfn_range r : refused) {
        CAPTURE(r.start().value(), r.end().value());
        CHECK(f.map.insert(r, 'a').error() == errc::overlap);
        CHECK(list_of(f.map) == before);
    }
}

TEST_CASE("a range that wraps does not come to be", "[ranges]") {
    const pfn last{pfn::limit - 1};
    CHECK(pfn_range::make(last, page_count{2}).error() == errc::bad_range);
    CHECK(pfn_range::make(last, pfn{0}).error() == errc::bad_range);
    CHECK(pfn::make(pfn::limit + 1).error() == errc::out_of_reach);
    CHECK(traps([=] { static_cast<void>(pfn_range{last, page_count{2}}); }));
}

TEMPLATE_LIST_TEST_CASE("inserting can replace what is in the way", "[ranges]",
                        every_way_below_64) {
    filled<TestType> f({{at(2, 6), 'a'}, {at(8, 12), 'b'}, {at(12, 16), 'c'}});
    CHECK(f.map.insert(at(4, 10), 'd', overlap::replace)); // [2,4) a [4,10) d [10,12) b [12,16) c
    CHECK(list_of(f.map) ==
          list{{at(2, 4), 'a'}, {at(4, 10), 'd'}, {at(10, 12), 'b'}, {at(12, 16), 'c'}});
    CHECK(f.map.insert(at(4, 12), 'a', overlap::replace));
    if (TestType::merges)
        CHECK(list_of(f.map) == list{{at(2, 12), 'a'}, {at(12, 16), 'c'}});
    else
        CHECK(list_of(f.map) == list{{at(2, 4), 'a'}, {at(4, 12), 'a'}, {at(12, 16), 'c'}});
    CHECK(f.map.insert(at(0, 20), 'e', overlap::replace));
    CHECK(list_of(f.map) == list{{at(0, 20), 'e'}});
}

TEMPLATE_LIST_TEST_CASE("inserting can keep what is there and fill the gaps", "[ranges]",
                        every_way_below_64) {
    filled<TestType> f({{at(2, 4), 'a'}, {at(6, 8), 'b'}});
    CHECK(f.map.insert(at(0, 10), 'b', overlap::keep));
    if (TestType::merges)
        CHECK(list_of(f.map) == list{{at(0, 2), 'b'}, {at(2, 4), 'a'}, {at(4, 10), 'b'}});
    else
        CHECK(list_of(f.map) == list{{at(0, 2), 'b'},
                                     {at(2, 4), 'a'},
                                     {at(4, 6), 'b'},
                                     {at(6, 8), 'b'},
                                     {at(8, 10), 'b'}});
    const list before = list_of(f.map);
    CHECK(f.map.insert(at(1, 9), 'c', overlap::keep)); // no gap is left
    CHECK(list_of(f.map) == before);
}

TEMPLATE_LIST_TEST_CASE("inserting can combine the new value with what is there", "[ranges]",
                        every_way_below_64) {
    filled<TestType> f({{at(2, 4), 'a'}, {at(4, 6), 'b'}, {at(8, 10), 'a'}});
    const auto higher = overlap::combine([](char old, char v) { return old < v ? v : old; });
    CHECK(f.map.insert(at(3, 9), 'b', higher)); // [3,4) a->b, [4,6) b, [6,8) new, [8,9) a->b
    if (TestType::merges)
        CHECK(list_of(f.map) == list{{at(2, 3), 'a'}, {at(3, 9), 'b'}, {at(9, 10), 'a'}});
    else
        CHECK(list_of(f.map) == list{{at(2, 3), 'a'},
                                     {at(3, 4), 'b'},
                                     {at(4, 6), 'b'},
                                     {at(6, 8), 'b'},
                                     {at(8, 9), 'b'},
                                     {at(9, 10), 'a'}});
}

// ---- erasing ------------------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("erasing the whole, the front, the back, the middle", "[ranges]",
                        every_way_below_64) {
    const struct {
        pfn_range erased;
        list left;
    } cases[] = {
        {at(4, 12), {}},                                   // the whole
        {at(4, 6), {{at(6, 12), 'a'}}},                    // the front
        {at(10, 12), {{at(4, 10), 'a'}}},                  // the back
        {at(6, 10), {{at(4, 6), 'a'}, {at(10, 12), 'a'}}}, // the middle
        {at(4, 5), {{at(5, 12), 'a'}}},                    // the first page
        {at(11, 12), {{at(4, 11), 'a'}}},                  // the last page
        {at(5, 11), {{at(4, 5), 'a'}, {at(11, 12), 'a'}}}, // all but the first and last page
        {at(8, 8), {{at(4, 12), 'a'}}},                    // nothing
    };
    for (const auto& c : cases) {
        CAPTURE(c.erased.start().value(), c.erased.end().value());
        filled<TestType> f({{at(4, 12), 'a'}});
        CHECK(f.map.erase(c.erased) == c.erased.size());
        CHECK(list_of(f.map) == c.left);
        CHECK(f.map.pages() == page_count{8} - c.erased.size());
    }
}

TEMPLATE_LIST_TEST_CASE("erasing across two ranges", "[ranges]", every_way_below_64) {
    filled<TestType> f({{at(0, 4), 'a'}, {at(4, 8), 'b'}, {at(8, 12), 'c'}});
    CHECK(f.map.erase(at(2, 10)) == page_count{8});
    CHECK(list_of(f.map) == list{{at(0, 2), 'a'}, {at(10, 12), 'c'}});
}

TEMPLATE_LIST_TEST_CASE("erasing unknown or oversized windows is refused, unless told otherwise",
                        "[ranges]", every_way_below_64) {
    const list before{{at(4, 8), 'a'}, {at(12, 16), 'b'}};
    const struct {
        pfn_range erased;
        std::uint64_t pages;
        list left;
    } cases[] = {
        {at(0, 4), 0, before},                                // unknown, below
        {at(8, 12), 0, before},                               // unknown, between
        {at(20, 30), 0, before},                              // unknown, above
        {at(3, 8), 4, {{at(12, 16), 'b'}}},                   // one page too many below
        {at(4, 9), 4, {{at(12, 16), 'b'}}},                   // one page too many above
        {at(6, 14), 4, {{at(4, 6), 'a'}, {at(14, 16), 'b'}}}, // a gap in it
        {at(0, 40), 8, {}},                                   // oversized
    };
    for (const auto& c : cases) {
        CAPTURE(c.erased.start().value(), c.erased.end().value());
        filled<TestType> f(before);
        CHECK(f.map.erase(c.erased).error() == errc::not_found);
        CHECK(list_of(f.map) == before);
        CHECK(f.map.erase(c.erased, missing::ignore) == page_count{c.pages});
        CHECK(list_of(f.map) == c.left);
    }
}

TEMPLATE_LIST_TEST_CASE("clearing leaves a map that can be filled again", "[ranges]",
                        every_way_below_64) {
    filled<TestType> f({{at(4, 8), 'a'}, {at(12, 16), 'b'}});
    f.map.clear();
    CHECK(f.map.empty());
    CHECK(f.map.pages().is_zero());
    CHECK(f.map.begin() == f.map.end());
    CHECK(f.map.insert(at(0, 1), 'c'));
    CHECK(list_of(f.map) == list{{at(0, 1), 'c'}});
}

// ---- values in place ----------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("a value changes in place, and the ranges stay what they say they are",
                        "[ranges]", every_way_below_64) {
    const list before{{at(2, 4), 'a'}, {at(4, 8), 'b'}, {at(8, 10), 'c'}};
    const auto to = [](char c) { return [c](char) { return c; }; };
    {
        filled<TestType> f(before); // a part: split
        CHECK(f.map.update(at(5, 7), to('x')) == page_count{2});
        CHECK(list_of(f.map) == list{{at(2, 4), 'a'},
                                     {at(4, 5), 'b'},
                                     {at(5, 7), 'x'},
                                     {at(7, 8), 'b'},
                                     {at(8, 10), 'c'}});
    }
    {
        filled<TestType> f(before); // like the neighbour: merged
        CHECK(f.map.update(at(4, 8), to('a')) == page_count{4});
        if (TestType::merges)
            CHECK(list_of(f.map) == list{{at(2, 8), 'a'}, {at(8, 10), 'c'}});
        else
            CHECK(list_of(f.map) == list{{at(2, 4), 'a'}, {at(4, 8), 'a'}, {at(8, 10), 'c'}});
    }
    {
        filled<TestType> f(before); // each by its own value
        CHECK(f.map.update(at(2, 10), next_letter) == page_count{8});
        CHECK(list_of(f.map) == list{{at(2, 4), 'b'}, {at(4, 8), 'c'}, {at(8, 10), 'd'}});
    }
    {
        filled<TestType> f(before); // a becomes b, but what was b becomes c
        CHECK(f.map.update(at(3, 6), next_letter) == page_count{3});
        CHECK(list_of(f.map) == list{{at(2, 3), 'a'},
                                     {at(3, 4), 'b'},
                                     {at(4, 6), 'c'},
                                     {at(6, 8), 'b'},
                                     {at(8, 10), 'c'}});
    }
}

TEMPLATE_LIST_TEST_CASE("updating unknown pages is refused, unless told otherwise", "[ranges]",
                        every_way_below_64) {
    const list before{{at(2, 4), 'a'}, {at(6, 8), 'b'}};
    filled<TestType> f(before);
    CHECK(f.map.update(at(2, 8), next_letter).error() == errc::not_found);
    CHECK(f.map.update(at(4, 6), next_letter).error() == errc::not_found);
    CHECK(f.map.update(at(0, 3), next_letter).error() == errc::not_found);
    CHECK(list_of(f.map) == before);
    CHECK(f.map.update(at(3, 7), next_letter, missing::ignore) == page_count{2});
    CHECK(list_of(f.map) ==
          list{{at(2, 3), 'a'}, {at(3, 4), 'b'}, {at(6, 7), 'c'}, {at(7, 8), 'b'}});
}

// ---- looking ------------------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("finding a page, and the neighbours of a page or a gap", "[ranges]",
                        every_way_below_64) {
    const entry a{at(4, 8), 'a'}, b{at(8, 12), 'b'}, c{at(16, 20), 'c'};
    filled<TestType> f({a, b, c});
    const struct {
        std::uint64_t page;
        const entry *lower, *found, *upper;
    } cases[] = {
        {0, nullptr, nullptr, &a},
        {3, nullptr, nullptr, &a}, // below everything
        {4, nullptr, &a, &b},
        {7, nullptr, &a, &b}, // in the first
        {8, &a, &b, &c},
        {11, &a, &b, &c}, // in the second
        {12, &b, nullptr, &c},
        {15, &b, nullptr, &c}, // in the gap
        {16, &b, &c, nullptr},
        {19, &b, &c, nullptr}, // in the last
        {20, &c, nullptr, nullptr},
        {63, &c, nullptr, nullptr},
        {pfn::limit - 1, &c, nullptr, nullptr},
        {pfn::limit, &c, nullptr, nullptr},
    };
    const auto is = [](const auto& found, const entry* expected) {
        return expected ? found && *found == *expected : !found && found.error() == errc::not_found;
    };
    for (const auto& q : cases) {
        CAPTURE(q.page);
        CHECK(is(f.map.find(pfn{q.page}), q.found));
        CHECK(is(f.map.lower_neighbour(pfn{q.page}), q.lower));
        CHECK(is(f.map.upper_neighbour(pfn{q.page}), q.upper));
        CHECK(f.map.contains(pfn{q.page}) == (q.found != nullptr));
    }
    CHECK(*f.map.first() == a);
    CHECK(*f.map.last() == c);
    CHECK(f.map.envelope() == at(4, 20));
}

TEMPLATE_LIST_TEST_CASE("windows: what they contain, what they overlap, how many pages", "[ranges]",
                        every_way_below_64) {
    const entry a{at(4, 8), 'a'}, b{at(8, 12), 'b'}, c{at(16, 20), 'c'};
    filled<TestType> f({a, b, c});
    const struct {
        pfn_range window;
        list overlapping;
        std::uint64_t pages;
        bool contained;
    } cases[] = {
        {at(0, 4), {}, 0, false},       {at(0, 5), {a}, 1, false},
        {at(4, 8), {a}, 4, true},       {at(7, 9), {a, b}, 2, true},
        {at(4, 12), {a, b}, 8, true},   {at(4, 13), {a, b}, 8, false},
        {at(3, 12), {a, b}, 8, false},  {at(12, 16), {}, 0, false},
        {at(11, 17), {b, c}, 2, false}, {at(0, 64), {a, b, c}, 12, false},
        {at(19, 20), {c}, 1, true},     {at(20, 64), {}, 0, false},
        {at(5, 5), {}, 0, true},        {at(14, 14), {}, 0, true},
    };
    for (const auto& q : cases) {
        CAPTURE(q.window.start().value(), q.window.end().value());
        const auto view = f.map.overlapping(q.window);
        CHECK(list(view.begin(), view.end()) == q.overlapping);
        CHECK(view.empty() == q.overlapping.empty());
        CHECK(f.map.overlaps(q.window) == !q.overlapping.empty());
        CHECK(f.map.pages_in(q.window) == page_count{q.pages});
        CHECK(f.map.contains(q.window) == q.contained);
    }
}

TEMPLATE_LIST_TEST_CASE("a walk goes forwards and backwards", "[ranges]", every_way_below_64) {
    const list all{{at(4, 8), 'a'}, {at(8, 12), 'b'}, {at(16, 20), 'c'}};
    filled<TestType> f(all);
    CHECK(list_of(f.map) == all);
    list reversed;
    for (auto i = f.map.end(); i != f.map.begin();) reversed.push_back(*--i);
    CHECK(list(reversed.rbegin(), reversed.rend()) == all);
    auto i = f.map.begin();
    CHECK(i->value == 'a');
    CHECK((i++)->range == at(4, 8));
    CHECK((i--)->range == at(8, 12));
    CHECK(i == f.map.begin());
}

// ---- edges --------------------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("the first page, the last page, and all of them", "[ranges]", every_way) {
    const pfn last{pfn::limit - 1}, end{pfn::limit};
    const pfn_range all{pfn{0}, end};
    filled<TestType> f({});
    CHECK(f.map.insert({last, end}, 'z'));
    CHECK(f.map.insert(at(0, 1), 'a'));
    CHECK(f.map.find(pfn{0})->value == 'a');
    CHECK(f.map.find(last)->value == 'z');
    CHECK(f.map.find(end).error() == errc::not_found);
    CHECK(f.map.upper_neighbour(pfn{0})->value == 'z');
    CHECK(f.map.lower_neighbour(last)->value == 'a');
    CHECK(f.map.lower_neighbour(end)->value == 'z');
    CHECK(f.map.envelope() == all);
    CHECK(f.map.insert({last, page_count{1}}, 'z').error() == errc::overlap);

    CHECK(f.map.insert(all, 'm', overlap::keep));
    CHECK(f.map.pages() == page_count{pfn::limit});
    CHECK(f.map.contains(all));
    CHECK(f.map.size() == 3);
    CHECK(f.map.update(all, next_letter) == page_count{pfn::limit});
    CHECK(f.map.find(last)->value == '{');
    CHECK(f.map.erase({last, end}) == page_count{1});
    CHECK(f.map.erase(at(0, 1)) == page_count{1});
    CHECK(f.map.envelope() == pfn_range{pfn{1}, last});
    CHECK(f.map.insert(all, 'x', overlap::replace));
    CHECK(list_of(f.map) == list{{all, 'x'}});
    CHECK(f.map.erase(all) == page_count{pfn::limit});
    CHECK(f.map.empty());
}
