// SPDX-License-Identifier: BSL-1.0

// The hunk that this library comes from, told by the recording 6.1-R01: what release_adjustable does
// to a device's range, and that it cannot happen where the type says whose the range is.

#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/release_rules.hpp>
#include <zonal/linux_mm/resource_quirks.hpp>

#include "test.hpp"

namespace lm = zonal::linux_mm;
using namespace zonal;

namespace {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
using rules = lm::release_rules<zones>;

static_assert(std::is_same_v<rules::policy_for<lm::device>, drain_then<leave_to_driver>>);
static_assert(std::is_same_v<rules::policy_for<lm::normal>, return_to_tree>);
static_assert(rules::drains<lm::device> && !rules::drains<lm::movable>);
static_assert(lm::release_rules<zone_set<lm::normal, lm::movable>>::has_otherwise);

// As a kernel did that took device memory for RAM: through the tree, whoever owned it.
struct through_the_tree {
    template <class Tree>
    static constexpr result<done> give_back(const leaving& l, Tree& tree) {
        constexpr auto quirks = lm::resource_quirks_for(lm::version{6, 1}).value();
        return release_adjustable(tree, l.bytes, the_system, quirks);
    }
};
using rules_without_the_hunk = release<zones, otherwise<through_the_tree>>;

// The range of R01, t84 to t99: namespace0.0 in the middle of Persistent Memory.
constexpr address_range dimm{phys_addr{0x2000000000}, phys_addr{0x2010000000}};
constexpr address_range ns{phys_addr{0x2001000000}, phys_addr{0x2002000000}};
constexpr pfn_range ns_pages{pfn{0x2001000}, pfn{0x2002000}};
constexpr owner_id driver{1};

/// What the driver's own release says, after its range was plugged and unplugged.
template <class Rules>
constexpr result<done> release_by_driver() {
    hotplug_map<zones, Rules, in_place<4>> map;
    const auto pmem = map.resources().insert({dimm, "Persistent Memory", {.memory = true}});
    const auto own = map.resources().request(ns, "namespace0.0", driver);
    if (!pmem || !own) return fail(errc::bad_state);
    const auto h = map.template plug<lm::device>(ns_pages, {.owner = driver});
    if (!h) return fail(h.error());
    if (const auto gone = map.unplug(map.drain(*h).value()); !gone) return gone;
    return release_region(map.resources(), ns, driver);
}

} // namespace

TEST_CASE("the seed's hunk: a driver finds its entry when its device range has left",
          "[linux_mm][R01]") {
    constexpr auto released = release_by_driver<rules>();
    STATIC_REQUIRE(released.has_value());
    CHECK(release_by_driver<rules>().has_value());
}

TEST_CASE("without the hunk the tree deletes the driver's entry, and the driver finds nothing",
          "[linux_mm][R01]") {
    CHECK(release_by_driver<rules_without_the_hunk>() == fail(errc::not_found));
}

TEST_CASE("RAM leaves the tree when it is unplugged, without a token", "[linux_mm]") {
    hotplug_map<zones, rules, in_place<4>> map;
    const pfn_range dimm_pages{pfn{0x100000}, pfn{0x108000}};
    const auto ram = map.plug(dimm_pages);
    REQUIRE(ram.has_value());
    REQUIRE(map.online(*ram, zones::id_of<lm::movable>).has_value());
    CHECK(map.resources().size() == 1);
    CHECK(map.unplug(*ram).has_value());
    CHECK(map.resources().size() == 0);
    CHECK(map.memory().pages_of(node_id{0}, zones::id_of<lm::movable>).span.empty());
}
