// SPDX-License-Identifier: BSL-1.0

// A predicate that takes traits where it is asked about a zone.
// EXPECT: zone_info
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable> {};

#ifdef ZONAL_CONTROL
constexpr bool low(const zone_info& zone) { return zone.traits.reach_bits < 64; }
#else
constexpr bool low(const zone_traits& traits) { return traits.reach_bits < 64; }
#endif
using selected = only<server, &low>;
inline constexpr unsigned size = selected::size;
