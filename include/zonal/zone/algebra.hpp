// SPDX-License-Identifier: BSL-1.0
#pragma once

// New zone sets from old ones.
//
//     using all = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>;
//     static_assert(std::is_same_v<without<all, lm::dma>,
//                                  zone_set<lm::dma32, lm::normal, lm::movable, lm::device>>);
//     using ram = only<all, &zone_traits::allocatable>;
//     static_assert(ram::size == 4);
//
// The results are zone sets and so are checked as such; an empty result does not compile.

#include <zonal/detail/type_list.hpp>
#include <zonal/zone/predicate.hpp>
#include <zonal/zone/zone_set.hpp>

namespace zonal::inline v0 {

namespace detail {

template <auto Predicate, bool Wanted>
struct by_traits {
    template <class Zone>
    static constexpr bool keep = answers<Predicate>({Zone::name, Zone::traits}) == Wanted;
};
template <class Set, std::uint64_t... Places>
struct all_but {
    template <class Zone>
    static constexpr bool keep = ((Set::template id_of<Zone>.value != Places) && ...);
};

} // namespace detail

/// Set without some of its zones.
/// Requires: each of them is in the set.
template <class Set, class... Dropped>
using without =
    detail::filtered<zone_set, detail::all_but<Set, Set::template id_of<Dropped>.value...>,
                     typename Set::listed>;

/// The zones that answer yes to Predicate: `&zone_traits::allocatable`, or anything constant that
/// can be called with a zone_info.
template <class Set, auto Predicate, bool Yes = detail::is_predicate<Predicate>()>
using only = detail::filtered<zone_set, detail::by_traits<Predicate, Yes>, typename Set::listed>;

/// Set cut in two by a predicate; both sides must have a zone.
template <class Set, auto Predicate>
struct partition {
    using yes = only<Set, Predicate>;
    using no = only<Set, Predicate, false>;
};

} // namespace zonal::inline v0
