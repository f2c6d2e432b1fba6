// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/ids.hpp>

#include <type_traits>

#include "../test.hpp"

using zonal::field_value;
using zonal::node_id;
using zonal::section_id;
using zonal::text;
using zonal::zone_id;

namespace ids_test {

/// What a user may write.
struct heat {
    static constexpr text field_name = "heat";
    std::uint8_t value = 0;
    friend constexpr bool operator==(heat, heat) = default;
};
struct dirty {
    static constexpr text field_name = "dirty";
    bool value = false;
    friend constexpr bool operator==(dirty, dirty) = default;
};

// What is no field value, each for one reason.
struct without_name {
    std::uint8_t value = 0;
    friend constexpr bool operator==(without_name, without_name) = default;
};
struct without_value {
    static constexpr text field_name = "nothing";
    friend constexpr bool operator==(without_value, without_value) = default;
};
struct without_equality {
    static constexpr text field_name = "unequal";
    std::uint8_t value = 0;
};
struct with_a_pointer {
    static constexpr text field_name = "pointer";
    const void* value = nullptr;
    friend constexpr bool operator==(with_a_pointer, with_a_pointer) = default;
};
struct with_a_signed_number {
    static constexpr text field_name = "signed";
    short value = 0;
    friend constexpr bool operator==(with_a_signed_number, with_a_signed_number) = default;
};
class made_by_nobody {
public:
    static constexpr text field_name = "private";
    std::uint8_t value = 0;
    friend constexpr bool operator==(made_by_nobody, made_by_nobody) = default;

private:
    constexpr made_by_nobody() = default;
};

} // namespace ids_test

using namespace ids_test;

namespace {

template <class T>
concept invalid_field_values = requires { requires !field_value<T>; };
static_assert(invalid_field_values<int>);
static_assert(invalid_field_values<std::uint64_t>);
static_assert(invalid_field_values<bool>);
static_assert(invalid_field_values<text>);
static_assert(invalid_field_values<without_name>);
static_assert(invalid_field_values<without_value>);
static_assert(invalid_field_values<without_equality>);
static_assert(invalid_field_values<with_a_pointer>);
static_assert(invalid_field_values<with_a_signed_number>); // -1 fits no field
static_assert(invalid_field_values<made_by_nobody>);

template <class Id>
constexpr bool is_a_strong_number() {
    static_assert(field_value<Id>);
    static_assert(std::is_trivially_copyable_v<Id>);
    static_assert(sizeof(Id) == sizeof(std::uint64_t));
    static_assert(!std::is_convertible_v<int, Id>);
    static_assert(!std::is_convertible_v<std::uint64_t, Id>);
    static_assert(!std::is_convertible_v<Id, std::uint64_t>);
    static_assert(!std::is_convertible_v<Id, bool>);
    return Id{} == Id{0} && Id{1} != Id{2} && Id{1} < Id{2} && Id{~std::uint64_t{0}} > Id{0};
}
static_assert(is_a_strong_number<zone_id>());
static_assert(is_a_strong_number<node_id>());
static_assert(is_a_strong_number<section_id>());

template <class A, class B>
concept comparable = requires(A a, B b) { a == b; } || requires(A a, B b) { a < b; };

} // namespace

TEST_CASE("an id is a number that is not mixed up with another", "[core]") {
    CHECK(is_a_strong_number<zone_id>());
    CHECK(is_a_strong_number<node_id>());
    CHECK(is_a_strong_number<section_id>());
    STATIC_REQUIRE(comparable<zone_id, zone_id>);
    STATIC_REQUIRE(!comparable<zone_id, node_id>);
    STATIC_REQUIRE(!comparable<node_id, section_id>);
    STATIC_REQUIRE(!comparable<zone_id, int>);
    STATIC_REQUIRE(!std::is_constructible_v<zone_id, node_id>);
}

TEST_CASE("an id names its field", "[core]") {
    STATIC_REQUIRE(zone_id::field_name == "zone");
    STATIC_REQUIRE(node_id::field_name == "node");
    STATIC_REQUIRE(section_id::field_name == "section");
}

TEST_CASE("a struct with a name and a number is a field value, however small its number",
          "[core]") {
    STATIC_REQUIRE(field_value<heat>);
    STATIC_REQUIRE(field_value<dirty>);
    STATIC_REQUIRE(field_value<const heat>);
}
