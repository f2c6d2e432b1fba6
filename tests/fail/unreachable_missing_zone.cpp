// SPDX-License-Identifier: BSL-1.0

// A proof about a zone that the set does not have.
// EXPECT: linux_mm::highmem
// EXPECT: zone_set: no such zone in this set
#include <zonal/linux_mm/zones.hpp>
#include <zonal/request.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable, lm::device> {};

inline constexpr unsigned for_dma32 = 1, movable = 2;
inline constexpr request_rule rules[] = {{0, "Normal"}, {for_dma32, "DMA32"}, {movable, "Movable"}};
inline constexpr request_table table = requests_of(server::list, rules, 2);
inline constexpr fallback_order down = descending_fallback(server::list);

#ifdef ZONAL_CONTROL
static_assert(unreachable<lm::device, server>(table, down));
#else
static_assert(unreachable<lm::highmem, server>(table, down));
#endif
