// SPDX-License-Identifier: BSL-1.0
#pragma once

// Kernel versions, and the ranges of versions in which a rule holds.
//
// The presets of this folder are rules with validity ranges, not a list of kernels: any version
// from 4.3 on gets an answer, and `evidence_for` says whether that answer was compared with a real
// kernel of that version.

#include <compare>

namespace zonal::linux_mm {

/// A kernel release, without its stable sublevel: 6.1.192 is {6, 1}.
struct version {
    unsigned short major = 0;
    unsigned short minor = 0;
    friend constexpr auto operator<=>(const version&, const version&) = default;
};

/// The first release that has a device zone; nothing older is modelled.
inline constexpr version oldest{4, 3};

/// Later than every release.
inline constexpr version never{0xffff, 0};

/// Versions [since, until) in which a row of a table applies.
struct validity {
    version since = oldest;
    version until = never;

    [[nodiscard]] constexpr bool contains(version v) const noexcept {
        return since <= v && v < until;
    }
};

/// How far an answer for a version can be trusted.
enum class evidence : unsigned char {
    proven,  ///< compared with that kernel's own headers
    between, ///< lies between two proven versions, or after the last
};

/// The versions whose answers were compared with real kernels, row by row.
inline constexpr version proven_versions[] = {{4, 3}, {4, 7},  {5, 4}, {5, 10}, {5, 15},
                                              {6, 1}, {6, 12}, {7, 2}, {7, 3}};

[[nodiscard]] constexpr evidence evidence_for(version v) noexcept {
    for (version p : proven_versions)
        if (p == v) return evidence::proven;
    return evidence::between;
}

} // namespace zonal::linux_mm
