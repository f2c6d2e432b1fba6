// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory blocks that belong together: a DIMM, which leaves as a whole (static), or a device that
// hands out units (dynamic). The auto-movable policy decides for a group as one.

#include <zonal/core/geometry.hpp>
#include <zonal/core/ids.hpp>

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

/// Whether a group may be registered. (EINVAL whatever the reason)
/// Fails: bad_state  its node is not possible;
///        bad_range  static without pages; dynamic with a unit smaller than a block, or no power of
///        two.
/// Models: drivers/base/memory.c memory_group_register_static() and _dynamic().
[[nodiscard]] constexpr result<done> check_registration(const memory_group& g,
                                                        bool node_is_possible,
                                                        const page_geometry& geometry) noexcept {
    const auto n = g.pages.value();
    const bool is_unit = n >= geometry.pages_of(unit::memory_block).value() && (n & (n - 1)) == 0;
    if (!node_is_possible) return fail(errc::bad_state);
    if (g.is_dynamic ? !is_unit : n == 0) return fail(errc::bad_range);
    return done{};
}

/// Whether a group may be unregistered; null stands for an id that nobody has.
/// Fails: bad_state  no such group (EINVAL, not ENOENT);
///        busy       blocks belong to it.
/// Models: drivers/base/memory.c memory_group_unregister().
[[nodiscard]] constexpr result<done> check_unregistration(const memory_group* g) noexcept {
    if (g == nullptr) return fail(errc::bad_state);
    if (g->blocks != 0) return fail(errc::busy);
    return done{};
}

} // namespace zonal::inline v0::linux_mm
