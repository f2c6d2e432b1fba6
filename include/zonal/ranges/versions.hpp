// SPDX-License-Identifier: BSL-1.0
#pragma once

// The versions of a concurrent map, which differ by the latest changes.
//
//     versions<N>           N copies of the map (default: three). A change needs one that nobody
//                           reads: two are the least, and with two more than there are readers none
//                           makes a change fail, however long it stays in its version
//     one_writer            the caller sees to it that there is one change at a time (default)
//     serialised_by<Lock>   changes lock a Lock: std::mutex, a kernel's spinlock
//
// Why not a fresh copy for each change: that takes an allocator, and O(n) every time.

#include <cstdint>

#include <zonal/ranges/range_container.hpp>
#include <zonal/ranges/reader_slots.hpp>

namespace zonal::inline v0 {

/// The slot of policies that say how many versions there are.
struct versions_slot {};

template <unsigned N>
    requires(N >= 2)
struct versions {
    using policy_slot = versions_slot;
    static constexpr unsigned size = N;
};

/// The slot of policies that say how changes exclude each other.
struct writers_slot {};

struct one_writer {
    using policy_slot = writers_slot;
    static constexpr void lock() noexcept {}
    static constexpr void unlock() noexcept {}
    /// Whether to look again, when so many times all versions were read.
    [[nodiscard]] static constexpr bool wait(unsigned times) noexcept { return times < 1000; }
};
template <class Lock>
struct serialised_by : one_writer {
    constexpr void lock() { lock_.lock(); }
    constexpr void unlock() { lock_.unlock(); }

private:
    [[no_unique_address]] Lock lock_;
};

namespace detail {

template <class Map>
struct alignas(cache_line) version : Map {
    constexpr version() = default;
    constexpr version(Map&& map) noexcept : Map(std::move(map)) {}

    /// Makes the pages of the window, and the ranges that they lie in, those of `newest`; answers
    /// false when it stopped for want of room.
    [[nodiscard]] constexpr bool copy(const Map& newest, pfn_range window) {
        constexpr no_observer nobody;
        for (const pfn_range gap : newest.gaps(window))
            if (!this->erase(gap, missing::ignore)) return false;
        for (const auto& i : newest.overlapping(window)) {
            const auto e = this->entry_of(i);
            if (!this->put(e.range, e.value, overlap::replace, nobody)) return false;
        }
        return true;
    }

    std::uint64_t change = 0; // its latest
    pfn_range unfinished;     // where a change that failed may have left something
};

} // namespace detail
} // namespace zonal::inline v0
