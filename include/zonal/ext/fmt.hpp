// SPDX-License-Identifier: BSL-1.0
#pragma once

// Values of the library (see print.hpp) for {fmt}, with the format specification of strings.
// Opt-in.
//
//     auto s = fmt::format("{:.>18} {}", pfn_range{pfn{0x1000}, pfn{0x2000}}, node_id{1});
//     // ..[0x1000, 0x2000) 1

#include <string>

#include <fmt/format.h>

#include <zonal/ext/print.hpp>

// Privately, because a public base would have {fmt} put quotes around the elements of ranges.
template <zonal::printable T>
struct fmt::formatter<T, char> : private fmt::formatter<fmt::string_view> {
    using fmt::formatter<fmt::string_view>::parse;

    template <class Context>
    auto format(const T& value, Context& to) const {
        return fmt::formatter<fmt::string_view>::format(zonal::printed<std::string>(value), to);
    }
};
