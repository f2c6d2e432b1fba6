// SPDX-License-Identifier: BSL-1.0
#pragma once

// Somebody's own zones: tiers of memory, and a driver's.

#include <zonal/zone/zone_set.hpp>

namespace zonal_test {

struct dram {
    static constexpr zonal::text name = "DRAM";
    static constexpr zonal::zone_traits traits{};
};
struct hbm {
    static constexpr zonal::text name = "HBM";
    static constexpr zonal::zone_traits traits{.movable = true};
};
struct cxl {
    static constexpr zonal::text name = "CXL";
    static constexpr zonal::zone_traits traits{.movable = true, .hot_removable = true};
};
struct pmem {
    static constexpr zonal::text name = "pmem";
    static constexpr zonal::zone_traits traits{
        .allocatable = false, .device = true, .hot_removable = true};
};
struct tiers : zonal::zone_set<dram, hbm, cxl, pmem> {};

} // namespace zonal_test
