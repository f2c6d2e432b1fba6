// SPDX-License-Identifier: BSL-1.0

// A selection that leaves no zone.
// EXPECT: zone_set: a set needs at least one zone
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable> {};

#ifdef ZONAL_CONTROL
using selected = only<server, &zone_traits::movable>;
#else
using selected = only<server, &zone_traits::device>;
#endif
inline constexpr unsigned size = selected::size;
