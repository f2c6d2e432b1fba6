// SPDX-License-Identifier: BSL-1.0
#include <zonal/ranges/pfn_range_set.hpp>

#include <bit>
#include <iterator>
#include <type_traits>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

using list = std::vector<pfn_range>;
using plain = pfn_range_set<in_place<8>>;

} // namespace

TEST_CASE("a set from the header's example", "[ranges]") {
    pfn_range_set<in_place<8>> free;
    CHECK(free.insert({pfn{0x100}, pfn{0x200}}));
    CHECK(free.insert({pfn{0x180}, pfn{0x280}}, overlap::keep)); // [0x100, 0x280)
    CHECK(list_of(free) == list{at(0x100, 0x280)});
    pfn_range_set<in_place<8>> reserved;
    CHECK(reserved.insert(at(0x120, 0x140)));
    CHECK(free.subtract(reserved)); // whatever is in the other set
    CHECK(list_of(free) == list{at(0x100, 0x120), at(0x140, 0x280)});
    list gaps;
    for (pfn_range gap : free.gaps({pfn{0}, pfn{0x1000}})) gaps.push_back(gap);
    CHECK(gaps == list{at(0, 0x100), at(0x120, 0x140), at(0x280, 0x1000)});
}

namespace {

static_assert(std::is_same_v<plain::item, pfn_range>, "a set hands out ranges, no values");
static_assert(sizeof(plain) == 8 * sizeof(pfn_range) + 16, "values take no room");
static_assert(std::is_trivially_copyable_v<plain>);
static_assert(std::bidirectional_iterator<plain::iterator>);
static_assert(noexcept(std::declval<plain&>().insert({})));
static_assert(noexcept(std::declval<plain&>().unite(std::declval<const plain&>())));

template <class Set>
concept invalid_calls = requires(Set s, pfn_range r) {
    requires !requires { s.insert(r, 'a'); }; // a set has no values
    requires !requires { s.update(r, [](no_value v) { return v; }); };
    requires !requires { s.unite(r); }; // a range is no set
    requires !requires { s.insert(r, missing::ignore); };
};
static_assert(invalid_calls<plain>);

} // namespace

TEMPLATE_LIST_TEST_CASE("a set refuses, keeps or replaces the pages it has", "[ranges]",
                        every_way_below_64) {
    typename TestType::template set<8> kept;
    auto& set = kept.container;
    CHECK(set.insert(at(4, 8)));
    CHECK(set.insert(at(12, 16)));
    CHECK(set.insert(at(7, 9)).error() == errc::overlap);
    CHECK(set.insert(at(8, 8))); // nothing
    CHECK(list_of(set) == list{at(4, 8), at(12, 16)});
    CHECK(set.insert(at(6, 12), overlap::keep));
    if (TestType::merges)
        CHECK(list_of(set) == list{at(4, 16)});
    else
        CHECK(list_of(set) == list{at(4, 8), at(8, 12), at(12, 16)});
    CHECK(set.insert(at(6, 10), overlap::replace));
    if (TestType::merges)
        CHECK(list_of(set) == list{at(4, 16)});
    else
        CHECK(list_of(set) == list{at(4, 6), at(6, 10), at(10, 12), at(12, 16)});
    CHECK(*set.find(pfn{6}) == (TestType::merges ? at(4, 16) : at(6, 10)));
    CHECK(set.erase(at(4, 16)) == page_count{12});
    CHECK(set.empty());
}

// ---- algebra ------------------------------------------------------------------------------------

TEST_CASE("union, intersection and difference", "[ranges]") {
    plain a, b;
    for (pfn_range r : {at(0, 4), at(8, 12), at(16, 20)}) REQUIRE(a.insert(r));
    for (pfn_range r : {at(2, 10), at(20, 22), at(30, 31)}) REQUIRE(b.insert(r));
    plain both = a, common = a, rest = a;
    CHECK(both.unite(b));
    CHECK(list_of(both) == list{at(0, 12), at(16, 22), at(30, 31)});
    CHECK(common.intersect(b));
    CHECK(list_of(common) == list{at(2, 4), at(8, 10)});
    CHECK(rest.subtract(b));
    CHECK(list_of(rest) == list{at(0, 2), at(10, 12), at(16, 20)});

    SECTION("with itself") {
        CHECK(both.unite(both));
        CHECK(both.intersect(both));
        CHECK(both.size() == 3);
        CHECK(both.subtract(both));
        CHECK(both.empty());
    }
    SECTION("with nothing") {
        const plain nothing;
        CHECK(both.unite(nothing));
        CHECK(both.subtract(nothing));
        CHECK(both.size() == 3);
        CHECK(both.intersect(nothing));
        CHECK(both.empty());
    }
    SECTION("with the ranges of a map") {
        pfn_range_map<char, allocated<>, keep_apart> map;
        REQUIRE(map.insert(at(0, 3), 'a'));
        REQUIRE(map.insert(at(3, 12), 'b'));
        CHECK(both.subtract(map));
        CHECK(list_of(both) == list{at(16, 22), at(30, 31)});
    }
    SECTION("with everything") {
        plain all;
        REQUIRE(all.insert({pfn{0}, pfn{pfn::limit}}));
        CHECK(both.intersect(all));
        CHECK(both.size() == 3);
        CHECK(all.subtract(both));
        CHECK(all.size() == 3);
        CHECK(all.pages() + both.pages() == page_count{pfn::limit});
        CHECK(all.unite(both));
        CHECK(list_of(all) == list{{pfn{0}, pfn{pfn::limit}}});
    }
}

TEST_CASE("a union leaves ranges apart as they are and brings in what is missing", "[ranges]") {
    pfn_range_set<in_place<8>, keep_apart> a, b;
    for (pfn_range r : {at(0, 4), at(4, 8)}) REQUIRE(a.insert(r));
    for (pfn_range r : {at(2, 6), at(6, 10), at(10, 12)}) REQUIRE(b.insert(r));
    CHECK(a.unite(b));
    CHECK(list_of(a) == list{at(0, 4), at(4, 8), at(8, 12)}); // as a set of pages b is [2, 12)
    CHECK(a.intersect(b));
    CHECK(list_of(a) == list{at(2, 4), at(4, 8), at(8, 12)});
}

namespace {

/// The pages [0, 8) whose bits are set, as ranges.
list ranges_of(unsigned bits) {
    list ranges;
    for (unsigned p = 0; p != 8; ++p) {
        if ((bits >> p & 1) == 0) continue;
        if (!ranges.empty() && ranges.back().end() == pfn{p})
            ranges.back() = {ranges.back().start(), page_count{1} + ranges.back().size()};
        else
            ranges.push_back(at(p, p + 1));
    }
    return ranges;
}

/// One operation on every two sets of eight pages, with exactly the room that the result or the
/// beginning needs, and with less.
template <class Way, class Operation>
void every_two_sets(Operation operation, unsigned (*bits_of)(unsigned, unsigned)) {
    using kept = typename Way::template set<4>;
    for (unsigned a = 0; a != 256; ++a)
        for (unsigned b = 0; b != 256; ++b) {
            pfn_range_set<in_place<4>> other;
            for (pfn_range r : ranges_of(b)) REQUIRE(other.insert(r).has_value());
            const list before = ranges_of(a), after = ranges_of(bits_of(a, b));
            const auto run = [&](std::size_t room, bool succeeds) {
                kept set{room};
                mirror<no_value> heard;
                bool right = true;
                for (pfn_range r : before)
                    right = right && set.container.insert(r, overlap::refuse, heard);
                const auto done = operation(set.container, other, heard);
                right = right && done.has_value() == succeeds;
                right = right && (succeeds || done.error() == errc::no_space);
                right = right && list_of(set.container) == (succeeds ? after : before);
                right = right && heard.lies == 0;
                list mirrored;
                for (const auto& e : heard.entries()) mirrored.push_back(e.range);
                right = right && mirrored == list_of(set.container);
                if (!right) FAIL("sets " << a << " and " << b << ", room for " << room);
            };
            run(std::max(before.size(), after.size()), true);
            if (kept::exact && after.size() > before.size()) run(after.size() - 1, false);
        }
}

} // namespace

TEMPLATE_LIST_TEST_CASE("algebra of every two sets of eight pages", "[ranges]", every_merging_way) {
    every_two_sets<TestType>([](auto& a, auto& b, auto& o) { return a.unite(b, o); },
                             [](unsigned a, unsigned b) { return a | b; });
    every_two_sets<TestType>([](auto& a, auto& b, auto& o) { return a.intersect(b, o); },
                             [](unsigned a, unsigned b) { return a & b; });
    every_two_sets<TestType>([](auto& a, auto& b, auto& o) { return a.subtract(b, o); },
                             [](unsigned a, unsigned b) { return a & ~b; });
}

TEST_CASE("algebra that runs out of room changes nothing", "[ranges]") {
    pfn_range_set<in_place<2>> a;
    plain b;
    REQUIRE(a.insert(at(0, 100)));
    for (pfn_range r : {at(10, 20), at(30, 40)}) REQUIRE(b.insert(r));
    int events = 0;
    const auto count = [&](const auto&) { ++events; };
    CHECK(a.subtract(b, count).error() == errc::no_space); // three ranges would be left
    CHECK(list_of(a) == list{at(0, 100)});
    CHECK(a.intersect(b, count));
    CHECK(list_of(a) == list{at(10, 20), at(30, 40)});
    const int heard = events;
    REQUIRE(b.insert(at(50, 60)));
    CHECK(a.unite(b, count).error() == errc::no_space);
    CHECK(events == heard);
    CHECK(a.size() == 2);
}

namespace {

constexpr bool free_is_memory_without_what_is_reserved() {
    pfn_range_set<in_place<4>> memory, reserved, free;
    bool ok = memory.insert(at(0, 0x80)).has_value() && memory.insert(at(0x100, 0x200)).has_value();
    ok = ok && reserved.insert(at(0, 0x10)).has_value() &&
         reserved.insert(at(0x180, 0x190)).has_value();
    ok = ok && free.unite(memory).has_value() && free.subtract(reserved).has_value();
    ok = ok && free.size() == 3 && free.pages() == memory.pages() - reserved.pages();
    ok = ok && free.unite(reserved).has_value() && free == memory;
    return ok && free.intersect(reserved).has_value() && free == reserved;
}
static_assert(free_is_memory_without_what_is_reserved());

} // namespace

TEST_CASE("set algebra is the same at run time as in a static_assert", "[ranges]") {
    CHECK(free_is_memory_without_what_is_reserved());
}
