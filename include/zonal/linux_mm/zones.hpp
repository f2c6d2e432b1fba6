// SPDX-License-Identifier: BSL-1.0
#pragma once

// Linux's six zones.

#include <zonal/core/text.hpp>
#include <zonal/linux_mm/config.hpp>
#include <zonal/zone/zone_set.hpp>

namespace zonal::inline v0::linux_mm {

/// Reached by ISA devices: below 16 MiB on x86.
struct dma {
    static constexpr text name = "DMA";
    static constexpr zone_traits traits{.reach_bits = 24};
};
/// Reached by devices that send 32 address bits.
struct dma32 {
    static constexpr text name = "DMA32";
    static constexpr zone_traits traits{.reach_bits = 32};
};
/// What the kernel maps linearly and allocates its own data from.
struct normal {
    static constexpr text name = "Normal";
    static constexpr zone_traits traits{};
};
/// Beyond the linear map of a 32-bit kernel.
struct highmem {
    static constexpr text name = "HighMem";
    static constexpr zone_traits traits{.kernel_mapped = false};
};
/// Only pages that can be migrated away, so that a DIMM can be taken out.
struct movable {
    static constexpr text name = "Movable";
    static constexpr zone_traits traits{.movable = true, .hot_removable = true};
};
/// A driver's memory: page words, but no allocation, ever.
struct device {
    static constexpr text name = "Device";
    static constexpr zone_traits traits{
        .allocatable = false, .device = true, .hot_removable = true};
};

/// All six, in Linux's order.
using all_zones = zone_set<dma, dma32, normal, highmem, movable, device>;

/// The zones that are options; Normal and Movable are always there.
struct zone_option {
    text zone;
    text option;
    bool config::* on;
};
inline constexpr zone_option zone_options[] = {
    {dma::name, "CONFIG_ZONE_DMA", &config::zone_dma},
    {dma32::name, "CONFIG_ZONE_DMA32", &config::zone_dma32},
    {highmem::name, "CONFIG_HIGHMEM", &config::highmem},
    {device::name, "CONFIG_ZONE_DEVICE", &config::zone_device},
};

/// The zones that a configuration has.
/// Models: include/linux/mmzone.h, enum zone_type.
[[nodiscard]] constexpr zone_list zones_of(const config& c) noexcept {
    zone_list list;
    for (const zone_info& zone : all_zones::list) {
        bool there = true;
        for (const zone_option& option : zone_options)
            if (option.zone == zone.name) there = c.*option.on;
        if (there) static_cast<void>(list.add(zone));
    }
    return list;
}

} // namespace zonal::inline v0::linux_mm
