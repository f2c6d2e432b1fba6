// SPDX-License-Identifier: BSL-1.0
#pragma once

// A list with room for a fixed number of values, in place: what firmware tables and boot maps are
// kept in before there is a heap, and what a function returns that has several answers.
//
// Why not a pointer and a count: these lists are small, are passed on and changed on the way, and a
// value that owns its elements can be copied and returned in a constant expression.

#include <zonal/core/result.hpp>

namespace zonal::inline v0 {

/// Up to Capacity values, in the order in which they were added.
template <class T, unsigned Capacity>
struct bounded_list {
    static_assert(Capacity != 0, "bounded_list: a list without room for anything");

    T items[Capacity] = {};
    unsigned size = 0;

    /// Fails: no_space  the list is full.
    constexpr result<done> add(const T& item) noexcept {
        if (size == Capacity) return fail(errc::no_space);
        items[size++] = item;
        return done{};
    }

    /// Takes item `at` out; the order of the others stays.
    /// Requires: at < size.
    constexpr void remove(unsigned at) {
        expects(at < size, "bounded_list: no such item");
        for (--size; at < size; ++at) items[at] = items[at + 1];
    }

    [[nodiscard]] constexpr const T* begin() const noexcept { return items; }
    [[nodiscard]] constexpr const T* end() const noexcept { return items + size; }
    [[nodiscard]] constexpr T* begin() noexcept { return items; }
    [[nodiscard]] constexpr T* end() noexcept { return items + size; }
    /// Requires: at < size.
    [[nodiscard]] constexpr const T& operator[](unsigned at) const {
        expects(at < size, "bounded_list: no such item");
        return items[at];
    }
};

} // namespace zonal::inline v0
