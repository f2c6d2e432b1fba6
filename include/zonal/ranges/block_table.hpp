// SPDX-License-Identifier: BSL-1.0
#pragma once

// The back end for memory that moves in blocks: a byte a block, found without a search.
//
//     using by_section = block_table<15>;                           // blocks of 2^15 pages
//     pfn_range_map<char, by_section, in_place<by_section::slots_for(8)>> map;
//     map.insert({pfn{0x8000}, pfn{0x18000}}, 'a');
//     map.value_at(pfn{0x9000});                                    // 'a'
//     map.insert({pfn{0x18000}, pfn{0x18001}}, 'a');                // fails: misaligned
//
// The byte is the index of the range's value in a table; boundary bits say where ranges begin and
// end. Both are in leaves of 4096 blocks, which are there only where a range begins or ends: so n
// ranges have 2 n leaves at most, however long they are.
//
// Why not an entry a block with start, end and value: twenty times the room, and a split would
// touch every block of the range.
// When not to use it: for ranges that begin at any page; for more than 255 different values, or
// values without an == that all of them pass with themselves; for a few ranges where room counts
// more than time (sorted_array).

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <zonal/ranges/back_end.hpp>
#include <zonal/ranges/block_leaves.hpp>
#include <zonal/ranges/coalescing.hpp>
#include <zonal/ranges/shared_values.hpp>

namespace zonal::inline v0 {

/// The ranges of a map in blocks of 2^block_order pages.
template <class T, class Storage, unsigned block_order, unsigned reach, unsigned leaf_order>
class block_ranges;

/// Blocks of 2^block_order pages below pfn 2^reach; 2^leaf_order of them have a leaf together.
/// What needs more than is there fails with no_space: pages above the reach, a 256th value, a leaf.
/// A change needs room for the values and leaves it makes beside those it ends.
/// Room: for each leaf in use sizeof(slot), 1.13 bytes a block, and one slot more; 8 bytes for each
/// leaf there can be, in the map itself: 32 KiB, unless the reach is less.
template <unsigned block_order,
          unsigned reach = block_order + 24 < pfn_bits ? block_order + 24 : pfn_bits,
          unsigned leaf_order = 12>
struct block_table {
    static_assert(block_order <= reach && reach <= pfn_bits);
    static_assert(6 <= leaf_order && leaf_order <= 12, "block_table: a leaf has 64 to 4096 blocks");

    using policy_slot = back_end_slot;
    template <range_value T, storage_policy Storage>
    using of = block_ranges<T, Storage, block_order, reach, leaf_order>;

    /// A range has two ends; a change may make two before others go; the first slot is nobody's.
    [[nodiscard]] static constexpr std::size_t slots_for(std::size_t ranges) noexcept {
        return 2 * ranges + 3;
    }
};

/// Cost: value_at reads three cache lines. seek is two bit scans, each over the root's bitmap at
/// most; a change of k ranges k of them, and a byte a block where there are leaves.
template <class T, class Storage, unsigned block_order, unsigned reach, unsigned leaf_order>
class block_ranges {
    static_assert(std::equality_comparable<T>, "block_table: values need ==, to share an index");
    using block = pfn::rep; // its number
    static constexpr block limit = block{1} << (reach - block_order);
    static constexpr unsigned values = leaf_order < 8 ? (1u << leaf_order) - 1 : 255;
    using leaves = detail::block_leaves<leaf_order, limit, Storage>;

public:
    using value_type = T;
    using slot = typename leaves::leaf;
    static constexpr page_count granularity{page_count::rep{1} << block_order};

    struct cursor {
        block start = limit;
        typename leaves::boundary end{};
        std::size_t index = 0; // of the value

        constexpr cursor() = default;
        constexpr cursor(block s, const typename leaves::boundary& e, std::size_t i) noexcept
            : start(s), end(e), index(i) {}
        constexpr cursor(const cursor&) = default;
        // Piece by piece: a copy of the whole would wait for the pieces to be in memory.
        constexpr cursor& operator=(const cursor& other) noexcept {
            start = other.start;
            end.at = other.end.at;
            end.bits = other.end.bits;
            end.rest = other.end.rest;
            end.in = other.end.in;
            index = other.index;
            return *this;
        }
        constexpr ~cursor() = default;
        friend constexpr bool operator==(const cursor& a, const cursor& b) noexcept {
            return a.start == b.start;
        }
    };

    constexpr block_ranges() = default;
    template <class... Args>
        requires(sizeof...(Args) != 0 &&
                 std::is_constructible_v<typename leaves::leaf_slots, Args...>)
    explicit constexpr block_ranges(Args&&... args)
        : leaves_(typename leaves::leaf_slots(std::forward<Args>(args)...)) {}

    constexpr block_ranges(const block_ranges&) = default;
    constexpr block_ranges& operator=(const block_ranges&) = default;
    constexpr block_ranges(block_ranges&& other) noexcept
        : is_(other.is_), size_(other.size_), leaves_(std::move(other.leaves_)) {
        other.clear();
    }
    constexpr block_ranges& operator=(block_ranges&& other) noexcept {
        if (this == &other) return *this;
        is_ = other.is_;
        size_ = other.size_;
        leaves_ = std::move(other.leaves_);
        other.clear();
        return *this;
    }
    constexpr ~block_ranges() = default;

    // ---- where ----

    [[nodiscard]] constexpr cursor begin() const noexcept { return seek(pfn{0}); }
    [[nodiscard]] static constexpr cursor end() noexcept { return {}; }
    [[nodiscard]] constexpr cursor next(cursor c) const noexcept {
        do { // where it is a gap that begins, behind it
            c.start = c.end.at;
            if (c.start == limit) break;
            c.index = c.end.in->id_of(c.start);
            c.end = leaves_.boundary_after(c.end);
        } while (c.index == 0);
        return c;
    }
    [[nodiscard]] constexpr cursor previous(cursor c) const noexcept {
        const block last = c.start - 1;
        return at(leaves_.id(last) != 0 ? last : leaves_.boundary_before(last) - 1);
    }
    [[nodiscard]] constexpr cursor seek(pfn p) const noexcept {
        const block b = p.value() >> block_order;
        return leaves_.id(b) != 0 ? at(b) : next({0, above(b), 0});
    }
    [[nodiscard]] constexpr range_entry<T> at(cursor c) const noexcept {
        return {pages_of(c.start, c.end.at), is_.value[c.index]};
    }
    [[nodiscard]] constexpr result<range_entry<T>> find(pfn p) const noexcept {
        const block b = p.value() >> block_order;
        const std::size_t x = leaves_.id(b);
        if (x == 0) return fail(errc::not_found);
        return range_entry<T>{pages_of(leaves_.boundary_before(b), leaves_.boundary_above(b)),
                              is_.value[x]};
    }
    [[nodiscard]] constexpr result<T> value_at(pfn p) const noexcept {
        const std::size_t x = leaves_.id(p.value() >> block_order);
        const T value = is_.read(x); // before it is known whether there is one
        return x != 0 ? result<T>(value) : result<T>(fail(errc::not_found));
    }
    [[nodiscard]] constexpr bool overlaps(pfn_range r) const noexcept {
        const block a = r.start().value() >> block_order;
        block b = (r.end().value() + (granularity.value() - 1)) >> block_order;
        if (b > limit) b = limit;
        if (r.empty() || a >= b) return false;
        return leaves_.id(a) != 0 || leaves_.boundary_above(a) < b;
    }

    // ---- how much ----

    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr page_count pages() const noexcept {
        const page_count::rep pages = is_.taken() << block_order;
        if (pages > page_count::limit) __builtin_unreachable(); // no contract to check again
        return page_count{pages};
    }
    /// How many ranges there is room for wherever they begin and end.
    [[nodiscard]] constexpr std::size_t capacity() const noexcept {
        const std::size_t slots = leaves_.slots.capacity();
        return slots < slots_for(0) ? 0 : (slots - slots_for(0)) / 2;
    }
    [[nodiscard]] static constexpr std::size_t slots_for(std::size_t ranges) noexcept {
        return block_table<block_order, reach, leaf_order>::slots_for(ranges);
    }
    [[nodiscard]] constexpr bool make_room(std::size_t ranges) noexcept {
        return leaves_.make_room(slots_for(ranges));
    }

    // ---- changes ----

    template <class Coalescing>
    [[nodiscard]] constexpr bool write(pfn_range r, const T* value) noexcept {
        if (value == nullptr) return put<Coalescing, met::replace, false>(r, value).has_value();
        return put<Coalescing, met::replace, true>(r, value).has_value();
    }
    /// As write, if no page of r is in a range.
    /// Fails: overlap, no_space.
    template <class Coalescing>
    [[nodiscard]] constexpr result<done> insert(pfn_range r, const T& value) noexcept {
        return put<Coalescing, met::refuse, true>(r, &value);
    }
    constexpr void replace(cursor first, cursor last, const range_entry<T>* entries,
                           std::size_t n) noexcept {
        if (first != last)
            static_cast<void>(write<keep_apart>(pages_of(first.start, last.start), nullptr));
        for (std::size_t i = 0; i != n; ++i)
            static_cast<void>(write<keep_apart>(entries[i].range, &entries[i].value));
    }
    constexpr void clear() noexcept {
        is_.clear();
        size_ = 0;
        leaves_.clear();
    }

    /// What a change of several steps needs, so that none of them fails.
    class plan {
    public:
        explicit constexpr plan(block_ranges& table) noexcept : table_(table) {}
        plan(const plan&) = delete;
        constexpr ~plan() {
            for (std::size_t x = 1; x <= values; ++x)
                if (holds_[x]) table_.is_.drop(x, 1);
        }
        constexpr void change(pfn_range r) noexcept {
            edge(r.start().value() >> block_order);
            edge(r.end().value() >> block_order);
        }
        constexpr void give(pfn_range r, const T& value) noexcept {
            const std::size_t x = table_.is_.index_for(value);
            fits_ = fits_ && x != 0 && r.end().value() >> block_order <= limit;
            if (!fits_ || holds_[x]) return;
            holds_[x] = true;
            table_.is_.add(x, &value, 1);
        }
        [[nodiscard]] constexpr bool make_room(std::size_t) noexcept {
            return fits_ && table_.leaves_.room_for(more_);
        }

    private:
        constexpr void edge(block b) noexcept {
            if (b >= limit || (last_ != limit && leaves::share_leaf(b, last_))) return;
            last_ = b;
            more_ += !table_.leaves_.is_busy(b);
        }
        block_ranges& table_;
        std::size_t more_ = 0;
        block last_ = limit;
        bool holds_[values + 1]{};
        bool fits_ = true;
    };

private:
    enum class met : bool { refuse, replace }; ///< what becomes of ranges that are in the way

    // Compiled apart for each kind of change, with all that it takes: erasing asks for no value.
    template <class Coalescing, met ranges, bool gives>
    [[nodiscard, gnu::flatten]] constexpr result<done> put(pfn_range r, const T* value) noexcept {
        const auto at =
            leaves_.spot_of(r.start().value() >> block_order, r.end().value() >> block_order);
        if (at.in == nullptr) [[unlikely]]
            return put_anywhere<Coalescing>(r, value, ranges);
        const unsigned char* const id = at.in->id + at.first;
        const std::size_t below = *(id - 1), old = *id, above = id[at.n];
        if (ranges == met::refuse && old != 0) return fail(errc::overlap);
        std::size_t x = 0;
        if constexpr (gives) {
            x = is_.index_for(*value);
            if (x == 0) return fail(errc::no_space);
        }
        const bool low = parts<Coalescing>(below, x), high = parts<Coalescing>(above, x);
        is_.add(x, value, at.n); // first: a value that is lost and gained is kept
        is_.drop(old, at.n);
        size_ += (std::size_t{low} & (x != 0)) + (std::size_t{high} & (above != 0));
        size_ -= (std::size_t{at.starts_at(0)} & (old != 0)) +
                 (std::size_t{at.starts_at(at.n)} & (above != 0));
        leaves_.write(at, x, low, high);
        return done{};
    }
    // Apart, so that the quick way needs few registers.
    template <class Coalescing>
    [[nodiscard, gnu::noinline]] constexpr result<done> put_anywhere(pfn_range r, const T* value,
                                                                     met ranges) noexcept {
        if (ranges == met::refuse && overlaps(r)) return fail(errc::overlap);
        const block a = r.start().value() >> block_order;
        block b = r.end().value() >> block_order;
        if (b > limit && value != nullptr) return fail(errc::no_space);
        if (b > limit) b = limit;
        if (a >= b) return done{};
        const std::size_t x = value == nullptr ? 0 : is_.index_for(*value);
        if (value != nullptr && x == 0) return fail(errc::no_space);
        const std::size_t below = a == 0 ? 0 : leaves_.id(a - 1), above = leaves_.id(b);
        const bool low = parts<Coalescing>(below, x);
        const bool high = b != limit && parts<Coalescing>(above, x);
        if (!leaves_.room_for(a, low, b, high)) return fail(errc::no_space);
        is_.add(x, value, b - a); // first, as above
        size_ += (std::size_t{low} & (x != 0)) + (std::size_t{high} & (above != 0));
        size_ -= leaves_.write(a, b, x, low, high,
                               [&](std::size_t y, block blocks) { is_.drop(y, blocks); });
        return done{};
    }
    /// The range, or gap, of x begins or ends where it meets the neighbour y.
    template <class Coalescing>
    [[nodiscard]] static constexpr bool parts(std::size_t y, std::size_t x) noexcept {
        return x != y || (x != 0 && !Coalescing::merges_any);
    }

    [[nodiscard]] static constexpr pfn_range pages_of(block start, block end) noexcept {
        return {pfn{start << block_order}, pfn{end << block_order}};
    }
    /// The range that block b lies in.
    [[nodiscard]] constexpr cursor at(block b) const noexcept {
        return {leaves_.boundary_before(b), above(b), leaves_.id(b)};
    }
    [[nodiscard]] constexpr typename leaves::boundary above(block b) const noexcept {
        return leaves_.boundary_at(leaves_.boundary_above(b));
    }

    detail::shared_values<T, values> is_;
    std::size_t size_ = 0; // ranges
    leaves leaves_;
};

} // namespace zonal::inline v0
