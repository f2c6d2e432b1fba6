// SPDX-License-Identifier: BSL-1.0

// A combination of modifiers that no rule serves.
// EXPECT: zone_for<
// EXPECT: , 3>
// EXPECT: request: no rule serves this combination of modifiers
#include <zonal/linux_mm/zones.hpp>
#include <zonal/request.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

inline constexpr unsigned for_dma32 = 1, movable = 2;
inline constexpr request_rule rules[] = {{0, "Normal"}, {for_dma32, "DMA32"}, {movable, "Movable"}};
inline constexpr request_table table = requests_of(server::list, rules, 2);
inline constexpr packed_requests packed = pack(table, 64).value();

#ifdef ZONAL_CONTROL
inline constexpr zone_id zone = zone_for<packed, movable>;
#else
inline constexpr zone_id zone = zone_for<packed, (movable | for_dma32)>;
#endif
