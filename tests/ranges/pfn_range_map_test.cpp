// SPDX-License-Identifier: BSL-1.0
#include <zonal/ranges/pfn_range_map.hpp>

#include <iterator>
#include <memory>
#include <string>
#include <type_traits>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace ranges_test {

struct loud { // its comparison may throw
    int value = 0;
    friend constexpr bool operator==(const loud& a, const loud& b) { return a.value == b.value; }
};
struct silent {
    int value = 0;
    friend constexpr bool operator==(silent a, silent b) noexcept { return a.value == b.value; }
};

} // namespace ranges_test

namespace {

using ranges_test::loud;
using ranges_test::silent;
using entry = range_entry<char>;
using event = range_event<char>;
using list = std::vector<entry>;

struct node_and_zone {
    int node = 0;
    const char* zone = nullptr;
    friend bool operator==(const node_and_zone&, const node_and_zone&) = default;
};

constexpr char next_letter(char c) { return static_cast<char>(c + 1); }

} // namespace

TEST_CASE("a map from the header's example", "[ranges]") {
    pfn_range_map<char, in_place<8>> map;
    CHECK(map.insert({pfn{0x100}, pfn{0x200}}, 'a')); // [0x100, 0x200) a
    CHECK(map.insert({pfn{0x200}, pfn{0x300}}, 'a')); // [0x100, 0x300) a
    CHECK(list_of(map) == list{{at(0x100, 0x300), 'a'}});
    CHECK(map.erase({pfn{0x180}, pfn{0x280}})); // split in two
    CHECK(list_of(map) == list{{at(0x100, 0x180), 'a'}, {at(0x280, 0x300), 'a'}});
    CHECK(map.update({pfn{0x100}, pfn{0x120}}, [](char) { return 'b'; })); // [0x100, 0x120) b, ...
    auto found = map.find(pfn{0x110});
    REQUIRE(found);
    CHECK(*found == entry{at(0x100, 0x120), 'b'});
    CHECK(map.size() == 3);
}

// ---- what can be said of the types --------------------------------------------------------------

namespace {

using plain = pfn_range_map<char, in_place<8>>;
using lent = pfn_range_map<char, caller_storage>;

// The order of policies makes no difference to anything but the type's name.
static_assert(sizeof(pfn_range_map<int, keep_apart, in_place<8>>) ==
              sizeof(pfn_range_map<int, sorted_array, in_place<8>, keep_apart>));
// Nothing but the entries, their number and the number of pages; policies take no room.
static_assert(sizeof(plain) == 8 * sizeof(entry) + sizeof(std::size_t) + sizeof(page_count));

static_assert(std::is_trivially_copyable_v<plain>);
static_assert(!std::is_copy_constructible_v<lent> && !std::is_copy_assignable_v<lent>);
static_assert(std::is_nothrow_move_constructible_v<lent> &&
              std::is_nothrow_move_assignable_v<lent>);
static_assert(!std::is_default_constructible_v<lent>, "somebody has to lend the slots");
static_assert(!std::is_copy_constructible_v<pfn_range_map<char, allocated<>>>);
static_assert(std::is_nothrow_move_constructible_v<pfn_range_map<char, allocated<>>>);

static_assert(std::bidirectional_iterator<plain::iterator>);
static_assert(std::forward_iterator<decltype(plain{}.gaps().begin())>);
static_assert(std::is_same_v<std::iter_value_t<plain::iterator>, entry>);

using silent_map = pfn_range_map<silent, in_place<2>>;
using loud_map = pfn_range_map<loud, in_place<2>>;
constexpr auto to_nobody = [](const auto&) {};
static_assert(noexcept(std::declval<silent_map&>().insert({}, {})));
static_assert(noexcept(std::declval<silent_map&>().insert({}, {}, overlap::keep)));
static_assert(noexcept(std::declval<silent_map&>().erase({})));
static_assert(noexcept(std::declval<loud_map&>().erase({})), "erasing compares no values");
static_assert(noexcept(std::declval<loud_map&>().find(pfn{})));
static_assert(noexcept(std::declval<loud_map&>().find_hole(std::declval<const hole_request&>())));
static_assert(!noexcept(std::declval<loud_map&>().insert({}, {})));
static_assert(!noexcept(std::declval<silent_map&>().insert({}, {}, overlap::replace, to_nobody)));
static_assert(!noexcept(std::declval<silent_map&>().erase({}, missing::ignore, to_nobody)));
static_assert(!noexcept(std::declval<silent_map&>().update({}, [](silent s) { return s; })));

template <class Map>
concept invalid_calls = requires(Map m, pfn_range r) {
    requires !requires { m.insert(r); };                           // a value is missing
    requires !requires { m.insert(0x100, 0x200, 'a'); };           // numbers are no range
    requires !requires { m.insert(r, "a"); };                      // not a value
    requires !requires { m.insert(r, 'a', missing::ignore); };     // a mode of erase
    requires !requires { m.erase(r, overlap::keep); };             // a mode of insert
    requires !requires { m.insert(r, 'a', overlap::combine(1)); }; // not callable
    requires !requires { m.insert(r, 'a', overlap::combine([](char) { return 'b'; })); };
    requires !requires { m.update(r, 'b'); };                      // not callable
    requires !requires { m.update(r, [](char) { return "b"; }); }; // gives no value
    requires !requires { m.find(0x100); };                         // a number is no pfn
    requires !requires { m.erase(r, missing::refuse, 1); };        // not an observer
};
static_assert(invalid_calls<plain>);

static_assert(back_end_policy<sorted_array> && back_end_policy<block_table<15>>);
static_assert(coalescing_policy<merge_equal, int> && coalescing_policy<keep_apart, int>);
static_assert(sizeof(range_entry<no_value>) == sizeof(pfn_range));
static_assert(range_value<int> && range_value<const char*> && range_value<no_value>);
static_assert(range_value<silent> && range_value<std::shared_ptr<int>>);
static_assert(!range_value<std::string>, "copying can fail");
static_assert(!range_value<std::unique_ptr<int>>, "cannot be copied");
static_assert(!range_value<int&>);

} // namespace

// ---- values ----------------------------------------------------------------------------------

TEST_CASE("every part of a split range keeps its value", "[ranges]") {
    // uvm_physseg loses the free list of a fragment; so did other maps.
    pfn_range_map<node_and_zone, in_place<3>> map;
    CHECK(map.insert(at(0, 100), {7, "Device"}));
    CHECK(map.erase(at(40, 60)));
    CHECK(map.find(pfn{0})->value == node_and_zone{7, "Device"});
    CHECK(map.find(pfn{99})->value == node_and_zone{7, "Device"});
}

TEST_CASE("values that own something are released when their range is", "[ranges]") {
    const auto owner = std::make_shared<int>(1);
    const auto run = [](auto map, const std::shared_ptr<int>& mine) {
        const auto in_map = [&, before = mine.use_count()] { return mine.use_count() - before; };
        CHECK(map.insert(at(0, 8), mine));
        CHECK(in_map() == 1);
        CHECK(map.erase(at(2, 4)));
        CHECK(in_map() == 2);
        CHECK(map.insert(at(2, 4), mine));
        CHECK(in_map() == 1); // merged again
        CHECK(map.erase(at(2, 4)));
        CHECK(map.erase(at(0, 2)));
        CHECK(in_map() == 1);
        map.clear();
        CHECK(in_map() == 0);
        CHECK(map.insert(at(0, 8), mine));
        map = {};
        CHECK(in_map() == 0);
        CHECK(map.insert(at(0, 8), mine));
    };
    run(pfn_range_map<std::shared_ptr<int>, in_place<4>>{}, owner);
    run(pfn_range_map<std::shared_ptr<int>, allocated<>>{}, owner);
    CHECK(owner.use_count() == 1);
}

TEST_CASE("equality looks at starts, ends and values, not at policies", "[ranges]") {
    pfn_range_map<char, in_place<4>> a;
    pfn_range_map<char, allocated<>, keep_apart> b;
    CHECK(a == b);
    REQUIRE(a.insert(at(0, 4), 'a'));
    CHECK(a != b);
    REQUIRE(b.insert(at(0, 4), 'a'));
    CHECK(a == b);
    REQUIRE(a.insert(at(8, 9), 'a'));
    REQUIRE(b.insert(at(8, 9), 'b'));
    CHECK(a != b); // values
    REQUIRE(b.update(at(8, 9), [](char) { return 'a'; }));
    CHECK(a == b);
    REQUIRE(b.insert(at(9, 10), 'a'));
    CHECK(a != b); // number of ranges
    REQUIRE(a.insert(at(9, 10), 'a'));
    CHECK(a != b); // the same pages, but merged
    pfn_range_map<char, in_place<4>> c;
    REQUIRE(c.insert(at(0, 3), 'a'));
    REQUIRE(c.insert(at(8, 11), 'a'));
    CHECK(a != c); // the same starts, values and number of pages, other ends
}

// ---- room ---------------------------------------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("a full map refuses what needs one range more, and nothing else",
                        "[ranges]", every_way_below_64) {
    typename TestType::template map<char, 3> kept;
    auto& map = kept.container;
    REQUIRE(map.insert(at(4, 8), 'a'));
    REQUIRE(map.insert(at(12, 16), 'b'));
    REQUIRE(map.insert(at(20, 24), 'c'));
    const list before = list_of(map);

    CHECK(map.insert(at(0, 2), 'x').error() == errc::no_space);
    CHECK(map.erase(at(5, 7)).error() == errc::no_space); // would split
    CHECK(map.update(at(5, 8), next_letter).error() == errc::no_space);
    CHECK(map.insert(at(0, 30), 'x', overlap::keep).error() == errc::no_space);
    CHECK(map.insert(at(6, 10), 'x', overlap::replace).error() == errc::no_space);
    CHECK(map.reserve(4).error() == errc::no_space);
    CHECK(list_of(map) == before);

    CHECK(map.reserve(3));
    CHECK(map.update(at(4, 8), next_letter)); // in place
    CHECK(map.erase(at(4, 5)));               // shrinks
    CHECK(map.insert(at(6, 22), 'y', overlap::replace));
    CHECK(list_of(map) == list{{at(5, 6), 'b'}, {at(6, 22), 'y'}, {at(22, 24), 'c'}});
}

TEST_CASE("a caller's slots can be an array, a pointer and a count, or a vector", "[ranges]") {
    lent::slot array[4];
    lent a{array};
    CHECK(a.capacity() == 4);
    lent b{&array[0], std::size_t{2}};
    CHECK(b.capacity() == 2);
    std::vector<lent::slot> slots(lent::slots_for(100));
    lent c{slots};
    CHECK(c.capacity() == 100);
}

TEST_CASE("moving a map takes its ranges and its room along", "[ranges]") {
    lent::slot array[4];
    lent a{array};
    REQUIRE(a.insert(at(0, 1), 'a'));
    lent b{std::move(a)};
    CHECK(list_of(b) == list{{at(0, 1), 'a'}});
    CHECK(b.pages() == page_count{1});
    CHECK(a.empty()); // NOLINT(bugprone-use-after-move): a moved-from map is empty and has no room
    CHECK(a.pages().is_zero());
    CHECK(a.insert(at(0, 1), 'a').error() == errc::no_space);
    a = std::move(b);
    CHECK(list_of(a) == list{{at(0, 1), 'a'}});
    CHECK(b.empty()); // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a map in place is copied like any value", "[ranges]") {
    plain a;
    REQUIRE(a.insert(at(0, 8), 'a'));
    plain b = a;
    REQUIRE(b.erase(at(2, 4)));
    CHECK(a.size() == 1);
    CHECK(b.size() == 2);
    a = b;
    CHECK(a == b);
}

TEST_CASE("assign copies into a map kept elsewhere, or changes nothing", "[ranges]") {
    pfn_range_map<char, allocated<>> from;
    for (std::uint64_t p : {0u, 4u, 8u}) REQUIRE(from.insert(at(p, p + 1), 'a'));
    pfn_range_map<char, in_place<3>> big_enough;
    pfn_range_map<char, in_place<2>> too_small;
    REQUIRE(big_enough.insert(at(0, 100), 'x'));
    REQUIRE(too_small.insert(at(0, 100), 'x'));
    CHECK(big_enough.assign(from));
    CHECK(big_enough == from);
    CHECK(too_small.assign(from).error() == errc::no_space);
    CHECK(list_of(too_small) == list{{at(0, 100), 'x'}});
    CHECK(from.assign(from));
    CHECK(from.size() == 3);
}

// ---- observers ----------------------------------------------------------------------------------

TEST_CASE("an observer hears what a change adds, joins, splits, shrinks and removes", "[ranges]") {
    std::vector<event> heard;
    const auto observe = [&](const event& e) { heard.push_back(e); };
    const auto told = [&] { return std::exchange(heard, {}); };
    using enum range_change;
    const pfn_range no{};
    plain map;

    REQUIRE(map.insert(at(0, 8), 'a', overlap::refuse, observe));
    CHECK(told() == std::vector<event>{{added, no, at(0, 8), no, 'a'}});
    REQUIRE(map.insert(at(8, 16), 'a', overlap::refuse, observe));
    CHECK(told() == std::vector<event>{{added, no, at(8, 16), no, 'a'},
                                       {joined, at(0, 8), at(0, 16), at(8, 16), 'a'}});
    REQUIRE(map.erase(at(4, 6), missing::refuse, observe));
    CHECK(told() == std::vector<event>{{split, at(0, 16), at(0, 4), at(6, 16), 'a'}});
    REQUIRE(map.erase(at(12, 16), missing::refuse, observe));
    CHECK(told() == std::vector<event>{{shrank, at(6, 16), at(6, 12), no, 'a'}});
    REQUIRE(map.update(at(0, 4), next_letter, missing::refuse, observe));
    CHECK(told() ==
          std::vector<event>{{removed, at(0, 4), no, no, 'a'}, {added, no, at(0, 4), no, 'b'}});
    // [0,4) b [6,12) a: across both and the gap
    REQUIRE(map.insert(at(2, 8), 'a', overlap::replace, observe));
    CHECK(told() == std::vector<event>{{shrank, at(0, 4), at(0, 2), no, 'b'},
                                       {added, no, at(2, 6), no, 'a'},
                                       {joined, at(2, 6), at(2, 12), at(6, 12), 'a'}});
    // What is there already is not told again.
    REQUIRE(map.insert(at(4, 10), 'a', overlap::replace, observe));
    CHECK(told().empty());
    REQUIRE(map.erase(at(20, 30), missing::ignore, observe));
    CHECK(told().empty());
    REQUIRE(!map.insert(at(0, 1), 'c', overlap::refuse, observe));
    CHECK(told().empty());
    map.clear(observe);
    CHECK(told() ==
          std::vector<event>{{removed, at(0, 2), no, no, 'b'}, {removed, at(2, 12), no, no, 'a'}});
}

TEST_CASE("an observer can be a named object, and is not copied", "[ranges]") {
    struct counter {
        int events = 0;
        counter() = default;
        counter(const counter&) = delete;
        void operator()(const event&) { ++events; }
    } count;
    plain map;
    REQUIRE(map.insert(at(0, 8), 'a', overlap::refuse, count));
    REQUIRE(map.erase(at(0, 8), missing::refuse, count));
    CHECK(count.events == 2);
}

TEST_CASE("an observer hears nothing of a change that does not happen", "[ranges]") {
    int events = 0;
    const auto observe = [&](const event&) { ++events; };
    pfn_range_map<char, in_place<1>> map;
    REQUIRE(map.insert(at(0, 8), 'a'));
    CHECK(!map.erase(at(2, 4), missing::refuse, observe));
    CHECK(!map.insert(at(20, 30), 'b', overlap::keep, observe));
    CHECK(!map.update(at(2, 4), next_letter, missing::refuse, observe));
    CHECK(events == 0);
}

// ---- one text, two evaluators -------------------------------------------------------------------

namespace {

constexpr bool memory_comes_and_goes() {
    pfn_range_map<char, in_place<6>> map;
    bool ok = map.insert(at(0, 0x80), 'r').has_value();       // boot memory
    ok = ok && map.insert(at(0x100, 0x180), 'd').has_value(); // a driver's range
    ok = ok && map.insert(at(0x80, 0xa0), 'r').has_value();   // a DIMM: merged
    ok = ok && map.size() == 2 && map.find(pfn{0x9f})->range == at(0, 0xa0);
    ok = ok && map.insert(at(0x90, 0x110), 'x').error() == errc::overlap;
    ok = ok && map.update(at(0x20, 0x40), [](char) { return 'm'; }).has_value();
    ok = ok && map.size() == 4;                               // r m r d
    ok = ok && map.erase(at(0x80, 0xa0)) == page_count{0x20}; // and gone again
    const auto hole = map.find_hole({.size = page_count{0x40}, .alignment = page_count{0x40}});
    ok = ok && *hole == at(0x80, 0xc0);
    page_count free{};
    for (pfn_range gap : map.gaps(at(0, 0x200))) free += gap.size();
    ok = ok && free + map.pages() == page_count{0x200};
    int lost = 0;
    map.clear([&](const range_event<char>& e) { lost += e.what == range_change::removed; });
    return ok && lost == 4 && map.empty();
}
static_assert(memory_comes_and_goes());

/// Five thousand calls, half of them changes.
constexpr bool many_calls() {
    pfn_range_map<char, in_place<8>> map;
    for (int round = 0; round != 625; ++round) {
        if (!map.insert(at(0, 8), 'a') || !map.find(pfn{6})) return false;
        if (!map.insert(at(10, 18), 'a') || !map.contains(pfn{10})) return false;
        if (!map.erase(at(0, 8)) || map.find(pfn{6})) return false;
        if (!map.erase(at(10, 18)) || map.contains(pfn{10})) return false;
    }
    return map.empty();
}
static_assert(many_calls(), "within the default limits of both compilers");

} // namespace

TEST_CASE("a scenario is the same at run time as in a static_assert", "[ranges]") {
    CHECK(memory_comes_and_goes());
    CHECK(many_calls());
}

namespace {

/// Knows of less room than it can make.
struct cautious {
    using policy_slot = back_end_slot;
    template <range_value T, storage_policy Storage>
    struct of : sorted_array::of<T, Storage> {
        using sorted_array::of<T, Storage>::of;
        [[nodiscard]] constexpr std::size_t capacity() const noexcept {
            return sorted_array::of<T, Storage>::capacity() / 2;
        }
    };
};

} // namespace

TEST_CASE("room that was made is used, whatever the capacity says", "[ranges]") {
    pfn_range_map<int, in_place<8>, cautious> map;
    for (std::uint64_t p = 0; p != 16; p += 2) CHECK(map.insert({pfn{p}, pfn{p + 1}}, 1));
    CHECK(map.size() == 8);
    CHECK(map.insert({pfn{16}, pfn{17}}, 1) == fail(errc::no_space));
}

TEST_CASE("a value that is unequal to itself becomes one range all the same", "[ranges]") {
    pfn_range_map<double, in_place<8>> map;
    for (std::uint64_t p = 1; p != 9; p += 2) CHECK(map.insert({pfn{p}, pfn{p + 1}}, 1.0));
    CHECK(map.insert({pfn{0}, pfn{10}}, __builtin_nan(""), overlap::replace));
    CHECK(map.size() == 1);
    CHECK(map.find(pfn{5})->range == pfn_range{pfn{0}, pfn{10}});
}
