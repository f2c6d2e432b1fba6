// SPDX-License-Identifier: BSL-1.0
#pragma once

// A leaf of a sorted_leaves back end: up to sixteen neighbouring ranges, their starts side by side.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <zonal/ranges/range_entry.hpp>

namespace zonal::inline v0::testing {
struct leaf_inspector; // looks whether the invariants hold
}

namespace zonal::inline v0::detail {

using leaf_id = std::uint32_t; ///< where it is, in units of its alignment
inline constexpr leaf_id no_leaf = ~leaf_id{0};

/// The ranges [0, count), ascending; the places above hold a start above all pages.
template <class T>
struct range_leaf {
    static constexpr std::size_t width = 16;
    static constexpr std::uint64_t above_all = ~std::uint64_t{0};

    std::uint64_t start[width];
    std::uint64_t end[width];
    T value[width];
    std::size_t count;
    leaf_id next, previous;

    /// How many ranges start at p or below, where there are at most n. Seven comparisons, and no
    /// branch that depends on p; comparing all sixteen with vector instructions takes longer.
    [[nodiscard]] constexpr std::size_t starts_to(std::uint64_t p,
                                                  std::size_t n = width) const noexcept {
        const auto is = [&](std::size_t i) -> std::size_t { return start[i] <= p; };
        const std::size_t i = n <= 4 ? 0 : 4 * (is(4) + is(8) + is(12));
        return i + is(i) + is(i + 1) + is(i + 2) + is(i + 3);
    }

    /// The ends and values come from memory while the starts are being searched.
    constexpr void prefetch() const noexcept {
        if (std::is_constant_evaluated()) return;
        __builtin_prefetch(end);
        __builtin_prefetch(end + width / 2);
        __builtin_prefetch(value);
    }

    [[nodiscard]] constexpr range_entry<T> at(std::size_t i) const noexcept {
        // It was a range when it was put in, so there is no contract to check again.
        if (end[i] < start[i] || pfn::limit < start[i] || pfn::limit < end[i])
            __builtin_unreachable();
        return {{pfn{start[i]}, pfn{end[i]}}, value[i]};
    }
    constexpr void set(std::size_t i, std::uint64_t from, std::uint64_t to, const T& v) noexcept {
        start[i] = from;
        end[i] = to;
        value[i] = v;
    }

    /// Requires: there is room.
    constexpr void open(std::size_t i, std::size_t n = 1) noexcept {
        // The second condition always holds, but GCC 12 does not know, and warns of an overflow.
        for (std::size_t k = count; k > i && k + n <= width; --k)
            set(k - 1 + n, start[k - 1], end[k - 1], value[k - 1]);
        count += n;
    }
    constexpr void close(std::size_t i, std::size_t n = 1) noexcept {
        count -= n;
        // As above; and a compiler that knew it would call memmove, thrice, which is slower here.
        for (; i != count && i + n < width; ++i) set(i, start[i + n], end[i + n], value[i + n]);
        forget(count, count + n);
    }
    /// Moves the ranges [from, from + n) to another leaf, which has room.
    constexpr void move(std::size_t from, std::size_t n, range_leaf& to, std::size_t i) noexcept {
        to.open(i, n);
        for (std::size_t k = 0; k != n; ++k)
            to.set(i + k, start[from + k], end[from + k], value[from + k]);
        close(from, n);
    }
    constexpr void forget(std::size_t from, std::size_t to) noexcept {
        for (; from < to && from < width; ++from) {
            start[from] = above_all;
            if constexpr (!std::is_trivially_destructible_v<T>) value[from] = T{};
        }
    }
};

} // namespace zonal::inline v0::detail
