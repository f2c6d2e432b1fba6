// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace zonal_test {

/// Without 0x in front.
inline std::string hex(std::uint64_t value) {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%jx", std::uintmax_t{value});
    return digits;
}

} // namespace zonal_test
