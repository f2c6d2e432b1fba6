// SPDX-License-Identifier: BSL-1.0
#pragma once

// The policies of a pfn_range_map or pfn_range_set, at most one for each slot, in any order:
//
//     storage     in_place<N>, caller_storage, allocated<A>     no default: room is never hidden
//     coalescing  merge_equal (default), keep_apart
//     back end    sorted_array (default), sorted_leaves and block_table<block order> from their own
//                 headers

#include <type_traits>

#include <zonal/core/storage.hpp>
#include <zonal/ranges/coalescing.hpp>
#include <zonal/ranges/sorted_array.hpp>

namespace zonal {

// What a compile error names.
template <class... Policies>
struct ranges_without_storage {
    static_assert(detail::always_false<Policies...>,
                  "pfn_range_map, pfn_range_set: no policy says where the ranges are kept; name "
                  "in_place<N>, caller_storage, or an allocator from <zonal/ext/allocated.hpp>");
    using named = void;
};

namespace detail {

template <class T, class... Policies>
constexpr auto mistake_in_ranges() {
    using in_list = typename policy_slots<storage_slot, coalescing_slot,
                                          back_end_slot>::template check<Policies...>;
    using storage = policy_for<storage_slot, void, Policies...>;
    using coalescing = policy_for<coalescing_slot, merge_equal, Policies...>;
    using back_end = policy_for<back_end_slot, sorted_array, Policies...>;
    if constexpr (!range_value<T>)
        return std::type_identity<value_cannot_be_kept_in_ranges<T>>{};
    else if constexpr (!std::is_same_v<in_list, no_mistake_in_policies>)
        return std::type_identity<in_list>{};
    else if constexpr (std::is_void_v<storage>)
        return std::type_identity<ranges_without_storage<Policies...>>{};
    else if constexpr (!storage_policy<storage>)
        return std::type_identity<storage_lacks_a_call<storage>>{};
    else if constexpr (!back_end_policy<back_end>)
        return std::type_identity<back_end_lacks_a_call<back_end>>{};
    else if constexpr (!coalescing_policy<coalescing, T>)
        return std::type_identity<values_cannot_be_compared<T>>{};
    else
        return std::type_identity<no_mistake_in_policies>{};
}

} // namespace detail

/// What a list of policies comes to. If it comes to nothing, `mistake` is a type that does not
/// compile and says why, and the rest is there only to keep the compiler from saying more.
template <class T, class... Policies>
struct range_policies {
    using mistake = typename decltype(detail::mistake_in_ranges<T, Policies...>())::type;

private:
    static constexpr bool good = std::is_same_v<mistake, detail::no_mistake_in_policies>;
    template <class Slot, class Default>
    using chosen = std::conditional_t<good, policy_for<Slot, Default, Policies...>, Default>;

public:
    using storage = chosen<storage_slot, in_place<1>>;
    using coalescing = chosen<coalescing_slot, merge_equal>;
    using back_end =
        typename chosen<back_end_slot,
                        sorted_array>::template of<std::conditional_t<good, T, no_value>, storage>;
};

} // namespace zonal
