// SPDX-License-Identifier: BSL-1.0

// A back end that cannot search.
// EXPECT: back_end_lacks_a_call<mine>
// EXPECT: back ends: this one lacks a call
#include <zonal/ranges.hpp>

using namespace zonal;

struct mine {
    using policy_slot = back_end_slot;
    template <range_value T, storage_policy Storage>
    struct of : sorted_array::of<T, Storage> {
#ifndef ZONAL_CONTROL
        void seek(pfn) const = delete;
#endif
    };
};

inline constexpr pfn_range_set<mine, in_place<4>> set{};
