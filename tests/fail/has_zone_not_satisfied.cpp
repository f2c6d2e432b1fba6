// SPDX-License-Identifier: BSL-1.0

// A function for sets with a movable zone, called with a set that has none.
// EXPECT: has_zone<
// EXPECT: linux_mm::movable
// EXPECT-CLANG: evaluated to false
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable> {};
struct small : zone_set<lm::dma32, lm::normal> {};

template <class Set>
    requires has_zone<Set, lm::movable>
constexpr zone_id zone_of_dimms() {
    return Set::template id_of<lm::movable>;
}

#ifdef ZONAL_CONTROL
inline constexpr zone_id id = zone_of_dimms<server>();
#else
inline constexpr zone_id id = zone_of_dimms<small>();
#endif
