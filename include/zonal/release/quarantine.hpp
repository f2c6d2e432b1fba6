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
#include <zonal/resource/release_range.hpp>

namespace zonal::inline v0 {

/// A range that waits, and what keeps others from its addresses meanwhile: an entry in its own.
struct quarantined {
    leaving what{};
    region_id mark{};
    friend constexpr bool operator==(const quarantined&, const quarantined&) = default;
};

/// Keeps ranges, each as it left, and gives them to Next when somebody says so. Meanwhile their
/// entries in the tree stay, with one called "quarantine" in each.
template <release_policy Next, storage_policy Storage>
class quarantine {
public:
    static constexpr bool drains = zonal::drains<Next>;

    /// Fails: overlap    a page of it waits already;
    ///        no_space   too many are waiting, or the tree is full;
    ///        not_found, out_of_reach, exists, overlap  the range does not lie in an entry of its
    ///                   owner's, or something else does.
    template <class Tree>
    constexpr result<done> give_back(const leaving& l, Tree& tree) {
        if (waiting_.overlaps(l.range)) return fail(errc::overlap);
        if (const auto room = waiting_.reserve_insert(l.range, {l, {}}); !room) return room;
        const auto own = detail::busy_memory_at(tree, l.bytes.start(), l.owner);
        if (!own) return fail(own.error());
        const auto mark = mark_in(*own, l.bytes, tree);
        if (!mark) return fail(mark.error());
        return waiting_.insert(l.range, {l, *mark});
    }
    template <class Tree>
    constexpr void take_back(const leaving& l, Tree& tree) {
        const auto found = waiting_.find(l.range.start());
        expects(found && tree.release(found->value.mark, in_quarantine) && waiting_.erase(l.range),
                "quarantine: the range is not here");
    }

    /// Gives one that waits to Next.
    /// Fails: not_found  exactly this range does not wait here;
    ///        busy       something lies in its mark;
    ///        or why Next fails; then it goes on waiting.
    template <class Tree>
    constexpr result<done> let_go(pfn_range range, Tree& tree) {
        const auto found = waiting_.find(range.start());
        if (!found || found->range != range) return fail(errc::not_found);
        const quarantined q = found->value;
        if (!tree.is_live(q.mark)) return fail(errc::not_found); // taken out in everybody's name
        const region_id in = tree.parent(q.mark);
        const address_range marked = tree[q.mark].range; // by now; it can have been adjusted
        if (const auto freed = tree.release(q.mark, in_quarantine); !freed) return freed;
        const auto given = next_.give_back(q.what, tree);
        if (given) {
            expects(waiting_.erase(range).has_value(), "quarantine: the range is not here");
        } else {
            const auto mark = mark_in(in, marked, tree);
            expects(mark && waiting_.insert(range, {q.what, *mark}, overlap::replace),
                    "quarantine: the range cannot stay");
        }
        return given;
    }

    /// Those that wait: range_entry<quarantined>, ascending.
    [[nodiscard]] constexpr const auto& waiting() const noexcept { return waiting_; }

private:
    template <class Tree>
    static constexpr result<region_id> mark_in(region_id own, address_range bytes, Tree& tree) {
        return tree.insert({bytes, "quarantine", {.memory = true, .busy = true}, {}, in_quarantine},
                           insert_mode::conflict, own);
    }

    pfn_range_map<quarantined, Storage, keep_apart> waiting_{};
    [[no_unique_address]] Next next_{};
};

} // namespace zonal::inline v0
