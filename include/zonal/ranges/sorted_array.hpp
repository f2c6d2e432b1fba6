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

    // A storage that can be copied is; from another one the entries leave with it.
    constexpr of(const of&) = default;
    constexpr of& operator=(const of&) = default;
    constexpr of(of&&) noexcept
        requires std::copyable<typename Storage::template slots<slot>>
    = default;
    constexpr of& operator=(of&&) noexcept
        requires std::copyable<typename Storage::template slots<slot>>
    = default;
    constexpr of(of&& other) noexcept
        : slots_(std::move(other.slots_)), size_(std::exchange(other.size_, 0)),
          pages_(std::exchange(other.pages_, {})) {}
    constexpr of& operator=(of&& other) noexcept {
        slots_ = std::move(other.slots_);
        size_ = std::exchange(other.size_, 0);
        pages_ = std::exchange(other.pages_, {});
        return *this;
    }
    constexpr ~of() = default;

    [[nodiscard]] static constexpr cursor begin() noexcept { return 0; }
    [[nodiscard]] constexpr cursor end() const noexcept { return size_; }
    [[nodiscard]] static constexpr cursor next(cursor c) noexcept { return c + 1; }
    [[nodiscard]] static constexpr cursor previous(cursor c) noexcept { return c - 1; }
    [[nodiscard]] constexpr const slot& at(cursor c) const noexcept { return slots_.data()[c]; }

    [[nodiscard]] constexpr cursor seek(pfn p) const noexcept {
        const slot* const entry = slots_.data();
        const pfn::rep page = p.value();
        cursor low = 0; // those below end too early
        // One step halves what is left, whichever half it is: so no step is a guess.
        for (cursor left = size_; left != 0; left /= 2) {
            const cursor half = left - left / 2;
            low += entry[low + half - 1].range.end().value() <= page ? half : 0;
        }
        return low;
    }

    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr page_count pages() const noexcept { return pages_; }
    [[nodiscard]] constexpr std::size_t capacity() const noexcept { return slots_.capacity(); }
    [[nodiscard]] static constexpr std::size_t slots_for(std::size_t ranges) noexcept {
        return ranges;
    }
    [[nodiscard]] constexpr bool make_room(std::size_t ranges) noexcept {
        return ranges <= slots_.capacity() || slots_.grow(ranges, size_);
    }

    constexpr void replace(cursor first, cursor last, const slot* entries, std::size_t n) noexcept {
        slot* const to = slots_.data();
        page_count::rep pages = pages_.value();
        for (cursor c = first; c != last; ++c) pages -= to[c].range.size().value();
        const std::size_t size = size_ - (last - first) + n;
        if (size > size_)
            for (std::size_t c = size_; c != last; --c) to[c - 1 + (size - size_)] = to[c - 1];
        else if (size < size_)
            for (std::size_t c = last; c != size_; ++c) to[c - (size_ - size)] = to[c];
        for (std::size_t i = 0; i != n; ++i) {
            to[first + i] = entries[i];
            pages += entries[i].range.size().value();
        }
        release(size, size_);
        size_ = size;
        pages_ = page_count{pages};
    }
    constexpr void clear() noexcept {
        release(0, size_);
        size_ = 0;
        pages_ = {};
    }

private:
    // Slots that hold nothing any more do not keep what their value owned.
    constexpr void release(std::size_t from, std::size_t to) noexcept {
        if constexpr (!std::is_trivially_destructible_v<T>)
            for (; from < to; ++from) slots_.data()[from] = slot{};
    }

    typename Storage::template slots<slot> slots_;
    std::size_t size_ = 0;
    page_count pages_;
};

} // namespace zonal::inline v0
