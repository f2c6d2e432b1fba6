// SPDX-License-Identifier: BSL-1.0
#pragma once

// What zoneinfo says of each zone against what follows from the other files.

#include <string>
#include <vector>

#include "owners.hpp"

namespace zone_map {

struct compared {
    zonal::page_owner zone;
    std::string what;
    std::uint64_t reported = 0;
    std::uint64_t derived = 0;
};

struct comparison {
    std::vector<compared> numbers;
    std::vector<std::string> not_compared; ///< a sentence each

    std::size_t differences() const;
};

/// Throws user_error when nothing can be derived, as from masked addresses.
comparison compare(const machine& m, const ownership& found);

/// The differences as a diff, how much was compared, and what was not.
std::string report(const machine& m, const comparison& c);

} // namespace zone_map
