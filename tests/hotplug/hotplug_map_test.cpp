// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/hotplug_map.hpp>

#include <zonal/hotplug/boot_map.hpp>
#include <zonal/release/quarantine.hpp>

#include "hotplug/support.hpp"
#include "test.hpp"

#include <functional>
#include <initializer_list>
#include <utility>

using namespace zonal;
using namespace zonal_test;

namespace {

using plain_rules =
    release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>>;

// The header's example.
constexpr bool the_headers_example() {
    hotplug_map<zones, plain_rules, in_place<16>> map;
    const auto dimm = map.plug({pfn{0x100}, pfn{0x200}}).value(); // there, and in no zone
    bool ok = map.online(dimm, zones::id_of<movable>).has_value();
    const auto pmem = map.plug<lm::device>({pfn{0x200}, pfn{0x300}}, {.owner = nvdimm}).value();
    ok = ok && map.pin(pmem).has_value(); // somebody uses it
    ok = ok && map.drain(pmem).error() == errc::busy;
    ok = ok && map.unpin(pmem).has_value();
    ok = ok && map.unplug(map.drain(pmem).value()).has_value(); // the driver has it back
    return ok && map.size() == 1 && map.resources().size() == 2;
}
static_assert(the_headers_example());

/// Four pages a section and a block, two a subsection.
constexpr page_geometry toy{12, 1, 2, 2};
constexpr auto to_movable = first_of<always<id<movable>>>{};

using plain_map = hotplug_map<zones, plain_rules, in_place<4>>;
static_assert(!std::is_copy_constructible_v<plain_map> && !std::is_move_constructible_v<plain_map>);
static_assert(!std::is_copy_assignable_v<plain_map> && !std::is_move_assignable_v<plain_map>);
static_assert(std::is_same_v<plain_map, hotplug_map<zones, plain_rules, in_place<4>>>);
// Hooks and names for holders cost nothing where there are none.
static_assert(sizeof(plain_map) == sizeof(hotplug_map<zones, plain_rules, hooks<>, in_place<4>>));
static_assert(sizeof(plain_map) ==
              sizeof(hotplug_map<zones, plain_rules, in_place<4>, named_holders<0>>));

} // namespace

TEST_CASE("a DIMM stays and a driver has its memory back, as in the header's example",
          "[hotplug]") {
    CHECK(the_headers_example());
}

TEST_CASE("there are as many nodes as the map was told", "[hotplug]") {
    hotplug_map<zones, plain_rules, in_place<4>, nodes_up_to<12>> map;
    const auto dimm = map.plug(pages(8, 16), {.node = node_id{11}}).value();
    CHECK(map.online(dimm, id<movable>));
    CHECK(map.memory().pages_of(node_id{11}, id<movable>).present == page_count{8});
    CHECK(map.plug(pages(16, 24), {.node = node_id{12}}) == fail(errc::out_of_reach));
    static_assert(sizeof(plain_map) ==
                  sizeof(hotplug_map<zones, plain_rules, in_place<4>, nodes_up_to<8>>));
}

TEST_CASE("a range whose owner shrank its entry leaves when the entry is claimed again",
          "[hotplug]") {
    hotplug_map<zones, release<zones, otherwise<return_to_tree>>, in_place<4>> map;
    const auto h = map.plug<lm::device>(pages(8, 16), {.owner = nvdimm}).value();
    auto& tree = map.resources();
    const region_id entry = tree.first_child(tree.root());
    REQUIRE(tree.adjust(entry, bytes(8, 12), nvdimm)); // behind the map's back
    CHECK(map.unplug(h) == fail(errc::not_found));     // half of it is nobody's to give back
    CHECK(map.undo_plug(h) == fail(errc::not_found));
    CHECK(map.find(pfn{15}).has_value());
    CHECK_FALSE(testing::fault_in(map).empty()); // the checker sees the pages without an entry
    REQUIRE(tree.request(bytes(12, 16), "again", nvdimm));
    REQUIRE(map.unplug(h));
    CHECK(tree.size() == 0);
}

TEST_CASE("memory keeps its own page words if asked to, also after a removal that is refused",
          "[hotplug]") {
    hotplug_map<zones, release<zones, otherwise<then<moody, return_to_tree>>>, in_place<8>> map(
        toy);
    CHECK(map.plug(pages(4, 8), {.metadata = page_count{5}}) == fail(errc::bad_range));
    CHECK(map.plug<lm::device>(pages(4, 8), {.metadata = page_count{1}}) == fail(errc::bad_range));
    const auto a = map.plug(pages(8, 16), {.metadata = page_count{1}}).value();
    const auto b = map.plug<movable>(pages(16, 20), {.metadata = page_count{2}}).value();
    REQUIRE(map.online(a, id<movable>));
    const page_owner who{node_id{0}, id<movable>};
    CHECK(map.memory().metadata_of(who) == page_count{4}); // of two blocks, and of one
    auto& mood = map.policy_of<movable>().get<moody>();
    mood.refuses = true;
    CHECK_FALSE(map.unplug(a));
    CHECK_FALSE(map.unplug(b));
    CHECK(map.memory().metadata_of(who) == page_count{4});
    mood.refuses = false;
    REQUIRE(map.unplug(a));
    CHECK(map.memory().metadata_of(who) == page_count{2});
}

TEST_CASE("a map follows other rules if told: what devices come in, where memory ends",
          "[hotplug]") {
    hotplug_map<zones, plain_rules, in_place<8>> map(
        toy, {.device_unit = unit::section, .limit = pfn{32}});
    CHECK(map.plug<lm::device>(pages(8, 10)) == fail(errc::misaligned));
    CHECK(map.plug(pages(28, 36)) == fail(errc::out_of_reach));
    CHECK(map.plug<lm::device>(pages(8, 12)));

    hotplug_map<zones, plain_rules, in_place<8>> as_4_3(toy, {.zone_when_added = true});
    CHECK(as_4_3.plug(pages(8, 12)) == fail(errc::out_of_reach)); // no zone
    const auto h = as_4_3.plug<movable>(pages(8, 12)).value();
    REQUIRE(as_4_3.offline(h));
    CHECK(as_4_3.memory().pages_of(node_id{0}, id<movable>).span == pages(8, 12)); // still spanned
    CHECK(testing::fault_in(as_4_3).empty());
    REQUIRE(as_4_3.unplug(h));
    CHECK(as_4_3.memory().pages_of(node_id{0}, id<movable>).span.empty());
}

// ---- looking ------------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("a range is found by each of its pages and by its handle, and by nothing else",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    CHECK(map.size() == 0);
    CHECK(map.find(pfn{8}) == fail(errc::not_found));
    const auto b = map.template plug<lm::device>(pages(8, 12), {node_id{1}, nvdimm}).value();
    const auto a = map.plug(pages(4, 8)).value();
    CHECK(map.size() == 2);

    const plugged_range dimm{pages(4, 8), node_id{0}, zone_id{4}, false, the_system, a};
    const plugged_range pmem{pages(8, 12), node_id{1}, id<lm::device>, true, nvdimm, b};
    CHECK(map.about(a).value() == dimm);
    CHECK(map.about(b).value() == pmem);
    for (std::uint64_t p = 4; p < 8; ++p) CHECK(map.find(pfn{p}).value() == dimm);
    for (std::uint64_t p = 8; p < 12; ++p) CHECK(map.find(pfn{p}).value() == pmem);
    for (std::uint64_t p : {0u, 3u, 12u, 100u}) CHECK(map.find(pfn{p}) == fail(errc::not_found));

    std::vector<plugged_range> all;
    map.for_each([&](const plugged_range& r) { all.push_back(r); });
    CHECK(all == std::vector{dimm, pmem});
}

// ---- memory comes -------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("memory that is plugged exists, in no zone, and its addresses are taken",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    const auto h = map.plug(pages(8, 16), {.node = node_id{2}, .name = "DIMM 3"}).value();
    CHECK(map.memory().blocks().contains(pages(8, 16)));
    CHECK(map.memory().pages().empty());
    CHECK(map.memory().node_span(node_id{2}).empty());
    CHECK(map.pin(h) == fail(errc::bad_state));
    const auto& tree = map.resources();
    REQUIRE(tree.size() == 1);
    const region entry = tree[tree.first_child(tree.root())];
    CHECK(entry ==
          region{bytes(8, 16), "DIMM 3", {.memory = true, .system_ram = true, .busy = true}});
}

TEMPLATE_TEST_CASE("memory that is plugged into its zone can be used at once", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    const auto ram = map.template plug<movable>(pages(8, 16)).value();
    const auto pmem = map.template plug<lm::device>(pages(18, 26), {.owner = nvdimm}).value();
    CHECK(map.memory().pages_of(node_id{}, id<movable>) ==
          zone_pages{.span = pages(8, 16), .present = page_count{8}});
    // A device's pages are in a zone, but no memory.
    CHECK(map.memory().pages_of(node_id{}, id<lm::device>) == zone_pages{.span = pages(18, 26)});
    CHECK(map.pin(ram));
    CHECK(map.pin(pmem));
    const auto& tree = map.resources();
    const region_id first = tree.first_child(tree.root());
    CHECK(tree[first].name == text("System RAM"));
    CHECK(tree[tree.next(first)] ==
          region{bytes(18, 26), "Device", {.memory = true, .busy = true}, {}, nvdimm});
}

TEMPLATE_TEST_CASE("a range that cannot be plugged changes nothing", "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    REQUIRE(map.plug(pages(8, 16)));
    REQUIRE(map.template plug<lm::device>(pages(18, 26), {.owner = nvdimm}));
    REQUIRE(map.resources().request(bytes(40, 48), "gpu0", gpu));
    REQUIRE(map.resources().insert({bytes(66, 70), "window"}));

    struct row {
        const char* why;
        pfn_range range;
        node_id node;
    };
    const pfn last{pfn::limit};
    const row rows[] = {
        {"bad_range", pages(0, 0), {}},
        {"bad_range", pages(9, 9), {}}, // of what is there already, none
        {"overlap", pages(8, 16), {}},  // exactly
        {"overlap", pages(8, 12), {}},  // a part
        {"overlap", pages(12, 20), {}}, // and across the end of both
        {"overlap", pages(4, 12), {}},
        {"overlap", pages(4, 32), {}},
        {"overlap", pages(15, 17), {}},                             // by one page
        {"out_of_reach", {last - page_count{4}, last}, node_id{8}}, // nodes [0, 8)
        {"out_of_reach", pages(28, 32), node_id{8}},
        {"out_of_reach", pages(28, 32), node_id{~std::uint64_t{0}}},
        {"busy", pages(40, 48), {}}, // claimed
        {"busy", pages(44, 52), {}}, // in part
        {"busy", pages(36, 52), {}},
        {"overlap", pages(64, 68), {}}, // sticks out of what it would lie in
    };
    for (const row& r : rows) {
        INFO(shown(r.range));
        CHECK_FAILS(map, r.why, map.plug(r.range, {.node = r.node}));
        CHECK_FAILS(map, r.why, map.template plug<movable>(r.range, {.node = r.node}));
        CHECK_FAILS(map, r.why, map.template plug<lm::device>(r.range, {.node = r.node}));
    }
    for (const pfn_range r : {pages(28, 30), pages(30, 34), pages(29, 32)}) {
        INFO(shown(r));
        CHECK_FAILS(map, "misaligned", map.plug(r));
        CHECK_FAILS(map, "misaligned", map.template plug<movable>(r));
    }
    CHECK_FAILS(map, "misaligned", map.template plug<lm::device>(pages(29, 31)));
    CHECK(map.template plug<lm::device>(pages(30, 34))); // subsections are enough for a device
}

TEST_CASE("the last pages of all can be plugged", "[hotplug]") {
    plain_map map;
    const pfn last{pfn::limit};
    const auto h = map.plug({last - page_count{2}, last}).value();
    CHECK(map.online(h, id<normal>));
    CHECK(map.find(last - page_count{1}));
    CHECK(map.unplug(h));

    // Large pages do not all have an address.
    plain_map large({16, 0, 0, 0});
    CHECK_FAILS(large, "out_of_reach", large.plug({last - page_count{2}, last}));
}

TEMPLATE_TEST_CASE("a driver's own claim is the range's entry; nobody else's is", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    auto& tree = map.resources();
    const auto claim = tree.request(bytes(0x40, 0x60), "namespace0.0", nvdimm).value();
    CHECK_FAILS(map, "busy", map.template plug<lm::device>(pages(0x40, 0x48)));
    CHECK_FAILS(map, "busy", map.template plug<lm::device>(pages(0x40, 0x48), {.owner = gpu}));
    CHECK_FAILS(map, "busy", map.template plug<lm::device>(pages(0x3f, 0x48), {.owner = nvdimm}));
    CHECK_FAILS(map, "busy", map.template plug<lm::device>(pages(0x58, 0x61), {.owner = nvdimm}));
    const auto low = map.template plug<lm::device>(pages(0x40, 0x48), {.owner = nvdimm}).value();
    const auto high = map.template plug<lm::device>(pages(0x48, 0x60), {.owner = nvdimm}).value();
    CHECK(tree.size() == 1);
    CHECK(map.unplug(map.drain(low).value()));
    CHECK(map.unplug(map.drain(high).value()));
    CHECK(tree.size() == 1); // it stays the driver's, until the driver lets it go
    CHECK(tree.release(claim, nvdimm));
}

TEMPLATE_TEST_CASE("a driver's memory used as RAM leaves the driver's claim where it returns",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    auto& tree = map.resources();
    REQUIRE(tree.request(bytes(0x40, 0x60), "dax0.0", nvdimm));
    const auto h = map.template plug<normal>(pages(0x48, 0x50), {.owner = nvdimm}).value();
    CHECK(tree.size() == 1);
    CHECK(map.unplug(h)); // return_to_tree, in the middle of the claim
    CHECK(tree.size() == 2);
    CHECK(tree.request(bytes(0x48, 0x50), "free again", gpu));
}

TEMPLATE_TEST_CASE("what a driver keeps is plugged again under the same claim", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    for (int i = 0; i != 3; ++i) {
        const auto h = map.template plug<lm::device>(pages(1, 3), {.owner = nvdimm}).value();
        CHECK(map.unplug(map.drain(h).value()));
        CHECK(map.resources().size() == 1);
        CHECK_FAILS(map, "busy", map.template plug<lm::device>(pages(1, 3), {.owner = gpu}));
    }
}

TEMPLATE_TEST_CASE("offline memory gets a zone, once", "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    const auto ram = map.plug(pages(8, 16)).value();
    const auto pmem = map.template plug<lm::device>(pages(16, 20), {.owner = nvdimm}).value();
    CHECK_FAILS(map, "bad_state", map.online(ram, id<lm::device>));
    CHECK_FAILS(map, "bad_state", map.online(ram, zone_id{zones::size}));
    CHECK_FAILS(map, "bad_state", map.online(ram, any_zone));
    CHECK_FAILS(map, "bad_state", map.online(pmem, id<normal>)); // of a device
    {
        const auto closing = map.close(ram).value();
        CHECK_FAILS(map, "bad_state", map.online(ram, id<normal>)); // somebody is removing it
    }
    REQUIRE(map.online(ram, id<normal>));
    CHECK(map.about(ram)->zone == id<normal>);
    CHECK(map.about(ram)->online);
    CHECK(map.pin(ram));
    CHECK_FAILS(map, "bad_state", map.online(ram, id<normal>));
    CHECK_FAILS(map, "bad_state", map.online(ram, id<movable>));
}

TEMPLATE_TEST_CASE("a list of strategies answers which zone memory goes to", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    const auto a = map.plug(pages(8, 16)).value();
    CHECK(map.online(a, to_movable) == id<movable>);
    CHECK_FAILS(map, "bad_state", map.online(a, to_movable));
    const auto b = map.plug(pages(16, 24)).value();
    // The query knows the map's zones: memory above movable memory is movable too.
    CHECK(map.online(b, first_of<movable_if_start_is_movable, always<id<normal>>>{}) ==
          id<movable>);
    const auto c = map.plug(pages(0, 4)).value();
    CHECK(map.online(c, first_of<movable_if_start_is_movable, always<id<normal>>>{}) == id<normal>);
    const auto d = map.plug(pages(4, 8)).value();
    CHECK_FAILS(map, "bad_state", map.online(d, first_of<always<id<lm::device>>>{}));
}

TEMPLATE_TEST_CASE("memory goes offline when nobody references it, and comes back in any zone",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    const auto ram = map.plug(pages(8, 16)).value();
    const auto pmem = map.template plug<lm::device>(pages(16, 20), {.owner = nvdimm}).value();
    CHECK_FAILS(map, "bad_state", map.offline(ram)); // is offline
    CHECK_FAILS(map, "bad_state", map.offline(pmem));
    REQUIRE(map.online(ram, id<normal>));
    REQUIRE(map.pin(ram));
    CHECK_FAILS(map, "busy", map.offline(ram));
    REQUIRE(map.unpin(ram));
    {
        const auto closing = map.close(ram).value();
        CHECK_FAILS(map, "bad_state", map.offline(ram)); // somebody is removing it
    }
    REQUIRE(map.offline(ram));
    CHECK(map.about(ram)->zone == id<normal>); // the one it was last in
    CHECK_FALSE(map.about(ram)->online);
    CHECK(map.pin(ram) == fail(errc::bad_state));
    CHECK(map.memory().pages_of(node_id{}, id<normal>) == zone_pages{});
    REQUIRE(map.online(ram, id<movable>));
    CHECK(map.pin(ram));
    CHECK(map.memory().pages_of(node_id{}, id<movable>).present == page_count{8});
}

// ---- memory goes --------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("RAM returns to the tree, a driver's memory does not", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    const auto in_no_zone = map.plug(pages(0, 4)).value();
    const auto in_normal = map.template plug<normal>(pages(4, 8)).value();
    const auto in_movable = map.template plug<movable>(pages(8, 12)).value();
    const auto in_device = map.template plug<lm::device>(pages(12, 16), {.owner = nvdimm}).value();
    CHECK(map.unplug(in_no_zone));
    CHECK(map.resources().size() == 3);
    CHECK(map.unplug(in_normal));
    CHECK(map.resources().size() == 2);
    CHECK(map.unplug(map.drain(in_movable).value()));
    CHECK(map.resources().size() == 1);
    CHECK(map.unplug(map.drain(in_device).value()));
    CHECK(map.resources().size() == 1);
    CHECK(map.size() == 0);
    CHECK(map.memory().sections().existing().empty());
    CHECK(map.memory().blocks().empty());
    for (zone_id z{}; z.value < zones::size; ++z.value)
        CHECK(map.memory().pages_of(node_id{}, z) == zone_pages{});
    CHECK(map.memory().node_span(node_id{}).empty());
}

TEMPLATE_TEST_CASE("a zone that must be drained is not left in one step, however it is asked",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const range_handle pmem = map.template plug<lm::device>(pages(8, 16)).value();
    CHECK_FAILS(map, "bad_state", map.unplug(pmem));

    // A handle from plug<normal> is not allowed more than the zone that the range is in now...
    const auto ram = map.template plug<normal>(pages(16, 20)).value();
    REQUIRE(map.offline(ram));
    REQUIRE(map.online(ram, id<movable>));
    CHECK_FAILS(map, "bad_state", map.unplug(ram));
    // ...or was in last.
    REQUIRE(map.offline(ram));
    CHECK_FAILS(map, "bad_state", map.unplug(ram));
    CHECK(map.unplug(map.drain(ram).value()));
}

TEMPLATE_TEST_CASE("offline memory leaves by the policy of the zone it was last in", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    auto& to_normal = map.template policy_of<normal>().template get<moody>();
    auto& for_movable = map.template policy_of<movable>().template get<moody>();
    CHECK(&to_normal == &map.template policy_of<void>().template get<moody>()); // otherwise
    const auto never_used = map.plug(pages(0, 4)).value();
    const auto used = map.template plug<movable>(pages(4, 8)).value();
    REQUIRE(map.offline(used));
    CHECK(map.unplug(never_used));
    CHECK(to_normal.given == 1);
    CHECK(map.unplug(map.drain(used).value()));
    CHECK(for_movable.given == 1);
    CHECK(to_normal.given == 1);
}

TEMPLATE_TEST_CASE("in one step, a referenced range does not leave", "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    const auto h = map.template plug<normal>(pages(8, 16)).value();
    REQUIRE(map.pin(h));
    CHECK_FAILS(map, "busy", map.unplug(h));
    {
        const auto closing = map.close(h).value();
        CHECK_FAILS(map, "bad_state", map.unplug(h)); // somebody else is removing it
    }
    REQUIRE(map.unpin(h));
    CHECK(map.unplug(h));
}

TEMPLATE_TEST_CASE("the handle of a range that is gone is stale, also when its slot is used again",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    using map_type = typename TestType::template map<moody_rules, named_holders<2>>;
    map_type map;
    const auto check_stale = [&](range_handle h) {
        CHECK_FAILS(map, "stale", map.about(h));
        CHECK_FAILS(map, "stale", map.pin(h));
        CHECK_FAILS(map, "stale", map.unpin(h));
        CHECK_FAILS(map, "stale", map.pins(h));
        CHECK_FAILS(map, "stale", map.for_each_holder(h, [](holder) {}));
        CHECK_FAILS(map, "stale", map.online(h, id<normal>));
        CHECK_FAILS(map, "stale", map.online(h, to_movable));
        CHECK_FAILS(map, "stale", map.offline(h));
        CHECK_FAILS(map, "stale", map.close(h));
        CHECK_FAILS(map, "stale", map.drain(h));
        CHECK_FAILS(map, "stale", map.drain(h, [](std::uint32_t) { return false; }));
        CHECK_FAILS(map, "stale", map.unplug(h));
        CHECK_FAILS(map, "stale", map.unplug(plugged<normal>{h}));
    };
    check_stale(range_handle{}); // of nothing
    const auto other = map.template plug<normal>(pages(0, 4)).value();
    const auto h = map.template plug<normal>(pages(8, 16)).value();
    check_stale({.slot = h.slot, .generation = h.generation + 1}); // not yet
    REQUIRE(map.unplug(h));
    check_stale(h);
    const auto again = map.template plug<normal>(pages(8, 16)).value();
    CHECK(again.slot == h.slot);
    CHECK(again != h);
    check_stale(h);
    REQUIRE(map.pin(again, gpu));
    REQUIRE(map.pin(other, gpu));
    check_stale(h);
    CHECK(map.pins(again).value() == 1);
}

TEMPLATE_TEST_CASE("when the policy refuses, the range is as it was, references and all",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules, hooks<counting>> map(toy);
    // Neighbours on both sides, of the same node and zone and of others, so that everything merges.
    const range_handle ranges[] = {
        map.template plug<normal>(pages(0, 4)).value(),
        map.template plug<normal>(pages(4, 8)).value(), // in the middle of its zone
        map.template plug<normal>(pages(8, 12)).value(),
        map.template plug<movable>(pages(12, 16)).value(), // where two zones meet
        map.plug(pages(16, 20)).value(),                   // in no zone
        map.plug(pages(20, 24)).value(),
        map.template plug<lm::device>(pages(24, 30), {.owner = nvdimm}).value(),
        map.template plug<lm::device>(pages(30, 34), {.owner = nvdimm}).value(), // half a section
        map.template plug<lm::device>(pages(34, 36), {.owner = gpu}).value(),
        map.template plug<normal>(pages(40, 44), {.node = node_id{1}}).value(), // all of its zone
    };
    for (const errc why : {errc::busy, errc::out_of_reach, errc::no_space}) {
        const auto refuse = [&](auto& policy, bool so) {
            policy.template get<moody>().refuses = so;
            policy.template get<moody>().says = why;
        };
        const auto all_refuse = [&](bool so) {
            refuse(map.template policy_of<void>(), so);
            refuse(map.template policy_of<movable>(), so);
            refuse(map.template policy_of<lm::device>(), so);
        };
        all_refuse(true);
        for (const range_handle h : ranges) {
            const std::string before = dump(map);
            const counting hook = map.template hook<counting>();
            {
                auto token = map.drain(h).value();
                CHECK(map.unplug(std::move(token)) == fail(why));
                CHECK_FALSE(token.empty()); // NOLINT(bugprone-use-after-move): still what it was
                CHECK(map.pin(h) == fail(errc::bad_state));
                CHECK(map.unplug(std::move(token)) == fail(why));
            }
            CHECK(dump(map) == before); // with the token gone, the range is open again
            CHECK(map.template hook<counting>().announced == hook.announced + 2);
            CHECK(map.template hook<counting>().undone == hook.undone + 2);
            CHECK(map.template hook<counting>().happened == hook.happened);
        }
        CHECK_FAILS(map, name_of(why).template as<std::string>(), map.unplug(ranges[1]));
        all_refuse(false);
    }
    // And everything can leave.
    for (const range_handle h : ranges) CHECK(map.unplug(map.drain(h).value()));
    CHECK(map.memory().pages().empty());
    CHECK(map.memory().sections().existing().empty());
    CHECK(map.resources().size() == 3);
}

TEMPLATE_TEST_CASE("a policy that cannot act because of the tree leaves everything as it was",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map;
    auto& tree = map.resources();
    const auto h = map.template plug<normal>(pages(8, 16)).value();
    const region_id entry = tree.first_child(tree.root());
    const auto inside = tree.insert({bytes(9, 10), "kernel code"}, insert_mode::conflict, entry);
    CHECK_FAILS(map, "busy", map.unplug(h)); // return_to_tree: somebody has a part of it
    REQUIRE(tree.release(*inside));
    REQUIRE(tree.release(entry));
    CHECK_FAILS(map, "not_found", map.unplug(h)); // it has been taken out of the tree
    CHECK(map.template policy_of<normal>().template get<moody>().given == 0);
}

TEMPLATE_TEST_CASE("plugging is refused by the tree or by memory, whichever: nothing has changed",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    // The hooks have agreed, the tree has an entry, and only then the node turns out not to exist.
    typename TestType::template map<moody_rules, hooks<counting>> map;
    CHECK_FAILS(map, "out_of_reach", map.plug(pages(8, 16), {.node = node_id{8}}));
    CHECK(map.resources().size() == 0);
    CHECK(map.template hook<counting>().undone == 1);
    REQUIRE(map.resources().request(bytes(8, 16), "mine", nvdimm));
    const plug_options how{.node = node_id{8}, .owner = nvdimm};
    CHECK_FAILS(map, "out_of_reach", map.template plug<lm::device>(pages(8, 16), how));
    CHECK(map.resources().size() == 1); // the driver's own claim is still there
}

// ---- memory that is there from the beginning ----------------------------------------------------

namespace {

// DMA32 ends at 4 GiB.
constexpr std::uint64_t four_gib = 0x100000;
/// DMA32 has 8 pages, Normal 8 and, behind a hole of 4, 12.
boot_map<> two_banks() {
    firmware_map<4> firmware;
    const address_range low = bytes(four_gib - 8, four_gib + 8);
    const address_range high = bytes(four_gib + 12, four_gib + 24);
    for (const address_range r : {low, high}) REQUIRE(firmware.add({{r.start(), r.end()}}));
    const auto usable = boot_ranges<>::make(toy, firmware, node_map<>{}).value();
    return boot_map<>::make(usable, zones::list).value();
}
constexpr pfn_range from_four_gib(int start, int end) {
    return pages(four_gib + static_cast<std::uint64_t>(start),
                 four_gib + static_cast<std::uint64_t>(end));
}

} // namespace

TEMPLATE_TEST_CASE("memory of the boot is plugged, a range for each part of a zone", "[hotplug]",
                   ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    REQUIRE(map.boot(two_banks()));
    REQUIRE(map.size() == 3);
    std::vector<pfn_range> ranges;
    map.for_each([&](const plugged_range& r) {
        ranges.push_back(r.range);
        CHECK(r.online);
        CHECK(map.pin(r.handle));
    });
    CHECK(ranges == std::vector{from_four_gib(-8, 0), from_four_gib(0, 8), from_four_gib(12, 24)});
    CHECK(map.resources().size() == 3);
    CHECK(map.memory().pages_of(node_id{}, id<normal>) ==
          zone_pages{from_four_gib(0, 24), page_count{20}, page_count{20}});
    CHECK_FAILS(map, "overlap", map.plug(from_four_gib(4, 12)));
    CHECK(map.plug(from_four_gib(8, 12)));
}

namespace {

template <class Map>
boot_map<> booted_from(std::initializer_list<pfn_range> there, const Map& map) {
    firmware_map<4> firmware;
    for (const pfn_range r : there) {
        const address_range in_bytes = bytes(r.start().value(), r.end().value());
        REQUIRE(firmware.add({{in_bytes.start(), in_bytes.end()}}));
    }
    const auto g = map.memory().geometry();
    const auto usable = boot_ranges<>::make(g, firmware, node_map<>{}).value();
    return boot_map<>::make(usable, zones::list).value();
}

} // namespace

TEMPLATE_TEST_CASE("a device in a hole of a boot block stays a device when its removal is refused",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(page_geometry{12, 0, 2, 2});
    REQUIRE(map.boot(booted_from({pages(0, 6)}, map)));
    const auto d = map.template plug<lm::device>(pages(6, 8), {.owner = nvdimm}).value();
    map.template policy_of<lm::device>().template get<moody>().refuses = true;
    CHECK_FAILS(map, "out_of_reach", map.unplug(map.drain(d).value()));
    CHECK(map.memory().pages_of(node_id{}, id<lm::device>).present.is_zero());
    map.template policy_of<lm::device>().template get<moody>().refuses = false;
    CHECK(map.unplug(map.drain(d).value()));
    CHECK(map.memory().pages_of(node_id{}, id<lm::device>) == zone_pages{});
}

TEST_CASE("offline memory of the boot stays as it is when its removal is refused and no room is "
          "left",
          "[hotplug]") {
    hotplug_map<zones, moody_rules, in_place<3>> map(page_geometry{12, 1, 2, 2});
    REQUIRE(map.boot(booted_from({pages(0, 1), pages(4, 8)}, map)));
    const range_handle h = map.find(pfn{4})->handle;
    REQUIRE(map.offline(h));
    REQUIRE(map.plug<lm::device>(pages(16, 20), {.owner = nvdimm}));
    map.policy_of<lm::dma32>().get<moody>().refuses = true;
    CHECK_FAILS(map, "out_of_reach", map.unplug(h));
}

namespace {

/// Does to its map, while it is asked, what only others may do.
struct told {
    inline static std::function<void(const hotplug_event&)> act;

    veto before(const hotplug_event& e) {
        if (act) act(e);
        return no_veto;
    }
};
struct meddling {
    explicit meddling(std::function<void(const hotplug_event&)> f) { told::act = std::move(f); }
    meddling(const meddling&) = delete;
    ~meddling() { told::act = nullptr; }
};

} // namespace

TEST_CASE("a hook that is asked changes nothing itself, however it tries", "[hotplug]") {
    using rules = release<zones, otherwise<return_to_tree>>;
    hotplug_map<zones, rules, allocated<>, hooks<told>> map(toy);
    const auto h = map.plug(pages(8, 16)).value();
    std::vector<errc> said;
    const auto error_of = [](const auto& r) { return r ? errc{} : r.error(); };
    {
        const meddling now([&](const hotplug_event&) {
            said.push_back(error_of(map.plug(pages(32, 40))));
            said.push_back(error_of(map.close(h)));
            said.push_back(error_of(map.undo_plug(h)));
            said.push_back(error_of(map.offline(h)));
            said.push_back(error_of(map.unplug(h)));
        });
        REQUIRE(map.online(h, id<normal>));
    }
    CHECK(said == std::vector<errc>(5, errc::bad_state));
    CHECK(map.size() == 1);
    REQUIRE(map.pin(h));
    REQUIRE(map.unpin(h));

    auto token = map.drain(h).value();
    {
        const meddling now([&](const hotplug_event&) {
            token.cancel(); // it is not there any more
            said.push_back(error_of(map.pin(h)));
        });
        REQUIRE(map.unplug(std::move(token)));
    }
    CHECK(said.back() == errc::bad_state);
    CHECK(map.size() == 0);
}

TEST_CASE("a plug or a removal that fails when room is short changes nothing, whatever the rules",
          "[hotplug]") {
    using strict = release<zones, otherwise<then<moody, return_to_tree>>>;
    hotplug_map<zones, strict, in_place<3>> map({12, 0, 0, 0}, {.zone_when_added = true});
    const auto h = map.plug<normal>(pages(8, 16)).value();
    REQUIRE(map.plug<lm::device>(pages(32, 40)));
    REQUIRE(map.plug<lm::device>(pages(64, 72)));
    map.policy_of<normal>().get<moody>().refuses = true;
    CHECK_FAILS(map, "out_of_reach", map.unplug(h));

    constexpr memory_rules rescanning{
        .zone_when_added = true, .shrink = {.step = unit::section, .rescans_for_leftovers = true}};
    hotplug_map<zones, strict, in_place<4>> other({12, 1, 2, 2}, rescanning);
    for (const std::uint64_t p : {16u, 32u, 48u}) REQUIRE(other.plug<lm::device>(pages(p, p + 4)));
    REQUIRE(other.plug<normal>(pages(64, 68)));
    CHECK_FAILS(other, "no_space", other.plug<normal>(pages(80, 84)));
}

TEST_CASE("what waits in a quarantine is let go where its mark is, or goes on waiting",
          "[hotplug]") {
    using kept = release<zones, otherwise<quarantine<return_to_tree, in_place<4>>>>;
    hotplug_map<zones, kept, in_place<8>> map;
    auto& tree = map.resources();
    CHECK(map.plug<lm::device>(pages(0, 4), {.owner = in_quarantine}) == fail(errc::bad_state));
    for (const int what : {0, 1, 2}) {
        INFO(what);
        const auto entry = tree.request(bytes(8, 16), "mine", nvdimm).value();
        const auto h = map.plug<lm::device>(pages(8, 16), {.owner = nvdimm}).value();
        REQUIRE(map.unplug(h));
        auto& waiting = map.policy_of<lm::device>();
        CHECK(tree.release(entry, nvdimm, children::take_along) == fail(errc::busy));
        if (what == 0) REQUIRE(tree.release(entry, nvdimm, children::move_up));
        if (what == 1) REQUIRE(tree.set_flags(entry, {.memory = true}, nvdimm));
        if (what == 2)
            REQUIRE(
                tree.insert({bytes(8, 9), "x"}, insert_mode::conflict, tree.first_child(entry)));
        CHECK(waiting.let_go(pages(8, 16), tree) == fail(what == 2 ? errc::busy : errc::not_found));
        CHECK(waiting.waiting().size() == 1);
        if (what == 0)
            REQUIRE(tree.insert({bytes(8, 16), "mine", {.memory = true, .busy = true}, {}, nvdimm},
                                insert_mode::adopt));
        if (what == 1) REQUIRE(tree.set_flags(entry, {.memory = true, .busy = true}, nvdimm));
        if (what == 2) REQUIRE(tree.release(tree.first_child(tree.first_child(entry))));
        REQUIRE(waiting.let_go(pages(8, 16), tree));
        CHECK(tree.size() == 0);
    }
}

TEMPLATE_TEST_CASE("memory of the boot leaves, and when it is refused, is still of the boot",
                   "[hotplug]", ZONAL_TEST_KEPT) {
    typename TestType::template map<moody_rules> map(toy);
    REQUIRE(map.boot(two_banks()));
    for (const int page : {0, 12, -8}) {
        INFO(page);
        const range_handle h = map.find(from_four_gib(page, page).start())->handle;
        map.template policy_of<normal>().template get<moody>().refuses = true;
        CHECK_FAILS(map, "out_of_reach", map.unplug(h));
        map.template policy_of<normal>().template get<moody>().refuses = false;
        CHECK(map.unplug(h));
    }
    CHECK(map.size() == 0);
    CHECK(map.resources().size() == 0);
}

// ---- what a policy holds ------------------------------------------------------------------------

TEST_CASE("what waits in a quarantine is not plugged again by the driver that claimed it",
          "[hotplug]") {
    using waiting_room = quarantine<return_to_tree, in_place<4>>;
    hotplug_map<zones, release<zones, otherwise<return_to_tree>, on<lm::device, waiting_room>>,
                in_place<4>>
        map;
    const plug_options mine{.owner = nvdimm};
    REQUIRE(map.unplug(map.plug<lm::device>(pages(0, 4), mine).value()));
    CHECK_FAILS(map, "busy", map.plug<lm::device>(pages(0, 4), mine));
    CHECK(map.policy_of<lm::device>().let_go(pages(0, 4), map.resources()));
    CHECK(map.plug<lm::device>(pages(0, 4), mine));
}

// ---- whoever is asked, or has a hand in the tree, meanwhile --------------------------------------

namespace {

/// Plugs something itself when it is asked.
struct meddler {
    void* map = nullptr;
    result<range_handle> (*plug)(void*) = nullptr;
    errc answered{};
    veto before(const hotplug_event& e) {
        if (plug == nullptr || e.what != hotplug_change::plug) return no_veto;
        const auto h = plug(map);
        answered = h ? errc{} : h.error();
        return no_veto;
    }
};
using left_rules = release<zones, otherwise<return_to_tree>, on<lm::device, leave_to_driver>>;

} // namespace

TEST_CASE("a hook that is asked cannot change the map itself", "[hotplug]") {
    using map_type = hotplug_map<zones, left_rules, in_place<8>, hooks<meddler>>;
    map_type map;
    map.hook<meddler>().map = &map;
    map.hook<meddler>().plug = [](void* m) {
        return static_cast<map_type*>(m)->plug(pages(32, 33));
    };
    CHECK(map.plug(pages(0, 1)));
    CHECK(map.hook<meddler>().answered == errc::bad_state);
    CHECK(map.size() == 1);
    CHECK(testing::fault_in(map).empty());
}

TEST_CASE("undoing a plug goes by the tree as it has become", "[hotplug]") {
    hotplug_map<zones, left_rules, in_place<8>> map;
    const auto low = map.plug(pages(0, 4)).value();
    const auto high = map.plug(pages(4, 8)).value();
    auto& tree = map.resources();
    REQUIRE(tree.merge(tree.first_child(tree.root())));
    const auto second = tree.next(tree.first_child(tree.root()));
    REQUIRE(tree.merge(second));
    REQUIRE(tree.size() == 1);
    CHECK(map.undo_plug(low));
    CHECK(tree.size() == 1);
    CHECK(testing::fault_in(map).empty());
    REQUIRE(tree.release(tree.first_child(tree.root())));
    CHECK(map.undo_plug(high) == fail(errc::not_found));
    CHECK(map.about(high)->range == pages(4, 8));
}

TEST_CASE("nobody plugs in everybody's name", "[hotplug]") {
    hotplug_map<zones, left_rules, in_place<8>> map;
    REQUIRE(map.resources().request(bytes(0, 4), "mine", nvdimm));
    CHECK(map.plug<lm::device>(pages(0, 4), {.owner = anyone}) == fail(errc::bad_state));
    CHECK(map.resources().size() == 1);
}

TEST_CASE("a device without a driver comes back to where it was, and RAM does not take its place",
          "[hotplug]") {
    hotplug_map<zones, left_rules, in_place<8>> map;
    for (int i = 0; i != 3; ++i) REQUIRE(map.unplug(map.plug<lm::device>(pages(0, 4)).value()));
    CHECK(map.resources().size() == 1);
    CHECK(map.plug<lm::device>(pages(0, 2)) == fail(errc::busy)); // a part of it
    const auto ram = map.plug(pages(8, 12)).value();
    REQUIRE(map.unplug(ram));
    REQUIRE(map.resources().request(bytes(8, 12), "System RAM", the_system,
                                    {.memory = true, .system_ram = true}));
    CHECK(map.plug<lm::device>(pages(8, 12)) == fail(errc::busy));
}

TEST_CASE("a boot map with pages that no zone reaches is refused", "[hotplug]") {
    using low = zone_set<lm::dma>;
    firmware_map<4> firmware;
    REQUIRE(firmware.add({{phys_addr{0}, phys_addr{0x2000000}}})); // DMA ends at 16 MiB
    const auto usable = boot_ranges<>::make(page_geometry{}, firmware, node_map<>{}).value();
    const auto boot = boot_map<>::make(usable, low::list).value();
    hotplug_map<low, release<low, otherwise<return_to_tree>>, in_place<8>> map(page_geometry{});
    CHECK(map.boot(boot) == fail(errc::out_of_reach));
}
