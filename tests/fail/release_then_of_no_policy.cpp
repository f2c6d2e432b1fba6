// SPDX-License-Identifier: BSL-1.0

// Something that is no policy, among others.
// EXPECT: release_policy_lacks_give_back<eject>
// EXPECT: a policy needs a default constructor and a member
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct eject {};

#ifdef ZONAL_CONTROL
inline release<zones, otherwise<then<leave_to_driver, return_to_tree>>> r;
#else
inline release<zones, otherwise<then<eject, return_to_tree>>> r;
#endif
