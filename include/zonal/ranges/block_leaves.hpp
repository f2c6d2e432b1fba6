// SPDX-License-Identifier: BSL-1.0
#pragma once

// The two levels of a block_table: for each block a byte and a boundary bit.
//
//     root[block / 4096]       which leaf, or that all its blocks are alike
//     leaf.id[block % 4096]    the block's byte
//     leaf.starts              a bit a block: a range, or a gap, begins here
//
// Whether the next boundary is in the same word cannot be predicted, and a mispredicted branch costs
// more than the rest of a search; so a search takes none. A walk has the words at hand, and branches.

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <zonal/core/storage.hpp>

namespace zonal::inline v0::detail {

/// Blocks [0, limit), each with an id, at first 0. 2^leaf_order of them have a leaf together, if
/// there is a boundary in it; else all have the same id.
template <unsigned leaf_order, std::uint64_t limit, storage_policy Storage>
class block_leaves {
    using word = std::uint64_t;

public:
    using block = std::uint64_t; ///< its number

private:
    static constexpr block leaf_blocks = block{1} << leaf_order, words = leaf_blocks / 64;
    static constexpr block roots = (limit + leaf_blocks - 1) / leaf_blocks;

    // Where the ids are in the slots, in bytes. Blocks that are all alike share one, id[x] of the
    // first slot, which is x.
    struct root {
        std::uint32_t at = 0;
        std::uint32_t mask = 0; // of a block's number
    };

public:
    // One without boundaries is nobody's, or its blocks are all alike: then the next who needs one
    // may take it.
    struct leaf {
        unsigned char id[leaf_blocks]{};
        word starts[words + 1]{}; // the last one: which of them are not zero
        block place{};

        [[nodiscard]] constexpr std::size_t id_of(block b) const noexcept {
            return id[b % leaf_blocks];
        }
        [[nodiscard]] constexpr bool is_busy() const noexcept { return starts[words] != 0; }
    };
    static_assert(roots * sizeof(leaf) < std::uint64_t{1} << 32,
                  "block_table: that many leaves would take more than 4 GiB; lower the reach");

    using leaf_slots = typename Storage::template slots<leaf>;
    leaf_slots slots;

    constexpr block_leaves() = default;
    explicit constexpr block_leaves(leaf_slots&& from) noexcept : slots(std::move(from)) {}

    [[nodiscard]] constexpr std::size_t id(block b) const noexcept {
        const block k = b >> leaf_order;
        if (k >= covered_) [[unlikely]]
            return 0;
        const root e = root_[k];
        const leaf* const first = slots.data();
        if (std::is_constant_evaluated())
            return first[e.at / sizeof(leaf)].id[e.at % sizeof(leaf) + (b & e.mask)];
        return reinterpret_cast<const unsigned char*>(first)[e.at + (b & e.mask)];
    }

    // ---- boundaries ----

    /// The last at b or below.
    /// Requires: there is one.
    [[nodiscard]] constexpr block boundary_before(block b) const noexcept {
        const block k = b >> leaf_order;
        if (root_[k].mask != 0) {
            const leaf& l = leaf_at(slots.data(), root_[k]);
            const block w = b % leaf_blocks / 64;
            // If b's word has one, the bits on b's other side are shifted out; else a word is whole.
            const word here = l.starts[w] << (63 - b % 64) != 0;
            const word some = here << w | (l.starts[words] & ~(~word{0} << w));
            if (some != 0) {
                const block last = highest(some), above = (63 - b % 64) & (0 - here);
                return b / leaf_blocks * leaf_blocks + last * 64 - above +
                       highest(l.starts[last] << above);
            }
        }
        return last_below(k);
    }
    /// The first above b, else `limit`.
    [[nodiscard]] constexpr block boundary_above(block b) const noexcept {
        const block k = b >> leaf_order;
        if (k >= covered_) return limit;
        if (root_[k].mask != 0) {
            const leaf& l = leaf_at(slots.data(), root_[k]);
            const block w = b % leaf_blocks / 64;
            const word here = l.starts[w] >> b % 64 > 1;
            const word some = here << w | (l.starts[words] & ~word{1} << w);
            if (some != 0) {
                const block first = lowest(some), below = (b % 64 + 1) & (0 - here);
                return b / leaf_blocks * leaf_blocks + first * 64 + below +
                       lowest(l.starts[first] >> below);
            }
        }
        return first_from(k + 1);
    }
    /// A boundary and those above it in its leaf, for a walk.
    struct boundary {
        block at = limit;
        word bits = 0; // those in its word
        word rest = 0; // which words above have some
        const leaf* in = nullptr;
    };
    /// Requires: there is one at b, or b is `limit`.
    [[nodiscard]] constexpr boundary boundary_at(block b) const noexcept {
        if (b == limit) return {};
        const leaf& l = leaf_at(slots.data(), root_[b >> leaf_order]);
        const block w = b % leaf_blocks / 64;
        return {b, l.starts[w] & ~word{1} << b % 64, l.starts[words] & ~word{1} << w, &l};
    }
    /// The next, else `limit`.
    [[nodiscard]] constexpr boundary boundary_after(boundary b) const noexcept {
        if (b.bits == 0) {
            if (b.rest == 0) return boundary_at(first_from((b.at >> leaf_order) + 1));
            const block w = lowest(b.rest);
            b.at = b.at / leaf_blocks * leaf_blocks + w * 64;
            b.bits = b.in->starts[w];
            b.rest &= b.rest - 1;
        }
        return {b.at / 64 * 64 + lowest(b.bits), b.bits & (b.bits - 1), b.rest, b.in};
    }

    // ---- room ----

    /// Boundaries can be marked there.
    [[nodiscard]] constexpr bool room_for(block a, bool low, block b, bool high) noexcept {
        return room_for(std::size_t{low && !is_busy(a)} +
                        (high && !(low && share_leaf(a, b)) && !is_busy(b)));
    }
    /// Boundaries can be marked in so many leaves more.
    [[nodiscard]] constexpr bool room_for(std::size_t leaves) noexcept {
        const std::size_t wanted = 1 + busy_count_ + leaves;
        // With a few more, leaves need not go from place to place.
        const std::size_t spare = busy_count_ < 32 ? busy_count_ : 32;
        return leaves == 0 || make_room(wanted + spare) || make_room(wanted);
    }
    [[nodiscard]] constexpr bool make_room(std::size_t count) noexcept {
        return slots.grow(count, taken_);
    }
    /// A boundary is in the block's leaf.
    [[nodiscard]] constexpr bool is_busy(block b) const noexcept {
        return (busy_[(b >> leaf_order) / 64] >> (b >> leaf_order) % 64 & 1) != 0;
    }
    [[nodiscard]] static constexpr bool share_leaf(block a, block b) noexcept {
        return a >> leaf_order == b >> leaf_order;
    }

    // ---- changes ----

    /// Gives blocks [a, b) the id x, and boundaries at a and b if those are set, else none. Tells
    /// lost(id, blocks) of the pieces that were there; returns how many ranges began in [a, b].
    /// Requires: a < b; there is room; there are boundaries where ids differ.
    template <class Lost>
    constexpr std::size_t write(block a, block b, std::size_t x, bool low, bool high,
                                Lost lost) noexcept {
        if (const block top = b >> leaf_order; x != 0 && covered_ <= top)
            covered_ = top == roots ? roots : top + 1;
        // New boundaries come first, so that nobody takes their leaves; a leaf without any is all x.
        bool was_low = low && mark(a, true), was_high = high && mark(b, true);
        const bool range_at_a = id(a) != 0, range_at_b = id(b) != 0;
        std::size_t ranges = 0;
        for (block i = a, end = a, next = a; i != b; i = end) {
            if (i == next) next = boundary_above(i);
            const block k = i >> leaf_order, in_leaf = (k + 1) << leaf_order;
            end = next < b ? next : b;
            if (end > in_leaf) end = in_leaf;
            lost(id(i), end - i);
            if (i != a) ranges += mark(i, false) && id(i) != 0;
            if (is_busy(i))
                fill(leaf_at(slots.data(), root_[k]).id + i % leaf_blocks, end - i, x);
            else
                root_[k] = {static_cast<std::uint32_t>(x), 0};
        }
        if (!low) was_low = mark(a, false);
        if (!high) was_high = mark(b, false);
        return ranges + (was_low && range_at_a) + (was_high && range_at_b);
    }
    /// Blocks of one piece with the one above them in the same word, and the one below in the same
    /// leaf. Most changes are of that kind, and quicker. A leaf that is there has its slot, busy or
    /// not, so they need no room.
    struct spot {
        leaf* in = nullptr; // null: the change is not of that kind
        block first{};      // in the leaf
        block n{};          // how many
        word starts{};      // the boundaries of their word, from the first block on
        [[nodiscard]] constexpr bool starts_at(block i) const noexcept {
            return (starts >> i & 1) != 0;
        }
    };
    /// Requires: a < b.
    [[nodiscard]] constexpr spot spot_of(block a, block b) noexcept {
        const block first = a % leaf_blocks, n = b - a;
        if (b >= limit || (a ^ b) >= 64 || first == 0) return {};
        const root e = root_[a >> leaf_order];
        if (e.mask == 0) return {};
        leaf& l = leaf_at(slots.data(), e);
        const word starts = l.starts[first / 64] >> a % 64, inside = (word{1} << n) - 2;
        if ((starts & inside) != 0) return {};
        return {&l, first, n, starts};
    }
    /// As write, of the blocks there.
    constexpr void write(const spot& at, std::size_t x, bool low, bool high) noexcept {
        // Whether there are ranges beside them is anybody's guess, so no branch asks.
        const word ends = word{1} << at.n | 1, wanted = word{high} << at.n | word{low};
        fill(at.in->id + at.first, at.n, x);
        const block w = at.first / 64;
        set(*at.in, w, at.in->starts[w] ^ ((at.starts ^ wanted) & ends) << at.first % 64);
    }
    constexpr void clear() noexcept {
        for (block k = 0; k != covered_; ++k) root_[k] = {};
        for (word& w : busy_) w = 0;
        covered_ = 0;
        busy_count_ = taken_ = hand_ = 0;
    }

private:
    // Not std::countr_zero, which asks whether there is one.
    [[nodiscard]] static constexpr block lowest(word w) noexcept {
        return static_cast<unsigned>(__builtin_ctzll(w));
    }
    [[nodiscard]] static constexpr block highest(word w) noexcept {
        return 63u ^ static_cast<unsigned>(__builtin_clzll(w));
    }
    // Apart, because most boundaries are in the leaf at hand.

    /// The first boundary in the leaves from k on, else `limit`.
    [[nodiscard, gnu::noinline]] constexpr block first_from(block k) const noexcept {
        word rest = busy_[k / 64] >> k % 64 << k % 64;
        for (k /= 64; rest == 0; rest = busy_[k])
            if (++k * 64 >= covered_) return limit;
        k = k * 64 + lowest(rest);
        const leaf& l = leaf_at(slots.data(), root_[k]);
        const block w = lowest(l.starts[words]);
        return (k << leaf_order) + w * 64 + lowest(l.starts[w]);
    }
    /// The last in the leaves below k.
    /// Requires: there is one.
    [[nodiscard, gnu::noinline]] constexpr block last_below(block k) const noexcept {
        word rest = busy_[k / 64] & ~(~word{0} << k % 64);
        for (k /= 64; rest == 0;) rest = busy_[--k];
        k = k * 64 + highest(rest);
        const leaf& l = leaf_at(slots.data(), root_[k]);
        const block w = highest(l.starts[words]);
        return (k << leaf_order) + w * 64 + highest(l.starts[w]);
    }

    /// Makes a boundary of the block, or none; returns whether it was one.
    constexpr bool mark(block b, bool on) noexcept {
        const block k = b >> leaf_order;
        if (k >= covered_ || (root_[k].mask == 0 && !on)) return false;
        leaf& l = root_[k].mask != 0 ? leaf_at(slots.data(), root_[k]) : new_leaf(k);
        const block w = b % leaf_blocks / 64;
        const word before = l.starts[w], at_b = word{1} << b % 64;
        set(l, w, on ? before | at_b : before & ~at_b);
        return (before & at_b) != 0;
    }
    constexpr void set(leaf& l, block w, word bits) noexcept {
        const bool was_busy = l.is_busy();
        l.starts[words] ^= word{(l.starts[w] == 0) != (bits == 0)} << w;
        l.starts[w] = bits;
        if (was_busy == l.is_busy()) [[likely]]
            return;
        busy_[l.place / 64] ^= word{1} << l.place % 64;
        busy_count_ += l.is_busy() ? 1 : ~std::size_t{0};
    }
    static constexpr void fill(unsigned char* ids, block n, std::size_t x) noexcept {
        ids[0] = static_cast<unsigned char>(x); // often all of it
        for (block i = 1; i < n; ++i) ids[i] = static_cast<unsigned char>(x);
    }
    // Without the division by sizeof, where casts are allowed.
    template <class Leaf>
    [[nodiscard]] static constexpr Leaf& leaf_at(Leaf* first, root e) noexcept {
        if (std::is_constant_evaluated()) return first[e.at / sizeof(leaf)];
        using byte = std::conditional_t<std::is_const_v<Leaf>, const unsigned char, unsigned char>;
        return *reinterpret_cast<Leaf*>(reinterpret_cast<byte*>(first) + e.at);
    }
    [[nodiscard]] constexpr leaf& new_leaf(block k) noexcept {
        leaf* const first = slots.data();
        if (taken_ == 0) {
            taken_ = 1; // the ids that blocks which are all alike share
            for (std::size_t x = 0; x != leaf_blocks; ++x)
                first[0].id[x] = static_cast<unsigned char>(x);
        }
        std::size_t s = taken_;
        if (s < slots.capacity() && s <= roots) {
            ++taken_;
            for (word& w : first[s].starts) w = 0; // who lent it may have used it
        } else {
            do {
                s = hand_ = hand_ + 1 >= taken_ ? 1 : hand_ + 1;
            } while (first[s].is_busy());
            root& old = root_[first[s].place];
            if (old.mask != 0 && &leaf_at(first, old) == first + s) old = {first[s].id[0], 0};
        }
        fill(first[s].id, leaf_blocks, root_[k].at);
        first[s].place = k;
        root_[k] = {static_cast<std::uint32_t>(s * sizeof(leaf)),
                    static_cast<std::uint32_t>(leaf_blocks - 1)};
        return first[s];
    }

    block covered_ = 0;          // leaves from here on have no boundary and id 0
    std::size_t busy_count_ = 0; // leaves with boundaries
    std::size_t taken_ = 0;      // slots that have been used
    std::size_t hand_ = 0;       // the last leaf that went from one place to another
    word busy_[roots / 64 + 1]{};
    root root_[roots]{};
};

} // namespace zonal::inline v0::detail
