// SPDX-License-Identifier: BSL-1.0

// The id of a zone that the set does not have.
// EXPECT: linux_mm::dma
// EXPECT: linux_mm::movable
// EXPECT: zone_set: no such zone in this set
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
inline constexpr zone_id id = server::id_of<lm::dma32>;
#else
inline constexpr zone_id id = server::id_of<lm::dma>;
#endif
