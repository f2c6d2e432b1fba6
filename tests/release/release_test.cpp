// SPDX-License-Identifier: BSL-1.0
#include <zonal/release/release.hpp>

#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

#include "test.hpp"

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;

// The header's example.
using rules =
    release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>>;
static_assert(rules::drains<lm::device> && !rules::drains<lm::normal>);

// ---- which policy serves which zone -------------------------------------------------------------

template <class Rules, class Zone, class Policy>
inline constexpr bool serves = std::is_same_v<typename Rules::template policy_for<Zone>, Policy>;

static_assert(serves<rules, lm::dma32, return_to_tree> &&
              serves<rules, lm::normal, return_to_tree>);
static_assert(serves<rules, lm::movable, return_to_tree>);
static_assert(serves<rules, lm::device, drain_then<leave_to_driver>>);
static_assert(serves<rules, void, return_to_tree>, "ranges in no zone");
static_assert(rules::has_otherwise);
static_assert(std::is_same_v<rules::zones, zones>);

/// Rules may stand in any order, and every zone may be named; then there need not be an otherwise.
using any_order =
    release<zones, on<lm::device, drain_then<leave_to_driver>>, otherwise<return_to_tree>>;
static_assert(serves<any_order, lm::device, drain_then<leave_to_driver>>);
static_assert(serves<any_order, lm::dma32, return_to_tree>);
struct dram {
    static constexpr text name = "DRAM";
    static constexpr zone_traits traits{};
};
struct far_memory {
    static constexpr text name = "Far";
    static constexpr zone_traits traits{.movable = true};
};
using tiers = zone_set<dram, far_memory>;
using each_named = release<tiers, on<far_memory, leave_to_driver>, on<dram, return_to_tree>>;
static_assert(!each_named::has_otherwise);
static_assert(serves<each_named, dram, return_to_tree>);
static_assert(serves<each_named, far_memory, leave_to_driver>);
// A rule for the rest may have no rest but the ranges in no zone.
using nothing_left = release<tiers, on<far_memory, leave_to_driver>, on<dram, return_to_tree>,
                             otherwise<drain_then<return_to_tree>>>;
static_assert(nothing_left::has_otherwise && !nothing_left::drains<dram> &&
              nothing_left::drains<void>);

// ---- stateful policies --------------------------------------------------------------------------

struct counts {
    int given = 0;
    constexpr result<done> give_back(const leaving&, auto&) {
        ++given;
        return done{};
    }
    constexpr void take_back(const leaving&, auto&) { --given; }
};
using counted = release<zones, otherwise<counts>, on<lm::movable, counts>, on<lm::device, counts>>;

constexpr auto give = [](resource_tree<in_place<1>>& tree) {
    return [&tree](auto& policy) { return policy.give_back(leaving{}, tree); };
};

/// How often each rule's policy has been asked, as one number: otherwise, movable, device.
constexpr int asked(counted& r) {
    return 100 * r.policy_of<void>().given + 10 * r.policy_of<lm::movable>().given +
           r.policy_of<lm::device>().given;
}
constexpr bool each_rule_counts_for_itself() {
    counted r;
    resource_tree<in_place<1>> tree;
    bool ok = &r.policy_of<lm::dma32>() == &r.policy_of<lm::normal>() &&
              &r.policy_of<lm::normal>() == &r.policy_of<void>() &&
              &r.policy_of<lm::movable>() != &r.policy_of<lm::normal>();
    ok = ok && r.visit(zones::id_of<lm::normal>, give(tree)).has_value() && asked(r) == 100;
    ok = ok && r.visit(zones::id_of<lm::dma32>, give(tree)).has_value() && asked(r) == 200;
    ok = ok && r.visit(zones::id_of<lm::movable>, give(tree)).has_value() && asked(r) == 210;
    ok = ok && r.visit(zones::id_of<lm::device>, give(tree)).has_value() && asked(r) == 211;
    // Ids of no zone: memory that never was in one.
    ok = ok && r.visit(zone_id{zones::size}, give(tree)).has_value() && asked(r) == 311;
    return ok && r.visit(zone_id{~std::uint64_t{0}}, give(tree)).has_value() && asked(r) == 411;
}
static_assert(each_rule_counts_for_itself());

} // namespace

TEST_CASE("which policy gives back which zone's ranges is a type, as in the header's example",
          "[release]") {
    STATIC_REQUIRE(rules::drains<lm::device> && !rules::drains<lm::normal>);
    rules r;
    const bool draining = r.visit(zones::id_of<lm::device>, []<class P>(P&) { return drains<P>; });
    const bool not_draining =
        r.visit(zones::id_of<lm::normal>, []<class P>(P&) { return drains<P>; });
    CHECK(draining);
    CHECK_FALSE(not_draining);
}

TEST_CASE("each rule has a policy object of its own, which its zones share", "[release]") {
    CHECK(each_rule_counts_for_itself());
}

TEST_CASE("the policies within a rule's policy can be reached", "[release]") {
    release<zones, otherwise<then<counts, quarantine<return_to_tree, in_place<2>>>>,
            on<lm::device, drain_then<then<counts, leave_to_driver>>>>
        r;
    resource_tree<in_place<1>> tree;
    REQUIRE(r.visit(zones::id_of<lm::device>, give(tree)));
    CHECK(r.policy_of<lm::device>().get<counts>().given == 1);
    CHECK(r.policy_of<lm::normal>().get<counts>().given == 0);
    CHECK(
        r.policy_of<lm::normal>().get<quarantine<return_to_tree, in_place<2>>>().waiting().empty());
}
