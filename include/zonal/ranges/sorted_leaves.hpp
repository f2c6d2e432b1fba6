// SPDX-License-Identifier: BSL-1.0
#pragma once

// The back end for many ranges: leaves of sixteen, found through a table.
//
//     pfn_range_map<owner, sorted_leaves, allocated<>> map;
//
//     page -> table: a guess, mostly right -> leaf: which of its starts -> end, value
//
// A lookup takes as many steps among a million ranges as among a hundred, and a change moves what
// is in one leaf. Up to sixteen ranges are one leaf, and there is no table.
//
// Why not a tree: to find the way through one of its nodes takes as long as all of this. Why no
// vector instructions: they were slower (leaf.hpp).
// When not to use it: if the ranges are in several crowds, far from each other, lookups halve, and
// where a leaf splits, the table entries of the crowd move; with tens of thousands of ranges in
// such crowds a tree is better. One crowd, with a few ranges far from it, is no trouble.

#include <zonal/ranges/apply.hpp>
#include <zonal/ranges/leaf_chain.hpp>

namespace zonal::inline v0 {

struct sorted_leaves {
    using policy_slot = back_end_slot;
    template <range_value T, storage_policy Storage>
    class of;
};

/// Room: five slots for 64 ranges, one for up to sixteen. Storage that grows does so when no leaf
/// is free and they are three quarters full; other storage is used to the last place, where a
/// change takes as long as it is to the next leaf with room.
/// Cost: lookups and changes O(1), but see above.
template <range_value T, storage_policy Storage>
class sorted_leaves::of : public detail::leaf_chain<T, Storage> {
    using chain = detail::leaf_chain<T, Storage>;
    using leaf_id = detail::leaf_id;
    using chain::is_;
    using chain::leaf;
    using chain::leaf_of;
    using chain::width;

public:
    using value_type = T;
    using chain::chain;
    using typename chain::slot;

    struct cursor {
        const slot* leaf = nullptr;
        std::size_t index = 0;
        friend constexpr bool operator==(const cursor& a, const cursor& b) noexcept {
            return a.index == b.index && a.leaf == b.leaf;
        }
    };

    [[nodiscard]] constexpr cursor begin() const noexcept {
        return first_of(is_.size == 0 ? detail::no_leaf : is_.first);
    }
    [[nodiscard]] static constexpr cursor end() noexcept { return {}; }
    [[nodiscard]] constexpr cursor next(cursor c) const noexcept {
        return ++c.index == c.leaf->count ? first_of(c.leaf->next) : c;
    }
    [[nodiscard]] constexpr cursor previous(cursor c) const noexcept {
        if (c.index == 0) {
            c.leaf = &leaf(c.leaf == nullptr ? 0 : c.leaf->previous);
            c.index = c.leaf->count;
        }
        --c.index;
        return c;
    }
    [[nodiscard]] constexpr range_entry<T> at(cursor c) const noexcept {
        return c.leaf->at(c.index);
    }
    [[nodiscard]] constexpr cursor seek(pfn p) const noexcept {
        const auto [in, i] = search(p.value());
        if (i != 0 && in->end[i - 1] > p.value()) return {in, i - 1};
        return in == nullptr || i < in->count ? cursor{in, i} : first_of(in->next);
    }
    [[nodiscard]] constexpr result<range_entry<T>> find(pfn p) const noexcept {
        const auto [in, i] = search(p.value());
        if (i == 0 || in->end[i - 1] <= p.value()) return fail(errc::not_found);
        return in->at(i - 1);
    }

    [[nodiscard]] static constexpr std::size_t slots_for(std::size_t ranges) noexcept {
        return slot::slots_for(ranges);
    }
    constexpr void replace(cursor first, cursor last, const range_entry<T>* entries,
                           std::size_t n) noexcept {
        std::size_t gone = 0;
        for (cursor c = first; c != last; c = next(c)) ++gone;
        const pfn from = gone == 0 ? pfn{} : at(first).range.start();
        while (gone != 0) { // leaves may join meanwhile, so look again
            const cursor c = seek(from);
            const std::size_t here = c.leaf->count - c.index, k = gone < here ? gone : here;
            chain::erase(chain::id_of(*c.leaf), c.index, k);
            gone -= k;
        }
        for (std::size_t i = 0; i != n; ++i) chain::add(entries[i]);
    }

    // Most changes concern one leaf, and are made there (so all they need is inlined, by `flatten`);
    // all others, as in any other back end.

    template <class Coalescing>
    [[nodiscard]] constexpr bool write(pfn_range r, const T* value) noexcept {
        if (value == nullptr ? erase_in_leaf(r)
                             : insert_in_leaf<Coalescing>(r, *value) == written::yes) [[likely]]
            return true;
        return detail::splice<Coalescing>(*this, r, value).has_value();
    }
    /// As write, if no page of r is in a range.
    /// Fails: overlap, no_space.
    template <class Coalescing>
    [[nodiscard]] constexpr result<done> insert(pfn_range r, const T& value) noexcept {
        const written in_leaf = insert_in_leaf<Coalescing>(r, value);
        if (in_leaf == written::yes) [[likely]]
            return done{};
        if (in_leaf == written::overlap) return fail(errc::overlap);
        return detail::splice<Coalescing>(*this, r, &value, true);
    }

private:
    [[nodiscard]] constexpr cursor first_of(leaf_id id) const noexcept {
        return id == detail::no_leaf ? cursor{} : cursor{&leaf(id), 0};
    }
    [[nodiscard]] constexpr std::size_t starts_to(const slot& in, std::uint64_t p) const noexcept {
        return is_.leaves > 1 ? in.starts_to(p) : in.starts_to(p, in.count);
    }
    /// The leaf that p belongs to, and how many of its ranges start at p or below. If none does,
    /// and one reaches in from the leaf below, that leaf.
    [[nodiscard]] constexpr cursor search(std::uint64_t p) const noexcept {
        if (is_.size == 0) return {};
        const slot& in = leaf(leaf_of(p));
        in.prefetch();
        const std::size_t i = starts_to(in, p);
        if (i == 0 && in.previous != detail::no_leaf) [[unlikely]]
            if (const slot& below = leaf(in.previous); below.end[below.count - 1] > p)
                return {&below, below.count};
        return {&in, i};
    }

    /// Erases pages of one range.
    [[nodiscard, gnu::flatten]] constexpr bool erase_in_leaf(pfn_range r) noexcept {
        if (is_.size == 0) return false;
        const std::uint64_t start = r.start().value(), end = r.end().value();
        const leaf_id id = leaf_of(start);
        slot& in = leaf(id);
        const std::size_t above = starts_to(in, start), i = above - 1;
        if (above == 0 || in.end[i] < end) return false;
        const bool low = in.start[i]<start, high = in.end[i]> end;
        if (high && above == in.count && id != 0 && leaf_of(end) != id) return false;
        if (low && high && (in.count == width || is_.size == is_.capacity)) {
            const range_entry<T> upper{{r.end(), pfn{in.end[i]}}, in.value[i]};
            if (!chain::make_room(is_.size + 1)) return false;
            leaf(id).end[i] = start; // the leaves may have moved
            is_.pages -= upper.range.size().value();
            chain::add(upper);
        } else if (low && high) {
            in.open(above);
            in.set(above, end, in.end[i], in.value[i]);
            in.end[i] = start;
            ++is_.size;
        } else if (low) {
            in.end[i] = start;
        } else if (high) {
            in.start[i] = end;
        } else {
            chain::erase(id, i, 1);
            return true;
        }
        is_.pages -= end - start;
        return true;
    }

    enum class written : unsigned char { no, yes, overlap };

    /// Gives a gap, or a part of one, its value.
    template <class Coalescing>
    [[nodiscard, gnu::flatten]] constexpr written insert_in_leaf(pfn_range r,
                                                                 const T& value) noexcept {
        const auto add = [&] {
            if (!chain::make_room(is_.size + 1)) return written::no;
            chain::add({r, value});
            return written::yes;
        };
        if (is_.size == 0) return add();
        const std::uint64_t start = r.start().value(), end = r.end().value();
        leaf_id id = 0;
        std::size_t above = leaf(0).count;
        if (start < leaf(0).end[above - 1]) { // else it is the highest; often they come in order
            id = leaf_of(start);
            above = starts_to(leaf(id), start);
        }
        slot& in = leaf(id);
        const std::size_t i = above - 1;
        if (above != 0 && in.end[i] > start) return written::overlap;
        if (above != in.count && in.start[above] < end) return written::overlap;
        // What is beside it in another leaf may overlap, or merge.
        if (above == 0 && in.previous != detail::no_leaf) {
            const slot& below = leaf(in.previous);
            if (below.end[below.count - 1] >= start) return written::no;
        }
        if (above == in.count && id != 0 && leaf(in.next).start[0] <= end) return written::no;

        const auto merges = [&](std::size_t k) { return Coalescing::merges(in.value[k], value); };
        const bool low = above != 0 && in.end[i] == start && merges(i);
        const bool high = above != in.count && in.start[above] == end && merges(above);
        if (low && high) {
            in.end[i] = in.end[above];
            is_.pages += in.end[above] - in.start[above]; // they stay
            chain::erase(id, above, 1);
        } else if (low) {
            in.end[i] = end;
        } else if (high) {
            in.start[above] = start;
        } else if (in.count == width || is_.size == is_.capacity) {
            return add();
        } else {
            in.open(above);
            in.set(above, start, end, value);
            ++is_.size;
        }
        is_.pages += end - start;
        return written::yes;
    }
};

} // namespace zonal::inline v0
