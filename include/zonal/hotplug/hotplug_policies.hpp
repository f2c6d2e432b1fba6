// SPDX-License-Identifier: BSL-1.0
#pragma once

// The policies of a hotplug_map, and what is wrong with them.

#include <zonal/hotplug/hooks.hpp>
#include <zonal/hotplug/references.hpp>
#include <zonal/release/release.hpp>

namespace zonal {

// What a compile error names.
template <class... Policies>
struct hotplug_map_without_storage {
    static_assert(detail::always_false<Policies...>,
                  "hotplug_map: no policy says where the ranges are kept; name in_place<N>, or an "
                  "allocator from <zonal/ext/allocated.hpp>");
    using named = void;
};
template <class Storage>
struct hotplug_storage_is_not_made_by_itself {
    static_assert(
        detail::always_false<Storage>,
        "hotplug_map: it keeps several tables in this storage, so the storage must have a "
        "default constructor");
    using named = void;
};
template <class Released, class Plugged>
struct release_is_for_other_zones {
    static_assert(detail::always_false<Released>,
                  "hotplug_map: the release rules are for another zone set (first argument) than "
                  "the map's; write release<the map's set, ...>");
    using named = void;
};
template <class Release>
struct not_release_rules {
    static_assert(detail::always_false<Release>,
                  "hotplug_map: the second argument says who gets ranges back; write release<the "
                  "map's zone set, otherwise<policy>, on<zone, policy>...>");
    using named = void;
};
template <class Zone>
struct zone_must_be_drained_first {
    static_assert(detail::always_false<Zone>,
                  "hotplug_map: ranges of this zone must be drained first: "
                  "map.unplug(map.drain(range).value())");
    using named = void;
};

namespace detail {

template <class Zones, class Release, class... Policies>
constexpr auto mistake_in_hotplug() {
    using in_list =
        typename policy_slots<storage_slot, hooks_slot, holders_slot>::template check<Policies...>;
    using storage = policy_for<storage_slot, void, Policies...>;
    if constexpr (!requires { Release::has_otherwise; })
        return std::type_identity<not_release_rules<Release>>{};
    else if constexpr (!std::is_same_v<typename Release::zones, Zones>)
        return std::type_identity<release_is_for_other_zones<typename Release::zones, Zones>>{};
    else if constexpr (!std::is_same_v<in_list, no_mistake_in_policies>)
        return std::type_identity<in_list>{};
    else if constexpr (std::is_void_v<storage>)
        return std::type_identity<hotplug_map_without_storage<Policies...>>{};
    else if constexpr (!storage_policy<storage>)
        return std::type_identity<storage_lacks_a_call<storage>>{};
    else if constexpr (!std::default_initializable<typename storage::template slots<int>>)
        return std::type_identity<hotplug_storage_is_not_made_by_itself<storage>>{};
    else
        return std::type_identity<no_mistake_in_policies>{};
}

} // namespace detail

/// What a list of policies comes to. If it comes to nothing, `mistake` is a type that does not
/// compile and says why, and the rest is there only to keep the compiler from saying more.
template <class Zones, class Release, class... Policies>
struct hotplug_policies {
    static_assert(((sizeof(Policies) != 0) && ...)); // a mistake in one is shown from here
    using mistake =
        typename decltype(detail::mistake_in_hotplug<Zones, Release, Policies...>())::type;

private:
    static constexpr bool good = std::is_same_v<mistake, detail::no_mistake_in_policies>;
    template <class Slot, class Default>
    using chosen = std::conditional_t<good, policy_for<Slot, Default, Policies...>, Default>;

public:
    using storage = chosen<storage_slot, in_place<1>>;
    using hooks = chosen<hooks_slot, zonal::hooks<>>;
    static constexpr unsigned named_holders = chosen<holders_slot, zonal::named_holders<0>>::size;
};

} // namespace zonal
