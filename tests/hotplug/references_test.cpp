// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/references.hpp>

#include "hotplug/support.hpp"
#include "test.hpp"

#include <algorithm>
#include <type_traits>

using namespace zonal;
using namespace zonal_test;

namespace {

static_assert(std::is_trivially_copyable_v<detail::references<0>>);
static_assert(sizeof(detail::references<0>) == sizeof(std::uint64_t), "one word");
static_assert(sizeof(detail::references<3>) == 4 * sizeof(std::uint64_t), "and one for each name");

constexpr bool a_count_that_can_be_closed() {
    detail::references<0> r;
    bool ok = r.generation() == 0 && r.count() == 0;
    ok = ok && r.take(0, gpu) == fail(errc::bad_state); // begins closed
    r.open();
    ok = ok && r.take(0, gpu) && r.take(0, nvdimm) && r.count() == 2;
    ok = ok && r.take(1, gpu) == fail(errc::stale) && r.drop(1, gpu) == fail(errc::stale);
    r.close();
    ok = ok && r.take(0, gpu) == fail(errc::bad_state) && r.count() == 2;
    ok = ok && r.drop(0, gpu) && r.drop(0, gpu); // without names, anybody's
    ok = ok && r.drop(0, gpu) == fail(errc::not_found) && r.count() == 0;
    r.retire();
    ok = ok && r.generation() == 1 && r.take(1, gpu) == fail(errc::bad_state);
    ok = ok && r.take(0, gpu) == fail(errc::stale) && r.drop(0, gpu) == fail(errc::stale);
    r.open();
    return ok && r.take(0, gpu) == fail(errc::stale) && r.take(1, gpu) && r.count() == 1;
}
static_assert(a_count_that_can_be_closed());

using holders = std::vector<holder>;
template <class Map>
holders holders_of(const Map& map, range_handle h) {
    holders all;
    CHECK(map.for_each_holder(h, [&](holder one) { all.push_back(one); }));
    std::sort(all.begin(), all.end(),
              [](const holder& a, const holder& b) { return a.who.value < b.who.value; });
    return all;
}

} // namespace

TEST_CASE("references can be taken while the count is open, of the right generation", "[hotplug]") {
    CHECK(a_count_that_can_be_closed());
}

TEST_CASE("opening, closing and retiring twice is as once, but for the generation", "[hotplug]") {
    detail::references<0> r;
    r.open();
    r.open();
    REQUIRE(r.take(0, gpu));
    r.close();
    r.close();
    CHECK(r.count() == 1);
    CHECK(r.take(0, gpu) == fail(errc::bad_state));
    r.open();
    CHECK(r.count() == 1);
    r.retire();
    r.retire();
    CHECK(r.generation() == 2);
    CHECK(r.count() == 0);
}

TEMPLATE_TEST_CASE("pins are counted, and as many can be dropped", "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto h = map.template plug<normal>(pages(0, 4)).value();
    const auto other = map.template plug<normal>(pages(4, 8)).value();
    CHECK(map.pins(h).value() == 0);
    CHECK_FAILS(map, "not_found", map.unpin(h));
    for (std::uint32_t i = 0; i != 100; ++i) {
        CHECK(map.pins(h).value() == i);
        CHECK(map.pin(h, owner_id{i}));
    }
    CHECK(map.pins(other).value() == 0); // each range has its own
    CHECK_FAILS(map, "not_found", map.unpin(other));
    for (std::uint32_t i = 100; i != 0; --i) {
        CHECK(map.pins(h).value() == i);
        CHECK(map.unpin(h)); // whoever asks
    }
    CHECK_FAILS(map, "not_found", map.unpin(h));
}

TEMPLATE_TEST_CASE("an offline range is not pinned, a closed one neither, and dropping goes on",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto h = map.plug(pages(0, 4)).value();
    CHECK_FAILS(map, "bad_state", map.pin(h));
    CHECK_FAILS(map, "not_found", map.unpin(h));
    REQUIRE(map.online(h, id<normal>));
    REQUIRE(map.pin(h));
    REQUIRE(map.pin(h));
    auto closing = map.close(h).value();
    CHECK_FAILS(map, "bad_state", map.pin(h));
    CHECK(map.unpin(h));
    CHECK(map.pins(h).value() == 1);
    closing.cancel();
    CHECK(map.pin(h));
    CHECK(map.pins(h).value() == 2);
}

TEMPLATE_TEST_CASE("holders are known by name, each with its references", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules, named_holders<3>> map;
    const auto h = map.template plug<normal>(pages(0, 4)).value();
    const auto other = map.template plug<normal>(pages(4, 8)).value();
    CHECK(holders_of(map, h).empty());
    REQUIRE(map.pin(h, gpu));
    REQUIRE(map.pin(h)); // the system is a holder like any other
    REQUIRE(map.pin(h, gpu));
    REQUIRE(map.pin(h, nvdimm));
    CHECK(holders_of(map, h) == holders{{the_system, 1}, {nvdimm, 1}, {gpu, 2}});
    CHECK(map.pins(h).value() == 4);
    CHECK(holders_of(map, other).empty());

    // Only its own.
    CHECK_FAILS(map, "not_found", map.unpin(h, owner_id{77}));
    CHECK(map.unpin(h, nvdimm));
    CHECK_FAILS(map, "not_found", map.unpin(h, nvdimm));
    CHECK(map.unpin(h, gpu));
    CHECK(holders_of(map, h) == holders{{the_system, 1}, {gpu, 1}});
    CHECK(map.pins(h).value() == 2);
}

TEMPLATE_TEST_CASE("another holder than can be named is refused, those that are go on", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules, named_holders<2>> map;
    const auto h = map.template plug<normal>(pages(0, 4)).value();
    REQUIRE(map.pin(h, gpu));
    REQUIRE(map.pin(h, nvdimm));
    CHECK(map.pin(h, owner_id{3}) == fail(errc::no_space));
    CHECK(map.pin(h) == fail(errc::no_space));
    CHECK(map.pins(h).value() == 2);
    CHECK(holders_of(map, h) == holders{{nvdimm, 1}, {gpu, 1}});
    CHECK(map.pin(h, nvdimm));
    CHECK(map.unpin(h, gpu)); // a name is free again
    CHECK(map.pin(h, nvdimm));
    CHECK(map.pin(h, owner_id{3}));
    CHECK(holders_of(map, h) == holders{{owner_id{3}, 1}, {nvdimm, 3}});
    // The one who has gone and comes back is refused like a new one.
    CHECK(map.pin(h, gpu) == fail(errc::no_space));
    CHECK(map.unpin(h, owner_id{3}));
    CHECK(map.pin(h, gpu));
}

TEST_CASE("the names of one life of a slot are not seen in the next", "[hotplug]") {
    hotplug_map<zones, moody_rules, in_place<1>, named_holders<2>> map;
    auto h = map.plug<normal>(pages(0, 4)).value();
    REQUIRE(map.pin(h, gpu));
    REQUIRE(map.unpin(h, gpu));
    REQUIRE(map.unplug(h));
    h = map.plug<normal>(pages(0, 4)).value();
    CHECK(holders_of(map, h).empty());
    CHECK(map.unpin(h, gpu) == fail(errc::not_found));
}

TEST_CASE("a busy range says who keeps it", "[hotplug]") {
    hotplug_map<zones, moody_rules, in_place<2>, named_holders<4>> map;
    const auto h = map.plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    REQUIRE(map.pin(h, gpu));
    auto closing = map.close(h).value();
    CHECK(map.drain(closing).error() == errc::busy);
    holders blame;
    CHECK(map.for_each_holder(closing.handle(), [&](holder who) { blame.push_back(who); }));
    CHECK(blame == holders{{gpu, 1}});
}
