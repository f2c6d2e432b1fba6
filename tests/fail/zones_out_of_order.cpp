// SPDX-License-Identifier: BSL-1.0

// A movable zone before a zone that fallbacks must find below it.
// EXPECT: zone_list_mistake
// EXPECT: linux_mm::movable
// EXPECT: linux_mm::normal
// EXPECT: zone_set: zones out of order; list kernel zones by ascending reach
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

#ifdef ZONAL_CONTROL
struct server : zone_set<lm::dma32, lm::normal, lm::movable> {};
#else
struct server : zone_set<lm::dma32, lm::movable, lm::normal> {};
#endif
inline constexpr unsigned size = server::size;
