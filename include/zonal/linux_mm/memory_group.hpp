// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory blocks that belong together: a DIMM, which leaves as a whole (static), or a device that
// hands out units (dynamic). The auto-movable policy decides for a group as one.

#include <zonal/core/ids.hpp>
#include <zonal/core/pfn.hpp>

namespace zonal::inline v0::linux_mm {

/// Models: include/linux/memory.h struct memory_group.
struct memory_group {
    node_id node{};
    bool is_dynamic = false;
    page_count pages{};   ///< static: of the whole device; dynamic: of one unit
    page_count kernel{};  ///< present in kernel zones
    page_count movable{}; ///< present in the movable zone
    unsigned blocks = 0;

    /// Counts n pages that went online.
    /// Models: mm/memory_hotplug.c adjust_present_page_count(), the group's part.
    constexpr void online(page_count n, bool to_movable) { (to_movable ? movable : kernel) += n; }
    /// Requires: as many are present.
    constexpr void offline(page_count n, bool from_movable) {
        (from_movable ? movable : kernel) -= n;
    }
};

/// Position of a group in its view.
struct group_id {
    std::uint64_t value = 0;
    friend constexpr bool operator==(group_id, group_id) = default;
};
inline constexpr group_id no_group{~std::uint64_t{0}};

} // namespace zonal::inline v0::linux_mm
