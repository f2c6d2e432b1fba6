// SPDX-License-Identifier: BSL-1.0
#pragma once

// What happens to a range that leaves, when nobody uses it any more: a policy gives it back.
//
//     struct eject {                                                     // a user's own
//         constexpr result<done> give_back(const leaving& l, auto& tree);
//         constexpr void take_back(const leaving& l, auto& tree);        // undoes give_back
//     };
//
// A container calls give_back when the range is closed, drained and out of its zone; if that fails,
// the range is put back as if nothing had happened. Where several policies act in turn, those that
// have acted before a failing one take back what they did; one that cannot may only be followed by
// policies that never fail.

#include <concepts>

#include <zonal/core/ids.hpp>
#include <zonal/detail/always_false.hpp>
#include <zonal/detail/mistake.hpp>
#include <zonal/resource/tree.hpp>

namespace zonal::inline v0 {

/// A range that has left its zone and belongs to nobody but whom the policy gives it to.
struct leaving {
    pfn_range range{};
    address_range bytes{}; ///< the same range in the resource tree
    node_id node{};
    zone_id zone{};
    owner_id owner{}; ///< who plugged it: a driver, or the system
    friend constexpr bool operator==(const leaving&, const leaving&) = default;
};

/// Gives back ranges by way of a tree of type Tree.
/// give_back fails with whatever reason it has; then it has changed nothing.
template <class P, class Tree = resource_tree<in_place<1>>>
concept release_policy =
    std::default_initializable<P> && requires(P& p, const leaving& l, Tree& t) {
        { p.give_back(l, t) } -> std::same_as<result<done>>;
    };

/// `take_back(leaving, tree)` makes undone what give_back did; it cannot fail.
template <class P, class Tree = resource_tree<in_place<1>>>
concept can_take_back = requires(P& p, const leaving& l, Tree& t) {
    { p.take_back(l, t) } -> std::same_as<void>;
};

/// `static constexpr bool never_fails = true`: give_back always succeeds.
template <class P>
inline constexpr bool never_fails = false;
template <class P>
    requires requires { P::never_fails; }
inline constexpr bool never_fails<P> = P::never_fails;

/// `static constexpr bool drains = true`: a range of its zone leaves by way of a drained token only.
template <class P>
inline constexpr bool drains = false;
template <class P>
    requires requires { P::drains; }
inline constexpr bool drains<P> = P::drains;

// What a compile error names.
template <class Policy>
struct release_policy_lacks_give_back : detail::mistake {
    static_assert(detail::always_false<Policy>,
                  "release: a policy needs a default constructor and a member `result<done> "
                  "give_back(const leaving&, auto& tree)`; this type has not");
};

} // namespace zonal::inline v0
