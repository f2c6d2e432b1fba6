// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a zone is, apart from its name.
//
//     struct hbm {
//         static constexpr zonal::text name = "HBM";
//         static constexpr zonal::zone_traits traits{.movable = true, .hot_removable = true};
//     };
//     static_assert(zonal::zone_type<hbm>);

#include <concepts>

#include <zonal/core/text.hpp>

namespace zonal::inline v0 {

/// Properties that policies ask for. One value, so that a policy can state its requirement in one
/// expression.
struct zone_traits {
    /// Requests and fallbacks may be served from it. Never true together with `device`.
    bool allocatable = true;
    /// Holds only pages that can be moved elsewhere, so that it can be emptied.
    bool movable = false;
    /// Owned by a driver: it has page words, but is not memory that anybody may ask for.
    bool device = false;
    /// Every page has an address in the kernel's linear map.
    bool kernel_mapped = true;
    /// Ranges may leave while the system runs: for rules of your own (partition, placement); the
    /// library lets any range leave that nobody uses.
    bool hot_removable = false;
    /// Reached by addresses of so many bits; 64 = no limit. DMA of ISA devices: 24.
    unsigned char reach_bits = 64;

    friend constexpr bool operator==(const zone_traits&, const zone_traits&) = default;

    /// The place of a zone in its set: kernel zones by reach, then zones the kernel does not map,
    /// then movable ones, then devices. A fallback walks downwards, so a request never gets memory
    /// that it cannot use.
    [[nodiscard]] constexpr unsigned rank() const noexcept {
        const unsigned group = device ? 3u : movable ? 2u : kernel_mapped ? 0u : 1u;
        return group * 128u + (group == 0u ? reach_bits : 0u);
    }
};

/// A type that names a zone.
template <class Z>
concept zone_type = requires {
    { Z::name } -> std::convertible_to<text>;
    { Z::traits } -> std::convertible_to<zone_traits>;
};

} // namespace zonal::inline v0
