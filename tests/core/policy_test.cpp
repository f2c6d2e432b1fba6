// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/policy.hpp>

#include "../test.hpp"

using namespace zonal;

namespace {

// ---- the header's example ----
struct storage_slot {};
struct search_slot {};
struct in_place {
    using policy_slot = storage_slot;
};
struct elsewhere {
    using policy_slot = storage_slot;
};
struct linear {
    using policy_slot = search_slot;
};
struct no_policy {};
struct by_default {};

template <class... Policies>
using storage = policy_for<storage_slot, by_default, Policies...>;

static_assert(policy<in_place> && !policy<no_policy> && !policy<int>);

static_assert(std::is_same_v<storage<in_place, linear>, in_place>);
static_assert(std::is_same_v<storage<linear, in_place>, in_place>, "the order makes no difference");
static_assert(std::is_same_v<storage<linear>, by_default>);
static_assert(std::is_same_v<storage<>, by_default>);
static_assert(std::is_same_v<storage<no_policy, in_place>, in_place>, "the rest is for check");

using slots = policy_slots<storage_slot, search_slot>;
static_assert(std::is_same_v<slots::mistake<>, detail::no_mistake>);
static_assert(std::is_same_v<slots::mistake<linear, in_place>, detail::no_mistake>);

// The first mistake is named; only looking inside it fails to compile (see tests/fail).
static_assert(std::is_same_v<slots::mistake<in_place, no_policy>,
                             policy_has_no_slot_here<no_policy, storage_slot, search_slot>>);
static_assert(std::is_same_v<policy_slots<storage_slot>::mistake<linear>,
                             policy_has_no_slot_here<linear, storage_slot>>);
static_assert(std::is_same_v<slots::mistake<in_place, linear, elsewhere>,
                             two_policies_for_one_slot<storage_slot, in_place, elsewhere>>);
static_assert(std::is_same_v<slots::mistake<in_place, in_place>,
                             two_policies_for_one_slot<storage_slot, in_place, in_place>>);
static_assert(std::is_same_v<slots::mistake<no_policy, in_place, in_place>,
                             policy_has_no_slot_here<no_policy, storage_slot, search_slot>>);

} // namespace

TEST_CASE("policies are found by the slot that they declare", "[core]") {
    STATIC_REQUIRE(std::is_same_v<storage<linear, in_place>, in_place>);
}
