// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a change did to the ranges of a map, for whoever keeps something beside it.
//
//     map.erase(dimm, missing::refuse, [&](const range_event<owner>& e) {
//         if (e.what == range_change::removed) forget(e.before);
//     });
//
// The events of one call describe the difference between before and after, and carried out one
// after the other they make the one from the other: `added` pages did not have the value,
// `removed`, `shrank` and `split` pages lost theirs, `joined` changes no page. A range that got
// another value is removed and added.

#include <concepts>
#include <type_traits>

#include <zonal/ranges/range_entry.hpp>

namespace zonal::inline v0 {

enum class range_change : unsigned char {
    added,   ///< there is a new range `after`
    removed, ///< `before` is gone
    shrank,  ///< of `before` only `after` is left
    split,   ///< of `before` the lower part `after` and the part `upper` are left
    joined,  ///< `before` and the adjacent `upper` have become one, `after`
};

/// Ranges that an event does not speak of are empty.
template <class T>
struct range_event {
    range_change what;
    pfn_range before;
    pfn_range after;
    pfn_range upper;
    [[no_unique_address]] T value;
    friend bool operator==(const range_event&, const range_event&) = default;
};

/// Takes the events of one call when it is certain that the call succeeds, lowest range first; set
/// algebra makes two passes.
/// Requires: does not touch the map, which may or may not have changed yet.
template <class O, class T>
concept range_observer = std::invocable<O&, const range_event<T>&>;

/// Reports cost nothing with it.
struct no_observer {
    template <class T>
    constexpr void operator()(const range_event<T>&) const noexcept {}
};

namespace detail {
template <class Observer>
inline constexpr bool is_silent = std::is_same_v<std::remove_cvref_t<Observer>, no_observer>;
} // namespace detail

} // namespace zonal::inline v0
