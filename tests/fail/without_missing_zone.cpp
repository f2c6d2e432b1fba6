// SPDX-License-Identifier: BSL-1.0

// A zone taken out of a set that does not have it.
// EXPECT: linux_mm::highmem
// EXPECT: linux_mm::normal
// EXPECT: zone_set: no such zone in this set
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable> {};

#ifdef ZONAL_CONTROL
using fewer = without<server, lm::movable>;
#else
using fewer = without<server, lm::highmem>;
#endif
inline constexpr unsigned size = fewer::size;
