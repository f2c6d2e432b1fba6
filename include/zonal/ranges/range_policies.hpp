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

namespace zonal::inline v0 {

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
using checked_range_policies = checked_policies<
    first_mistake<
        mistake_if<!range_value<T>, value_cannot_be_kept_in_ranges<T>>,
        typename policy_slots<storage_slot, coalescing_slot,
                              back_end_slot>::template mistake<Policies...>,
        mistake_if<std::is_void_v<policy_for<storage_slot, void, Policies...>>,
                   ranges_without_storage<Policies...>>,
        mistake_if<!storage_policy<policy_for<storage_slot, void, Policies...>>,
                   storage_lacks_a_call<policy_for<storage_slot, void, Policies...>>>,
        mistake_if<!back_end_policy<policy_for<back_end_slot, sorted_array, Policies...>>,
                   back_end_lacks_a_call<policy_for<back_end_slot, sorted_array, Policies...>>>,
        mistake_if<!coalescing_policy<policy_for<coalescing_slot, merge_equal, Policies...>, T>,
                   values_cannot_be_compared<T>>>,
    Policies...>;

} // namespace detail

template <class T, class... Policies>
struct range_policies {
private:
    using checked = detail::checked_range_policies<T, Policies...>;
    static constexpr bool good = std::is_same_v<typename checked::mistake, detail::no_mistake>;

public:
    using mistake = typename checked::mistake;
    using storage = typename checked::template chosen<storage_slot, in_place<1>>;
    using coalescing = typename checked::template chosen<coalescing_slot, merge_equal>;
    using back_end = typename checked::template chosen<back_end_slot, sorted_array>::template of<
        std::conditional_t<good, T, no_value>, storage>;
};

} // namespace zonal::inline v0
