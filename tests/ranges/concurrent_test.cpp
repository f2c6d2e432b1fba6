// SPDX-License-Identifier: BSL-1.0

// What one thread sees of a concurrent map; concurrent_stress.cpp has the threads.

#include <zonal/ranges/concurrent.hpp>

#include <random>
#include <utility>
#include <vector>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

template <class... Policies>
using small = concurrent<pfn_range_map<char, in_place<8>>, Policies...>;

/// A concurrent map whose versions are kept as Way says, with room for N ranges each.
template <class Way, std::size_t N, unsigned Versions>
struct kept_versions {
    using kept = typename Way::template map<char, N>;
    using map = decltype(kept::container);

    template <std::size_t... I>
    explicit kept_versions(std::index_sequence<I...>)
        : container{std::move(version[I].container)...} {}
    kept_versions() : kept_versions(std::make_index_sequence<Versions>()) {}

    kept version[Versions];
    concurrent<map, versions<Versions>, fixed_readers<Versions - 2>> container;
};

/// A Lock that knows whether it is locked, and how often it was.
struct counted_lock {
    static inline int held = 0, times = 0;
    static void lock() { ++held, ++times; }
    static void unlock() { --held; }
};

/// Slots elsewhere.
struct one_a_cpu {
    using policy_slot = readers_slot;
    static inline reader_slot cpu[3];
    static reader_slot* begin() noexcept { return cpu; }
    static reader_slot* end() noexcept { return cpu + 3; }
};

constexpr bool a_snapshot_stays_as_it_was() {
    small<> map;
    if (!map.insert(at(0x100, 0x200), 'a')) return false;
    auto reader = map.attach().value();
    auto now = reader.snapshot();
    if (!map.erase(at(0x140, 0x180)) || !map.update(at(0x100, 0x140), [](char) { return 'b'; }))
        return false;
    if (now->size() != 1 || now->find(pfn{0x150})->value != 'a') return false;
    if (reader->size() != 1) return false; // within the snapshot
    return now.refresh()->size() == 2 && !now->find(pfn{0x150}) && reader->size() == 2;
}
static_assert(reader_policy<fixed_readers<1>>);
static_assert(a_snapshot_stays_as_it_was());

} // namespace

TEST_CASE("the header's example", "[ranges]") {
    concurrent<pfn_range_map<char, in_place<64>>> map;
    CHECK(map.insert({pfn{0x100}, pfn{0x200}}, 'a'));

    auto reader = map.attach().value();
    auto entry = reader->find(pfn{0x180});
    CHECK(entry->value == 'a');
    auto now = reader.snapshot();
    bool alone = now->contains(pfn{0x180}) && now->size() == 1;
    CHECK(alone);
    entry = now.refresh()->find(pfn{0x190});
    CHECK(entry->range == at(0x100, 0x200));
}

TEST_CASE("a snapshot stays as it was, whatever changes", "[ranges]") {
    CHECK(a_snapshot_stays_as_it_was());
}

TEST_CASE("a lookup outside of snapshots sees the latest change", "[ranges]") {
    small<versions<2>> map;
    auto reader = map.attach().value();
    for (std::uint64_t i = 0; i != 100; ++i) {
        REQUIRE(map.insert(at(i, i + 1), 'a', overlap::replace));
        REQUIRE(reader->pages() == page_count{i + 1});
        REQUIRE(map.newest().pages() == page_count{i + 1});
    }
}

TEST_CASE("readers in all versions but the newest make a change fail", "[ranges]") {
    small<versions<3>> map;
    auto first = map.attach().value(), second = map.attach().value();
    const auto insert = [&](std::uint64_t p) { return outcome(map.insert(at(p, p + 1), 'a')); };
    REQUIRE(insert(0) == errc{});
    {
        const auto one = first.snapshot();
        for (std::uint64_t p = 2; p != 8; p += 2) REQUIRE(insert(p) == errc{}); // one is not enough
        const auto three = list_of(map.newest());
        const auto other = second.snapshot();
        REQUIRE(insert(8) == errc{});
        const auto four = list_of(map.newest());
        for (int again = 0; again != 3; ++again) {
            REQUIRE(insert(10) == errc::no_space);
            REQUIRE(map.erase(at(0, 1)).error() == errc::no_space);
        }
        CHECK(one->size() == 1);
        CHECK(list_of(*other) == three);
        CHECK(list_of(map.newest()) == four);
    }
    CHECK(insert(10) == errc{});
    CHECK(first->size() == 6);
}

TEST_CASE("with two versions one snapshot lets one change through", "[ranges]") {
    small<versions<2>> map;
    auto reader = map.attach().value();
    auto now = reader.snapshot();
    CHECK(map.insert(at(0, 1), 'a'));
    CHECK(reader->empty()); // a lookup within the snapshot does not end it
    CHECK(map.insert(at(2, 3), 'a').error() == errc::no_space);
    CHECK(now->empty());
    CHECK(now.refresh()->size() == 1);
    CHECK(map.insert(at(2, 3), 'a'));
}

TEST_CASE("the writer's policy says how long to wait for readers", "[ranges]") {
    struct patient : one_writer {
        static unsigned& limit() {
            static unsigned most = 0;
            return most;
        }
        static auto& snapshot() {
            static std::unique_ptr<small<versions<2>, patient>::snapshot> s;
            return s;
        }
        static bool wait(unsigned times) {
            if (times == 5) snapshot().reset(); // the reader leaves
            return times < limit();
        }
    };
    small<versions<2>, patient> map;
    auto reader = map.attach().value();
    patient::snapshot().reset(new auto(reader.snapshot()));
    CHECK(map.insert(at(0, 1), 'a'));
    patient::limit() = 4;
    CHECK(map.insert(at(2, 3), 'a').error() == errc::no_space);
    patient::limit() = 6;
    CHECK(map.insert(at(2, 3), 'a'));
    CHECK(reader->size() == 2);
}

TEST_CASE("a reader has a slot until it ends", "[ranges]") {
    small<fixed_readers<2>> map;
    auto first = map.attach();
    {
        auto second = map.attach().value();
        CHECK(map.attach().error() == errc::no_space);
        const auto moved = std::move(second);
        CHECK(map.attach().error() == errc::no_space);
        CHECK(moved->empty());
    }
    CHECK(map.attach().has_value());
    CHECK(map.attach().has_value());
}

TEST_CASE("the slots can be somebody else's", "[ranges]") {
    small<one_a_cpu, versions<2>> map;
    auto a = map.attach().value(), b = map.attach().value(), c = map.attach().value();
    CHECK(map.attach().error() == errc::no_space);
    const auto now = c.snapshot();
    CHECK(map.insert(at(0, 1), 'a'));
    CHECK(map.insert(at(1, 2), 'a').error() == errc::no_space);
}

TEST_CASE("changes lock the writers' lock, and unlock it when they fail", "[ranges]") {
    small<serialised_by<counted_lock>> map;
    CHECK(map.insert(at(0, 1), 'a'));
    CHECK(map.insert(at(0, 1), 'a').error() == errc::overlap);
    CHECK_THROWS(map.update(at(0, 1), [](char) -> char { throw 1; }));
    CHECK(counted_lock::times == 3);
    CHECK(counted_lock::held == 0);
}

TEST_CASE("several changes are published as one, or taken back", "[ranges]") {
    small<> map;
    auto reader = map.attach().value();
    const auto move_up = [&](char refused) {
        return map.change(at(0, 100), [&](auto& m) -> result<done> {
            const auto low = m.first();
            if (!low) return fail(low.error());
            if (const auto erased = m.erase(low->range); !erased) return fail(erased.error());
            CHECK(reader->first()->range == low->range); // not published
            if (low->value == refused) return fail(errc::vetoed);
            return m.insert(at(50, 60), low->value);
        });
    };
    CHECK(move_up('b').error() == errc::not_found);
    REQUIRE(map.insert(at(0, 10), 'a'));
    CHECK(move_up('a').error() == errc::vetoed);
    CHECK(list_of(*reader.snapshot()) == std::vector{range_entry<char>{at(0, 10), 'a'}});
    CHECK(move_up('b'));
    CHECK(list_of(*reader.snapshot()) == std::vector{range_entry<char>{at(50, 60), 'a'}});
    for (int i = 0; i != 3; ++i) // in no version anything is left of what failed
        CHECK(map.insert(at(0, 10), 'c', overlap::keep));
    CHECK(reader->pages() == page_count{20});
}

TEST_CASE("a change that throws is taken back", "[ranges]") {
    small<> map;
    REQUIRE(map.insert(at(0, 10), 'a'));
    const auto before = list_of(map.newest());
    for (int i = 0; i != 4; ++i) {
        CHECK_THROWS_AS(map.change(at(0, 10),
                                   [](auto& m) -> result<page_count> {
                                       if (m.erase(at(2, 5))) throw 'x';
                                       return page_count{};
                                   }),
                        char);
        REQUIRE(list_of(map.newest()) == before);
    }
    for (std::uint64_t i = 20; i != 24; ++i) {
        REQUIRE(map.insert(at(i, i + 1), 'b'));
        REQUIRE(list_of(map.newest()).front() == before.front());
    }
}

TEST_CASE("an observer hears of a change once", "[ranges]") {
    small<> map;
    mirror<char> heard;
    std::mt19937 random{1};
    for (int i = 0; i != 1000; ++i) {
        const std::uint64_t start = random() % 30, end = start + 1 + random() % 8;
        const pfn_range r = at(start, end);
        if (random() % 2 == 0)
            static_cast<void>(map.insert(r, "ab"[random() % 2], overlap::replace, heard));
        else
            static_cast<void>(map.erase(r, missing::ignore, heard));
        REQUIRE(heard.lies == 0);
        REQUIRE(heard.entries() == list_of(map.newest()));
    }
}

TEST_CASE("sets too, with all that changes them", "[ranges]") {
    concurrent<pfn_range_set<in_place<4>>> free;
    pfn_range_set<in_place<4>> reserved;
    REQUIRE(reserved.insert(at(4, 6)));
    auto reader = free.attach().value();
    REQUIRE(free.insert(at(0, 10)));
    REQUIRE(free.change(reserved.envelope(), [&](auto& set) { return set.subtract(reserved); }));
    CHECK(list_of(*reader.snapshot()) == std::vector{at(0, 4), at(6, 10)});
    REQUIRE(free.change(free.newest().envelope(), [](auto& set) -> result<done> {
        set.clear();
        return done{};
    }));
    CHECK(reader->empty());
    REQUIRE(free.insert(at(1, 2)));
    CHECK(reader->pages() == page_count{1});
}

TEST_CASE("the first version's ranges are those there are", "[ranges]") {
    using map = pfn_range_map<char, in_place<4>>;
    map boot, other;
    REQUIRE(boot.insert(at(0, 10), 'b'));
    REQUIRE(other.insert(at(5, 20), 'o'));
    concurrent<map, versions<2>> all{boot, other};
    auto reader = all.attach().value();
    CHECK(reader->pages() == page_count{10});
    REQUIRE(all.insert(at(30, 40), 'n'));
    CHECK(list_of(*reader.snapshot()) ==
          std::vector<range_entry<char>>{{at(0, 10), 'b'}, {at(30, 40), 'n'}});
}

// Two readers stay in states for any number of changes; there are two versions more than that.
TEMPLATE_LIST_TEST_CASE("a random walk makes the changes that a plain map makes", "[ranges]",
                        every_way_below_64) {
    constexpr std::size_t room = 12;
    using versions_kept = kept_versions<TestType, room, 4>;
    versions_kept kept;
    auto& map = kept.container;
    typename TestType::template map<char, room> plain_kept;
    auto& plain = plain_kept.container;

    struct reader_and_state {
        typename decltype(versions_kept::container)::reader reader;
        std::unique_ptr<typename decltype(versions_kept::container)::snapshot> now{};
        std::vector<range_entry<char>> expected{};
    } readers[] = {{map.attach().value()}, {map.attach().value()}};

    std::mt19937 random{7};
    int refused = 0;
    for (int step = 0; step != (instrumented ? 5'000 : 20'000); ++step) {
        const std::uint64_t start = random() % 64;
        const pfn_range r = at(start, std::min<std::uint64_t>(64, start + 1 + random() % 9));
        const char v = "abc"[random() % 3];
        const auto both = [&](auto change) {
            const errc expected = outcome(change(plain));
            REQUIRE(outcome(change(map)) == expected);
            refused += expected == errc::no_space;
        };
        switch (random() % 6) {
        case 0: both([=](auto& m) { return m.insert(r, v); }); break;
        case 1: both([=](auto& m) { return m.insert(r, v, overlap::keep); }); break;
        case 2: both([=](auto& m) { return m.insert(r, v, overlap::replace); }); break;
        case 3: both([=](auto& m) { return m.erase(r, missing::ignore); }); break;
        case 4: both([=](auto& m) { return m.erase(r); }); break;
        default: both([=](auto& m) { return m.update(r, [=](char) { return v; }); }); break;
        }
        REQUIRE(list_of(map.newest()) == list_of(plain));
        for (auto& [reader, now, expected] : readers) {
            if (now) REQUIRE(list_of(*now->operator->()) == expected);
            switch (random() % 16) {
            case 0: now.reset(); break;
            case 1:
                if (now)
                    now->refresh();
                else
                    now.reset(new auto(reader.snapshot()));
                expected = list_of(plain);
            }
            if (!now) REQUIRE(list_of(*reader.snapshot()) == list_of(plain));
        }
    }
    CHECK(refused > 10);
}
