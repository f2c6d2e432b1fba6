// SPDX-License-Identifier: BSL-1.0
#pragma once

// Everything that is not hosted and not Linux: numbers, zones, the page word, requests, placement,
// ranges, the resource tree, release policies, hot-plug, device memory. Linux's own data is
// in <zonal/linux_mm.hpp>.

#include <zonal/config.hpp>
#include <zonal/core.hpp>
#include <zonal/device.hpp>
#include <zonal/flags.hpp>
#include <zonal/hotplug.hpp>
#include <zonal/placement.hpp>
#include <zonal/ranges.hpp>
#include <zonal/release.hpp>
#include <zonal/request.hpp>
#include <zonal/resource.hpp>
#include <zonal/zone.hpp>
