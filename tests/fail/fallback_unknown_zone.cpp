// SPDX-License-Identifier: BSL-1.0

// A fallback to a zone that the set does not have.
// EXPECT: result: value() of a failure
// EXPECT: fallback_of
#include <zonal/linux_mm/zones.hpp>
#include <zonal/request.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
inline constexpr fallback_order order = fallback_of(server::list, {{"Movable", "Normal"}}).value();
#else
inline constexpr fallback_order order = fallback_of(server::list, {{"Movable", "HighMem"}}).value();
#endif
