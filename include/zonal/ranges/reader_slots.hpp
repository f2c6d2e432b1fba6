// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who reads a concurrent map: each reader has a slot, which says what version of the map it is in.
//
//     fixed_readers<N>   N slots inside the map (the default, with eight)
//
// A policy of one's own lends slots that lie elsewhere, say one for each CPU that was found. One
// that finds the running thread's slot is not there: that takes an operating system.

#include <concepts>
#include <cstddef>

#include <zonal/config.hpp>
#include <zonal/detail/atomic.hpp>

namespace zonal::inline v0::detail {

/// What different threads write lies at least so many bytes apart.
inline constexpr std::size_t cache_line = 64;

} // namespace zonal::inline v0::detail

namespace zonal::inline v0 {

/// Says which version one reader is in; the reader writes it, the writer looks. For one thread at a
/// time: an interrupt handler that reads has a slot of its own.
///
/// A reader says which version it enters, and then looks whether that is still the newest. The
/// writer publishes a newer one, and then looks who is in the old. These steps have one order, so
/// either the reader sees the newer version or the writer sees the reader.
class alignas(detail::cache_line) reader_slot {
public:
    /// Whether the slot was free.
    [[nodiscard]] constexpr bool take() noexcept {
        return detail::exchange_bits(taken_, 1u, 1u) == 0;
    }
    /// Requires: the reader is in no version.
    constexpr void give_back() {
        expects(depth_ == 0, "concurrent: a reader ends before its snapshot");
        detail::store_release(taken_, 0u);
    }

    /// Enters the newest version, unless the reader is in one already; returns which.
    [[nodiscard]] constexpr unsigned enter(const unsigned& newest) noexcept {
        return depth_++ == 0 ? move_to(newest) : version_;
    }
    constexpr void leave() noexcept {
        if (--depth_ == 0) detail::store_release(version_, resting);
    }
    /// Leaves the version the reader is in, if any, for the newest; returns which.
    constexpr unsigned move_to(const unsigned& newest) noexcept {
        const unsigned expected = detail::load_acquire(newest);
        detail::store_ordered(version_, expected);
        unsigned found = detail::load_ordered(newest);
        if (found != expected) [[unlikely]] {
            // A change came between. To say and look again could go on for ever; who says `any` is
            // in whatever it finds.
            detail::store_ordered(version_, any);
            found = detail::load_ordered(newest);
            detail::store_release(version_, found);
        }
        return found;
    }
    [[nodiscard]] constexpr bool is_nested() const noexcept { return depth_ > 1; }

    /// For the writer: whether the reader is in this version, or may be.
    [[nodiscard]] constexpr bool is_in(unsigned version) const noexcept {
        const unsigned said = detail::load_ordered(version_);
        return said == version || said == any;
    }

private:
    static constexpr unsigned resting = ~0u, any = ~0u - 1;

    unsigned taken_ = 0;
    unsigned version_ = resting;
    unsigned depth_ = 0; // snapshots, one within the other; only the reader knows
};

/// The slot of policies that say where the readers' slots are.
struct readers_slot {};

template <class P>
concept reader_policy = std::same_as<typename P::policy_slot, readers_slot> && requires(P& p) {
    { p.begin() } noexcept -> std::same_as<reader_slot*>;
    { p.end() } noexcept -> std::same_as<reader_slot*>;
};

template <std::size_t N>
    requires(N != 0)
struct fixed_readers {
    using policy_slot = readers_slot;
    [[nodiscard]] constexpr reader_slot* begin() noexcept { return slot_; }
    [[nodiscard]] constexpr reader_slot* end() noexcept { return slot_ + N; }

private:
    reader_slot slot_[N]{};
};

static_assert(sizeof(reader_slot) == detail::cache_line);

} // namespace zonal::inline v0
