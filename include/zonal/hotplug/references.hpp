// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who uses a plugged range right now: a count that can be closed, and, on request, by whom.
//
// References are taken and dropped by any number of threads while one removes the range; all the
// other calls here are the remover's. Whether the range is open, how many references there are, and
// which generation of the slot they belong to is one word, so that no reference can slip in between
// closing and looking, nor into what is plugged in the same slot later.

#include <cstdint>

#include <zonal/core/policy.hpp>
#include <zonal/core/result.hpp>
#include <zonal/detail/atomic.hpp>
#include <zonal/resource/region.hpp>

namespace zonal::inline v0 {

/// The slot of policies that say whether holders are known by name.
struct holders_slot {};

/// Up to N different holders of each range are known; one that pins first from two threads at once
/// can be listed twice.
template <unsigned N>
struct named_holders {
    using policy_slot = holders_slot;
    static constexpr unsigned size = N;
};

struct holder {
    owner_id who{};
    std::uint32_t references = 0;
    friend constexpr bool operator==(const holder&, const holder&) = default;
};

namespace detail {

/// The references of one slot and its generation; begins closed.
/// Models: lib/percpu-refcount.c percpu_ref_tryget_live() and percpu_ref_kill(); differs: one
///         word, and it knows which generation it counts.
template <unsigned Holders>
class references {
public:
    [[nodiscard]] constexpr std::uint32_t generation() const noexcept {
        return static_cast<std::uint32_t>(load_acquire(words_[0]) >> 32);
    }
    [[nodiscard]] constexpr std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(load_acquire(words_[0])) & most;
    }

    /// Fails: stale      of another generation;
    ///        bad_state  closed;
    ///        no_space   as many as can be counted, or another holder than can be named.
    constexpr result<done> take(std::uint32_t generation, owner_id who) noexcept {
        const auto taken = update(words_[0], [=](std::uint64_t w) -> counted {
            if (w >> 32 != generation) return fail(errc::stale);
            if ((w & closed) != 0) return fail(errc::bad_state);
            if ((w & most) == most) return fail(errc::no_space);
            return w + 1;
        });
        if (!taken) return fail(taken.error());
        if constexpr (Holders != 0) {
            if (!count_holder(who)) {
                static_cast<void>(
                    update(words_[0], [](std::uint64_t w) { return counted{w - 1}; }));
                return fail(errc::no_space);
            }
        }
        return done{};
    }

    /// Fails: stale      of another generation;
    ///        not_found  there is no reference (of who's, where holders are named).
    constexpr result<done> drop(std::uint32_t generation, owner_id who) noexcept {
        if (this->generation() != generation) return fail(errc::stale);
        if constexpr (Holders != 0)
            if (!uncount_holder(who)) return fail(errc::not_found);
        const auto dropped = update(words_[0], [=](std::uint64_t w) -> counted {
            if (w >> 32 != generation) return fail(errc::stale);
            if ((w & most) == 0) return fail(errc::not_found);
            return w - 1;
        });
        if (!dropped) return fail(dropped.error());
        return done{};
    }

    constexpr void open() noexcept { exchange_bits(words_[0], closed, std::uint64_t{0}); }
    constexpr void close() noexcept { exchange_bits(words_[0], closed, closed); }
    /// The next generation, closed.
    constexpr void retire() noexcept {
        exchange_bits(words_[0], ~std::uint64_t{0},
                      (std::uint64_t{generation()} + 1) << 32 | closed);
    }

    /// Calls f(holder) for each holder that is known by name.
    template <class F>
    constexpr void for_each_holder(F&& f) const {
        for (unsigned i = 1; i <= Holders; ++i)
            if (const auto w = load_acquire(words_[i]); static_cast<std::uint32_t>(w) != 0)
                f(holder{{static_cast<std::uint32_t>(w >> 32)}, static_cast<std::uint32_t>(w)});
    }

private:
    static constexpr std::uint64_t closed = std::uint64_t{1} << 31;
    static constexpr std::uint32_t most = (std::uint32_t{1} << 31) - 1;

    using counted = result<std::uint64_t>;

    // A holder is a word: who, and how many references.
    constexpr bool count_holder(owner_id who) noexcept {
        return change_holder([=](std::uint64_t w) -> counted {
                   if (static_cast<std::uint32_t>(w) == 0 || w >> 32 != who.value)
                       return fail(errc::not_found);
                   return w + 1;
               }) ||
               change_holder([=](std::uint64_t w) -> counted {
                   if (static_cast<std::uint32_t>(w) != 0) return fail(errc::busy);
                   return std::uint64_t{who.value} << 32 | 1;
               });
    }
    constexpr bool uncount_holder(owner_id who) noexcept {
        return change_holder([=](std::uint64_t w) -> counted {
            if (static_cast<std::uint32_t>(w) == 0 || w >> 32 != who.value)
                return fail(errc::not_found);
            return w - 1;
        });
    }
    /// Whether f had a change for one of them, the first.
    template <class F>
    constexpr bool change_holder(F f) noexcept {
        for (unsigned i = 1; i <= Holders; ++i)
            if (update(words_[i], f)) return true;
        return false;
    }

    std::uint64_t words_[1 + Holders] = {closed}; // all references, and those of each holder
};

} // namespace detail
} // namespace zonal::inline v0
