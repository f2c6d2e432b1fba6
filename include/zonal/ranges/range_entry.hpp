// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a pfn_range_map holds and hands out: a range and its value.

#include <concepts>
#include <type_traits>

#include <zonal/core/pfn_range.hpp>
#include <zonal/detail/always_false.hpp>

namespace zonal::inline v0 {

/// Pages that have a value in common.
template <class T>
struct range_entry {
    pfn_range range;
    [[no_unique_address]] T value{};
    friend bool operator==(const range_entry&, const range_entry&) = default;
};

/// The value of a range in a pfn_range_set: none.
struct no_value {
    friend constexpr bool operator==(no_value, no_value) = default;
};

/// Can be the value of a range. A range that splits needs its value twice, in the middle of a
/// change that must not fail: copying is noexcept, so a name is a `text` or an index, not a string.
template <class T>
concept range_value =
    std::semiregular<T> && std::is_nothrow_default_constructible_v<T> &&
    std::is_nothrow_copy_constructible_v<T> && std::is_nothrow_copy_assignable_v<T>;

// What a compile error names.
template <class T>
struct value_cannot_be_kept_in_ranges {
    static_assert(detail::always_false<T>,
                  "pfn_range_map: when ranges split their value is copied, so the value type needs "
                  "a default constructor, a copy constructor and a copy assignment, all noexcept; "
                  "use an index or a pointer for anything else");
    using named = void;
};

} // namespace zonal::inline v0
