// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which zone, which node, which section: small numbers that must not be mixed up either.
//
// Each is also the name of its field in a page word, so `word::get<zone_id>(raw)` needs no second
// list of names. A user's own field is one more such struct; `field_value` states what it must
// offer.

#include <compare>
#include <concepts>
#include <cstdint>

#include <zonal/core/text.hpp>

namespace zonal::inline v0 {

/// Position of a zone in its zone set; 0 is the first.
struct zone_id {
    static constexpr text field_name = "zone";
    std::uint64_t value = 0;
    friend constexpr auto operator<=>(zone_id, zone_id) = default;
};

/// A NUMA node.
struct node_id {
    static constexpr text field_name = "node";
    std::uint64_t value = 0;
    friend constexpr auto operator<=>(node_id, node_id) = default;
};

/// Number of a section: its first pfn divided by the pages of a section.
struct section_id {
    static constexpr text field_name = "section";
    std::uint64_t value = 0;
    friend constexpr auto operator<=>(section_id, section_id) = default;
};

/// A strong unsigned number with the name of the field that holds it.
template <class T>
concept field_value = std::equality_comparable<T> && requires(T v) {
    { T::field_name.size } -> std::convertible_to<std::size_t>;
    requires std::unsigned_integral<decltype(T::value)>;
    T{v.value};
};

static_assert(field_value<zone_id> && field_value<node_id> && field_value<section_id>);
static_assert(!field_value<unsigned>, "a bare number does not say which field it belongs to");

} // namespace zonal::inline v0
