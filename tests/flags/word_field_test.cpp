// SPDX-License-Identifier: BSL-1.0
#include <zonal/flags/word_field.hpp>

#include <utility>

#include "../test.hpp"

using namespace zonal;

namespace word_field_test {

// The header's example, written out.
struct heat {
    static constexpr text field_name = "heat";
    std::uint8_t value = 0;
    friend constexpr bool operator==(heat, heat) = default;
};
using heat_bits = field<heat, 4, no_room::take_rest>;

struct dirty {
    static constexpr text field_name = "dirty";
    bool value = false;
    friend constexpr bool operator==(dirty, dirty) = default;
};

template <unsigned Size>
struct anything_with_a_size {
    static constexpr unsigned size = Size;
};

// A field that does not use `field` at all.
struct by_hand {
    using value_type = heat;
    static constexpr field_spec spec{.name = "by hand", .width = 3};
};

// What is no field, each for one reason.
struct without_spec {
    using value_type = heat;
};
struct without_value {
    static constexpr field_spec spec{.name = "no value", .width = 3};
};
struct of_a_bare_number {
    using value_type = unsigned;
    static constexpr field_spec spec{.name = "bare", .width = 3};
};
struct with_a_number_for_spec {
    using value_type = heat;
    static constexpr int spec = 3;
};

} // namespace word_field_test

using namespace word_field_test;

namespace {

template <class F>
concept invalid_word_fields = requires { requires !word_field<F>; };
static_assert(invalid_word_fields<int>);
static_assert(invalid_word_fields<heat>);
static_assert(invalid_word_fields<node_id>);
static_assert(invalid_word_fields<field_spec>);
static_assert(invalid_word_fields<without_spec>);
static_assert(invalid_word_fields<without_value>);
static_assert(invalid_word_fields<of_a_bare_number>);
static_assert(invalid_word_fields<with_a_number_for_spec>);

template <class Value, unsigned Width>
concept makes_a_field = requires { typename field<Value, Width>; };
static_assert(makes_a_field<heat, 8>);
static_assert(!makes_a_field<unsigned, 8>); // a bare number does not say which field it is

// The bits that a number below `values` needs, found by halving.
constexpr unsigned bits_by_halving(unsigned values) {
    unsigned bits = 0;
    for (unsigned rest = values - 1; rest != 0; rest /= 2) ++bits;
    return bits;
}
template <unsigned... N>
constexpr bool zones_are_as_wide_as_their_set(std::integer_sequence<unsigned, N...>) {
    return ((zone_of<anything_with_a_size<N + 1>>::spec.width == bits_by_halving(N + 1)) && ...);
}
static_assert(zones_are_as_wide_as_their_set(std::make_integer_sequence<unsigned, 16>{}));

} // namespace

TEST_CASE("a value type with a name and a width make a field", "[flags]") {
    STATIC_REQUIRE(word_field<heat_bits>);
    STATIC_REQUIRE(heat_bits::spec.name == "heat");
    STATIC_REQUIRE(heat_bits::spec.width == 4);
    STATIC_REQUIRE(heat_bits::spec.otherwise == no_room::take_rest);
    STATIC_REQUIRE(std::is_same_v<heat_bits::value_type, heat>);
}

TEST_CASE("a field says what it asks for, and nothing else", "[flags]") {
    using plain = field<node_id, 10>;
    STATIC_REQUIRE(plain::spec == field_spec{.name = "node", .width = 10});
    using special = field<heat, 8, no_room::member, encoding::inverted, anchor::low, 3, true>;
    STATIC_REQUIRE(special::spec == field_spec{.name = "heat",
                                               .width = 8,
                                               .otherwise = no_room::member,
                                               .stored = encoding::inverted,
                                               .from = anchor::low,
                                               .claim = 3,
                                               .counts_left_out = true});
}

TEST_CASE("the usual fields are ready-made", "[flags]") {
    STATIC_REQUIRE(flag_field<24>::spec ==
                   field_spec{.name = "flags", .width = 24, .from = anchor::low});
    STATIC_REQUIRE(section_field<19>::spec == field_spec{.name = "section", .width = 19});
    STATIC_REQUIRE(node_field<10>::spec ==
                   field_spec{.name = "node", .width = 10, .otherwise = no_room::side_table});
    STATIC_REQUIRE(zone_field<3>::spec == field_spec{.name = "zone", .width = 3});
    STATIC_REQUIRE(zone_of<anything_with_a_size<5>>::spec ==
                   field_spec{.name = "zone", .width = 3});
    STATIC_REQUIRE(word_field<flag_field<24>>);
    STATIC_REQUIRE(word_field<section_field<0>>);
    STATIC_REQUIRE(word_field<node_field<64>>);
    STATIC_REQUIRE(word_field<zone_of<anything_with_a_size<1>>>);
}

TEST_CASE("the zone field is as wide as its set of one to sixteen zones needs", "[flags]") {
    STATIC_REQUIRE(zones_are_as_wide_as_their_set(std::make_integer_sequence<unsigned, 16>{}));
    STATIC_REQUIRE(zone_of<anything_with_a_size<1>>::spec.width == 0);
    STATIC_REQUIRE(zone_of<anything_with_a_size<16>>::spec.width == 4);
}

TEST_CASE("a field may be as wide as its value's integer", "[flags]") {
    STATIC_REQUIRE(field<heat, 8>::spec.width == 8);
    STATIC_REQUIRE(field<heat, 0>::spec.width == 0);
    STATIC_REQUIRE(field<dirty, 1>::spec.width == 1);
    STATIC_REQUIRE(field<node_id, 64>::spec.width == 64);
}

TEST_CASE("whatever has a value type and a spec is a field", "[flags]") {
    STATIC_REQUIRE(word_field<by_hand>);
}
