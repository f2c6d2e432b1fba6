// SPDX-License-Identifier: BSL-1.0

// A zone whose name is empty.
// EXPECT: zone_set: a zone has an empty name
#include <zonal/linux_mm/zones.hpp>
#include <zonal/zone.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct hbm {

#ifdef ZONAL_CONTROL
    static constexpr text name = "HBM";
#else
    static constexpr text name = "";
#endif
    static constexpr zone_traits traits{};
};
struct server : zone_set<lm::normal, hbm> {};
inline constexpr unsigned size = server::size;
