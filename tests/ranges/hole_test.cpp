// SPDX-License-Identifier: BSL-1.0
#include <zonal/ranges/hole.hpp>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

using list = std::vector<pfn_range>;
constexpr pfn_range all{pfn{0}, pfn{pfn::limit}};

template <class View>
list gaps_of(const View& view) {
    return {view.begin(), view.end()};
}

} // namespace

TEST_CASE("a hole from the header's example", "[ranges]") {
    pfn_range_map<char, in_place<4>> map;
    REQUIRE(map.insert(at(0x20000, 0x24000), 'a'));
    const pfn_range pool = at(0x10000, 0x30000);
    auto hole = map.find_hole({.size = page_count{0x8000},
                               .alignment = page_count{0x8000},
                               .window = pool,
                               .from = search_from::above});
    REQUIRE(hole);
    CHECK(*hole == at(0x28000, 0x30000));
    CHECK(map.insert(*hole, 'b'));
}

TEMPLATE_LIST_TEST_CASE("the gaps of a window", "[ranges]", every_way_below_64) {
    typename TestType::template set<8> kept;
    auto& set = kept.container;
    CHECK(gaps_of(set.gaps()) == list{all});
    CHECK(gaps_of(set.gaps(at(3, 5))) == list{at(3, 5)});
    for (pfn_range r : {at(4, 8), at(8, 12), at(16, 20)}) REQUIRE(set.insert(r));
    const struct {
        pfn_range window;
        list gaps;
    } cases[] = {
        {at(0, 24), {at(0, 4), at(12, 16), at(20, 24)}},
        {at(3, 17), {at(3, 4), at(12, 16)}},
        {at(4, 12), {}}, // covered, by two ranges
        {at(4, 13), {at(12, 13)}},
        {at(12, 16), {at(12, 16)}}, // exactly a gap
        {at(13, 15), {at(13, 15)}}, // within a gap
        {at(6, 18), {at(12, 16)}},  // begins and ends in ranges
        {at(14, 14), {}},           // empty
        {at(30, 40), {at(30, 40)}}, // above everything
        {{pfn{20}, pfn{pfn::limit}}, {{pfn{20}, pfn{pfn::limit}}}},
    };
    for (const auto& c : cases) {
        CAPTURE(c.window.start().value(), c.window.end().value());
        CHECK(gaps_of(set.gaps(c.window)) == c.gaps);
        CHECK(set.gaps(c.window).empty() == c.gaps.empty());
    }
}

TEST_CASE("a set that covers everything has no gap and no hole", "[ranges]") {
    pfn_range_set<in_place<1>> set;
    REQUIRE(set.insert(all));
    CHECK(set.gaps().empty());
    CHECK(set.find_hole({.size = page_count{1}}).error() == errc::no_space);
    CHECK(set.find_hole({.size = page_count{1}, .from = search_from::above}).error() ==
          errc::no_space);
}

TEST_CASE("requests that make no sense are refused before anything is searched", "[ranges]") {
    const pfn_range_set<in_place<1>> set;
    CHECK(set.find_hole({}).error() == errc::bad_range); // no pages
    CHECK(set.find_hole({.size = page_count{1}, .alignment = page_count{0}}).error() ==
          errc::misaligned);
    CHECK(set.find_hole({.size = page_count{2}, .window = at(3, 4)}).error() == errc::no_space);
    CHECK(set.find_hole({.size = page_count{1}, .window = at(3, 3)}).error() == errc::no_space);
}

TEST_CASE("holes at the ends of the address space", "[ranges]") {
    pfn_range_set<in_place<2>> set;
    const page_count everything{pfn::limit}, half{pfn::limit / 2};
    CHECK(*set.find_hole({.size = everything}) == all);
    CHECK(*set.find_hole({.size = everything, .from = search_from::above}) == all);
    CHECK(*set.find_hole({.size = page_count{1}, .from = search_from::above}) ==
          pfn_range{pfn{pfn::limit - 1}, pfn{pfn::limit}});
    CHECK(*set.find_hole({.size = half, .alignment = everything}) == pfn_range{pfn{0}, half});
    REQUIRE(set.insert(at(0, 1)));
    // The next multiple is the end of the address space.
    CHECK(set.find_hole({.size = page_count{1}, .alignment = everything}).error() ==
          errc::no_space);
    CHECK(
        set.find_hole({.size = page_count{1}, .alignment = everything, .from = search_from::above})
            .error() == errc::no_space);
    CHECK(*set.find_hole({.size = half, .alignment = half}) == pfn_range{pfn{half.value()}, half});
}

TEST_CASE("the alignment of a hole need not be a power of two", "[ranges]") {
    pfn_range_set<in_place<2>> set;
    REQUIRE(set.insert(at(0, 7)));
    CHECK(*set.find_hole({.size = page_count{2}, .alignment = page_count{6}}) == at(12, 14));
    CHECK(*set.find_hole({.size = page_count{2},
                          .alignment = page_count{6},
                          .window = at(0, 20),
                          .from = search_from::above}) == at(18, 20));
}

namespace {

/// The lowest or highest place by trying each.
result<pfn_range> naive_hole(unsigned taken, const hole_request& what) {
    const auto from = what.window.start().value(), to = what.window.end().value();
    const auto size = what.size.value();
    result<pfn_range> found = fail(errc::no_space);
    for (auto start = from; start + size <= to; ++start) {
        if (start % what.alignment.value() != 0) continue;
        const auto mask = ((1u << size) - 1) << start;
        if ((taken & mask) != 0) continue;
        found = at(start, start + size);
        if (what.from == search_from::below) break;
    }
    return found;
}

} // namespace

TEMPLATE_LIST_TEST_CASE("every hole of every set of ten pages", "[ranges]", every_way_below_64) {
    constexpr unsigned pages = 10;
    bool right = true;
    for (unsigned taken = 0; taken != 1u << pages; ++taken) {
        typename TestType::template set<pages> kept;
        for (unsigned p = 0; p != pages; ++p)
            if ((taken >> p & 1) != 0) right = right && kept.container.insert(at(p, p + 1));
        for (unsigned from : {0u, 1u, 3u})
            for (unsigned to : {5u, 9u, 10u, 12u})
                for (unsigned size : {1u, 2u, 3u, 4u, 10u})
                    for (unsigned alignment : {1u, 2u, 3u, 4u})
                        for (search_from side : {search_from::below, search_from::above}) {
                            const hole_request what{.size = page_count{size},
                                                    .alignment = page_count{alignment},
                                                    .window = at(from, to),
                                                    .from = side};
                            right =
                                right && kept.container.find_hole(what) == naive_hole(taken, what);
                        }
        if (!right) FAIL("pages taken: " << taken);
    }
    SUCCEED();
}
