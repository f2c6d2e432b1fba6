// SPDX-License-Identifier: BSL-1.0
#pragma once

// Kernel versions, and the ranges of versions in which a rule holds.
//
// The presets of this folder are rules with validity ranges, not a list of kernels: any version
// from 4.3 on gets an answer, and `evidence_for` says whether that answer was compared with a real
// kernel of that version.

#include <compare>

#include <zonal/core/result.hpp>

namespace zonal::inline v0::linux_mm {

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
inline constexpr validity ever{};

[[nodiscard]] constexpr validity since(version v) noexcept { return {v, never}; }
[[nodiscard]] constexpr validity until(version v) noexcept { return {oldest, v}; }

/// The version that a release's name begins with: "6.1", "6.1.192", "6.1-rc3", "6.12.107+deb13".
/// Fails: bad_range  anything else.
[[nodiscard]] constexpr result<version> version_named(text name) noexcept {
    unsigned part[2] = {};
    std::size_t at = 0;
    for (unsigned i = 0; i < 2; ++i) {
        const std::size_t from = at;
        for (; at < name.size && name[at] >= '0' && name[at] <= '9'; ++at)
            if ((part[i] = part[i] * 10 + static_cast<unsigned>(name[at] - '0')) >= never.major)
                return fail(errc::bad_range);
        if (at == from || (i == 0 && (at == name.size || name[at++] != '.')))
            return fail(errc::bad_range);
    }
    const char next = at == name.size ? '.' : name[at];
    if (next != '.' && next != '-' && next != '+' && next != '~') return fail(errc::bad_range);
    return version{static_cast<unsigned short>(part[0]), static_cast<unsigned short>(part[1])};
}

/// How far an answer for a version can be trusted.
enum class evidence : unsigned char {
    proven,  ///< compared with that kernel's own headers
    between, ///< lies between two proven versions
    later,   ///< later than all proven versions
};

/// The versions whose answers were compared with real kernels, row by row.
inline constexpr version proven_versions[] = {{4, 3}, {4, 7},  {5, 4}, {5, 10}, {5, 15},
                                              {6, 1}, {6, 12}, {7, 2}, {7, 3}};

[[nodiscard]] constexpr evidence evidence_for(version v) noexcept {
    for (version p : proven_versions)
        if (p == v) return evidence::proven;
    constexpr unsigned count = sizeof(proven_versions) / sizeof(version);
    return v < proven_versions[count - 1] ? evidence::between : evidence::later;
}

} // namespace zonal::inline v0::linux_mm
