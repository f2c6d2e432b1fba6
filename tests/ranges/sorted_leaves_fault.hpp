// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whether the leaves and the table of a map with the back end sorted_leaves are what they must be.
//
//     REQUIRE(fault_in(map).empty());

#include <zonal/core/text.hpp>
#include <zonal/ranges/range_container.hpp>
#include <zonal/ranges/sorted_leaves.hpp>

namespace zonal::inline v0::testing {

/// Looks into a back end of sorted_leaves.
struct leaf_inspector {
    template <class T, class Storage>
    static constexpr text fault(const sorted_leaves::of<T, Storage>& of) {
        const zonal::detail::leaf_chain<T, Storage>& chain = of;
        const auto& is = chain.is_;
        if (is.leaves == 0) return is.size == 0 ? text{} : text{"ranges without a leaf"};
        std::size_t size = 0, leaves = 0, entry = 0;
        std::uint64_t pages = 0, end = 0, from = 0;
        zonal::detail::leaf_id below = zonal::detail::no_leaf;
        const auto* table = chain.slots_.data() + is.leaves;
        for (auto id = is.first; id != zonal::detail::no_leaf;
             below = id, id = chain.leaf(id).next) {
            const auto& in = chain.leaf(id);
            if (++leaves > is.leaves) return "the leaves are in a circle";
            if (in.previous != below) return "a leaf has another one below than that one says";
            if (in.count > in.width) return "a leaf has too many ranges";
            if (in.count == 0 && is.size != 0) return "a leaf is empty";
            for (std::size_t i = 0; i != in.count; ++i) {
                if (in.start[i] < end || in.end[i] <= in.start[i]) return "ranges do not ascend";
                end = in.end[i];
                pages += in.end[i] - in.start[i];
            }
            size += in.count;
            for (std::size_t i = in.count; i != in.width; ++i)
                if (in.start[i] != in.above_all) return "a place without a range has a start";
            if (is.leaves < 2) continue;
            const std::uint64_t to = is.table.at(table, entry).below;
            for (; entry != is.table.size_ && is.table.at(table, entry).leaf == id; ++entry)
                if (is.table.at(table, entry).below != to) return "a leaf ends at two places";
            if (entry == 0 || is.table.at(table, entry - 1).leaf != id)
                return "a leaf is not in the table where it should be";
            if (to <= from) return "the table does not ascend";
            if (entry - 1 < is.table.guess(to - 1)) return "a leaf lies before a guess";
            if (in.count != 0 && (in.start[0] < from || to <= in.start[in.count - 1]))
                return "a range is in a leaf that its start does not belong to";
            from = to;
        }
        if (below != 0) return "leaf 0 is not the highest";
        if (is.leaves > 1 && (entry != is.table.size_ || from != chain.leaf(0).above_all))
            return "the table does not end with the highest leaf";
        if (is.leaves > 1 && is.table.leaves_ != leaves) return "leaves are miscounted";
        if (size != is.size || pages != is.pages) return "ranges or pages are miscounted";
        for (auto id = is.free; id != zonal::detail::no_leaf; id = chain.leaf(id).next)
            if (++leaves > is.leaves) return "the free leaves are in a circle";
        if (leaves != is.used) return "a leaf is lost";
        return {};
    }
};

/// What is wrong, or nothing.
/// Cost: O(n).
template <class T, class... Policies>
    requires(std::is_same_v<Policies, sorted_leaves> || ...)
[[nodiscard]] constexpr text fault_in(const range_container<T, Policies...>& container) {
    struct open : range_container<T, Policies...> {
        static constexpr const auto& ranges_of(const range_container<T, Policies...>& c) {
            return c.*&open::ranges_;
        }
    };
    return leaf_inspector::fault(open::ranges_of(container));
}

} // namespace zonal::inline v0::testing
