// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whose each page of RAM is: its node and its zone, from the memory blocks, and where a block is of
// several zones, from how a kernel starts with such a firmware map and command line.

#include <optional>
#include <vector>

#include <zonal/hotplug/boot_map.hpp>
#include <zonal/ranges.hpp>
#include <zonal/resource/address_range.hpp>

#include "input.hpp"

namespace zone_map {

using boot_memory = zonal::boot_map<512, 128>;

struct ownership {
    std::vector<zonal::address_range> ram; ///< ascending; entries that touch are one
    zonal::pfn_range_set<zonal::allocated<>> ram_pages;
    /// RAM in use.
    zonal::pfn_range_map<zonal::page_owner, zonal::allocated<>> pages;
    /// What each node had of each zone at boot; empty: the files do not tell.
    std::optional<boot_memory> boot;
    /// Zones whose share of a block is taken from zoneinfo, because nothing else tells it.
    std::vector<zonal::page_owner> unclear;
    /// Where, by zoneinfo, nodes begin inside a block.
    std::vector<pfn> cuts;
};

ownership owners_of(const machine& m);

} // namespace zone_map
