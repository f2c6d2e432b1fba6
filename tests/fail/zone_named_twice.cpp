// SPDX-License-Identifier: BSL-1.0

// Two zone types of one name.
// EXPECT: zone_list_mistake
// EXPECT: fast
// EXPECT: zone_set: a zone (or two of one name) stands twice in the list; remove one
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct slow {
    static constexpr text name = "DRAM";
    static constexpr zone_traits traits{};
};

#ifdef ZONAL_CONTROL
struct fast {
    static constexpr text name = "HBM";
    static constexpr zone_traits traits{};
};
#else
struct fast {
    static constexpr text name = "DRAM";
    static constexpr zone_traits traits{};
};
#endif
struct server : zone_set<slow, fast> {};
static_assert(server::id_of<fast> == zone_id{1});
