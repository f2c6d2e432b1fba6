// SPDX-License-Identifier: BSL-1.0
#include <zonal/flags/field.hpp>

#include <type_traits>

#include "../test.hpp"

using zonal::field_spec;
using zonal::no_room;

namespace {

// In the order in which they claim; those on one line claim in the order of the list.
constexpr field_spec claimants[][2] = {
    {{.name = "f", .otherwise = no_room::refuse},
     {.name = "f", .width = 9, .otherwise = no_room::refuse}},
    {{.name = "f", .otherwise = no_room::side_table},
     {.name = "f", .otherwise = no_room::take_rest}},
    {{.name = "f", .otherwise = no_room::refuse, .claim = 1},
     {.name = "f", .otherwise = no_room::refuse, .claim = 1}},
    {{.name = "f", .otherwise = no_room::member, .claim = 1},
     {.name = "f", .otherwise = no_room::side_table, .claim = 1}},
    {{.name = "f", .otherwise = no_room::refuse, .claim = 7},
     {.name = "f", .otherwise = no_room::refuse, .claim = 7, .counts_left_out = true}},
};

constexpr bool claims_are_in_order() {
    for (const auto& a : claimants)
        for (const auto& b : claimants)
            for (const field_spec& x : a)
                for (const field_spec& y : b)
                    if (x.claims_before(y) != (&a < &b)) return false;
    return true;
}
static_assert(claims_are_in_order());

} // namespace

TEST_CASE("fields claim by number, and among equals those that cannot do without go first",
          "[flags]") {
    CHECK(claims_are_in_order());
}

TEST_CASE("a field asks for nothing special unless told to", "[flags]") {
    constexpr field_spec plain{};
    STATIC_REQUIRE(plain.width == 0);
    STATIC_REQUIRE(plain.otherwise == no_room::refuse);
    STATIC_REQUIRE(plain.stored == zonal::encoding::identity);
    STATIC_REQUIRE(plain.from == zonal::anchor::high);
    STATIC_REQUIRE(plain.claim == 0);
    STATIC_REQUIRE(!plain.counts_left_out);
    STATIC_REQUIRE(std::is_trivially_copyable_v<field_spec>);
}
