// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which leaf a page belongs to: a table over the pages between the lowest leaf and the highest.
//
//     entry    0      1      2      3      4      5
//     below    0x200  0x200  0x280  0x480  0x480  all    the pages below this, and not below the
//     leaf     7      7      3      5      5      0      entry before, belong to this leaf
//
// The entry of a page is guessed, by a subtraction and a shift. The right one is the first from
// there on that ends above the page, mostly the guess itself. Where the leaves are not spread
// evenly they pile up behind their guesses and are searched by halving, so O(log n) is the worst.

#include <bit>
#include <cstddef>
#include <cstdint>

#include <zonal/ranges/leaf.hpp>

namespace zonal::inline v0::detail {

/// Kept in slots for leaves, an entry for each place; every call is given the first slot.
/// Invariant: ascending. An entry like the next one is free; any other does not lie before the
/// guess for a page below its end. The last one ends above all pages.
template <class Leaf>
class leaf_table {
public:
    /// In n slots, for at most `most` leaves; `first` has all pages.
    constexpr void reset(Leaf* in, std::size_t n, std::size_t most, leaf_id first) noexcept {
        resize(n, most);
        for (std::size_t i = 0; i != size_; ++i) set(in, i, {Leaf::above_all, first});
        leaves_ = 1;
        scale(in, size_ - 1);
    }
    /// Moves to other slots of the same array, or the same, and spreads the leaves anew.
    constexpr void move(const Leaf* from, Leaf* in, std::size_t n, std::size_t most) noexcept {
        std::size_t i = size_;
        resize(n, most);
        std::size_t to = size_; // first all entries that are not free go to the end
        set(in, --to, at(from, --i));
        while (i != 0)
            if (const entry e = at(from, --i); e != at(in, to)) set(in, --to, e);
        scale(in, to);
        for (; to != size_; ++to) {
            const entry e = at(in, to);
            const std::size_t last = to + 1 == size_ ? to : guess(e.below - 1);
            do set(in, i, e);
            while (i++ < last);
        }
    }

    [[nodiscard]] constexpr leaf_id find(const Leaf* in, std::uint64_t p) const noexcept {
        return at(in, place(in, p)).leaf;
    }
    /// The pages below k of the leaf that k - 1 belongs to belong to `leaf` from now on.
    /// Requires: there are fewer leaves than the table is for.
    constexpr void insert(Leaf* in, std::uint64_t k, leaf_id leaf) noexcept {
        std::size_t i = place(in, k - 1), free = next_free(in, i);
        if (free + 1 == size_) {
            move(in, in, size_ / Leaf::width, size_ - guesses_);
            i = place(in, k - 1), free = next_free(in, i);
        }
        const bool is_off =
            free > guess(k - 1) + 4 || k <= low_ || (k - 1 - low_) >> shift_ >= guesses_;
        for (; free != i; --free) set(in, free, at(in, free - 1));
        const entry old = at(in, i);
        do set(in, i, {k, leaf});
        while (i != 0 && at(in, --i) == old);
        ++leaves_;
        if (is_off && ++off_ > leaves_ / 8) move(in, in, size_ / Leaf::width, size_ - guesses_);
    }
    /// The pages of the leaf that p belongs to belong to the next one.
    /// Requires: there is one.
    constexpr void erase(Leaf* in, std::uint64_t p) noexcept {
        std::size_t i = place(in, p);
        const entry old = at(in, i);
        while (at(in, i) == old) ++i;
        const entry next = at(in, i);
        while (i != 0 && at(in, i - 1) == old) set(in, --i, next);
        --leaves_;
    }

private:
    friend struct testing::leaf_inspector;

    struct entry {
        std::uint64_t below;
        leaf_id leaf;
        friend constexpr bool operator==(entry a, entry b) noexcept { return a.leaf == b.leaf; }
    };
    [[nodiscard]] static constexpr entry at(const Leaf* in, std::size_t i) noexcept {
        const Leaf& slot = in[i / Leaf::width];
        return {slot.start[i % Leaf::width], static_cast<leaf_id>(slot.end[i % Leaf::width])};
    }
    static constexpr void set(Leaf* in, std::size_t i, entry e) noexcept {
        in[i / Leaf::width].start[i % Leaf::width] = e.below;
        in[i / Leaf::width].end[i % Leaf::width] = e.leaf;
    }

    [[nodiscard]] constexpr std::size_t guess(std::uint64_t p) const noexcept {
        std::uint64_t above = 0;
        if (__builtin_sub_overflow(p, low_, &above)) above = 0;
        const std::uint64_t i = above >> shift_;
        return i < guesses_ ? i : guesses_ - 1;
    }
    /// The first entry from the guess on that ends above p.
    [[nodiscard]] constexpr std::size_t place(const Leaf* in, std::uint64_t p) const noexcept {
        std::size_t i = guess(p);
        for (const std::size_t near = i + 4; at(in, i).below <= p; ++i)
            if (i == near) [[unlikely]] {
                for (std::size_t n = size_ - i; n != 1;) { // it is one of n from i on
                    const std::size_t half = n / 2;
                    i = at(in, i + half - 1).below <= p ? i + half : i;
                    n -= half;
                }
                break;
            }
        return i;
    }
    /// The last entry, if there is none.
    [[nodiscard]] constexpr std::size_t next_free(const Leaf* in, std::size_t i) const noexcept {
        while (i + 1 != size_ && at(in, i) != at(in, i + 1)) ++i;
        return i;
    }

    constexpr void resize(std::size_t n, std::size_t most) noexcept {
        size_ = n * Leaf::width;
        guesses_ = size_ - most; // all leaves can lie behind the last guess
    }
    /// Spreads the guesses over the leaves, which lie from `first` on, but for an eighth of them
    /// that may be far away.
    constexpr void scale(const Leaf* in, std::size_t first) noexcept {
        const std::size_t few = (size_ - first) / 16, last = size_ - 1;
        low_ = shift_ = off_ = 0;
        if (first == last) return;
        const std::uint64_t low = at(in, first + few).below, high = at(in, last - 1 - few).below;
        const std::uint64_t margin = (high - low) / 8;
        low_ = low < margin ? 0 : low - margin;
        shift_ = static_cast<unsigned>(std::bit_width((high + margin - low_) / guesses_));
    }

    std::size_t size_ = 0;    // entries
    std::size_t guesses_ = 0; // lie below this
    std::uint64_t low_ = 0;   // guessed to lie in entry 0, with all pages below
    std::uint64_t shift_ = 0; // log2 of the pages that have the same guess
    std::size_t leaves_ = 0;
    std::size_t off_ = 0; // since they were spread so many came that lie behind their guess
};

} // namespace zonal::inline v0::detail
