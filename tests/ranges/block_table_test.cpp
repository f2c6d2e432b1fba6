// SPDX-License-Identifier: BSL-1.0
#include <zonal/ranges/block_table.hpp>

#include <zonal/ext/allocated.hpp>
#include <zonal/ranges.hpp>

#include <vector>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

/// Blocks of 16 pages, 64 blocks a leaf, 64 leaves.
using blocks = block_table<4, 16, 6>;
constexpr std::uint64_t leaf_pages = 64 * 16;

template <class T, std::size_t Slots, class... Policies>
using map_of = pfn_range_map<T, blocks, in_place<Slots>, Policies...>;
using list = std::vector<range_entry<char>>;

constexpr char next_letter(char c) { return c == 'e' ? 'a' : static_cast<char>(c + 1); }

} // namespace

TEST_CASE("the example of block_table.hpp", "[ranges]") {
    using by_section = block_table<15>; // blocks of 2^15 pages
    pfn_range_map<char, by_section, in_place<by_section::slots_for(8)>> map;
    CHECK(map.insert({pfn{0x8000}, pfn{0x18000}}, 'a'));
    CHECK(map.value_at(pfn{0x9000}) == 'a');
    CHECK(map.insert({pfn{0x18000}, pfn{0x18001}}, 'a').error() == errc::misaligned);
    CHECK(map.find(pfn{0x9000})->range == pfn_range{pfn{0x8000}, pfn{0x18000}});
}

namespace {

constexpr bool memory_comes_and_goes() {
    pfn_range_map<int, blocks, in_place<blocks::slots_for(4)>> map;
    if (!map.insert(at(160, 320), 1) || !map.insert(at(320, 480), 1)) return false; // merge
    if (map.size() != 1 || map.pages() != page_count{320}) return false;
    if (!map.erase(at(240, 256)) || map.size() != 2) return false; // splits
    if (map.value_at(pfn{240}) || map.value_at(pfn{256}) != 1) return false;
    if (!map.insert(at(0, 4096), 2, overlap::keep) || map.size() != 5) return false;
    const auto copy = map;
    if (!map.update(at(0, 65536), [](int) { return 3; }, missing::ignore)) return false;
    return map.size() == 1 && copy.size() == 5 && copy.find(pfn{4095})->range == at(480, 4096);
}
static_assert(memory_comes_and_goes());

} // namespace

TEST_CASE("the life of a block map, at run time too", "[ranges]") {
    CHECK(memory_comes_and_goes());
}

// ---- blocks -------------------------------------------------------------------------------------

TEST_CASE("a window that is not one of whole blocks is refused by every change", "[ranges]") {
    map_of<char, blocks::slots_for(8)> map;
    REQUIRE(map.insert(at(160, 320), 'a'));
    const auto before = map;
    for (const pfn_range r : {at(160, 321), at(161, 320), at(168, 184), at(16, 24)}) {
        CHECK(map.insert(r, 'b').error() == errc::misaligned);
        CHECK(map.insert(r, 'b', overlap::replace).error() == errc::misaligned);
        CHECK(map.insert(r, 'b', overlap::keep).error() == errc::misaligned);
        CHECK(map.erase(r).error() == errc::misaligned);
        CHECK(map.erase(r, missing::ignore).error() == errc::misaligned);
        CHECK(map.update(r, next_letter, missing::ignore).error() == errc::misaligned);
    }
    CHECK(map == before);
    CHECK(map.insert(at(7, 7), 'b').error() == errc::misaligned);
    CHECK(map.insert(at(16, 16), 'b'));

    // Questions may be about any page.
    CHECK(map.overlaps(at(319, 333)));
    CHECK_FALSE(map.overlaps(at(320, 333)));
    CHECK(map.contains(at(161, 163)));
    CHECK(map.pages_in(at(100, 163)) == page_count{3});
}

TEST_CASE("what another container brings in pieces of blocks is refused", "[ranges]") {
    pfn_range_set<in_place<8>> pages;
    REQUIRE(pages.insert(at(32, 64)));
    REQUIRE(pages.insert(at(80, 90)));
    pfn_range_set<blocks, in_place<blocks::slots_for(8)>> set;
    REQUIRE(set.insert(at(0, 48)));
    CHECK(set.unite(pages).error() == errc::misaligned);
    CHECK(set.subtract(pages).error() == errc::misaligned);
    CHECK(set.intersect(pages).error() == errc::misaligned);
    CHECK(set.assign(pages).error() == errc::misaligned);
    CHECK(set.pages() == page_count{48});

    REQUIRE(pages.erase(at(80, 90)));
    CHECK(set.unite(pages));
    CHECK(set.envelope() == at(0, 64));
    CHECK(set.subtract(pages));
    CHECK(set.envelope() == at(0, 32));
    CHECK(set.assign(pages));
    CHECK(set == pages);
    CHECK(set.intersect(pages));
    CHECK(set == pages);
}

// ---- values -------------------------------------------------------------------------------------

TEST_CASE("63 values in leaves of 64 blocks, and 255 in larger ones", "[ranges]") {
    const auto fill = []<class Map>(Map& map, int values) {
        for (int v = 0; v != values; ++v) {
            const auto start = static_cast<std::uint64_t>(v) * 16;
            REQUIRE(map.insert(at(start, start + 16), v * 1000));
        }
        const Map before = map;
        CHECK(map.insert(at(16384, 16400), -1).error() == errc::no_space);
        CHECK(map.insert(at(16, 32), -1, overlap::replace).error() == errc::no_space);
        CHECK(map.update(at(16, 32), [](int) { return -1; }).error() == errc::no_space);
        CHECK(map == before);
        CHECK(map.insert(at(512, 528), 0, overlap::replace));
        CHECK(map.insert(at(32768, 32784), 32000)); // the value that went
        CHECK(map.erase(at(512, 528)));             // a gap in a leaf that is there
        CHECK(map.insert(at(512, 528), -1).error() == errc::no_space);
        CHECK(map.insert(at(16384, 16400), 7000)); // a value that is there
        CHECK(map.erase(at(32, 48)));
        CHECK(map.insert(at(16384, 16400), -1, overlap::replace));
        CHECK(map.value_at(pfn{16384}) == -1);
        CHECK(map.value_at(pfn{16 * 9}) == 9000);
        for (int v = 0; v != values; ++v) // each index, again and again
            CHECK(map.update(at(16384, 16400), [](int) { return 0; }));
    };
    map_of<int, 65> small;
    fill(small, 63);
    pfn_range_map<int, block_table<4, 16, 8>, in_place<17>> large;
    fill(large, 255);
}

TEST_CASE("a change that gives many ranges few values needs room for those only", "[ranges]") {
    map_of<int, 65> map;
    for (int v = 0; v != 60; ++v) {
        const auto start = static_cast<std::uint64_t>(v) * 32;
        REQUIRE(map.insert(at(start, start + 16), v));
    }
    const auto two = [](int v) { return 1000 + v % 2; };
    CHECK(map.update(at(0, 65536), two, missing::ignore) == page_count{960});
    CHECK(map.size() == 60);
    CHECK(map.value_at(pfn{32}) == 1001);
    const auto many = [](int v) { return v + 1; }; // 1001 and 1002; none is left of 1000
    CHECK(map.update(at(0, 65536), many, missing::ignore) == page_count{960});
    for (int v = 0; v != 61; ++v) { // so 61 are free
        const auto start = 32768 + static_cast<std::uint64_t>(v) * 16;
        REQUIRE(map.insert(at(start, start + 16), v));
    }
}

namespace {

struct counted {
    int* alive = nullptr;
    int name = 0;
    counted() = default;
    counted(int& n, int id) noexcept : alive(&n), name(id) { ++n; }
    counted(const counted& o) noexcept : alive(o.alive), name(o.name) { add(1); }
    counted& operator=(const counted& o) noexcept {
        add(-1);
        alive = o.alive;
        name = o.name;
        add(1);
        return *this;
    }
    ~counted() { add(-1); }
    friend bool operator==(const counted& a, const counted& b) { return a.name == b.name; }

private:
    void add(int n) {
        if (alive != nullptr) *alive += n;
    }
};

} // namespace

TEST_CASE("a value is kept once, and let go with the last of its ranges", "[ranges]") {
    int alive = 0;
    {
        map_of<counted, blocks::slots_for(8)> map;
        REQUIRE(map.insert(at(0, 160), {alive, 1}));
        REQUIRE(map.insert(at(320, 480), {alive, 1}));
        CHECK(alive == 1);
        REQUIRE(map.erase(at(32, 48))); // what is left keeps it
        REQUIRE(map.erase(at(0, 32)));
        CHECK(alive == 1);
        REQUIRE(map.insert(at(48, 480), {alive, 1}, overlap::replace)); // the same again
        CHECK(map.find(pfn{400})->value.name == 1);
        REQUIRE(map.insert(at(320, 480), {alive, 2}, overlap::replace));
        CHECK(alive == 2);
        REQUIRE(map.erase(at(48, 320)));
        CHECK(alive == 1);
        map.clear();
        CHECK(alive == 0);
        REQUIRE(map.insert(at(0, 160), {alive, 3}));
    }
    CHECK(alive == 0);
}

// ---- leaves -------------------------------------------------------------------------------------

TEST_CASE("a range of any length needs a leaf for each of its ends", "[ranges]") {
    map_of<char, 3> map; // the shared slot and two leaves
    CHECK(map.insert(at(16, 65520), 'a'));
    CHECK(map.find(pfn{30000})->range == at(16, 65520));
    CHECK(map.value_at(pfn{65519}) == 'a');
    CHECK_FALSE(map.value_at(pfn{65520}));
    CHECK_FALSE(map.value_at(pfn{15}));
    CHECK_FALSE(map.value_at(pfn{1} + page_count{pfn::limit / 2}));

    CHECK(map.erase(at(16, 48))); // in leaves that are there
    const auto before = map;
    CHECK(map.erase(at(30000, 30016)).error() == errc::no_space);
    CHECK(map.insert(at(30000, 30016), 'b', overlap::replace).error() == errc::no_space);
    CHECK(map.update(at(30000, 30016), next_letter).error() == errc::no_space);
    CHECK(map.insert(at(30000, 30016), 'b',
                     overlap::combine([](char a, char) { return next_letter(a); }))
              .error() == errc::no_space);
    CHECK(map == before);
    // The leaf of an end that goes is not there yet for one that comes.
    CHECK(map.erase(at(48, 30000)).error() == errc::no_space);
    CHECK(map.erase(at(48, leaf_pages - 16)));
    CHECK(map.find(pfn{20000})->range == at(leaf_pages - 16, 65520));
}

TEST_CASE("a leaf whose blocks are all alike goes where one is needed", "[ranges]") {
    map_of<char, 4> map; // three leaves
    REQUIRE(map.insert(at(0, 65536), 'a'));
    for (std::uint64_t k = 0; k != 64; ++k) {
        const pfn_range hole{pfn{k * leaf_pages + 32}, page_count{16}};
        REQUIRE(map.erase(hole));
        CHECK(map.size() == 2);
        CHECK_FALSE(map.value_at(hole.start()));
        CHECK(map.find(pfn{k * leaf_pages})->range == at(0, k * leaf_pages + 32));
        REQUIRE(map.insert(hole, 'a'));
        CHECK(map.find(pfn{k})->range == at(0, 65536));
    }
}

TEST_CASE("a leaf without boundaries is used again where it is, not where it was", "[ranges]") {
    pfn_range_map<char, blocks, allocated<>> map; // every leaf more may move all of them
    const auto in_leaf = [](unsigned i) {
        return pfn_range{pfn{i * leaf_pages + 32}, page_count{32}};
    };
    REQUIRE(map.insert(in_leaf(0), 'a'));
    REQUIRE(map.insert(in_leaf(1), 'b'));
    REQUIRE(map.erase(in_leaf(0)));
    REQUIRE(map.insert(in_leaf(2), 'c'));
    REQUIRE(map.insert(in_leaf(0), 'a'));
    CHECK(map.value_at(in_leaf(0).start()) == 'a');
    CHECK(map.size() == 3);
}

TEST_CASE("pages above the reach are not kept, and can be asked for and erased", "[ranges]") {
    map_of<char, blocks::slots_for(4)> map;
    CHECK(map.insert(at(65520, 65536), 'z'));
    CHECK(map.find(pfn{65535})->range == at(65520, 65536));
    CHECK(map.insert(at(65536, 65552), 'z').error() == errc::no_space);
    CHECK(map.insert(at(65504, 65552), 'y', overlap::keep).error() == errc::no_space);
    CHECK_FALSE(map.find(pfn{65536}));
    CHECK_FALSE(map.find(pfn{pfn::limit}));
    CHECK_FALSE(map.overlaps({pfn{65536}, pfn{pfn::limit}}));
    CHECK(map.erase({pfn{65536}, pfn{pfn::limit}}, missing::ignore) == page_count{0});
    CHECK(map.erase({pfn{0}, pfn{pfn::limit}}, missing::ignore) == page_count{16});
}

TEST_CASE("ranges begin and end in words, leaves and the root's words", "[ranges]") {
    // 4096 leaves of 64 blocks, so 64 words of the root's bitmap.
    using table = block_table<0, 18, 6>;
    const std::uint64_t edges[] = {0,    1,    63,   64,   65,    127,    128,   4095,
                                   4096, 4097, 8191, 8192, 65536, 262143, 262144};
    pfn_range_map<char, table, in_place<10>> map;
    for (const auto start : edges)
        for (const auto end : edges) {
            if (start >= end) continue;
            map.clear();
            REQUIRE(map.insert(at(start, end), 'a'));
            for (const auto p : {start, (start + end) / 2, end - 1})
                CHECK(map.find(pfn{p})->range == at(start, end));
            if (start != 0) {
                CHECK_FALSE(map.find(pfn{start - 1}));
                CHECK(map.upper_neighbour(pfn{0})->range == at(start, end));
            }
            if (end != 262144) {
                CHECK_FALSE(map.find(pfn{end}));
                CHECK(map.lower_neighbour(pfn{262143})->range == at(start, end));
            }
            CHECK(map.last()->range == at(start, end));
            CHECK(map.envelope() == at(start, end));
            CHECK(map.pages() == page_count{end - start});
            CHECK(list_of(map) == list{{at(start, end), 'a'}});
        }
}

TEST_CASE("52-bit pfns", "[ranges]") {
    using table = block_table<28>; // reaches all of them
    pfn_range_map<char, table, in_place<table::slots_for(3)>> map;
    const pfn end{pfn::limit}, block{std::uint64_t{1} << 28};
    const pfn last = end - (block - pfn{});
    CHECK(map.insert({last, end}, 'z'));
    CHECK(map.insert({pfn{}, block}, 'a'));
    CHECK(map.value_at(pfn{pfn::limit - 1}) == 'z');
    CHECK_FALSE(map.value_at(end));
    CHECK(map.insert({pfn{}, end}, 'm', overlap::keep));
    CHECK(map.size() == 3);
    CHECK(map.pages() == page_count{pfn::limit});
    CHECK(map.find(block)->range == pfn_range{block, last});
    CHECK(map.insert({pfn{}, end}, 'x', overlap::replace));
    CHECK(map.envelope() == pfn_range{pfn{}, end});
    CHECK(map.erase({pfn{}, end}) == page_count{pfn::limit});
}

// ---- room ---------------------------------------------------------------------------------------

TEST_CASE("the room a block map takes", "[ranges]") {
    using table = block_table<15>;
    using map = pfn_range_map<std::uint32_t, table, caller_storage>;
    // A TiB has 2 leaves of 4096 blocks of 128 MiB.
    STATIC_REQUIRE(2 * sizeof(map::slot) <= 10 * 1024);
    STATIC_REQUIRE(sizeof(map::slot) == 4096 + 4096 / 8 + 16);
    STATIC_REQUIRE(map::slots_for(10) == 23);
    STATIC_REQUIRE(sizeof(map) < 4096 * 8 + 256 * 12 + 1024);
    using small = pfn_range_map<std::uint32_t, block_table<15, 32>, caller_storage>; // 16 TiB
    STATIC_REQUIRE(sizeof(small) < 4 * 1024);

    map_of<char, blocks::slots_for(5)> five;
    CHECK(five.capacity() == 5);
    CHECK(five.reserve(5));
    CHECK(five.reserve(6).error() == errc::no_space);
    pfn_range_map<char, blocks, in_place<1>> none;
    CHECK(none.capacity() == 0);
    CHECK(none.insert(at(0, 16), 'a').error() == errc::no_space);
    CHECK(none.erase(at(0, 65536), missing::ignore) == page_count{0});
    CHECK_FALSE(none.find(pfn{0}));
}

TEST_CASE("slots that the caller has used before", "[ranges]") {
    using map = pfn_range_map<char, blocks, caller_storage>;
    map::slot slots[map::slots_for(4)]{};
    for (int round = 0; round != 2; ++round) {
        map first{slots};
        REQUIRE(first.insert(at(32, 5120), 'a'));
        map second{std::move(first)};
        CHECK(first.empty());
        CHECK(first.capacity() == 0);
        CHECK_FALSE(first.find(pfn{32}));
        CHECK(list_of(second) == list{{at(32, 5120), 'a'}});
        first = std::move(second);
        CHECK(first.value_at(pfn{64}) == 'a');
        CHECK(second.insert(at(0, 16), 'b').error() == errc::no_space);
    }
}

TEST_CASE("an allocator that has no more leaves", "[ranges]") {
    using map = pfn_range_map<char, blocks, allocated<limited_allocator<char>>>;
    map m{limited_allocator<char>{4}};
    REQUIRE(m.insert(at(16, 32), 'a'));
    REQUIRE(m.insert(at(leaf_pages + 16, leaf_pages + 32), 'a'));
    REQUIRE(m.insert(at(2 * leaf_pages + 16, 2 * leaf_pages + 32), 'b'));
    const auto before = list_of(m);
    CHECK(m.insert(at(3 * leaf_pages + 16, 3 * leaf_pages + 32), 'b').error() == errc::no_space);
    CHECK(list_of(m) == before);
    map_of<char, 9> copy;
    CHECK(copy.assign(m));
    CHECK(copy == m);
    map_of<char, 3> small;
    REQUIRE(small.insert(at(0, 16), 'c'));
    CHECK(small.assign(m).error() == errc::no_space);
    CHECK(small.size() == 1);
}

// ---- all of it ----------------------------------------------------------------------------------

namespace {

/// Changes a block map and one of sorted ranges at random. The first may have no room, and then is
/// what it was before.
template <class Map, class Coalescing>
void compare_at_random(Map& map, std::uint64_t seed, int steps) {
    pfn_range_map<char, Coalescing, in_place<4096>> truth;
    const auto random = [&](std::uint64_t n) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        return seed % n;
    };
    int refused = 0;
    for (int i = 0; i != steps; ++i) {
        const std::uint64_t longest = random(8) == 0 ? 3000 : 20;
        const std::uint64_t start = random(4096), size = random(longest);
        const pfn_range r = at(start * 16, (start + size < 4096 ? start + size : 4096) * 16);
        const char v = static_cast<char>('a' + random(5));
        const auto change = [&](auto& m, auto&... observer) {
            switch (i % 7) {
            case 0: return outcome(m.insert(r, v, overlap::refuse, observer...));
            case 1: return outcome(m.insert(r, v, overlap::keep, observer...));
            case 2:
                return outcome(
                    m.insert(r, v, overlap::combine([](char a, char b) { return a < b ? a : b; }),
                             observer...));
            case 3: return outcome(m.update(r, next_letter, missing::ignore, observer...));
            case 4:
            case 5: return outcome(m.erase(r, missing::ignore, observer...));
            default: return outcome(m.insert(r, v, overlap::replace, observer...));
            }
        };
        const auto before = list_of(map);
        mirror<char> heard{before};
        const errc came = i % 2 == 0 ? change(map) : change(map, heard);
        if (came == errc::no_space) {
            ++refused;
            REQUIRE(list_of(map) == before);
            REQUIRE(heard.events == 0);
        } else {
            REQUIRE(came == change(truth));
            REQUIRE(map == truth);
            REQUIRE((i % 2 == 0 || heard.entries() == list_of(map)));
            REQUIRE(heard.lies == 0);
        }
        const pfn p{random(65536)};
        const auto found = map.find(p), expected = truth.find(p);
        REQUIRE(found.has_value() == expected.has_value());
        REQUIRE(map.value_at(p).has_value() == found.has_value());
        if (found) REQUIRE((*found == *expected && map.value_at(p) == found->value));
        REQUIRE(map.overlaps(r) == truth.overlaps(r));
    }
    CHECK(refused > steps / 100);
}

} // namespace

TEST_CASE("random changes of blocks over every storage agree with sorted ranges", "[ranges]") {
    constexpr int steps = instrumented ? 5000 : 20000;
    map_of<char, 20> in_object;
    compare_at_random<decltype(in_object), merge_equal>(in_object, 1, steps);
    map_of<char, 20, keep_apart> apart;
    compare_at_random<decltype(apart), keep_apart>(apart, 2, steps);
    using lent = pfn_range_map<char, blocks, caller_storage>;
    std::vector<lent::slot> slots(30);
    lent by_caller{slots};
    compare_at_random<lent, merge_equal>(by_caller, 3, steps);
    using from_heap = pfn_range_map<char, blocks, allocated<limited_allocator<char>>, keep_apart>;
    from_heap by_allocator{limited_allocator<char>{30}};
    compare_at_random<from_heap, keep_apart>(by_allocator, 4, steps);
}

TEST_CASE("a copy that was assigned goes its own way", "[ranges]") {
    map_of<int, 9> from, to;
    CHECK(from.insert({pfn{16}, pfn{32}}, 7));
    CHECK(to.insert({pfn{16}, pfn{48}}, 5));
    CHECK(to.assign(from));
    CHECK(to.insert({pfn{160}, pfn{320}}, 39)); // its index would be that of 7, if that were free
    CHECK(to.value_at(pfn{16}) == 7);
    CHECK(to.value_at(pfn{160}) == 39);
    CHECK(to.size() == 2);
    CHECK(from.size() == 1);
}
