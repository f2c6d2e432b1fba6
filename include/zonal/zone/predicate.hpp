// SPDX-License-Identifier: BSL-1.0
#pragma once

// Questions about a zone, as template arguments: `&zone_traits::movable`, or anything constant that can be
// called with a zone_info.

#include <zonal/zone/zone_list.hpp>

namespace zonal::inline v0 {

namespace detail {

// A predicate is a member of zone_traits, or something that can be called with a zone_info.
template <auto Predicate>
consteval bool is_predicate() {
    constexpr bool member = requires(zone_info zone) { zone.traits.*Predicate; };
    constexpr bool call = requires(zone_info zone) { Predicate(zone); };
    static_assert(member || call, "zone_set: a predicate is a member of zone_traits, such as "
                                  "&zone_traits::movable, or can be called with a zone_info");
    return true;
}

template <auto Predicate>
constexpr bool answers(const zone_info& zone) {
    if constexpr (requires { zone.traits.*Predicate; })
        return zone.traits.*Predicate;
    else if constexpr (requires { Predicate(zone); })
        return Predicate(zone);
    else
        return is_predicate<Predicate>();
}

} // namespace detail

} // namespace zonal::inline v0
