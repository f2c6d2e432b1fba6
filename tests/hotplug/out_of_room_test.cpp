// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/hotplug_map.hpp>

#include "contract.hpp"
#include "hotplug/support.hpp"
#include "test.hpp"

#include <utility>

using namespace zonal;
using namespace zonal_test;

// When room ends, in the middle of anything: the call fails and nothing has changed.

namespace {

/// Four pages a section and a block, two a subsection.
constexpr page_geometry toy{12, 1, 2, 2};

using limited_map = hotplug_map<zones, moody_rules, allocated<failing_allocator<char>>>;

struct operation {
    const char* name;
    std::string (*run)(limited_map&);
};
template <class Zone>
void tell(limited_map& map, bool refuses) {
    map.policy_of<Zone>().template get<moody>().refuses = refuses;
}

/// RAM and device memory with neighbours, offline memory, and an empty slot.
void furnish(limited_map& map) {
    for (const std::uint64_t start : {0u, 4u, 8u})
        REQUIRE(map.plug<normal>(pages(start, start + 4)));
    for (const std::uint64_t start : {12u, 16u, 20u}) REQUIRE(map.plug(pages(start, start + 4)));
    for (const std::uint64_t start : {32u, 38u, 44u})
        REQUIRE(map.plug<lm::device>(pages(start, start + 6), {.owner = nvdimm}));
    REQUIRE(map.plug<movable>(pages(60, 64), {.node = node_id{3}}));
}
range_handle handle_at(limited_map& map, std::uint64_t page) {
    return map.find(pfn{page}).value().handle;
}
template <class Zone>
std::string unplug_refused(limited_map& map, std::uint64_t page) {
    tell<Zone>(map, true);
    auto token = map.drain(handle_at(map, page));
    const auto said = map.unplug(*std::move(token));
    tell<Zone>(map, false);
    return outcome_of(said);
}
std::string unplug_at(limited_map& map, std::uint64_t page) {
    auto token = map.drain(handle_at(map, page));
    return outcome_of(map.unplug(*std::move(token)));
}

const operation operations[] = {
    {"plug", [](limited_map& m) { return outcome_of(m.plug(pages(28, 32))); }},
    {"plug next to others", [](limited_map& m) { return outcome_of(m.plug(pages(24, 28))); }},
    {"plug RAM", [](limited_map& m) { return outcome_of(m.plug<normal>(pages(24, 28))); }},
    {"plug a device", [](limited_map& m) { return outcome_of(m.plug<lm::device>(pages(50, 56))); }},
    {"plug a device in shared sections",
     [](limited_map& m) { return outcome_of(m.plug<lm::device>(pages(30, 32))); }},
    {"online in the middle",
     [](limited_map& m) { return outcome_of(m.online(handle_at(m, 16), id<movable>)); }},
    {"online next to its zone",
     [](limited_map& m) { return outcome_of(m.online(handle_at(m, 12), id<normal>)); }},
    {"offline in the middle",
     [](limited_map& m) { return outcome_of(m.offline(handle_at(m, 4))); }},
    {"offline at the end", [](limited_map& m) { return outcome_of(m.offline(handle_at(m, 8))); }},
    {"unplug RAM in the middle", [](limited_map& m) { return unplug_at(m, 4); }},
    {"unplug RAM at the end", [](limited_map& m) { return unplug_at(m, 8); }},
    {"unplug offline in the middle", [](limited_map& m) { return unplug_at(m, 16); }},
    {"unplug a device in the middle", [](limited_map& m) { return unplug_at(m, 38); }},
    {"unplug all of a zone", [](limited_map& m) { return unplug_at(m, 60); }},
};
const operation refused_operations[] = {
    {"have RAM in the middle refused", [](limited_map& m) { return unplug_refused<normal>(m, 4); }},
    {"have RAM at the end refused", [](limited_map& m) { return unplug_refused<normal>(m, 8); }},
    {"have offline memory in the middle refused",
     [](limited_map& m) { return unplug_refused<void>(m, 16); }},
    {"have a device in the middle refused",
     [](limited_map& m) { return unplug_refused<lm::device>(m, 38); }},
    {"have a device at the end refused",
     [](limited_map& m) { return unplug_refused<lm::device>(m, 44); }},
    {"have all of a zone refused", [](limited_map& m) { return unplug_refused<movable>(m, 60); }},
};

/// Runs the operation with the first allocation failing, the second, and so on, until none does.
void check_out_of_room(const operation& op) {
    std::string said = "no_space";
    for (int k = 0; said == "no_space"; ++k) {
        INFO(op.name << ", allocation " << k << " fails");
        REQUIRE(k < 20);
        const bool ended = traps([&] {
            limited_map map(toy);
            furnish(map);
            allocations_left = k;
            static_cast<void>(op.run(map));
        });
        CHECK_FALSE(ended);
        if (ended) continue;
        limited_map map(toy);
        furnish(map);
        const std::string before = dump(map);
        allocations_left = k;
        said = op.run(map);
        allocations_left = -1;
        if (said != "done") CHECK(dump(map) == before);
        CHECK(testing::fault_in(map).empty());
        // Later, with room again, it works or is refused as it would have been.
        if (said == "no_space") CHECK(op.run(map) != "no_space");
    }
}

} // namespace

TEST_CASE("whenever an allocator fails, the call does, and nothing has changed", "[hotplug]") {
    for (const operation& op : operations) check_out_of_room(op);
}

TEST_CASE("whenever an allocator fails while a policy refuses, the range is as it was",
          "[hotplug]") {
    for (const operation& op : refused_operations) check_out_of_room(op);
}

namespace {

/// A life with more ranges than there may be room for; whatever fails has changed nothing.
template <class Map>
unsigned calls_without_room(Map& map) {
    unsigned refused = 0;
    const auto attempt = [&](const char* what, auto call) {
        INFO(what);
        const std::string before = dump(map);
        const auto said = outcome_of(call());
        if (said == "done") return;
        CHECK(dump(map) == before);
        refused += said == "no_space" ? 1u : 0u;
    };
    const auto at = [&](std::uint64_t page) {
        const auto found = map.find(pfn{page});
        return found ? found->handle : range_handle{};
    };
    const auto unplug = [&](std::uint64_t page) -> result<done> {
        auto token = map.drain(at(page));
        if (!token) return fail(token.error());
        return map.unplug(*std::move(token));
    };
    for (const std::uint64_t start : {4u, 12u, 8u, 0u})
        attempt("plug RAM", [&] { return map.template plug<normal>(pages(start, start + 4)); });
    for (const std::uint64_t start : {16u, 24u, 20u})
        attempt("plug", [&] { return map.plug(pages(start, start + 4)); });
    for (const std::uint64_t start : {30u, 36u, 34u})
        attempt("plug a device",
                [&] { return map.template plug<lm::device>(pages(start, start + 2)); });
    for (const std::uint64_t page : {20u, 16u, 24u})
        attempt("online", [&] { return map.online(at(page), id<movable>); });
    for (const bool refuses : {true, false}) {
        map.template policy_of<void>().template get<moody>().refuses = refuses;
        map.template policy_of<movable>().template get<moody>().refuses = refuses;
        map.template policy_of<lm::device>().template get<moody>().refuses = refuses;
        for (const std::uint64_t page : {8u, 20u, 34u, 4u, 16u, 36u})
            attempt("unplug", [&] { return unplug(page); });
        attempt("offline", [&] { return map.offline(at(12)); });
        attempt("online", [&] { return map.online(at(12), id<movable>); });
    }
    for (const std::uint64_t page : {0u, 4u, 8u, 12u, 16u, 20u, 24u, 30u, 34u, 36u})
        attempt("unplug", [&] { return unplug(page); });
    CHECK(map.memory().pages().empty());
    CHECK(map.memory().sections().existing().empty());
    CHECK(map.size() == 0);
    return refused;
}

template <std::size_t... N>
std::vector<unsigned> refused_with_room_for(std::index_sequence<N...>) {
    std::vector<unsigned> refused;
    const auto live = [&]<std::size_t Room>(in_place<Room>) {
        INFO("room for " << Room);
        hotplug_map<zones, moody_rules, in_place<Room>> map(toy);
        refused.push_back(calls_without_room(map));
    };
    (live(in_place<N + 1>{}), ...);
    return refused;
}

} // namespace

TEST_CASE("with room for 1, 2, ... 12 ranges in place, no call that fails changes anything",
          "[hotplug]") {
    const auto refused = refused_with_room_for(std::index_sequence<0, 1, 2, 4, 7, 11>{});
    CHECK(refused.front() > 4);
    CHECK(refused.back() == 0);
}

TEST_CASE("in place there is room for exactly as many ranges as the map says", "[hotplug]") {
    hotplug_map<zones, moody_rules, in_place<3>> map(toy);
    REQUIRE(map.template plug<normal>(pages(0, 4)));
    REQUIRE(map.plug(pages(8, 12)));
    REQUIRE(map.template plug<lm::device>(pages(16, 20)));
    CHECK_FAILS(map, "no_space", map.plug(pages(24, 28)));
    REQUIRE(map.unplug(map.find(pfn{8})->handle));
    CHECK(map.plug(pages(24, 28)));
}
