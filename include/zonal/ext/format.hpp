// SPDX-License-Identifier: BSL-1.0
#pragma once

// Values of the library (see print.hpp) for std::format, with the format specification of strings.
// Opt-in. Where the standard library has no <format> (GCC 12's has none, and does not define
// __cpp_lib_format), this header is empty; ext/fmt.hpp does the same for {fmt}.
//
//     auto s = std::format("{:.>18} {}", pfn_range{pfn{0x1000}, pfn{0x2000}}, node_id{1});
//     // ..[0x1000, 0x2000) 1

#include <version>

#if defined(__cpp_lib_format)

#include <format>
#include <string>
#include <string_view>

#include <zonal/ext/print.hpp>

// Privately, because a public base would have the elements of ranges put in quotes (C++23).
template <zonal::printable T>
struct std::formatter<T, char> : private std::formatter<std::string_view> {
    using std::formatter<std::string_view>::parse;

    template <class Context>
    auto format(const T& value, Context& to) const {
        return std::formatter<std::string_view>::format(zonal::printed<std::string>(value), to);
    }
};

#endif
