// SPDX-License-Identifier: BSL-1.0
#pragma once

// Policies of a container, in any order: each says which slot it belongs in, and the container
// looks there.
//
//     struct storage_slot {};                                      // what the policy is about
//     struct in_place { using policy_slot = storage_slot; };       // a policy
//     using storage = policy_for<storage_slot, by_default, Policies...>;
//
// Why not positions: `map<T, default_t, default_t, mine>` cannot be read aloud, and a fourth slot
// would break every user of the first three.

#include <type_traits>

#include <zonal/detail/always_false.hpp>

namespace zonal {

/// A policy names its slot: `using policy_slot = ...;`.
template <class P>
concept policy = requires { typename P::policy_slot; };

// What a compile error names. `named` makes the compiler look inside without a second error.
template <class Policy, class... Slots>
struct policy_has_no_slot_here {
    static_assert(detail::always_false<Policy>,
                  "policies: the container has no slot for this type (first argument); the slots "
                  "it has are the other arguments, its policies are listed in its header");
    using named = void;
};
template <class Slot, class First, class Second>
struct two_policies_for_one_slot {
    static_assert(detail::always_false<Slot>,
                  "policies: two of them (last arguments) fill the same slot (first argument); "
                  "remove one");
    using named = void;
};

namespace detail {

struct no_mistake_in_policies {
    using named = void;
};

struct no_slot {};
template <class P>
struct slot_of {
    using type = no_slot;
};
template <policy P>
struct slot_of<P> {
    using type = typename P::policy_slot;
};

template <class Slot, class Default, class... Policies>
struct find_policy {
    using type = Default;
};
template <class Slot, class Default, class First, class... Rest>
struct find_policy<Slot, Default, First, Rest...> : find_policy<Slot, Default, Rest...> {};
template <class Slot, class Default, class First, class... Rest>
    requires std::is_same_v<typename slot_of<First>::type, Slot>
struct find_policy<Slot, Default, First, Rest...> {
    using type = First;
};

template <class... Policies>
struct policy_list {};

template <class Policies, class... Slots>
struct mistake_in_policies {
    using type = no_mistake_in_policies;
};
template <class First, class... Rest, class... Slots>
struct mistake_in_policies<policy_list<First, Rest...>, Slots...>
    : mistake_in_policies<policy_list<Rest...>, Slots...> {};
template <class First, class... Rest, class... Slots>
    requires(!(std::is_same_v<typename slot_of<First>::type, Slots> || ...))
struct mistake_in_policies<policy_list<First, Rest...>, Slots...> {
    using type = policy_has_no_slot_here<First, Slots...>;
};
template <policy First, class... Rest, class... Slots>
    requires((std::is_same_v<typename First::policy_slot, Slots> || ...) &&
             (std::is_same_v<typename First::policy_slot, typename slot_of<Rest>::type> || ...))
struct mistake_in_policies<policy_list<First, Rest...>, Slots...> {
    using slot = typename First::policy_slot;
    using type =
        two_policies_for_one_slot<slot, First, typename find_policy<slot, void, Rest...>::type>;
};

} // namespace detail

/// The one of Policies that belongs in Slot, else Default.
template <class Slot, class Default, class... Policies>
using policy_for = typename detail::find_policy<Slot, Default, Policies...>::type;

/// Does not compile unless each of Policies belongs in one of Slots, and no two in the same.
template <class... Slots>
struct policy_slots {
    template <class... Policies>
    using check =
        typename detail::mistake_in_policies<detail::policy_list<Policies...>, Slots...>::type;
};

} // namespace zonal
