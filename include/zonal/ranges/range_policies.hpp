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

template <class T, class... Policies>
struct range_policies {
private:
    template <class Slot, class Default>
    using in_slot = policy_for<Slot, Default, Policies...>;
    using slots = policy_slots<storage_slot, coalescing_slot, back_end_slot>;
    using checked = checked_policies<
        detail::first_mistake<
            detail::mistake_if<!range_value<T>, value_cannot_be_kept_in_ranges<T>>,
            typename slots::template mistake<Policies...>,
            detail::mistake_if<std::is_void_v<in_slot<storage_slot, void>>,
                               ranges_without_storage<Policies...>>,
            detail::mistake_if<!storage_policy<in_slot<storage_slot, void>>,
                               storage_lacks_a_call<in_slot<storage_slot, void>>>,
            detail::mistake_if<!back_end_policy<in_slot<back_end_slot, sorted_array>>,
                               back_end_lacks_a_call<in_slot<back_end_slot, sorted_array>>>,
            detail::mistake_if<!coalescing_policy<in_slot<coalescing_slot, merge_equal>, T>,
                               values_cannot_be_compared<T>>>,
        Policies...>;

public:
    using mistake = typename checked::mistake;
    using storage = typename checked::template chosen<storage_slot, in_place<1>>;
    using coalescing = typename checked::template chosen<coalescing_slot, merge_equal>;
    using back_end = typename checked::template chosen<back_end_slot, sorted_array>::template of<
        std::conditional_t<std::is_same_v<mistake, detail::no_mistake>, T, no_value>, storage>;
};

} // namespace zonal::inline v0
