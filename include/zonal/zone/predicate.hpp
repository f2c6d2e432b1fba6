// SPDX-License-Identifier: BSL-1.0
#pragma once

// Questions about a zone, as template arguments: `&zone_traits::movable`, or anything constant that can be
// called with a zone_info.

#include <zonal/detail/always_false.hpp>
#include <zonal/zone/zone_list.hpp>

namespace zonal::inline v0 {

template <class Predicate>
struct not_a_zone_predicate {
    static consteval bool report() {
        static_assert(detail::always_false<Predicate>,
                      "zone_set: a predicate is a member of zone_traits, such as "
                      "&zone_traits::movable, or can be called with a zone_info");
        return true;
    }
};

namespace detail {

// A predicate is a member of zone_traits, or something that can be called with a zone_info.
template <auto Predicate>
consteval bool is_predicate() {
    constexpr bool member = requires(zone_info zone) { zone.traits.*Predicate; };
    constexpr bool call = requires(zone_info zone) { Predicate(zone); };
    if constexpr (!member && !call) not_a_zone_predicate<decltype(Predicate)>::report();
    return true;
}

template <auto Predicate>
constexpr bool answers(const zone_info& zone) {
    if constexpr (requires { zone.traits.*Predicate; })
        return zone.traits.*Predicate;
    else if constexpr (requires { Predicate(zone); })
        return Predicate(zone);
    else
        return true; // is_predicate has complained
}

} // namespace detail

} // namespace zonal::inline v0
