// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory that comes and goes: what is there at boot, what is added, onlined, drained and removed.
// Start with hotplug_map.hpp.

#include <zonal/hotplug/boot.hpp>
#include <zonal/hotplug/boot_map.hpp>
#include <zonal/hotplug/boot_ranges.hpp>
#include <zonal/hotplug/firmware_map.hpp>
#include <zonal/hotplug/hooks.hpp>
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/hotplug/hotplug_policies.hpp>
#include <zonal/hotplug/range_table.hpp>
#include <zonal/hotplug/references.hpp>
#include <zonal/hotplug/removal.hpp>
#include <zonal/hotplug/section_map.hpp>
#include <zonal/hotplug/zone_accounts.hpp>
#include <zonal/hotplug/zoned_memory.hpp>
