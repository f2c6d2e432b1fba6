// SPDX-License-Identifier: BSL-1.0
#pragma once

// Up to 255 different values, each kept once and known by its index.

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace zonal::inline v0::detail {

/// A value is kept as long as something has it: so many blocks, or a plan. Index 0 is what all
/// blocks have at first, no value.
template <class T, unsigned values>
struct shared_values {
    T value[values + 1]{};
    // Of each index how many have the value, and one; 0: it never was any value's. Of index 0, how
    // many more have none than at first.
    std::uint64_t uses[values + 1]{};

    /// Blocks that have a value.
    [[nodiscard]] constexpr std::uint64_t taken() const noexcept { return 0 - uses[0]; }
    /// Reads at once, so that whether there is a value can be asked afterwards, without a branch.
    [[nodiscard]] constexpr T read(std::size_t x) const noexcept {
        if constexpr (std::is_scalar_v<T>)
            if (!std::is_constant_evaluated()) return static_cast<const volatile T&>(value[x]);
        return value[x];
    }
    /// The index that the value has, or could have; 0: all are taken.
    [[nodiscard]] constexpr std::size_t index_for(const T& v) const noexcept {
        std::size_t x = 1;
        if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
            x += static_cast<std::size_t>(v) & (values / 2);
        return has(x, v) ? x : search(v, x);
    }
    /// Requires: x is 0, or index_for(*v).
    constexpr void add(std::size_t x, const T* v, std::uint64_t n) noexcept {
        if (x != 0 && uses[x] <= 1) {
            uses[x] = 1;
            value[x] = *v;
        }
        uses[x] += n;
    }
    constexpr void drop(std::size_t x, std::uint64_t n) noexcept {
        uses[x] -= n;
        if (!std::is_trivially_destructible_v<T> && uses[x] == 1) value[x] = T{};
    }
    constexpr void clear() noexcept {
        for (std::size_t x = 1; x <= values; ++x)
            if (uses[x] > 1) drop(x, uses[x] - 1);
        for (std::uint64_t& n : uses) n = 0;
    }

private:
    [[nodiscard]] constexpr bool has(std::size_t x, const T& v) const noexcept {
        return uses[x] > 1 && value[x] == v;
    }
    // Apart, because nearly every value is where it is looked for first.
    [[nodiscard, gnu::noinline]] constexpr std::size_t search(const T& v,
                                                              std::size_t x) const noexcept {
        std::size_t free = 0;
        for (std::size_t tried = 0; tried != values; ++tried, x = x == values ? 1 : x + 1) {
            if (has(x, v)) return x;
            if (uses[x] <= 1 && free == 0) free = x;
            if (uses[x] == 0) break;
        }
        return free;
    }
};

} // namespace zonal::inline v0::detail
