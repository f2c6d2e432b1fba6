// SPDX-License-Identifier: BSL-1.0
#pragma once

// Values of the library (see print.hpp) to a std::ostream, with its width and fill. Opt-in.
//
//     std::cout << pfn_range{pfn{0x1000}, pfn{0x2000}} << ": " << errc::busy << '\n';
//     // [0x1000, 0x2000): busy

#include <ostream>
#include <string>

#include <zonal/ext/print.hpp>

namespace zonal::inline v0 {

template <printable T>
std::ostream& operator<<(std::ostream& to, const T& value) {
    return to << printed<std::string>(value);
}

} // namespace zonal::inline v0
