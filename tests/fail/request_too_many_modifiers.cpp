// SPDX-License-Identifier: BSL-1.0

// More modifier bits than a table has.
// EXPECT: requests_of: more modifier bits than max_modifier_bits
#include <zonal/linux_mm/zones.hpp>
#include <zonal/request.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

inline constexpr unsigned for_dma32 = 1, movable = 2;
inline constexpr request_rule rules[] = {{0, "Normal"}, {for_dma32, "DMA32"}, {movable, "Movable"}};

#ifdef ZONAL_CONTROL
inline constexpr request_table table = requests_of(server::list, rules, 6);
#else
inline constexpr request_table table = requests_of(server::list, rules, 7);
#endif
