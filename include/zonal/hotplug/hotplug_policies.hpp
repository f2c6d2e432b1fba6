// SPDX-License-Identifier: BSL-1.0
#pragma once

// The policies of a hotplug_map, and what is wrong with them.

#include <zonal/hotplug/hooks.hpp>
#include <zonal/hotplug/range_table.hpp>
#include <zonal/hotplug/zoned_memory.hpp>
#include <zonal/release/release.hpp>

namespace zonal::inline v0 {

/// The slot of policies that say how many nodes there can be.
struct nodes_slot {};

/// Nodes 0 to N - 1.
template <unsigned N>
    requires(N != 0)
struct nodes_up_to {
    using policy_slot = nodes_slot;
    static constexpr unsigned size = N;
};

// What a compile error names.
template <class... Policies>
struct hotplug_map_without_storage : detail::mistake {
    static_assert(detail::always_false<Policies...>,
                  "hotplug_map: no policy says where the ranges are kept; name in_place<N>, or an "
                  "allocator from <zonal/ext/allocated.hpp>");
};
template <class Storage>
struct hotplug_storage_is_not_made_by_itself : detail::mistake {
    static_assert(
        detail::always_false<Storage>,
        "hotplug_map: it keeps several tables in this storage, so the storage must have a "
        "default constructor");
};
template <class BackEnd>
struct hotplug_map_keeps_pages : detail::mistake {
    static_assert(detail::always_false<BackEnd>,
                  "hotplug_map: this back end keeps whole blocks only, and its tables have ranges "
                  "that begin at any page; name sorted_leaves, or none");
};
template <class Released, class Plugged>
struct release_is_for_other_zones : detail::mistake {
    static_assert(detail::always_false<Released>,
                  "hotplug_map: the release rules are for another zone set (first argument) than "
                  "the map's; write release<the map's set, ...>");
};
template <class Release>
struct not_release_rules : detail::mistake {
    static_assert(detail::always_false<Release>,
                  "hotplug_map: the second argument says who gets ranges back; write release<the "
                  "map's zone set, otherwise<policy>, on<zone, policy>...>");
};
template <class Zone>
struct zone_must_be_drained_first : detail::mistake {
    static_assert(detail::always_false<Zone>,
                  "hotplug_map: ranges of this zone must be drained first: "
                  "if (auto drained = map.drain(range)) map.unplug(*std::move(drained))");
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
template <class BackEnd>
concept of_blocks = BackEnd::template of<int, in_place<1>>::granularity != page_count{1};
template <class Storage>
concept made_by_itself = std::default_initializable<typename Storage::template slots<int>>;

} // namespace detail

template <class Zones, class Release, class... Policies>
struct hotplug_policies {
    static_assert(((sizeof(Policies) != 0) && ...)); // a mistake in one is shown from here
private:
    using released = typename detail::zones_of_release<Release>::type;
    using kept_in = policy_for<storage_slot, void, Policies...>;
    using searched_by = policy_for<back_end_slot, sorted_array, Policies...>;
    using checked = checked_policies<
        detail::first_mistake<
            detail::mistake_if<std::is_void_v<released>, not_release_rules<Release>>,
            detail::mistake_if<!std::is_same_v<released, Zones>,
                               release_is_for_other_zones<released, Zones>>,
            typename policy_slots<storage_slot, back_end_slot, hooks_slot, holders_slot,
                                  nodes_slot>::template mistake<Policies...>,
            detail::mistake_if<std::is_void_v<kept_in>, hotplug_map_without_storage<Policies...>>,
            detail::mistake_if<!storage_policy<kept_in>, storage_lacks_a_call<kept_in>>,
            detail::mistake_if<!back_end_policy<searched_by>, back_end_lacks_a_call<searched_by>>,
            detail::mistake_if<detail::of_blocks<searched_by>,
                               hotplug_map_keeps_pages<searched_by>>,
            detail::mistake_if<!detail::made_by_itself<kept_in>,
                               hotplug_storage_is_not_made_by_itself<kept_in>>>,
        Policies...>;

public:
    using mistake = typename checked::mistake;
    using storage = typename checked::template chosen<storage_slot, in_place<1>>;
    using back_end = typename checked::template chosen<back_end_slot, sorted_array>;
    using holders = typename checked::template chosen<holders_slot, named_holders<0>>;
    using hooks = typename checked::template chosen<hooks_slot, zonal::hooks<>>;

    using table = range_table<storage, back_end, holders::size>;
    using memory =
        zoned_memory<storage, checked::template chosen<nodes_slot, nodes_up_to<8>>::size, back_end>;
};

} // namespace zonal::inline v0
