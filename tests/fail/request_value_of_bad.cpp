// SPDX-License-Identifier: BSL-1.0

// The zone of a request that is nobody's, taken without a look.
// EXPECT: result: value() of a failure
#include <zonal/linux_mm/zones.hpp>
#include <zonal/request.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

inline constexpr unsigned for_dma32 = 1, movable = 2;
inline constexpr request_rule rules[] = {{0, "Normal"}, {for_dma32, "DMA32"}, {movable, "Movable"}};
inline constexpr request_table table = requests_of(server::list, rules, 2);

#ifdef ZONAL_CONTROL
inline constexpr zone_id zone = table.zone_for(movable).value();
#else
inline constexpr zone_id zone = table.zone_for(movable | for_dma32).value();
#endif
