// SPDX-License-Identifier: BSL-1.0
#include <zonal/ranges/sorted_leaves.hpp>

#include <zonal/ranges.hpp>

#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"
#include "sorted_leaves_fault.hpp"

using namespace zonal_test;
using zonal::testing::fault_in;

// What maps do is tested in the other files, which run over this back end too. Here is what is its
// own: leaves that fill, split, pass ranges on and join; the table; storage that ends.

namespace {

template <class Storage = allocated<>, class Coalescing = merge_equal>
using leaves = pfn_range_map<char, sorted_leaves, Storage, Coalescing>;
using array = pfn_range_map<char, allocated<>>;

std::string faults(const auto& map) {
    const text fault = fault_in(map);
    return {fault.begin(), fault.end()};
}

/// The n-th of ranges of one page with a gap of seven before each.
pfn_range nth(std::uint64_t n) { return at(8 * n + 7, 8 * n + 8); }

/// Ranges 0 to n - 1 in ascending order: all leaves but the last are full.
template <class Map>
void fill(Map& map, std::uint64_t n) {
    for (std::uint64_t i = 0; i != n; ++i) REQUIRE(map.insert(nth(i), 'a'));
}

/// splitmix64
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) : state_(seed) {}
    std::uint64_t below(std::uint64_t n) {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return (z ^ (z >> 31)) % n;
    }

private:
    std::uint64_t state_;
};

// ---- what can be said of the types --------------------------------------------------------------

static_assert(back_end_policy<sorted_leaves>);
static_assert(std::bidirectional_iterator<leaves<in_place<20>>::iterator>);
static_assert(std::is_copy_constructible_v<leaves<in_place<20>>>);
static_assert(!std::is_copy_constructible_v<leaves<>>);
static_assert(std::is_nothrow_move_constructible_v<leaves<>>);

// A range of two pfns and a value of two bytes: less than 26 bytes with everything.
using two_bytes = pfn_range_map<std::uint16_t, sorted_leaves, allocated<>>;
static_assert(sizeof(two_bytes::slot) == 16 * (8 + 8 + 2) + 16);
static_assert(two_bytes::slots_for(1024) * sizeof(two_bytes::slot) < 1024 * 24);
static_assert(two_bytes::slots_for(16) == 1 && two_bytes::slots_for(17) == 5);

template <std::size_t N>
constexpr bool has_room_for_exactly_n() {
    leaves<in_place<N>, keep_apart> map;
    return map.capacity() == N && map.reserve(N) && !map.reserve(N + 1);
}
template <std::size_t... N>
constexpr bool each_has_room_for_exactly_n(std::index_sequence<N...>) {
    return (has_room_for_exactly_n<N + 1>() && ...);
}
static_assert(each_has_room_for_exactly_n(std::make_index_sequence<100>{}));

constexpr bool leaves_split_and_join() {
    leaves<in_place<50>, keep_apart> map;
    for (std::uint64_t n = 0; n != 50; ++n)
        if (!map.insert(at(2 * n, 2 * n + 1), 'a')) return false;
    if (map.insert(at(200, 201), 'a').error() != errc::no_space) return false;
    if (map.find(pfn{62})->range != at(62, 63) || map.find(pfn{63})) return false;
    if (!fault_in(map).empty()) return false;
    if (map.erase(at(10, 90), missing::ignore) != page_count{40} || map.size() != 10) return false;
    return fault_in(map).empty();
}
static_assert(leaves_split_and_join());

} // namespace

// ---- leaves -------------------------------------------------------------------------------------

TEST_CASE("a range is inserted at every place of leaves of every fill", "[ranges]") {
    for (std::uint64_t n = 1; n != 70; ++n)
        for (std::uint64_t place = 0; place <= n; ++place) {
            leaves<> map;
            fill(map, n);
            const pfn_range r = at(8 * place + 2, 8 * place + 4);
            REQUIRE(map.insert(r, 'b'));
            INFO(n << " ranges, one more at " << place);
            REQUIRE(faults(map) == "");
            REQUIRE(map.size() == n + 1);
            REQUIRE(map.find(r.start())->range == r);
            std::uint64_t i = 0;
            for (const auto& e : map)
                if (e.range != r) REQUIRE(e.range == nth(i++));
        }
}

TEST_CASE("any stretch of ranges is erased from leaves of every fill", "[ranges]") {
    const std::uint64_t step = instrumented ? 3 : 1;
    for (std::uint64_t n = 1; n < 70; n += step)
        for (std::uint64_t first = 0; first < n; first += step)
            for (std::uint64_t last = first + 1; last <= n; ++last) {
                leaves<> map;
                fill(map, n);
                const auto gone =
                    map.erase({nth(first).start(), nth(last - 1).end()}, missing::ignore);
                REQUIRE(gone == page_count{last - first});
                INFO(first << " to " << last << " of " << n);
                REQUIRE(faults(map) == "");
                REQUIRE(map.size() == n - (last - first));
                for (std::uint64_t i = 0; i != n; ++i)
                    REQUIRE(map.contains(nth(i).start()) == (i < first || last <= i));
            }
}

TEST_CASE("ranges split and merge across the borders of leaves", "[ranges]") {
    // Sixteen ranges a leaf, without gaps: whatever is beside the border of two leaves is tried.
    for (std::uint64_t start = 16 * 8 - 12; start != 16 * 8 + 12; ++start)
        for (std::uint64_t end = start + 1; end != 16 * 8 + 13; ++end)
            for (char v : {'a', 'b', 'c'}) {
                leaves<> map;
                array expected;
                for (std::uint64_t i = 0; i != 48; ++i) {
                    const pfn_range r = at(8 * i, 8 * i + 8);
                    REQUIRE(map.insert(r, i % 2 ? 'a' : 'b'));
                    REQUIRE(expected.insert(r, i % 2 ? 'a' : 'b'));
                }
                INFO(start << " to " << end << ' ' << v);
                REQUIRE(map.erase(at(start, end)));
                REQUIRE(expected.erase(at(start, end)));
                REQUIRE(map == expected);
                REQUIRE(map.insert(at(start, end), v));
                REQUIRE(expected.insert(at(start, end), v));
                REQUIRE(map == expected);
                REQUIRE(map.insert(at(start, end + 9), 'd', overlap::replace));
                REQUIRE(expected.insert(at(start, end + 9), 'd', overlap::replace));
                REQUIRE(map == expected);
                REQUIRE(faults(map) == "");
            }
}

TEST_CASE("a leaf that was emptied is used again", "[ranges]") {
    leaves<in_place<128>> map;
    for (int round = 0; round != 20; ++round) {
        fill(map, 128);
        CHECK(map.insert(nth(200), 'a').error() == errc::no_space);
        CHECK(map.erase(at(0, 8 * 128), missing::ignore) == page_count{128});
        CHECK(map.empty());
        REQUIRE(faults(map) == "");
    }
    fill(map, 128);
    map.clear();
    REQUIRE(faults(map) == "");
    fill(map, 128);
    REQUIRE(faults(map) == "");
}

TEST_CASE("values in leaves that own something are released when their range is", "[ranges]") {
    const auto owner = std::make_shared<int>(1);
    {
        pfn_range_map<std::shared_ptr<int>, sorted_leaves, allocated<>, keep_apart> map;
        for (std::uint64_t n = 0; n != 100; ++n) REQUIRE(map.insert(nth(n), owner));
        CHECK(owner.use_count() == 101);
        REQUIRE(map.erase({nth(10).start(), nth(89).end()}, missing::ignore));
        CHECK(owner.use_count() == 21);
        const auto moved = std::move(map);
        CHECK(owner.use_count() == 21);
        CHECK(map.empty()); // NOLINT(bugprone-use-after-move)
        CHECK(moved.size() == 20);
        REQUIRE(map.insert(nth(0), owner));
        map.clear();
        CHECK(owner.use_count() == 21);
    }
    CHECK(owner.use_count() == 1);
}

// ---- where ranges lie ---------------------------------------------------------------------------

namespace {

/// Random changes, side by side with an array of ranges.
template <class Map, class Window>
void walk(Map& map, std::uint64_t steps, random_numbers& random, Window window) {
    array expected;
    REQUIRE(expected.assign(map));
    for (std::uint64_t step = 0; step != steps; ++step) {
        const pfn_range r = window(step);
        const char v = static_cast<char>('a' + random.below(3));
        const std::size_t before = expected.size();
        const auto run = [&](auto change) {
            const errc wanted = outcome(change(expected));
            if (expected.size() > before && expected.size() > map.capacity() &&
                !map.reserve(expected.size())) {
                REQUIRE(outcome(change(map)) == errc::no_space);
                REQUIRE(expected.assign(map));
            } else {
                REQUIRE(outcome(change(map)) == wanted);
            }
        };
        switch (random.below(6)) {
        case 0: run([&](auto& m) { return m.insert(r, v, overlap::replace); }); break;
        case 1: run([&](auto& m) { return m.insert(r, v, overlap::keep); }); break;
        case 2: run([&](auto& m) { return m.erase(r, missing::ignore); }); break;
        default: run([&](auto& m) { return m.insert(r, v); }); break;
        }
        const pfn p = r.start();
        REQUIRE(map.find(p) == expected.find(p));
        REQUIRE(map.lower_neighbour(p) == expected.lower_neighbour(p));
        REQUIRE(map.upper_neighbour(p) == expected.upper_neighbour(p));
        if (step % 256 == 0) {
            REQUIRE(faults(map) == "");
            REQUIRE(map == expected);
        }
    }
    REQUIRE(faults(map) == "");
    REQUIRE(map == expected);
}

constexpr std::uint64_t walk_steps = instrumented ? 5'000 : 20'000;

} // namespace

TEST_CASE("ranges anywhere in 52 bits are found", "[ranges]") {
    random_numbers random{52};
    leaves<> map;
    REQUIRE(map.insert(at(pfn::limit - 1, pfn::limit), 'z'));
    REQUIRE(map.insert(at(0, 1), 'z'));
    walk(map, walk_steps, random, [&](auto) {
        const auto start = random.below(pfn::limit);
        return at(start, start + 1 + random.below(pfn::limit - start));
    });
    map.clear();
    walk(map, walk_steps, random, [&](auto) {
        const auto start = random.below(pfn::limit - 4096);
        return at(start, start + 1 + random.below(4096));
    });
}

TEST_CASE("crowds of ranges, far from each other, are found", "[ranges]") {
    random_numbers random{3};
    const auto in_crowd = [&](std::uint64_t base) {
        const auto start = base + random.below(20'000);
        return at(start, start + 1 + random.below(8));
    };
    leaves<> map;
    walk(map, walk_steps, random, [&](auto) {
        constexpr std::uint64_t bases[]{0, 0x100000, 0x8000000000, pfn::limit - 30'000};
        return in_crowd(bases[random.below(4)]);
    });
    map.clear(); // one crowd, and a few ranges far from it
    walk(map, walk_steps, random, [&](std::uint64_t step) {
        return in_crowd(step % 500 == 0 ? random.below(pfn::limit - 30'000) : 0x100000);
    });
    map.clear(); // halving from both sides: each range half as far away as the one before
    for (unsigned k = 0; k != 50; ++k) {
        REQUIRE(map.insert(at(std::uint64_t{1} << k, (std::uint64_t{1} << k) + 1), 'a'));
        REQUIRE(map.insert(
            at(pfn::limit - (std::uint64_t{2} << k), pfn::limit - (std::uint64_t{2} << k) + 1), 'a',
            overlap::keep));
    }
    REQUIRE(faults(map) == "");
    for (unsigned k = 0; k != 50; ++k) REQUIRE(map.contains(pfn{std::uint64_t{1} << k}));
}

TEST_CASE("ranges come in any order", "[ranges]") {
    constexpr std::uint64_t n = 2000;
    const auto check = [&](auto order) {
        leaves<> map;
        for (std::uint64_t i = 0; i != n; ++i) REQUIRE(map.insert(nth(order(i)), 'a'));
        REQUIRE(faults(map) == "");
        REQUIRE(map.size() == n);
        for (std::uint64_t i = 0; i != n; ++i) REQUIRE(map.find(nth(i).start())->range == nth(i));
        for (std::uint64_t i = 0; i != n; ++i) {
            REQUIRE(map.erase(nth(order(n - 1 - i))));
            if (i % 64 == 0) REQUIRE(faults(map) == "");
        }
        REQUIRE(map.empty());
    };
    check([](std::uint64_t i) { return i; });
    check([](std::uint64_t i) { return n - 1 - i; });
    check([](std::uint64_t i) { return i % 2 ? n - 1 - i / 2 : i / 2; }); // from both ends
    check([](std::uint64_t i) { return i % 2 ? n / 2 + i / 2 : n / 2 - 1 - i / 2; });
    check([](std::uint64_t i) { return i * 1009 % n; });
}

// ---- room ---------------------------------------------------------------------------------------

TEST_CASE("a map of leaves is filled to the last place, wherever ranges come", "[ranges]") {
    random_numbers random{7};
    for (int where = 0; where != 4; ++where) {
        leaves<in_place<160>> map;
        std::vector<std::uint64_t> at_place;
        for (std::uint64_t n = 0; n != 160; ++n) {
            const std::uint64_t place = where == 0   ? random.below(100'000)
                                        : where == 1 ? 100'000 - n
                                        : where == 2 ? 50'000 + n
                                                     : n * 37 % 160 * 600;
            if (!map.insert(nth(place), 'a')) --n; // taken
            REQUIRE(faults(map) == "");
        }
        CHECK(map.size() == 160);
        const leaves<in_place<160>> before = map;
        for (int i = 0; i != 200; ++i) {
            const auto place = nth(100'000 + random.below(100'000));
            REQUIRE(map.insert(place, 'a').error() == errc::no_space);
        }
        CHECK(map == before);
        REQUIRE(faults(map) == "");
        for (int i = 0; i != 2000; ++i) { // one out, one in
            const auto out = nth(random.below(100'001)), in = nth(random.below(100'001));
            if (map.contains(in.start()) || !map.erase(out)) continue;
            REQUIRE(map.insert(in, 'a'));
            REQUIRE(faults(map) == "");
        }
    }
}

TEST_CASE("fixed storage of every size takes what it says, and no more", "[ranges]") {
    random_numbers random{11};
    for (std::size_t slots = 1; slots != 24; ++slots) {
        std::vector<leaves<caller_storage>::slot> room(slots);
        leaves<caller_storage> map{room};
        const std::size_t capacity = map.capacity();
        INFO(slots << " slots for " << capacity);
        CHECK(leaves<>::slots_for(capacity) <= slots);
        walk(map, walk_steps / 20, random, [&](auto) {
            const auto start = random.below(20 * capacity);
            return at(start, start + 1 + random.below(6));
        });
        while (map.size() != capacity) {
            const auto start = random.below(1000 * capacity);
            static_cast<void>(map.insert(at(start, start + 1), 'd', overlap::replace));
        }
        REQUIRE(faults(map) == "");
        CHECK(map.capacity() == capacity);
    }
    leaves<caller_storage> none{static_cast<leaves<caller_storage>::slot*>(nullptr),
                                std::size_t{0}};
    CHECK(none.capacity() == 0);
    CHECK(none.insert(at(0, 1), 'a').error() == errc::no_space);
    CHECK(none.erase(at(0, 1), missing::ignore) == page_count{});
    CHECK(!none.contains(pfn{0}));
}

TEST_CASE("storage that ends while a map grows ends it where it is", "[ranges]") {
    random_numbers random{13};
    for (std::size_t limit = 0; limit != 60; ++limit) {
        leaves<allocated<limited_allocator<char>>> map{limited_allocator<char>{limit}};
        std::size_t n = 0;
        while (map.insert(nth(random.below(1'000'000)), 'a', overlap::keep)) n = map.size();
        INFO("at most " << limit << " slots");
        CHECK(map.size() == n);
        CHECK(map.capacity() == n);
        CHECK(leaves<>::slots_for(n) <= limit + 1);
        CHECK(n == (limit < 5 ? (limit != 0) * 16 : limit / 5 * 64));
        REQUIRE(faults(map) == "");
    }
}

TEST_CASE("room for a map of leaves can be made before", "[ranges]") {
    leaves<> map;
    REQUIRE(map.reserve(1000));
    const std::size_t capacity = map.capacity();
    CHECK(capacity >= 1000);
    fill(map, 1000);
    CHECK(map.capacity() == capacity);
    leaves<> other;
    REQUIRE(other.assign(map));
    CHECK(other == map);
    REQUIRE(faults(other) == "");
}

TEST_CASE("random changes over every storage of leaves agree with an array", "[ranges]") {
    random_numbers random{17};
    const auto anywhere = [&](auto) {
        const auto start = random.below(4000);
        return at(start, start + 1 + random.below(random.below(200) == 0 ? 2000 : 12));
    };
    leaves<in_place<200>> in_place_;
    walk(in_place_, walk_steps, random, anywhere);
    std::vector<leaves<caller_storage>::slot> slots(leaves<>::slots_for(200));
    leaves<caller_storage> lent{slots};
    walk(lent, walk_steps, random, anywhere);
    leaves<> grown;
    walk(grown, walk_steps, random, anywhere);
    leaves<pmr_storage> from_resource{std::pmr::new_delete_resource()};
    walk(from_resource, walk_steps, random, anywhere);
}
