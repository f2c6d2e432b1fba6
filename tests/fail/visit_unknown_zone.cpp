// SPDX-License-Identifier: BSL-1.0

// A visit to a zone that the set does not have, in a constant expression.
// EXPECT: zone_set: no zone of that id
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable> {};
constexpr auto size_of_name = []<class Zone>(zone_tag<Zone>) { return Zone::name.size; };

#ifdef ZONAL_CONTROL
inline constexpr auto size = server::visit(zone_id{1}, size_of_name);
#else
inline constexpr auto size = server::visit(zone_id{2}, size_of_name);
#endif
