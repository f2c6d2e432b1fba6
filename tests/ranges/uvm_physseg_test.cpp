// SPDX-License-Identifier: BSL-1.0

// NetBSD's uvm_physseg tests, as far as they are about ranges, over every storage; the number and
// the name of each say which of the 48 it is. Segments stay apart there although they touch, so
// they do here. Where upstream aborts on an ordinary condition, a call fails here. Those about page
// structs, the boot and handles are in hotplug/uvm_physseg_test.cpp.

#include <zonal/ranges.hpp>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

/// The value of a segment: its free list and where a search in it begins.
struct segment {
    int free_list = 0;
    std::uint64_t start_hint = 0;
    friend bool operator==(const segment&, const segment&) = default;
};
using entry = range_entry<segment>;

const pfn_range seg1 = at(0, 256), seg2 = at(256, 512), seg3 = at(512, 768), seg4 = at(768, 1024);

using every_way_apart =
    std::tuple<way<kept_in_place, keep_apart>, way<kept_by_caller, keep_apart>,
               way<kept_by_allocator, keep_apart>, way<kept_by_resource, keep_apart>>;

template <class Map>
std::vector<pfn_range> ranges_of(const Map& map) {
    std::vector<pfn_range> ranges;
    for (const entry& e : map) ranges.push_back(e.range);
    return ranges;
}

/// Segments, and which of their pages nobody has taken.
template <class Way>
struct physical_memory {
    typename Way::template map<segment, 4> kept_segments;
    typename Way::template set<4> kept_available;
    decltype(kept_segments.container)& segments = kept_segments.container;
    decltype(kept_available.container)& available = kept_available.container;

    void load(pfn_range r, pfn_range avail, int free_list = 0) {
        REQUIRE(segments.insert(r, {free_list, 0}));
        REQUIRE(available.insert(avail));
    }
    /// Takes one page off the front of the segment at p, else off its back, if it is available.
    result<pfn> unload(pfn p, int free_list = 0) {
        const auto s = segments.find(p);
        if (!s || s->value.free_list != free_list) return fail(errc::not_found);
        const pfn back{s->range.end().value() - 1};
        if (available.contains(s->range.start())) return take(s->range.start());
        if (available.contains(back)) return take(back);
        return fail(errc::busy);
    }
    /// Takes the lowest available page; the segment begins behind it, whatever lies before.
    result<pfn> unload_force(pfn p) {
        const auto s = segments.find(p);
        if (!s) return fail(errc::not_found);
        for (pfn_range a : available.overlapping(s->range)) {
            const pfn page = a.intersection(s->range).start();
            if (s->range.start() < page) CHECK(segments.erase({s->range.start(), page}));
            return take(page);
        }
        return fail(errc::busy);
    }

private:
    result<pfn> take(pfn page) {
        CHECK(available.erase({page, page_count{1}}));
        CHECK(segments.erase({page, page_count{1}}));
        return page;
    }
};

} // namespace

// ---- room for descriptors -----------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("uvm_physseg 1, 2, 3, alloc_atboot_mismatch, alloc_atboot_overrun, "
                        "alloc_sanity: as many as there is room for",
                        "[ranges]", every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    CHECK(kept.container.reserve(4));
    CHECK(kept.container.reserve(5).error() == errc::no_space); // upstream aborts
    CHECK(kept.container.reserve(3));
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 4, 5, 6, free_atboot_mismatch, free_sanity, "
                        "free_atboot_overrun: room that was given back is there again",
                        "[ranges]", every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    for (pfn_range r : {seg1, seg2, seg3, seg4}) CHECK(map.insert(r, {}));
    CHECK(map.erase(seg2));
    CHECK(map.insert(seg2, {})); // upstream leaks the slot of a descriptor freed at boot
    CHECK(map.size() == 4);
}

// ---- plug, unplug -------------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("uvm_physseg 7, plug, segments that touch stay apart", "[ranges]",
                        every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    std::uint64_t pages = 0;
    for (pfn_range r : {seg1, seg2, seg3, seg4}) {
        CHECK(map.insert(r, {}));
        CHECK(map.pages() == page_count{pages += 256});
    }
    CHECK(ranges_of(map) == std::vector{seg1, seg2, seg3, seg4});
}
TEMPLATE_LIST_TEST_CASE(
    "uvm_physseg 8, unplug, the middle, a fragment, the back, the front, the last", "[ranges]",
    every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    CHECK(map.insert(seg1, {3, 7}));
    CHECK(map.find(pfn{64})->range.start() == pfn{0}); // at offset 64
    CHECK(map.erase(at(64, 192)));
    CHECK(map.find(pfn{64}).error() == errc::not_found);
    CHECK(map.pages() == page_count{128});
    CHECK(ranges_of(map) == std::vector{at(0, 64), at(192, 256)});
    CHECK(map.find(pfn{192})->value == segment{3, 7}); // upstream loses the fragment's free list
    CHECK(map.erase(at(192, 256)));
    CHECK(map.find(pfn{192}).error() == errc::not_found);
    CHECK(map.erase(at(32, 64)));
    CHECK(map.erase(at(0, 16)));
    CHECK(ranges_of(map) == std::vector{at(16, 32)});
    CHECK(map.erase(at(16, 32))); // upstream aborts
    CHECK(map.empty());
    CHECK(map.pages().is_zero());
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 8, unplug without room for a fragment fails", "[ranges]",
                        every_way_apart) {
    typename TestType::template map<segment, 1> kept;
    CHECK(kept.container.insert(seg1, {}));
    CHECK(kept.container.erase(at(64, 192)).error() == errc::no_space); // upstream aborts
    CHECK(ranges_of(kept.container) == std::vector{seg1});
}

// ---- exported calls -----------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("uvm_physseg 9, 10, init, page_physload_preload", "[ranges]",
                        every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    CHECK(map.size() == 0);
    CHECK(map.insert(seg1, {}));
    CHECK(map.size() == 1);
    CHECK(map.insert(seg2, {}));
    CHECK(map.size() == 2);
}
TEMPLATE_LIST_TEST_CASE(
    "uvm_physseg 12, handle_immutable, a page finds its segment whatever comes before it",
    "[ranges]", every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    CHECK(map.insert(seg2, {}));
    CHECK(map.lower_neighbour(seg2.start()).error() == errc::not_found);
    CHECK(map.insert(seg1, {}));
    CHECK(map.find(seg2.start())->range == seg2);
    CHECK(map.lower_neighbour(seg2.start())->range == seg1);
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 16, 17, 18, 19, 20, 21, 22, 23, get_start, get_end, "
                        "get_avail_start, get_avail_end, and their _invalid",
                        "[ranges]", every_way_apart) {
    physical_memory<TestType> m;
    m.load(seg1, seg1);
    m.load(seg2, seg2);
    CHECK(m.segments.find(pfn{0})->range == at(0, 256));
    CHECK(m.segments.find(pfn{256})->range == at(256, 512));
    CHECK(*m.available.find(pfn{0}) == at(0, 256));
    CHECK(*m.available.find(pfn{256}) == at(256, 512));
    CHECK(m.segments.find(pfn{512}).error() == errc::not_found); // upstream: all ones
    CHECK(m.available.find(pfn{512}).error() == errc::not_found);
}
TEMPLATE_LIST_TEST_CASE(
    "uvm_physseg 24, 25, 26, 27, get_next, get_next_invalid, get_prev, get_prev_invalid",
    "[ranges]", every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    CHECK(map.upper_neighbour(pfn{0}).error() == errc::not_found);
    CHECK(map.lower_neighbour(pfn{0}).error() == errc::not_found);
    CHECK(map.insert(seg1, {}));
    CHECK(map.upper_neighbour(seg1.start()).error() == errc::not_found);
    CHECK(map.lower_neighbour(seg1.start()).error() == errc::not_found);
    CHECK(map.insert(seg2, {}));
    CHECK(map.upper_neighbour(seg1.start())->range == seg2);
    CHECK(map.lower_neighbour(seg2.start())->range == seg1);
    CHECK(map.insert(seg3, {}));
    CHECK(map.upper_neighbour(seg2.start())->range == seg3);
    CHECK(map.lower_neighbour(seg1.start()).error() == errc::not_found);
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 28, 29, get_first, get_last, in whatever order they came",
                        "[ranges]", every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    CHECK(map.first().error() == errc::not_found);
    CHECK(map.last().error() == errc::not_found);
    CHECK(map.insert(seg2, {}));
    CHECK(map.first()->range == seg2);
    CHECK(map.last()->range == seg2);
    CHECK(map.insert(seg1, {}));
    CHECK(map.first()->range == seg1);
    CHECK(map.last()->range == seg2);
    CHECK(map.insert(seg4, {}));
    CHECK(map.last()->range == seg4);
    CHECK(map.insert(seg3, {}));
    CHECK(map.first()->range == seg1);
    CHECK(map.last()->range == seg4);
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 33, 34, 35, 36, get_free_list, get_start_hint, "
                        "set_start_hint, set_start_hint_invalid",
                        "[ranges]", every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    CHECK(map.insert(seg1, {0, 0}));
    CHECK(map.insert(seg2, {3, 0}));
    CHECK(map.insert(seg3, {2, 0}));
    CHECK(map.find(pfn{0})->value.free_list == 0);
    CHECK(map.find(pfn{256})->value.free_list == 3);
    CHECK(map.find(pfn{512})->value.free_list == 2);
    const auto hint = [](segment s) { return segment{s.free_list, 128}; };
    CHECK(map.find(pfn{0})->value.start_hint == 0);
    CHECK(map.update(seg1, hint));
    CHECK(map.find(pfn{0})->value == segment{0, 128});
    CHECK(map.update(seg4, hint).error() == errc::not_found);
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 32, highest: the last page, in whatever order they came",
                        "[ranges]", every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    const auto highest = [&] { return map.envelope().end() - page_count{1}; };
    CHECK(map.insert(seg1, {}));
    CHECK(highest() == pfn{255});
    CHECK(map.insert(seg3, {}));
    CHECK(highest() == pfn{767});
    CHECK(map.insert(seg2, {}));
    CHECK(highest() == pfn{767});
}
TEMPLATE_LIST_TEST_CASE(
    "uvm_physseg 38, get_pmseg: what a segment refers to is there when it is asked again",
    "[ranges]", every_way_apart) {
    struct block {
        int written = 0;
    } blocks[3];
    typename TestType::template map<block*, 3> kept;
    auto& map = kept.container;
    CHECK(map.insert(seg2, &blocks[1]));
    map.find(pfn{300})->value->written = 42;
    CHECK(map.insert(seg1, &blocks[0]));
    CHECK(map.insert(seg3, &blocks[2]));
    CHECK(map.erase(seg1));
    CHECK(map.find(pfn{511})->value == &blocks[1]);
    CHECK(map.find(pfn{256})->value->written == 42);
    CHECK(map.erase(at(300, 301))); // both fragments refer to it
    CHECK(map.find(pfn{299})->value == &blocks[1]);
    CHECK(map.find(pfn{301})->value == &blocks[1]);
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 39, 40, find, find_invalid", "[ranges]", every_way_apart) {
    typename TestType::template map<segment, 4> kept;
    auto& map = kept.container;
    CHECK(map.insert(seg1, {}));
    CHECK(map.find(pfn{253})->range == seg1);
    CHECK(map.insert(seg2, {}));
    CHECK(map.find(pfn{255})->range == seg1);
    const auto second = map.find(pfn{258});
    REQUIRE(second);
    CHECK(second->range == seg2);
    CHECK(pfn{258} - second->range.start() == page_count{2});
    CHECK(map.find(pfn{768}).error() == errc::not_found);
}

// ---- a page at a time ---------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("uvm_physseg 41, 42, page_physunload_start, page_physunload_end",
                        "[ranges]", every_way_apart) {
    physical_memory<TestType> m;
    m.load(seg2, seg2);
    CHECK(m.unload(pfn{300}) == pfn{256});
    CHECK(m.segments.first()->range == at(257, 512));
    CHECK(*m.available.first() == at(257, 512));

    physical_memory<TestType> n;
    n.load(seg2, at(257, 512));
    CHECK(n.unload(pfn{300}) == pfn{511});
    CHECK(n.segments.first()->range == at(256, 511));
    CHECK(*n.available.first() == at(257, 511));
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 43, page_physunload_none", "[ranges]", every_way_apart) {
    physical_memory<TestType> m;
    m.load(seg2, at(257, 511));
    CHECK(m.unload(pfn{300}).error() == errc::busy);
    CHECK(m.segments.first()->range == seg2);
    CHECK(*m.available.first() == at(257, 511));
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 44, page_physunload_delete_start", "[ranges]",
                        every_way_apart) {
    physical_memory<TestType> m;
    m.load(at(255, 256), at(255, 256));
    m.load(seg2, seg2);
    CHECK(m.unload(pfn{255}) == pfn{255});
    CHECK(ranges_of(m.segments) == std::vector{seg2});
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 45, page_physunload_delete_end, twice is once too often",
                        "[ranges]", every_way_apart) {
    // Upstream expects both to succeed; but after the first no page is available.
    physical_memory<TestType> m;
    m.load(at(0, 2), at(1, 2));
    m.load(seg2, seg2);
    CHECK(m.unload(pfn{0}) == pfn{1});
    CHECK(m.unload(pfn{0}).error() == errc::busy);
    CHECK(ranges_of(m.segments) == std::vector{at(0, 1), seg2});
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 46, page_physunload_invalid, the wrong free list", "[ranges]",
                        every_way_apart) {
    physical_memory<TestType> m;
    m.load(seg2, seg2);
    CHECK(m.unload(pfn{300}, 1).error() == errc::not_found);
    CHECK(m.available.pages() == page_count{256});
}
TEMPLATE_LIST_TEST_CASE("uvm_physseg 47, 48, page_physunload_force, page_physunload_force_invalid",
                        "[ranges]", every_way_apart) {
    physical_memory<TestType> m;
    m.load(seg1, seg1);
    m.load(seg2, seg2);
    for (std::uint64_t p = 0; p != 256; ++p) {
        CHECK(m.unload_force(pfn{255}) == pfn{p});
        CHECK((p == 255 || m.available.first()->start() == pfn{p + 1}));
    }
    CHECK(m.segments.find(pfn{255}).error() == errc::not_found);
    CHECK(ranges_of(m.segments) == std::vector{seg2});

    physical_memory<TestType> n;
    n.load(seg1, at(1, 1)); // nothing is available
    CHECK(n.unload_force(pfn{0}).error() == errc::busy);
    CHECK(ranges_of(n.segments) == std::vector{seg1});
}
