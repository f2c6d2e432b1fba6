// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/hooks.hpp>

#include "hotplug/support.hpp"
#include "test.hpp"

using namespace zonal;
using namespace zonal_test;

namespace {

std::string written; // by the hooks below: a before, A undone, ! after

template <char Letter>
struct full {
    veto says = no_veto;
    veto before(const hotplug_event&) {
        written += Letter;
        return says;
    }
    void undo(const hotplug_event&) { written += static_cast<char>(Letter - 'a' + 'A'); }
    void after(const hotplug_event&) { (written += Letter) += '!'; }
};
template <char Letter>
struct validator {
    veto says = no_veto;
    veto before(const hotplug_event&) {
        written += Letter;
        return says;
    }
};
template <char Letter>
struct undoer {
    void undo(const hotplug_event&) { written += static_cast<char>(Letter - 'a' + 'A'); }
};
template <char Letter>
struct observer {
    void after(const hotplug_event&) { (written += Letter) += '!'; }
};

/// Keeps what it was told.
struct journal {
    std::vector<hotplug_event> asked, happened, undone;
    veto before(const hotplug_event& e) {
        asked.push_back(e);
        return no_veto;
    }
    void undo(const hotplug_event& e) { undone.push_back(e); }
    void after(const hotplug_event& e) { happened.push_back(e); }
};

// The header's examples.
struct keep_two_gigabytes { // a validator
    constexpr veto before(const hotplug_event& e) {
        return e.what == hotplug_change::offline && e.range.start() < pfn{0x80000} ? veto{28}
                                                                                   : no_veto;
    }
};
struct resize_tables {
    int reserved = 0, used = 0;
    constexpr veto before(const hotplug_event&) { return ++reserved, no_veto; } // may refuse
    constexpr void undo(const hotplug_event&) { --reserved; } // it came to nothing
    constexpr void after(const hotplug_event&) { ++used; }    // it happened
};
constexpr bool the_headers_example() {
    hotplug_map<zones, moody_rules, in_place<16>, hooks<keep_two_gigabytes, resize_tables>> map;
    const auto low = map.plug<normal>({pfn{0x0}, pfn{0x80000}}).value();
    const auto high = map.plug<normal>({pfn{0x80000}, pfn{0x100000}}).value();
    const resize_tables& tables = map.hook<resize_tables>();
    return map.offline(low).error() == errc::vetoed && map.last_veto() == veto{28} &&
           map.offline(high).has_value() && tables.reserved == 3 && tables.used == 3;
}
static_assert(the_headers_example());

constexpr hotplug_event some{hotplug_change::plug, pages(0, 4), {}, {}};

} // namespace

TEST_CASE("a validator keeps memory, and tables follow, as in the header's example", "[hotplug]") {
    CHECK(the_headers_example());
}

TEST_CASE("hooks are asked in their order until one vetoes; those before it undo in reverse",
          "[hotplug]") {
    hooks<full<'a'>, full<'b'>, full<'c'>> all;
    const auto asked = [&] {
        written.clear();
        const veto said = all.before(some);
        return std::to_string(said.code) + " " + written;
    };
    CHECK(asked() == "0 abc");
    all.get<full<'c'>>().says = veto{3};
    CHECK(asked() == "3 abcBA");
    all.get<full<'b'>>().says = veto{-2}; // any code but 0
    CHECK(asked() == "-2 abA");
    all.get<full<'a'>>().says = veto{1};
    CHECK(asked() == "1 a");
    written.clear();
    all.undo(some);
    CHECK(written == "CBA");
    written.clear();
    all.after(some);
    CHECK(written == "a!b!c!");
}

TEST_CASE("a hook has any of the three members", "[hotplug]") {
    hooks<observer<'o'>, validator<'v'>, undoer<'u'>, full<'f'>> all;
    written.clear();
    CHECK_FALSE(all.before(some));
    all.after(some);
    CHECK(written == "vfo!f!");
    written.clear();
    all.undo(some);
    CHECK(written == "FU");
    all.get<full<'f'>>().says = veto{9};
    written.clear();
    CHECK(all.before(some) == veto{9});
    CHECK(written == "vfU");
}

TEST_CASE("an empty list of hooks agrees with everything, and takes no room", "[hotplug]") {
    hooks<> none;
    CHECK_FALSE(none.before(some));
    none.undo(some);
    none.after(some);
    STATIC_REQUIRE(std::is_empty_v<hooks<>>);
}

TEMPLATE_TEST_CASE("hooks hear of each change before and after it, with its range, node and zone",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules, hooks<journal>> map;
    journal& heard = map.template hook<journal>();
    constexpr zone_id none{zones::size};
    const auto last = [&] {
        CHECK(heard.asked == heard.happened);
        CHECK(heard.undone.empty());
        return heard.asked.back();
    };
    using enum hotplug_change;
    const auto h = map.plug(pages(0, 4), {.node = node_id{2}}).value();
    CHECK(last() == hotplug_event{plug, pages(0, 4), node_id{2}, none});
    REQUIRE(map.online(h, id<movable>));
    CHECK(last() == hotplug_event{online, pages(0, 4), node_id{2}, id<movable>});
    REQUIRE(map.offline(h));
    CHECK(last() == hotplug_event{offline, pages(0, 4), node_id{2}, id<movable>});
    REQUIRE(map.unplug(map.drain(h).value()));
    CHECK(last() == hotplug_event{unplug, pages(0, 4), node_id{2}, none});
    const auto d = map.template plug<lm::device>(pages(8, 12)).value();
    CHECK(last() == hotplug_event{plug, pages(8, 12), node_id{0}, id<lm::device>});
    REQUIRE(map.unplug(map.drain(d).value()));
    CHECK(last() == hotplug_event{unplug, pages(8, 12), node_id{0}, id<lm::device>});
    CHECK(heard.asked.size() == 6);
}

TEMPLATE_TEST_CASE("each change can be vetoed, and then nothing has changed", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules, hooks<counting, guard>> map;
    guard& refuse = map.template hook<guard>();
    const counting& count = map.template hook<counting>();
    const auto ram = map.plug(pages(0, 4)).value();
    const auto used = map.template plug<normal>(pages(4, 8)).value();
    const auto pmem = map.template plug<lm::device>(pages(8, 12), {.owner = nvdimm}).value();
    REQUIRE(map.last_veto() == no_veto);
    unsigned vetoed = 0;
    const auto refuse_next = [&](hotplug_change what) {
        refuse.vetoes = true;
        refuse.what = what;
        refuse.code = 100 + static_cast<int>(++vetoed);
    };
    const auto check_told = [&] {
        CHECK(map.last_veto().code == refuse.code);
        CHECK(count.undone == vetoed);
        CHECK(count.announced == count.undone + count.happened);
        refuse.vetoes = false;
    };

    refuse_next(hotplug_change::plug);
    CHECK_FAILS(map, "vetoed", map.plug(pages(12, 16)));
    check_told();
    refuse_next(hotplug_change::plug);
    CHECK_FAILS(map, "vetoed", map.template plug<normal>(pages(12, 16)));
    check_told();
    refuse_next(hotplug_change::plug);
    CHECK_FAILS(map, "vetoed", map.template plug<lm::device>(pages(12, 16)));
    check_told();
    refuse_next(hotplug_change::online);
    CHECK_FAILS(map, "vetoed", map.online(ram, id<normal>));
    check_told();
    refuse_next(hotplug_change::online);
    CHECK_FAILS(map, "vetoed", map.online(ram, first_of<always<id<movable>>>{}));
    check_told();
    refuse_next(hotplug_change::offline);
    CHECK_FAILS(map, "vetoed", map.offline(used));
    check_told();
    refuse_next(hotplug_change::unplug);
    CHECK_FAILS(map, "vetoed", map.unplug(used));
    check_told();
    refuse_next(hotplug_change::unplug);
    CHECK_FAILS(map, "vetoed", map.unplug(static_cast<range_handle>(ram)));
    check_told();
    refuse_next(hotplug_change::unplug);
    CHECK_FAILS(map, "vetoed", map.unplug(map.drain(pmem).value()));
    check_told();

    // What is refused otherwise no hook hears of.
    const unsigned announced = count.announced;
    CHECK_FAILS(map, "overlap", map.plug(pages(0, 4)));
    CHECK_FAILS(map, "bad_range", map.plug(pages(0, 0)));
    CHECK_FAILS(map, "bad_state", map.online(used, id<normal>));
    CHECK_FAILS(map, "bad_state", map.offline(ram));
    REQUIRE(map.pin(used));
    CHECK_FAILS(map, "busy", map.offline(used));
    CHECK_FAILS(map, "busy", map.unplug(used));
    CHECK(count.announced == announced);
}

TEMPLATE_TEST_CASE("what fails after all have agreed is undone by all, the last one first",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules, hooks<full<'a'>, undoer<'u'>, full<'b'>>> map;
    const auto h = map.template plug<normal>(pages(0, 4)).value();
    REQUIRE(map.resources().request(bytes(8, 12), "taken", gpu));

    written.clear();
    CHECK_FAILS(map, "busy", map.plug(pages(8, 12)));
    CHECK(written == "abBUA");
    written.clear();
    CHECK_FAILS(map, "out_of_reach", map.plug(pages(12, 16), {.node = node_id{99}}));
    CHECK(written == "abBUA");
    written.clear();
    map.template policy_of<normal>().template get<moody>().refuses = true;
    CHECK_FAILS(map, "out_of_reach", map.unplug(h));
    CHECK(written == "abBUA");
    CHECK(map.last_veto() == no_veto); // nobody vetoed
}

TEST_CASE("when the storage ends after all have agreed, all undo", "[hotplug]") {
    hotplug_map<zones, moody_rules, allocated<failing_allocator<char>>, hooks<counting>> map;
    for (const std::uint64_t start : {0u, 4u, 8u}) REQUIRE(map.plug(pages(start, start + 4)));
    const auto middle = map.find(pfn{4})->handle;
    const counting& count = map.hook<counting>();
    allocations_left = 0;
    CHECK(tried(map, [&] { return map.online(middle, id<normal>); }) == "no_space");
    allocations_left = -1;
    CHECK(count.undone == 1);
    CHECK(count.announced == count.undone + count.happened);
    CHECK(map.online(middle, id<normal>));
}

TEST_CASE("hooks see the map as it was before, and as it is after", "[hotplug]") {
    struct looks {
        const void* map = nullptr;
        std::size_t before_size = 99, after_size = 99;
        std::size_t (*size_of)(const void*) = nullptr;
        veto before(const hotplug_event&) {
            if (map != nullptr) before_size = size_of(map);
            return no_veto;
        }
        void after(const hotplug_event&) {
            if (map != nullptr) after_size = size_of(map);
        }
    };
    using map_type = hotplug_map<zones, moody_rules, in_place<2>, hooks<looks>>;
    map_type map;
    looks& seen = map.hook<looks>();
    seen.map = &map;
    seen.size_of = [](const void* m) { return static_cast<const map_type*>(m)->size(); };
    const auto h = map.plug<normal>(pages(0, 4)).value();
    CHECK(seen.before_size == 0);
    CHECK(seen.after_size == 1);
    REQUIRE(map.unplug(h));
    CHECK(seen.before_size == 1);
    CHECK(seen.after_size == 0);
}
