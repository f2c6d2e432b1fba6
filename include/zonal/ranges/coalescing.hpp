// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whether ranges that touch become one: the coalescing policies.
//
//     merge_equal   ranges that touch and have equal values are one range (the default): the map is
//                   then the shortest list of its pages, however they came
//     keep_apart    what was inserted on its own stays on its own, for ranges that are things (DIMMs,
//                   namespaces); values need no ==
//
// A policy that merges some equal values and others not is not there: such a difference is part of
// the value.

#include <concepts>

#include <zonal/core/policy.hpp>
#include <zonal/detail/always_false.hpp>

namespace zonal::inline v0 {

/// The slot of policies that say which neighbours merge.
struct coalescing_slot {};

struct merge_equal {
    using policy_slot = coalescing_slot;
    static constexpr bool merges_any = true;

    template <std::equality_comparable T>
    [[nodiscard]] static constexpr bool merges(const T& a, const T& b) noexcept(noexcept(a == b)) {
        return a == b;
    }
};

struct keep_apart {
    using policy_slot = coalescing_slot;
    static constexpr bool merges_any = false;

    template <class T>
    [[nodiscard]] static constexpr bool merges(const T&, const T&) noexcept {
        return false;
    }
};

/// merges(a, b): ranges with these values become one when they touch. Equal values only: a map may
/// keep either of the two. merges_any is false if the answer never is true.
template <class P, class T>
concept coalescing_policy =
    std::same_as<typename P::policy_slot, coalescing_slot> && requires(const T& v) {
        { P::merges(v, v) } -> std::same_as<bool>;
        { P::merges_any } -> std::convertible_to<bool>;
    };

// What a compile error names.
template <class T>
struct values_cannot_be_compared {
    static_assert(detail::always_false<T>,
                  "pfn_range_map: merging needs the value type's operator==; give it one, or name "
                  "the policy keep_apart");
    using named = void;
};

} // namespace zonal::inline v0
