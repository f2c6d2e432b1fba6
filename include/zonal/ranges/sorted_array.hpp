// SPDX-License-Identifier: BSL-1.0
#pragma once

// The plainest back end: all ranges in one array, sorted by start.
//
// Lookup halves the array; a change moves what lies above it, so this is for few ranges or few
// changes. A slot is a range and its value, nothing else.

#include <utility>

#include <zonal/ranges/back_end.hpp>

namespace zonal::inline v0 {

struct sorted_array {
    using policy_slot = back_end_slot;
    template <range_value T, storage_policy Storage>
    class of;
};

/// Cost: seek O(log n); replace O(n) when the number of ranges changes, else O(1).
template <range_value T, storage_policy Storage>
class sorted_array::of {
public:
    using value_type = T;
    using slot = range_entry<T>;
    using cursor = std::size_t;

    constexpr of() = default;
    template <class... Args>
        requires(sizeof...(Args) != 0 &&
                 std::is_constructible_v<typename Storage::template slots<slot>, Args...>)
    explicit constexpr of(Args&&... args) : slots_(std::forward<Args>(args)...) {}

    [[nodiscard]] static constexpr cursor begin() noexcept { return 0; }
    [[nodiscard]] constexpr cursor end() const noexcept { return is_.size; }
    [[nodiscard]] static constexpr cursor next(cursor c) noexcept { return c + 1; }
    [[nodiscard]] static constexpr cursor previous(cursor c) noexcept { return c - 1; }
    [[nodiscard]] constexpr const slot& at(cursor c) const noexcept { return slots_.data()[c]; }

    [[nodiscard]] constexpr cursor seek(pfn p) const noexcept {
        const slot* const entry = slots_.data();
        const pfn::rep page = p.value();
        cursor low = 0; // those below end too early
        // One step halves what is left, whichever half it is: so no step is a guess.
        for (cursor left = is_.size; left != 0; left /= 2) {
            const cursor half = left - left / 2;
            low += entry[low + half - 1].range.end().value() <= page ? half : 0;
        }
        return low;
    }

    [[nodiscard]] constexpr std::size_t size() const noexcept { return is_.size; }
    [[nodiscard]] constexpr page_count pages() const noexcept { return is_.pages; }
    [[nodiscard]] constexpr std::size_t capacity() const noexcept { return slots_.capacity(); }
    [[nodiscard]] static constexpr std::size_t slots_for(std::size_t ranges) noexcept {
        return ranges;
    }
    [[nodiscard]] constexpr bool make_room(std::size_t ranges) noexcept {
        return ranges <= slots_.capacity() || slots_.grow(ranges, is_.size);
    }

    constexpr void replace(cursor first, cursor last, const slot* entries, std::size_t n) noexcept {
        slot* const to = slots_.data();
        page_count::rep pages = is_.pages.value();
        for (cursor c = first; c != last; ++c) pages -= to[c].range.size().value();
        const std::size_t size = is_.size - (last - first) + n;
        if (size != is_.size) shift(to + last, to + (last + size - is_.size), is_.size - last);
        for (std::size_t i = 0; i != n; ++i) {
            to[first + i] = entries[i];
            pages += entries[i].range.size().value();
        }
        release(size, is_.size);
        is_.size = size;
        is_.pages = page_count{pages};
    }
    constexpr void clear() noexcept {
        release(0, is_.size);
        is_.size = 0;
        is_.pages = {};
    }

private:
    static constexpr void shift(slot* from, slot* to, std::size_t n) noexcept {
        if constexpr (__is_trivially_copyable(slot))
            if (!std::is_constant_evaluated())
                return static_cast<void>(__builtin_memmove(to, from, n * sizeof(slot)));
        if (to < from)
            for (std::size_t i = 0; i != n; ++i) to[i] = from[i];
        else
            for (std::size_t i = n; i != 0; --i) to[i - 1] = from[i - 1];
    }
    // Slots that hold nothing any more do not keep what their value owned.
    constexpr void release(std::size_t from, std::size_t to) noexcept {
        if constexpr (!std::is_trivially_destructible_v<T>)
            for (; from < to; ++from) slots_.data()[from] = slot{};
    }

    struct state {
        std::size_t size = 0; // how many ranges
        page_count pages;
    };
    typename Storage::template slots<slot> slots_;
    // A storage that can be copied is; from another one the entries leave with it.
    std::conditional_t<std::copyable<typename Storage::template slots<slot>>, state,
                       detail::taken_along<state>>
        is_;
};

} // namespace zonal::inline v0
