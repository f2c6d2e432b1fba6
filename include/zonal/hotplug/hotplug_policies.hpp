// SPDX-License-Identifier: BSL-1.0
#pragma once

// The policies of a hotplug_map, and what is wrong with them.

#include <zonal/hotplug/hooks.hpp>
#include <zonal/hotplug/range_table.hpp>
#include <zonal/hotplug/zoned_memory.hpp>
#include <zonal/release/release.hpp>

namespace zonal::inline v0 {

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

template <class Release>
struct zones_of_release {
    using type = void;
};
template <class Release>
    requires requires { Release::has_otherwise; }
struct zones_of_release<Release> {
    using type = typename Release::zones;
};
template <class Storage>
concept made_by_itself = std::default_initializable<typename Storage::template slots<int>>;

template <class Released, class Zones, class Storage, class Release, class... Policies>
using checked_hotplug_policies = checked_policies<
    first_mistake<
        mistake_if<std::is_void_v<Released>, not_release_rules<Release>>,
        mistake_if<!std::is_same_v<Released, Zones>, release_is_for_other_zones<Released, Zones>>,
        typename policy_slots<storage_slot, back_end_slot, hooks_slot,
                              holders_slot>::template mistake<Policies...>,
        mistake_if<std::is_void_v<Storage>, hotplug_map_without_storage<Policies...>>,
        mistake_if<!storage_policy<Storage>, storage_lacks_a_call<Storage>>,
        mistake_if<!back_end_policy<policy_for<back_end_slot, sorted_array, Policies...>>,
                   back_end_lacks_a_call<policy_for<back_end_slot, sorted_array, Policies...>>>,
        mistake_if<!made_by_itself<Storage>, hotplug_storage_is_not_made_by_itself<Storage>>>,
    Policies...>;

} // namespace detail

template <class Zones, class Release, class... Policies>
struct hotplug_policies {
    static_assert(((sizeof(Policies) != 0) && ...)); // a mistake in one is shown from here
private:
    using checked =
        detail::checked_hotplug_policies<typename detail::zones_of_release<Release>::type, Zones,
                                         policy_for<storage_slot, void, Policies...>, Release,
                                         Policies...>;

public:
    using mistake = typename checked::mistake;
    using storage = typename checked::template chosen<storage_slot, in_place<1>>;
    using back_end = typename checked::template chosen<back_end_slot, sorted_array>;
    using holders = typename checked::template chosen<holders_slot, named_holders<0>>;
    using hooks = typename checked::template chosen<hooks_slot, zonal::hooks<>>;

    using table = range_table<storage, back_end, holders::size>;
    using memory = zoned_memory<storage, 8, back_end>;
};

} // namespace zonal::inline v0
