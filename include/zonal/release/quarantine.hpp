// SPDX-License-Identifier: BSL-1.0
#pragma once

// Ranges that left and are not given back yet: until a cache is flushed, a scrubber is done, a
// remote side has agreed.
//
//     using rules = release<zones, otherwise<return_to_tree>,
//                           on<cxl, quarantine<return_to_tree, in_place<8>>>>;
//     auto& waiting = map.policy_of<cxl>();
//     waiting.let_go(range, map.resources());

#include <zonal/ranges/pfn_range_map.hpp>
#include <zonal/release/policy.hpp>

namespace zonal {

/// Keeps ranges, each as it left, and gives them to Next when somebody says so. Meanwhile their
/// entries in the tree stay.
template <release_policy Next, storage_policy Storage>
class quarantine {
public:
    static constexpr bool drains = zonal::drains<Next>;

    /// Fails: no_space  too many are waiting.
    template <class Tree>
    constexpr result<done> give_back(const leaving& l, Tree&) {
        return waiting_.insert(l.range, l);
    }
    template <class Tree>
    constexpr void take_back(const leaving& l, Tree&) {
        expects(waiting_.erase(l.range).has_value(), "quarantine: the range is not here");
    }

    /// Gives one that waits to Next.
    /// Fails: not_found  exactly this range does not wait here;
    ///        or why Next fails; then it goes on waiting.
    template <class Tree>
    constexpr result<done> let_go(pfn_range range, Tree& tree) {
        const auto found = waiting_.find(range.start());
        if (!found || found->range != range) return fail(errc::not_found);
        if (const auto given = next_.give_back(found->value, tree); !given) return given;
        return waiting_.erase(range) ? result<done>{done{}} : fail(errc::not_found);
    }

    /// Those that wait: range_entry<leaving>, ascending.
    [[nodiscard]] constexpr const auto& waiting() const noexcept { return waiting_; }

private:
    pfn_range_map<leaving, Storage, keep_apart> waiting_{};
    [[no_unique_address]] Next next_{};
};

} // namespace zonal
