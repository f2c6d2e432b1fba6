// SPDX-License-Identifier: BSL-1.0
#pragma once

// A checked, ordered list of zone types. Any number of sets can live in one program.
//
//     using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
//     static_assert(zones::id_of<lm::movable> == zone_id{2});
//     static_assert(zones::name_of(zone_id{3}) == "Device");
//     // zones::id_of<lm::dma>   error: no such zone in this set [with Zone = lm::dma; ...]
//
// Derive from it to give it a short name in symbols and messages: struct my_zones : zone_set<...>
// {};

#include <type_traits>

#include <zonal/detail/always_false.hpp>
#include <zonal/zone/zone_list.hpp>

namespace zonal::inline v0 {

/// Stands for a zone type as a value: what `zone_set::visit` hands to the caller.
template <class Zone>
struct zone_tag {
    using type = Zone;
};

/// The types that a message shows, in their order.
template <class...>
struct zones_listed {};

// What a compile error names.
template <zone_list_fault Fault, class Zone, class CollidesWith>
consteval void zone_list_mistake() {
    static_assert(Fault != zone_list_fault::unnamed, "zone_set: a zone has an empty name");
    static_assert(Fault != zone_list_fault::duplicate,
                  "zone_set: a zone (or two of one name) stands twice in the list; remove one");
    static_assert(Fault != zone_list_fault::out_of_order,
                  "zone_set: zones out of order; list kernel zones by ascending reach, then "
                  "unmapped, then movable, then device zones");
    static_assert(Fault != zone_list_fault::allocatable_device,
                  "zone_set: a device zone must not be allocatable; its memory is the driver's");
}

namespace detail {

template <unsigned I, class Listed>
struct nth_listed;
template <unsigned I, class First, class... Rest>
struct nth_listed<I, zones_listed<First, Rest...>> : nth_listed<I - 1, zones_listed<Rest...>> {};
template <class First, class... Rest>
struct nth_listed<0, zones_listed<First, Rest...>> {
    using type = First;
};

template <class Zone, class... Listed>
consteval std::uint64_t index_in_set() {
    constexpr bool is_listed = (std::is_same_v<Zone, Listed> || ...);
    static_assert(is_listed, "zone_set: no such zone in this set (first argument; the set "
                             "follows); add it to the list, or ask for another");
    std::uint64_t i = 0;
    static_cast<void>(((std::is_same_v<Zone, Listed> || (++i, false)) || ...));
    return i;
}

template <class... Zones>
consteval zone_list list_of() {
    zone_list list;
    (static_cast<void>(list.add({Zones::name, Zones::traits})), ...);
    return list;
}

// In a function, so that a mistake in the list does not make the set a type without values.
template <class... Zones>
consteval bool check() {
    static_assert(sizeof...(Zones) != 0, "zone_set: a set needs at least one zone");
    static_assert(sizeof...(Zones) <= max_zones, "zone_set: more zones than max_zones");
    static_assert((zone_type<Zones> && ...),
                  "zone_set: a zone type needs a static constexpr `name` (zonal::text) and "
                  "`traits` (zonal::zone_traits)");
    if constexpr (sizeof...(Zones) - 1 < max_zones && (zone_type<Zones> && ...)) {
        constexpr auto found = list_of<Zones...>().check();
        zone_list_mistake<found.fault,
                          typename nth_listed<found.first, zones_listed<Zones...>>::type,
                          typename nth_listed<found.second, zones_listed<Zones...>>::type>();
    }
    return true;
}

} // namespace detail

/// The zones of one system, in ascending order of their ids.
/// Requires (checked at compile time): zone types, no duplicates by type or name, in order of
/// zone_traits::rank, no allocatable device zone.
/// Models: enum zone_type and zone_names[]; differs: a value and a type instead of #ifdefs, so that
/// two configurations live in one program.
template <class... Zones>
struct zone_set {
    static_assert(detail::check<Zones...>());

    /// The zones as types. Not called `zones`: a struct of that name, derived from the set, would
    /// hide it.
    using listed = zones_listed<Zones...>;

    static constexpr unsigned size = sizeof...(Zones);
    /// The set as a value; all algorithms take this.
    static constexpr zone_list list = detail::list_of<Zones...>();

    template <class Zone>
    static constexpr bool has = (std::is_same_v<Zone, Zones> || ...);

    /// The id of a zone type.
    template <class Zone>
    static constexpr zone_id id_of{detail::index_in_set<Zone, Zones...>()};

    /// Requires: id is one of this set.
    [[nodiscard]] static constexpr text name_of(zone_id id) { return list[id].name; }
    [[nodiscard]] static constexpr const zone_traits& traits_of(zone_id id) {
        return list[id].traits;
    }

    /// Calls f(zone_tag<Z>{}) for the zone of that id and returns what it returns.
    /// Requires: id is one of this set; all calls return the same type.
    /// Cost: one comparison a zone, which compilers turn into a jump table.
    template <class F>
    static constexpr decltype(auto) visit(zone_id id, F&& f) {
        return visit_from<F, Zones...>(id, f);
    }

private:
    template <class F, class Zone, class... Rest>
    static constexpr decltype(auto) visit_from(zone_id id, F& f) {
        if constexpr (sizeof...(Rest) != 0)
            if (id != id_of<Zone>) return visit_from<F, Rest...>(id, f);
        expects(id == id_of<Zone>, "zone_set: no zone of that id");
        return f(zone_tag<Zone>{});
    }
};

/// A zone_set, or a struct derived from one.
template <class Set>
concept zone_set_type = requires {
    typename Set::listed;
    { Set::list } -> std::convertible_to<zone_list>;
    { Set::size } -> std::convertible_to<unsigned>;
};

template <class Set, class Zone>
concept has_zone = zone_set_type<Set> && Set::template has<Zone>;

} // namespace zonal::inline v0
