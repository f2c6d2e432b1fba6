// SPDX-License-Identifier: BSL-1.0

// A zone that stands in its set twice.
// EXPECT: zone_list_mistake
// EXPECT: linux_mm::normal
// EXPECT: zone_set: a zone (or two of one name) stands twice in the list; remove one
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

#ifdef ZONAL_CONTROL
struct server : zone_set<lm::dma32, lm::normal, lm::movable> {};
#else
struct server : zone_set<lm::dma32, lm::normal, lm::normal, lm::movable> {};
#endif
inline constexpr unsigned size = server::size;
