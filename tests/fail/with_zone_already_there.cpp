// SPDX-License-Identifier: BSL-1.0

// A zone put into a set that has it.
// EXPECT: zone_list_mistake
// EXPECT: linux_mm::normal
// EXPECT: zone_set: a zone (or two of one name) stands twice in the list; remove one
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal> {};

#ifdef ZONAL_CONTROL
using more = with<server, lm::movable>;
#else
using more = with<server, lm::normal>;
#endif
inline constexpr unsigned size = more::size;
