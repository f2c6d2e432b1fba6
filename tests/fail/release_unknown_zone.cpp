// SPDX-License-Identifier: BSL-1.0

// A rule for a zone that the set lacks.
// EXPECT: release_rule_for_unknown_zone<zonal::linux_mm::dma, zones>
// EXPECT: lacks; add the zone to the set, or remove the rule
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
using rules = release<zones, otherwise<return_to_tree>, on<lm::device, leave_to_driver>>;
inline rules r;
#else
using rules = release<zones, otherwise<return_to_tree>, on<lm::dma, leave_to_driver>>;
inline rules r;
#endif
