// SPDX-License-Identifier: BSL-1.0
#pragma once

// What Linux's resource tree does where resource/ does better, as data for resource/quirks.hpp.

#include <zonal/linux_mm/version.hpp>
#include <zonal/resource/quirks.hpp>

namespace zonal::linux_mm {

/// Models: kernel/resource.c of 6.12, 6.1 and, as far as its functions were there, 4.3.
inline constexpr resource_quirks resource_tree_quirks{.no_owners = true,
                                                      .first_busy_only = true,
                                                      .drops_children = true,
                                                      .children_stay_below = true,
                                                      .misses_first_byte = true,
                                                      .same_name_is_same_place = true,
                                                      .asks_top_level_only = false};

/// Until 6.12, RAM below a device's entry was not found by region_intersects(). Stable kernels may
/// have been given the fix earlier.
inline constexpr resource_quirks resource_tree_quirks_before_6_12 = [] {
    resource_quirks quirks = resource_tree_quirks;
    quirks.asks_top_level_only = true;
    return quirks;
}();

struct resource_quirks_of {
    validity kernels;
    resource_quirks quirks;
};
inline constexpr resource_quirks_of resource_quirks_by_version[] = {
    {{oldest, {6, 12}}, resource_tree_quirks_before_6_12}, // compared call by call with 6.1
    {{{6, 12}, never}, resource_tree_quirks},              // 6.12 answered the recorded calls alike
};

/// Fails: not_found  older than `oldest`.
[[nodiscard]] constexpr result<resource_quirks> resource_quirks_for(version v) noexcept {
    for (const auto& row : resource_quirks_by_version)
        if (row.kernels.contains(v)) return row.quirks;
    return fail(errc::not_found);
}

} // namespace zonal::linux_mm
