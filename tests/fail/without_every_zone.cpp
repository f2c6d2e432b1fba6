// SPDX-License-Identifier: BSL-1.0

// A set without any of its zones.
// EXPECT: zone_set: a set needs at least one zone
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable> {};

#ifdef ZONAL_CONTROL
using fewer = without<server, lm::movable>;
#else
using fewer = without<server, lm::normal, lm::movable>;
#endif
inline constexpr unsigned left = fewer::size;
