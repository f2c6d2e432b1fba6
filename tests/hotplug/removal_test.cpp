// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/removal.hpp>

#include "hotplug/support.hpp"
#include "test.hpp"

#include <type_traits>
#include <utility>

using namespace zonal;
using namespace zonal_test;

namespace {

using some_map = hotplug_map<zones, moody_rules, in_place<4>>;
using other_map = hotplug_map<zones, moody_rules, in_place<5>>;

template <class Token>
inline constexpr bool is_moved_never_copied =
    !std::is_copy_constructible_v<Token> && !std::is_copy_assignable_v<Token> &&
    std::is_nothrow_move_constructible_v<Token> && std::is_nothrow_move_assignable_v<Token> &&
    !std::is_trivially_copyable_v<Token> && !std::is_default_constructible_v<Token>;
static_assert(is_moved_never_copied<some_map::closed_type>);
static_assert(is_moved_never_copied<some_map::drained_type>);

template <class Map, class Token>
concept unplugs = requires(Map& m, Token t) { m.unplug(static_cast<Token>(t)); };
template <class Map, class Token>
concept drains_token = requires(Map& m, Token t) { m.drain(static_cast<Token>(t)); };
static_assert(unplugs<some_map, some_map::drained_type&&> && unplugs<some_map, range_handle>);
static_assert(!unplugs<some_map, some_map::closed_type&&>, "draining must not be skipped");
static_assert(!unplugs<some_map, some_map::drained_type&>, "whoever unplugs gives the token up");
static_assert(!unplugs<some_map, const some_map::drained_type&&>);
static_assert(!unplugs<some_map, other_map::drained_type&&>);
static_assert(!unplugs<some_map, pfn_range> && !unplugs<some_map, pfn> && !unplugs<some_map, int>);
static_assert(drains_token<some_map, some_map::closed_type&>);
static_assert(!drains_token<some_map, some_map::drained_type&>);

// The header's example, without anybody to wait for.
constexpr bool the_headers_example() {
    some_map map;
    const auto pmem = map.plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    if (!map.pin(pmem)) return false;
    auto closing = map.close(pmem).value(); // cancelled when it is dropped
    while (map.pins(pmem).value() != 0)
        if (!map.unpin(pmem)) return false;
    return map.unplug(map.drain(closing).value()).has_value() && closing.empty();
}
static_assert(the_headers_example());

} // namespace

TEST_CASE("closed, drained, unplugged, as in the header's example", "[hotplug]") {
    CHECK(the_headers_example());
}

TEMPLATE_TEST_CASE("a closed range is there, takes no references, and has one remover", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto h = map.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    const std::string open = dump(map);
    {
        const auto token = map.close(h).value();
        CHECK_FALSE(token.empty());
        CHECK(token.handle() == h);
        CHECK(map.find(pfn{3})->handle == h);
        CHECK_FAILS(map, "bad_state", map.pin(h));
        CHECK_FAILS(map, "bad_state", map.close(h));
        CHECK_FAILS(map, "bad_state", map.drain(h));
        CHECK_FAILS(map, "bad_state", map.drain(h, [](std::uint32_t) { return false; }));
    }
    CHECK(dump(map) == open); // dropped: as if nothing had been
    CHECK(map.close(h));
}

TEMPLATE_TEST_CASE("a cancelled token is empty, and the range open", "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto h = map.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    const std::string open = dump(map);

    auto closing = map.close(h).value();
    closing.cancel();
    CHECK(closing.empty());
    CHECK(dump(map) == open);
    CHECK_FAILS(map, "stale", map.drain(closing));

    auto gone = map.drain(h).value();
    gone.cancel();
    CHECK(gone.empty());
    CHECK(dump(map) == open);
    CHECK_FAILS(map, "stale", map.unplug(std::move(gone)));

    // Cancelling twice does not open what somebody else has closed meanwhile.
    const auto other = map.close(h).value();
    closing.cancel();
    gone.cancel(); // NOLINT(bugprone-use-after-move): refused, so it is what it was
    CHECK_FAILS(map, "bad_state", map.pin(h));
    CHECK_FALSE(other.empty());
}

TEMPLATE_TEST_CASE("draining needs the last reference gone, and uses up the closed token",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto h = map.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    REQUIRE(map.pin(h));
    REQUIRE(map.pin(h));
    auto closing = map.close(h).value();
    for (int left = 2; left != 0; --left) {
        CHECK_FAILS(map, "busy", map.drain(closing));
        CHECK_FALSE(closing.empty()); // still what it was
        REQUIRE(map.unpin(h));
    }
    auto gone = map.drain(closing).value();
    CHECK(closing.empty());
    CHECK_FALSE(gone.empty());
    CHECK(gone.handle() == h);
    CHECK_FAILS(map, "bad_state", map.pin(h));
    CHECK_FAILS(map, "bad_state", map.close(h));
    CHECK_FAILS(map, "stale", map.drain(closing)); // used up
    CHECK(map.unplug(std::move(gone)));
    CHECK(gone.empty()); // NOLINT(bugprone-use-after-move): used up
    CHECK_FAILS(map, "stale", map.unplug(std::move(gone)));
    CHECK(map.size() == 0);
}

TEMPLATE_TEST_CASE("a dropped drained token opens the range again", "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto used = map.template plug<normal>(pages(0, 4)).value();
    const auto offline = map.plug(pages(4, 8)).value();
    const std::string before = dump(map);
    {
        const auto gone = map.drain(used).value();
    }
    {
        const auto gone = map.drain(offline).value();
    } // opens for removal only: it is offline
    CHECK(dump(map) == before);
    CHECK(map.pin(offline) == fail(errc::bad_state));
    CHECK(map.online(offline, id<normal>));
}

TEMPLATE_TEST_CASE("a moved token is the new one's, and the old one is empty", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto a = map.template plug<lm::device>(pages(0, 4)).value();
    const auto b = map.template plug<lm::device>(pages(4, 8)).value();
    auto first = map.close(a).value();
    auto second = std::move(first);
    // NOLINTBEGIN(bugprone-use-after-move): moved-from tokens are empty, and that is tested
    CHECK(first.empty());
    CHECK(second.handle() == a);
    CHECK_FAILS(map, "stale", map.drain(first));
    first.cancel(); // is nobody's any more
    CHECK(map.pin(a) == fail(errc::bad_state));

    // Assigned over, a token cancels what it was for.
    auto third = map.close(b).value();
    third = std::move(second);
    CHECK(second.empty());
    CHECK(third.handle() == a);
    CHECK(map.pin(b));
    CHECK(map.pin(a) == fail(errc::bad_state));
    auto& same = third;
    third = std::move(same);
    CHECK_FALSE(third.empty());
    CHECK(map.pin(a) == fail(errc::bad_state));
    third = std::move(first); // an empty one
    CHECK(third.empty());
    CHECK(map.pin(a));

    auto gone = map.drain(map.template plug<lm::device>(pages(8, 12)).value()).value();
    auto moved = std::move(gone);
    CHECK_FAILS(map, "stale", map.unplug(std::move(gone)));
    CHECK(map.unplug(std::move(moved)));
    // NOLINTEND(bugprone-use-after-move)
}

TEMPLATE_TEST_CASE("another map's token is refused, and is still good for its own", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> mine, yours;
    const auto h = mine.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    const auto same = yours.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    REQUIRE(h == same); // the handles look alike, the tokens are bound to their maps
    auto closing = mine.close(h).value();
    const std::string open = dump(yours);
    CHECK_FAILS(yours, "stale", yours.drain(closing));
    CHECK_FALSE(closing.empty());
    auto gone = mine.drain(closing).value();
    CHECK_FAILS(yours, "stale", yours.unplug(std::move(gone)));
    CHECK(dump(yours) == open);
    CHECK_FALSE(gone.empty()); // NOLINT(bugprone-use-after-move): refused
    CHECK(mine.unplug(std::move(gone)));
    CHECK(yours.size() == 1);
}

TEMPLATE_TEST_CASE("a token is not confused by what is plugged in the same slot later", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto h = map.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    auto closing = map.close(h).value();
    auto gone = map.drain(closing).value();
    REQUIRE(map.unplug(std::move(gone)));
    const auto again = map.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    REQUIRE(again.slot == h.slot);
    CHECK_FAILS(map, "stale", map.drain(closing));
    CHECK_FAILS(map, "stale", map.unplug(std::move(gone)));
    const auto remover = map.close(again).value();
    closing.cancel();
    gone.cancel();                                  // NOLINT(bugprone-use-after-move)
    CHECK(map.pin(again) == fail(errc::bad_state)); // its own remover still has it
}

TEMPLATE_TEST_CASE("draining waits until its predicate says stop, which hears how many are left",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto h = map.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    for (int i = 0; i != 3; ++i) REQUIRE(map.pin(h));

    std::vector<std::uint32_t> heard;
    CHECK(map.drain(h,
                    [&](std::uint32_t left) {
                        heard.push_back(left);
                        return heard.size() == 4;
                    })
              .error() == errc::busy);
    CHECK(heard == std::vector<std::uint32_t>{3, 3, 3, 3});
    CHECK(map.pin(h)); // open again

    heard.clear();
    const auto gone = map.drain(h, [&](std::uint32_t left) {
        heard.push_back(left);
        CHECK(map.pin(h) == fail(errc::bad_state)); // closed while it waits
        CHECK(map.unpin(h));
        return false;
    });
    CHECK(gone);
    CHECK(heard == std::vector<std::uint32_t>{4, 3, 2, 1});

    // Without references nobody is asked.
    const auto other = map.template plug<lm::device>(pages(4, 8)).value();
    heard.clear();
    CHECK(map.drain(other, [&](std::uint32_t left) { return heard.push_back(left), true; }));
    CHECK(heard.empty());
}

TEMPLATE_TEST_CASE("a failed unplug leaves the token as it was, to try again or to cancel",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules, hooks<guard>> map;
    const auto h = map.template plug<lm::device>(pages(0, 4), {.owner = nvdimm}).value();
    const std::string open = dump(map);
    auto gone = map.drain(h).value();
    moody& policy = map.template policy_of<lm::device>().template get<moody>();
    policy.refuses = true;
    CHECK_FAILS(map, "out_of_reach", map.unplug(std::move(gone)));
    map.template hook<guard>() = {.vetoes = true, .what = hotplug_change::unplug};
    CHECK_FAILS(map, "vetoed", map.unplug(std::move(gone)));
    // NOLINTBEGIN(bugprone-use-after-move): refused, so it is what it was
    CHECK_FALSE(gone.empty());
    gone.cancel();
    CHECK(dump(map) == open);
    gone = map.drain(h).value();
    map.template hook<guard>().vetoes = false;
    CHECK_FAILS(map, "out_of_reach", map.unplug(std::move(gone)));
    policy.refuses = false;
    CHECK(map.unplug(std::move(gone)));
    CHECK(gone.empty());
    // NOLINTEND(bugprone-use-after-move)
}

TEST_CASE("tokens of several ranges are independent", "[hotplug]") {
    some_map map;
    const auto a = map.plug<lm::device>(pages(0, 4)).value();
    const auto b = map.plug<lm::device>(pages(4, 8)).value();
    auto first = map.drain(a).value();
    auto second = map.drain(b).value();
    std::swap(first, second);
    CHECK(first.handle() == b);
    CHECK(map.unplug(std::move(first)));
    CHECK(map.find(pfn{0}));
    CHECK_FALSE(map.find(pfn{4}));
    second.cancel();
    CHECK(map.pin(a));
}
