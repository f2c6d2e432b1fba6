// SPDX-License-Identifier: BSL-1.0
#pragma once

// The leaves of a sorted_leaves back end: how they are linked, and how ranges pass between them.
//
//     slots   leaf 0 ... leaf n - 1 | the table, a slot for every four leaves
//
// A full leaf gives half of its ranges to a free one. Where there is none, it passes one on, from
// leaf to leaf, to the nearest that has room: so every place of every leaf can be used.

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <zonal/core/storage.hpp>
#include <zonal/ranges/leaf_table.hpp>

namespace zonal::inline v0::detail {

/// Invariant: a range is in the leaf that its start belongs to. No leaf is empty, unless all are.
/// Leaf 0 is the highest one. Where there is only one leaf, there is no table.
template <class T, storage_policy Storage>
class leaf_chain {
public:
    static constexpr std::size_t width = range_leaf<T>::width;
    struct slot : range_leaf<T> {
        [[nodiscard]] static constexpr std::size_t slots_for(std::size_t ranges) noexcept {
            constexpr std::size_t four = std::size_t{4} * width;
            return ranges <= width ? 1 : (ranges + four - 1) / four * 5;
        }
    };

    constexpr leaf_chain() = default;
    template <class... Args>
        requires(sizeof...(Args) != 0 &&
                 std::is_constructible_v<typename Storage::template slots<slot>, Args...>)
    explicit constexpr leaf_chain(Args&&... args) : slots_(std::forward<Args>(args)...) {}

    [[nodiscard]] constexpr std::size_t size() const noexcept { return is_.size; }
    [[nodiscard]] constexpr page_count pages() const noexcept { return page_count{is_.pages}; }
    [[nodiscard]] constexpr std::size_t capacity() const noexcept {
        return is_.leaves != 0 ? is_.capacity : capacity_of(slots_.capacity());
    }
    [[nodiscard]] constexpr bool make_room(std::size_t ranges) noexcept {
        if (ranges > capacity() && !grow(ranges)) return false;
        if (is_.leaves == 0 && ranges != 0) open();
        return true;
    }
    constexpr void clear() noexcept {
        if (is_.size != 0)
            for (leaf_id id = is_.first; id != no_leaf; id = leaf(id).next)
                leaf(id).forget(0, leaf(id).count);
        if (is_.leaves != 0) open();
    }

protected:
    friend struct testing::leaf_inspector;

    [[nodiscard]] constexpr slot& leaf(leaf_id id) noexcept { return at(slots_.data(), id); }
    [[nodiscard]] constexpr const slot& leaf(leaf_id id) const noexcept {
        return at(slots_.data(), id);
    }
    [[nodiscard]] constexpr leaf_id id_of(const slot& in) const noexcept {
        return static_cast<leaf_id>(&in - slots_.data()) * step;
    }
    /// The leaf that p belongs to.
    [[nodiscard]] constexpr leaf_id leaf_of(std::uint64_t p) const noexcept {
        return is_.leaves > 1 ? is_.table.find(slots_.data() + is_.leaves, p) : 0;
    }

    // What few changes need is not inlined in all of them: add, join and grow.

    /// Requires: there is room.
    [[gnu::noinline]] constexpr void add(const range_entry<T>& e) noexcept {
        const std::uint64_t start = e.range.start().value();
        leaf_id id = leaf_of(start);
        for (; leaf(id).count == width; id = leaf_of(start))
            if (!split(id, start)) make_way(id, start);
        slot& in = leaf(id);
        const std::size_t i = in.starts_to(start);
        in.open(i);
        in.set(i, start, e.range.end().value(), e.value);
        ++is_.size;
        is_.pages += e.range.size().value();
    }
    /// Erases the ranges [i, i + n) of the leaf, and the leaf if they were all.
    constexpr void erase(leaf_id id, std::size_t i, std::size_t n) noexcept {
        slot& in = leaf(id);
        for (std::size_t k = i; k != i + n; ++k) is_.pages -= in.end[k] - in.start[k];
        is_.size -= n;
        const std::uint64_t page = in.start[0];
        in.close(i, n);
        if (in.count >= width / 4) return;
        // A leaf with few ranges joins a neighbour, if that leaves some room in it.
        const auto few = [&](leaf_id low, leaf_id high) {
            return low != no_leaf && high != no_leaf &&
                   (leaf(low).count + leaf(high).count <= width * 3 / 4 || in.count == 0);
        };
        if (few(id, in.next))
            join(id, page);
        else if (few(in.previous, id))
            join(in.previous, leaf(in.previous).start[0]);
    }

    struct state {
        std::size_t size = 0;
        page_count::rep pages = 0;
        std::size_t capacity = 0;
        std::uint32_t leaves = 0; // there are, in use or not; the table lies behind them
        std::uint32_t used = 0;   // leaves from here on never were
        leaf_id free = no_leaf;   // the first of those that are not any more
        leaf_id first = 0;
        leaf_table<slot> table;
    };
    typename Storage::template slots<slot> slots_;
    detail::taken_along<state> is_;

private:
    static constexpr leaf_id step = sizeof(slot) / alignof(slot); // from leaf to leaf

    // Without a multiplication, where casts are allowed.
    template <class Slot>
    [[nodiscard]] static constexpr Slot& at(Slot* first, leaf_id id) noexcept {
        if (std::is_constant_evaluated()) return first[id / step];
        using byte = std::conditional_t<std::is_const_v<Slot>, const unsigned char, unsigned char>;
        return *reinterpret_cast<Slot*>(reinterpret_cast<byte*>(first) + id * alignof(slot));
    }
    [[nodiscard]] constexpr slot* table() noexcept { return slots_.data() + is_.leaves; }

    [[nodiscard]] static constexpr std::size_t leaves_in(std::size_t slots) noexcept {
        const std::size_t leaves = slots < 5 ? slots != 0 : slots / 5 * 4;
        return leaves < no_leaf / step ? leaves : no_leaf / step;
    }
    [[nodiscard]] static constexpr std::size_t capacity_of(std::size_t slots) noexcept {
        const std::size_t places = width * leaves_in(slots);
        if constexpr (requires { Storage::entries; })
            return Storage::entries < places ? Storage::entries : places;
        else
            return places;
    }
    constexpr void measure() noexcept {
        is_.capacity = capacity_of(slots_.capacity());
        is_.leaves = static_cast<std::uint32_t>(leaves_in(slots_.capacity()));
    }
    constexpr void open() noexcept {
        is_ = state();
        measure();
        if (is_.leaves > 1) is_.table.reset(table(), slots_.capacity() - is_.leaves, is_.leaves, 0);
        static_cast<void>(take());
    }
    [[nodiscard, gnu::noinline]] constexpr bool grow(std::size_t ranges) noexcept {
        const std::size_t wanted = slot::slots_for(ranges);
        if (capacity_of(wanted) < ranges || !slots_.grow(wanted, slots_.capacity())) return false;
        const std::size_t leaves = is_.leaves;
        if (leaves == 0) return true;
        measure();
        const std::size_t n = slots_.capacity() - is_.leaves;
        if (leaves > 1)
            is_.table.move(slots_.data() + leaves, table(), n, is_.leaves);
        else if (is_.leaves > 1)
            is_.table.reset(table(), n, is_.leaves, 0);
        return true;
    }

    /// A leaf without ranges; no_leaf if all are in use.
    [[nodiscard]] constexpr leaf_id take() noexcept {
        leaf_id id = is_.free;
        if (id != no_leaf)
            is_.free = leaf(id).next;
        else if (is_.used != is_.leaves)
            id = is_.used++ * step;
        else
            return no_leaf;
        slot& in = leaf(id);
        in.count = 0;
        in.next = in.previous = no_leaf;
        in.forget(0, width);
        return id;
    }
    /// The lower ranges of a full leaf go to a free one, for a range that starts in it.
    [[nodiscard]] constexpr bool split(leaf_id id, std::uint64_t start) noexcept {
        leaf_id low = take();
        if (low == no_leaf && is_.size > is_.capacity / 4 * 3 && grow(is_.capacity + 1))
            low = take();
        if (low == no_leaf) return false;
        slot& in = leaf(id);
        // At either end more will come, and what is full stays full.
        const bool above = in.next == no_leaf && in.start[width - 1] < start;
        const bool below = in.previous == no_leaf && start < in.start[0];
        in.move(0, above ? width : below ? 0 : width / 2, leaf(low), 0);
        link(in.previous, low);
        link(low, id);
        is_.table.insert(table(), above ? start : in.start[0], low);
        return true;
    }
    /// All ranges of a leaf, to which `page` belongs, go to the next one, and the leaf is free.
    [[gnu::noinline]] constexpr void join(leaf_id id, std::uint64_t page) noexcept {
        slot& in = leaf(id);
        is_.table.erase(table(), page);
        in.move(0, in.count, leaf(in.next), 0);
        link(in.previous, in.next);
        in.next = std::exchange(is_.free, id);
    }
    constexpr void link(leaf_id low, leaf_id high) noexcept {
        leaf(high).previous = low;
        (low == no_leaf ? is_.first : leaf(low).next) = high;
    }

    /// Passes ranges on, from a full leaf to the nearest one that is not, for one that starts in
    /// it.
    constexpr void make_way(leaf_id full, std::uint64_t start) noexcept {
        leaf_id low = full, high = full;
        const auto has_room = [&](leaf_id id) { return id != no_leaf && leaf(id).count != width; };
        while (!has_room(low) && !has_room(high)) {
            if (low != no_leaf) low = leaf(low).previous;
            if (high != no_leaf) high = leaf(high).next;
        }
        if (has_room(high))
            for (leaf_id id = high; id != full; id = leaf(id).previous) {
                slot& from = leaf(leaf(id).previous);
                const bool is_new = id_of(from) == full && from.start[width - 1] < start;
                if (!is_new) from.move(from.count - 1, 1, leaf(id), 0);
                part(id_of(from), is_new ? start : leaf(id).start[0]);
            }
        else
            for (leaf_id id = low; id != full; id = leaf(id).next) {
                slot& from = leaf(leaf(id).next);
                const bool is_last = id_of(from) == full, is_new = is_last && start < from.start[0];
                if (!is_new) from.move(0, 1, leaf(id), leaf(id).count);
                part(id, is_last && !is_new && start < from.start[0] ? start : from.start[0]);
            }
    }
    /// The leaf `low` ends, and the next begins, at k.
    constexpr void part(leaf_id low, std::uint64_t k) noexcept {
        is_.table.erase(table(), leaf(low).start[0]);
        is_.table.insert(table(), k, low);
    }
};

} // namespace zonal::inline v0::detail
