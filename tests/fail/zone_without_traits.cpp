// SPDX-License-Identifier: BSL-1.0

// A zone type without traits.
// EXPECT: zone_set: a zone type needs a static constexpr `name` (zonal::text) and `traits`
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct hbm {

#ifdef ZONAL_CONTROL
    static constexpr text name = "HBM";
    static constexpr zone_traits traits{};
#else
    static constexpr text name = "HBM";
#endif
};
struct server : zone_set<lm::normal, hbm> {};
inline constexpr unsigned size = server::size;
