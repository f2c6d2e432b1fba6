// SPDX-License-Identifier: BSL-1.0
#pragma once

// The two levels of a block_table: for each block a byte and a boundary bit.
//
//     root[block / 4096]       which leaf, or that all its blocks are alike
//     leaf.id[block % 4096]    the block's byte
//     leaf.starts              a bit a block: a range, or a gap, begins here

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <zonal/core/storage.hpp>

namespace zonal::detail {

/// Blocks [0, limit), each with an id, at first 0. 2^leaf_order of them have a leaf together, if
/// there is a boundary in it; else all have the same id. Between a mark and a fill, and a fill and
/// an unmark, that need not be so.
template <unsigned leaf_order, std::uint64_t limit, storage_policy Storage>
class block_leaves {
    using word = std::uint64_t;

public:
    using block = std::uint64_t; ///< its number

private:
    static constexpr block leaf_blocks = block{1} << leaf_order;
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
        word starts[leaf_blocks / 64]{};
        word used{}; // which words of `starts` are not zero
        block place{};
    };
    static_assert(roots * sizeof(leaf) < std::uint64_t{1} << 32,
                  "block_table: the root would be larger than 4 MiB; lower the reach");

    typename Storage::template slots<leaf> slots;

    constexpr block_leaves() = default;
    template <class... Args>
    explicit constexpr block_leaves(std::in_place_t, Args&&... args)
        : slots(std::forward<Args>(args)...) {}

    [[nodiscard]] constexpr unsigned id(block b) const noexcept {
        const block k = b >> leaf_order;
        if (k >= covered_) return 0;
        const root e = root_[k];
        const leaf* const first = slots.data();
        if (std::is_constant_evaluated())
            return first[e.at / sizeof(leaf)].id[e.at % sizeof(leaf) + (b & e.mask)];
        return reinterpret_cast<const unsigned char*>(first)[e.at + (b & e.mask)];
    }

    /// Blocks [a, b) without boundaries between them, and what they lie between, in one word.
    struct one_word {
        leaf* home;
        unsigned char* ids; // from a on
        word* starts;
        bool low, high; // whether a and b are boundaries
    };
    /// If there is no leaf, or it is not so: a null leaf.
    /// Requires: a < b <= limit.
    [[nodiscard]] constexpr one_word in_one_word(block a, block b) noexcept {
        const root e = root_[a >> leaf_order];
        if (e.mask == 0 || a / 64 != b / 64 || a % 64 == 0) return {};
        leaf& l = leaf_at(slots.data(), e);
        const word bits = l.starts[word_of(a)] >> a % 64;
        if ((bits & ((word{1} << (b - a)) - 2)) != 0) return {};
        return {&l, l.id + (a & (leaf_blocks - 1)), l.starts + word_of(a), (bits & 1) != 0,
                (bits >> (b - a) & 1) != 0};
    }
    [[nodiscard]] constexpr bool room_in(const one_word& in, bool boundaries) noexcept {
        return *in.starts != 0 || in.home->used != 0 || room_for(std::size_t{boundaries});
    }
    constexpr void write(const one_word& in, block a, block b, unsigned id, bool low,
                         bool high) noexcept {
        const word bits = *in.starts;
        *in.starts ^= word{low != in.low} << a % 64 | word{high != in.high} << b % 64;
        if ((bits != 0) != (*in.starts != 0)) use(*in.home, a);
        in.ids[0] = static_cast<unsigned char>(id);
        if (b - a != 1)
            for (block i = 1; i != b - a; ++i) in.ids[i] = static_cast<unsigned char>(id);
    }

    /// A boundary is in the block's leaf.
    [[nodiscard]] constexpr bool is_busy(block b) const noexcept {
        return (busy_[(b >> leaf_order) / 64] >> (b >> leaf_order) % 64 & 1) != 0;
    }
    [[nodiscard]] static constexpr bool share_leaf(block a, block b) noexcept {
        return a >> leaf_order == b >> leaf_order;
    }
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
        return leaves == 0 || slots.grow(wanted + spare, taken_) || slots.grow(wanted, taken_);
    }
    [[nodiscard]] constexpr bool make_room(std::size_t count) noexcept {
        return slots.grow(count, taken_);
    }

    /// Blocks up to b, not above limit, may get an id.
    constexpr void cover(block b) noexcept {
        const block k = b >> leaf_order;
        if (covered_ <= k) covered_ = k == roots ? roots : k + 1;
    }
    /// Blocks may get this id.
    /// Requires: there is a slot.
    constexpr void admit(unsigned id) noexcept {
        slots.data()[0].id[id] = static_cast<unsigned char>(id);
    }
    /// Requires: a < b; a leaf without boundaries lies in [a, b), or its other blocks have this id.
    constexpr void fill(block a, block b, unsigned id) noexcept {
        while (a != b) {
            const block k = a >> leaf_order;
            const block end = b >> leaf_order == k ? b : (k + 1) << leaf_order;
            if (!is_busy(a)) {
                root_[k] = {id, 0};
            } else {
                unsigned char* const ids = leaf_at(slots.data(), root_[k]).id;
                const block above = end - (k << leaf_order);
                for (block i = a & (leaf_blocks - 1); i != above; ++i)
                    ids[i] = static_cast<unsigned char>(id);
            }
            a = end;
        }
    }

    struct boundary {
        block at = limit;
        word above = 0; // in its word
        friend constexpr bool operator==(boundary a, boundary b) noexcept { return a.at == b.at; }
    };
    [[nodiscard]] constexpr bool is_boundary(block b) const noexcept {
        if (!is_busy(b)) return false;
        return (leaf_at(slots.data(), root_[b >> leaf_order]).starts[word_of(b)] >> b % 64 & 1) !=
               0;
    }
    /// Requires: there is room for its leaf.
    constexpr void mark(block b) noexcept {
        const block k = b >> leaf_order;
        leaf& l = root_[k].mask != 0 ? leaf_at(slots.data(), root_[k]) : new_leaf(k);
        if (l.starts[word_of(b)] == 0) use(l, b);
        l.starts[word_of(b)] |= word{1} << b % 64;
    }
    /// Requires: it is marked.
    constexpr void unmark(block b) noexcept {
        const block k = b >> leaf_order;
        leaf& l = leaf_at(slots.data(), root_[k]);
        if ((l.starts[word_of(b)] &= ~(word{1} << b % 64)) == 0) use(l, b);
    }
    /// The first at b or above, else `limit`.
    [[nodiscard]] constexpr boundary boundary_from(block b) const noexcept {
        block k = b >> leaf_order;
        if (k >= covered_) return {};
        if (root_[k].mask != 0) {
            const leaf& l = leaf_at(slots.data(), root_[k]);
            if (const word bits = l.starts[word_of(b)] >> b % 64 << b % 64; bits != 0)
                return first_in(bits, b);
            if (const word rest = l.used >> word_of(b) >> 1; leaf_blocks > 64 && rest != 0) {
                const block w = word_of(b) + 1 + lowest(rest);
                return first_in(l.starts[w], (k << leaf_order) + w * 64);
            }
        }
        ++k;
        word rest = busy_[k / 64] >> k % 64 << k % 64;
        for (k /= 64; rest == 0; rest = busy_[k])
            if (++k * 64 >= covered_) return {};
        k = k * 64 + lowest(rest);
        const leaf& l = leaf_at(slots.data(), root_[k]);
        return first_in(l.starts[lowest(l.used)], (k << leaf_order) + lowest(l.used) * 64);
    }
    [[nodiscard]] constexpr boundary boundary_after(boundary b) const noexcept {
        return b.above != 0 ? first_in(b.above, b.at) : boundary_from(b.at + 1);
    }
    /// The last at b or below.
    /// Requires: there is one.
    [[nodiscard]] constexpr block boundary_before(block b) const noexcept {
        block k = b >> leaf_order;
        if (root_[k].mask != 0) {
            const leaf& l = leaf_at(slots.data(), root_[k]);
            if (const word rest = l.starts[word_of(b)] << (63 - b % 64); rest != 0)
                return b - (63 - highest(rest));
            if (const word rest = l.used & ((word{1} << word_of(b)) - 1); rest != 0)
                return (k << leaf_order) + highest(rest) * 64 + highest(l.starts[highest(rest)]);
        }
        word rest = busy_[k / 64] & ((word{1} << k % 64) - 1);
        for (k /= 64; rest == 0;) rest = busy_[--k];
        k = k * 64 + highest(rest);
        const leaf& l = leaf_at(slots.data(), root_[k]);
        return (k << leaf_order) + highest(l.used) * 64 + highest(l.starts[highest(l.used)]);
    }

    constexpr void clear() noexcept {
        for (block k = 0; k != covered_; ++k) root_[k] = {};
        for (word& w : busy_) w = 0;
        covered_ = 0;
        busy_count_ = taken_ = hand_ = 0;
    }

private:
    [[nodiscard]] static constexpr block lowest(word w) noexcept {
        return static_cast<block>(std::countr_zero(w));
    }
    [[nodiscard]] static constexpr block highest(word w) noexcept {
        return static_cast<block>(63 - std::countl_zero(w));
    }
    [[nodiscard]] static constexpr boundary first_in(word bits, block near) noexcept {
        return {near / 64 * 64 + lowest(bits), bits & (bits - 1)};
    }
    [[nodiscard]] static constexpr block word_of(block b) noexcept {
        return (b & (leaf_blocks - 1)) / 64;
    }
    /// There were no boundaries in a word and now are, or the other way round.
    constexpr void use(leaf& l, block b) noexcept {
        const bool was_busy = l.used != 0;
        l.used ^= word{1} << word_of(b);
        if (was_busy == (l.used != 0)) return;
        const block k = b >> leaf_order;
        busy_[k / 64] ^= word{1} << k % 64;
        busy_count_ += was_busy ? ~std::size_t{0} : 1;
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
        std::size_t s = taken_ == 0 ? 1 : taken_;
        if (s < slots.capacity() && s <= roots) {
            taken_ = s + 1;
            for (word& w : first[s].starts) w = 0; // who lent it may have used it
            first[s].used = 0;
        } else {
            for (s = hand_;;) {
                s = s + 1 >= taken_ ? 1 : s + 1;
                if (first[s].used == 0) break;
            }
            hand_ = s;
            root& old = root_[first[s].place];
            if (old.mask != 0 && &leaf_at(first, old) == first + s) old = {first[s].id[0], 0};
        }
        for (unsigned char& i : first[s].id) i = static_cast<unsigned char>(root_[k].at);
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

} // namespace zonal::detail
