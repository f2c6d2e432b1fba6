// SPDX-License-Identifier: BSL-1.0
#pragma once

// Linux, as data and rules written in the words of the core: versions, configurations, page words,
// requests, placement, hot-plug. Nothing outside this folder knows of it.

#include <zonal/config.hpp>
#include <zonal/linux_mm/auto_movable.hpp>
#include <zonal/linux_mm/boot_rules.hpp>
#include <zonal/linux_mm/boot_x86_64.hpp>
#include <zonal/linux_mm/changes.hpp>
#include <zonal/linux_mm/config.hpp>
#include <zonal/linux_mm/decode.hpp>
#include <zonal/linux_mm/errno.hpp>
#include <zonal/linux_mm/gfp_bits.hpp>
#include <zonal/linux_mm/hotplug.hpp>
#include <zonal/linux_mm/hotplug_rules.hpp>
#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/linux_mm/memory_group.hpp>
#include <zonal/linux_mm/memremap.hpp>
#include <zonal/linux_mm/offline_and_remove.hpp>
#include <zonal/linux_mm/online_policy.hpp>
#include <zonal/linux_mm/online_settings.hpp>
#include <zonal/linux_mm/page_flags.hpp>
#include <zonal/linux_mm/page_layout.hpp>
#include <zonal/linux_mm/page_word.hpp>
#include <zonal/linux_mm/placement_4_3.hpp>
#include <zonal/linux_mm/release_rules.hpp>
#include <zonal/linux_mm/requests.hpp>
#include <zonal/linux_mm/resource_quirks.hpp>
#include <zonal/linux_mm/rules.hpp>
#include <zonal/linux_mm/span_rules.hpp>
#include <zonal/linux_mm/version.hpp>
#include <zonal/linux_mm/zones.hpp>
