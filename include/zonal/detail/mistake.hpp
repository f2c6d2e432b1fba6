// SPDX-License-Identifier: BSL-1.0
#pragma once

// What is wrong with a list of types: the first mistake is a type that says so and does not compile.
//
//     using mistake = first_mistake<mistake_if<!storage_policy<S>, storage_lacks_a_call<S>>>;
//     static_assert(std::is_void_v<typename mistake::named>);   // looks inside
//
// Only the one that is looked into is instantiated: one message, and it is about the cause.

#include <type_traits>

namespace zonal::inline v0::detail {

/// The base of each: `named` makes the compiler look inside without a second error.
struct mistake {
    using named = void;
};
struct no_mistake : mistake {};

template <bool Wrong, class Mistake>
using mistake_if = std::conditional_t<Wrong, Mistake, no_mistake>;

template <class... Mistakes>
struct first_mistake_of {
    using type = no_mistake;
};
template <class First, class... Rest>
struct first_mistake_of<First, Rest...> {
    using type = First;
};
template <class... Rest>
struct first_mistake_of<no_mistake, Rest...> : first_mistake_of<Rest...> {};

template <class... Mistakes>
using first_mistake = typename first_mistake_of<Mistakes...>::type;

} // namespace zonal::inline v0::detail
