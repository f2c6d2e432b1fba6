// SPDX-License-Identifier: BSL-1.0
#pragma once

// A view of characters that somebody else keeps alive: names of zones and fields, lines of a file.
//
// Why not std::string_view: it costs more to include than the whole of core/, and a zone's name is
// all we need it for. Any type made from (const char*, size) is reached by
// `text::as<std::string_view>()`.

#include <cstddef>

namespace zonal::inline v0 {

/// Characters [data, data + size); not owned, not terminated.
/// Cost: two words; comparisons are linear.
struct text {
    const char* data = nullptr;
    std::size_t size = 0;

    constexpr text() = default;
    constexpr text(const char* first, std::size_t count) noexcept : data(first), size(count) {}

    /// A string literal, without its terminator.
    template <std::size_t N>
    constexpr text(const char (&literal)[N]) noexcept : data(literal), size(N - 1) {}

    [[nodiscard]] constexpr bool empty() const noexcept { return size == 0; }
    [[nodiscard]] constexpr const char* begin() const noexcept { return data; }
    [[nodiscard]] constexpr const char* end() const noexcept { return data + size; }
    [[nodiscard]] constexpr char operator[](std::size_t i) const noexcept { return data[i]; }

    /// The characters [from, from + count), cut to what is there.
    [[nodiscard]] constexpr text sub(std::size_t from,
                                     std::size_t count = ~std::size_t{0}) const noexcept {
        if (from > size) from = size;
        return {data + from, count < size - from ? count : size - from};
    }

    [[nodiscard]] constexpr bool starts_with(text prefix) const noexcept {
        return size >= prefix.size && sub(0, prefix.size) == prefix;
    }

    /// The same characters as another view or owning string type.
    template <class Other>
    [[nodiscard]] constexpr Other as() const {
        return Other(data, size);
    }

    friend constexpr bool operator==(text a, text b) noexcept {
        if (a.size != b.size) return false;
        for (std::size_t i = 0; i < a.size; ++i)
            if (a.data[i] != b.data[i]) return false;
        return true;
    }
};

} // namespace zonal::inline v0
