// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who gets back memory that leaves Linux, zone by zone.

#include <zonal/linux_mm/zones.hpp>
#include <zonal/release/release.hpp>

namespace zonal::inline v0::linux_mm {

namespace detail {

template <class Zones>
struct release_rules_of {
    using type = release<Zones, otherwise<return_to_tree>>;
};
template <has_zone<device> Zones>
struct release_rules_of<Zones> {
    using type = release<Zones, otherwise<return_to_tree>, on<device, drain_then<leave_to_driver>>>;
};

} // namespace detail

/// System memory returns to the resource tree; a device's range stays its driver's, which waits for
/// the references to go before it lets the range leave.
/// Models: 4.3's mm/memory_hotplug.c __remove_pages(), which spares the resource of ZONE_DEVICE, and
///         mm/memremap.c memunmap_pages(); differs: the waiting is part of the type.
template <zone_set_type Zones>
using release_rules = typename detail::release_rules_of<Zones>::type;

} // namespace zonal::inline v0::linux_mm
