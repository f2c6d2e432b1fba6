// SPDX-License-Identifier: BSL-1.0

// A device zone that requests could be served from.
// EXPECT: zone_list_mistake
// EXPECT: pmem
// EXPECT: zone_set: a device zone must not be allocatable
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct pmem {
    static constexpr text name = "pmem";

#ifdef ZONAL_CONTROL
    static constexpr zone_traits traits{.allocatable = false, .device = true};
#else
    static constexpr zone_traits traits{.device = true};
#endif
};
struct server : zone_set<lm::normal, pmem> {};
static_assert(server::id_of<pmem> == zone_id{1});
