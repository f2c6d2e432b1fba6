// SPDX-License-Identifier: BSL-1.0
#include <zonal/zone/traits.hpp>

#include <type_traits>

#include "../test.hpp"

// The example of the header.
struct hbm {
    static constexpr zonal::text name = "HBM";
    static constexpr zonal::zone_traits traits{.movable = true, .hot_removable = true};
};
static_assert(zonal::zone_type<hbm>);

using zonal::text;
using zonal::zone_traits;
using zonal::zone_type;

namespace traits_test {

// What is no zone type, each for one reason.
struct without_name {
    static constexpr zone_traits traits{};
};
struct without_traits {
    static constexpr text name = "no traits";
};
struct named_by_a_pointer {
    static constexpr const char* name = "pointer";
    static constexpr zone_traits traits{};
};
struct named_by_a_number {
    static constexpr int name = 3;
    static constexpr zone_traits traits{};
};
struct with_a_flag_for_traits {
    static constexpr text name = "flag";
    static constexpr bool traits = true;
};
struct with_members_per_object {
    zone_traits traits{};
};
class keeps_its_name_private {
    static constexpr text name = "private";

public:
    static constexpr zone_traits traits{};
};

} // namespace traits_test

using namespace traits_test;

namespace {

template <class Z>
concept invalid_zone_types = requires { requires !zone_type<Z>; };
static_assert(invalid_zone_types<int>);
static_assert(invalid_zone_types<void>);
static_assert(invalid_zone_types<hbm*>);
static_assert(invalid_zone_types<zone_traits>);
static_assert(invalid_zone_types<without_name>);
static_assert(invalid_zone_types<without_traits>);
static_assert(invalid_zone_types<named_by_a_pointer>);
static_assert(invalid_zone_types<named_by_a_number>);
static_assert(invalid_zone_types<with_a_flag_for_traits>);
static_assert(invalid_zone_types<with_members_per_object>);
static_assert(invalid_zone_types<keeps_its_name_private>);

// In the order that the comment of rank() gives.
constexpr zone_traits ascending[] = {
    {.reach_bits = 1},  {.reach_bits = 24},
    {.reach_bits = 32}, {.reach_bits = 63},
    {.reach_bits = 64}, {.kernel_mapped = false},
    {.movable = true},  {.allocatable = false, .device = true},
};

constexpr bool ranks_ascend_as_documented() {
    for (const zone_traits& a : ascending)
        for (const zone_traits& b : ascending)
            if ((a.rank() < b.rank()) != (&a < &b)) return false;
    return true;
}
static_assert(ranks_ascend_as_documented());

} // namespace

TEST_CASE("a name and traits make a zone type", "[zone]") {
    STATIC_REQUIRE(zone_type<hbm>);
    STATIC_REQUIRE(zone_type<const hbm>);
    STATIC_REQUIRE(hbm::traits.movable);
    STATIC_REQUIRE(hbm::traits.hot_removable);
    STATIC_REQUIRE(hbm::traits.allocatable);
    STATIC_REQUIRE(!hbm::traits.device);
}

TEST_CASE("a zone's place is by reach, then unmapped, then movable, then device", "[zone]") {
    CHECK(ranks_ascend_as_documented());
}

TEST_CASE("what policies ask for besides does not move a zone", "[zone]") {
    STATIC_REQUIRE(zone_traits{}.rank() == zone_traits{.hot_removable = true}.rank());
    STATIC_REQUIRE(zone_traits{}.rank() == zone_traits{.allocatable = false}.rank());
    // Only zones that the kernel maps are told apart by their reach.
    STATIC_REQUIRE(zone_traits{.movable = true}.rank() ==
                   zone_traits{.movable = true, .reach_bits = 32}.rank());
    STATIC_REQUIRE(zone_traits{.movable = true}.rank() ==
                   zone_traits{.movable = true, .kernel_mapped = false}.rank());
    STATIC_REQUIRE(zone_traits{.device = true}.rank() ==
                   zone_traits{.movable = true, .device = true}.rank());
}

TEST_CASE("traits are a value without defaults that surprise", "[zone]") {
    STATIC_REQUIRE(std::is_trivially_copyable_v<zone_traits>);
    STATIC_REQUIRE(zone_traits{} == zone_traits{.allocatable = true,
                                                .movable = false,
                                                .device = false,
                                                .kernel_mapped = true,
                                                .hot_removable = false,
                                                .reach_bits = 64});
    STATIC_REQUIRE(zone_traits{} != zone_traits{.reach_bits = 32});
    STATIC_REQUIRE(!std::is_convertible_v<bool, zone_traits>);
}
