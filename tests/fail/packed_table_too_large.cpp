// SPDX-License-Identifier: BSL-1.0

// A table that is larger than its word.
// EXPECT: result: value() of a failure
// EXPECT: pack(
#include <zonal/linux_mm/zones.hpp>
#include <zonal/request.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

inline constexpr unsigned for_dma32 = 1, movable = 2;
inline constexpr request_rule rules[] = {{0, "Normal"}, {for_dma32, "DMA32"}, {movable, "Movable"}};

#ifdef ZONAL_CONTROL
inline constexpr request_table table = requests_of(server::list, rules, 4);
#else
inline constexpr request_table table = requests_of(server::list, rules, 6);
#endif
inline constexpr packed_requests packed = pack(table, 64).value();
