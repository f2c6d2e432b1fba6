// SPDX-License-Identifier: BSL-1.0
#pragma once

// What Linux's resource tree does where resource/ does better, as data for resource/quirks.hpp.

#include <zonal/linux_mm/rules.hpp>
#include <zonal/resource/quirks.hpp>

namespace zonal::linux_mm {

/// Models: kernel/resource.c of 6.12, 6.1 and, as far as its functions were there, 4.3.
inline constexpr resource_quirks resource_tree_quirks{.no_owners = true,
                                                      .first_busy_only = true,
                                                      .drops_children = true,
                                                      .children_stay_below = true,
                                                      .misses_first_byte = true,
                                                      .same_name_is_same_place = true};

/// Whether region_intersects() misses RAM below a device's entry. Compared call by call with 6.1;
/// 6.12 answered the recorded calls alike. Stable kernels may have been given the fix earlier.
inline constexpr rule<bool> resource_tree_asks_top_only[] = {{until({6, 12}), true}};

/// Fails: not_found  older than `oldest`.
[[nodiscard]] constexpr result<resource_quirks> resource_quirks_for(version v) noexcept {
    if (v < oldest) return fail(errc::not_found);
    resource_quirks quirks = resource_tree_quirks;
    quirks.asks_top_level_only = pick(resource_tree_asks_top_only, v);
    return quirks;
}

} // namespace zonal::linux_mm
