// SPDX-License-Identifier: BSL-1.0
#pragma once

// Fields as types: what the template arguments of a page_word are.
//
//     struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<zones>> {};
//
// A field of your own is a value type with a name, and a width:
//
//     struct heat { static constexpr text field_name = "heat"; std::uint8_t value = 0;
//                   friend constexpr bool operator==(heat, heat) = default; };
//     using heat_bits = field<heat, 4, no_room::take_rest>;

#include <zonal/core/ids.hpp>
#include <zonal/detail/always_false.hpp>
#include <zonal/flags/field.hpp>

namespace zonal::inline v0 {

/// The flags proper, at the low end of the word; their names are the user's.
struct flag_bits {
    static constexpr text field_name = "flags";
    std::uint64_t value = 0;
    friend constexpr auto operator<=>(flag_bits, flag_bits) = default;
};

template <class Value, unsigned Width, unsigned ValueBits>
consteval bool field_width() {
    static_assert(Width <= ValueBits,
                  "field: wider than its value's type; use a larger integer or fewer bits");
    return true;
}

/// A field of Width bits that holds a Value.
/// Requires: Value's integer has at least Width bits.
template <field_value Value, unsigned Width, no_room Otherwise = no_room::refuse,
          encoding Stored = encoding::identity, anchor From = anchor::high, unsigned Claim = 0,
          bool CountsLeftOut = false>
struct field {
    static_assert(field_width<Value, Width, sizeof(Value{}.value) * 8>());

    using value_type = Value;
    static constexpr field_spec spec{.name = Value::field_name,
                                     .width = Width,
                                     .otherwise = Otherwise,
                                     .stored = Stored,
                                     .from = From,
                                     .claim = Claim,
                                     .counts_left_out = CountsLeftOut};
};

/// Width flags at the low end.
template <unsigned Width>
struct flag_field : field<flag_bits, Width, no_room::refuse, encoding::identity, anchor::low> {};

/// The number of the page's section; only where the memory map is not contiguous.
template <unsigned Width>
struct section_field : field<section_id, Width> {};

/// The page's node. Without room it is left out: the section knows its node.
template <unsigned Width>
struct node_field : field<node_id, Width, no_room::side_table> {};

/// The page's zone.
template <unsigned Width>
struct zone_field : field<zone_id, Width> {};

/// The page's zone, as wide as a set of zones needs. Set is anything with a static `size`.
template <class Set>
struct zone_of : zone_field<bits_for(Set::size)> {};

/// What a page_word accepts as a field.
template <class F>
concept word_field = field_value<typename F::value_type> && requires {
    { F::spec } -> std::convertible_to<field_spec>;
};

} // namespace zonal::inline v0
