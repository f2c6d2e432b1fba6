// SPDX-License-Identifier: BSL-1.0

// A set without zones.
// EXPECT: zone_set: a set needs at least one zone
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

#ifdef ZONAL_CONTROL
struct server : zone_set<lm::normal> {};
#else
struct server : zone_set<> {};
#endif
inline constexpr unsigned size = server::size;
