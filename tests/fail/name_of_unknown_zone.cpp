// SPDX-License-Identifier: BSL-1.0

// The name of a zone that the set does not have, in a constant expression.
// EXPECT: zone_list: no zone of that id
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable> {};

#ifdef ZONAL_CONTROL
inline constexpr text name = server::name_of(zone_id{1});
#else
inline constexpr text name = server::name_of(zone_id{2});
#endif
