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
#include <zonal/detail/mistake.hpp>

namespace zonal::inline v0 {

/// A policy names its slot: `using policy_slot = ...;`.
template <class P>
concept policy = requires { typename P::policy_slot; };

// What a compile error names.
template <class Policy, class... Slots>
struct policy_has_no_slot_here : detail::mistake {
    static_assert(detail::always_false<Policy>,
                  "policies: the container has no slot for this type (first argument); the slots "
                  "it has are the other arguments, its policies are listed in its header");
};
template <class Slot, class First, class Second>
struct two_policies_for_one_slot : detail::mistake {
    static_assert(detail::always_false<Slot>,
                  "policies: two of them (last arguments) fill the same slot (first argument); "
                  "remove one");
};

namespace detail {

struct no_slot {};
template <class P>
struct slot_of {
    using type = no_slot;
};
template <policy P>
struct slot_of<P> {
    using type = typename P::policy_slot;
};

/// The first of Policies that belongs in Slot, else Default; and the second, else void.
template <class Slot, class Default, class... Policies>
struct find_policy {
    using type = Default;
    using second = void;
};
template <class Slot, class Default, class First, class... Rest>
struct find_policy<Slot, Default, First, Rest...> : find_policy<Slot, Default, Rest...> {};
template <class Slot, class Default, class First, class... Rest>
    requires std::is_same_v<typename slot_of<First>::type, Slot>
struct find_policy<Slot, Default, First, Rest...> {
    using type = First;
    using second = typename find_policy<Slot, void, Rest...>::type;
};

template <class Slot, class Found>
using mistake_in_slot =
    mistake_if<!std::is_void_v<typename Found::second>,
               two_policies_for_one_slot<Slot, typename Found::type, typename Found::second>>;

template <class Policy, class... Slots>
inline constexpr bool fits = (std::is_same_v<typename slot_of<Policy>::type, Slots> || ...);

} // namespace detail

/// The one of Policies that belongs in Slot, else Default.
template <class Slot, class Default, class... Policies>
using policy_for = typename detail::find_policy<Slot, Default, Policies...>::type;

/// What is wrong with a list of policies for a container that has these slots, if anything is.
template <class... Slots>
struct policy_slots {
    template <class... Policies>
    using mistake = detail::first_mistake<
        detail::mistake_if<!detail::fits<Policies, Slots...>,
                           policy_has_no_slot_here<Policies, Slots...>>...,
        detail::mistake_in_slot<Slots, detail::find_policy<Slots, void, Policies...>>...>;
};

/// What a list of policies comes to. If there is a mistake in it, that does not compile and says
/// why, and each slot has its default, to keep the compiler from saying more.
template <class Mistake, class... Policies>
struct checked_policies {
    using mistake = Mistake;
    template <class Slot, class Default>
    using chosen = std::conditional_t<std::is_same_v<Mistake, detail::no_mistake>,
                                      policy_for<Slot, Default, Policies...>, Default>;
};

} // namespace zonal::inline v0
