// SPDX-License-Identifier: BSL-1.0

// A rule with a modifier beyond modifier_bits.
// EXPECT: requests_of: a rule uses a modifier beyond modifier_bits
#include <zonal/linux_mm/zones.hpp>
#include <zonal/request.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

inline constexpr unsigned for_dma32 = 1, movable = 2;
inline constexpr request_rule rules[] = {{0, "Normal"}, {for_dma32, "DMA32"}, {movable, "Movable"}};

#ifdef ZONAL_CONTROL
inline constexpr request_table table = requests_of(server::list, rules, 2);
#else
inline constexpr request_table table = requests_of(server::list, rules, 1);
#endif
