// SPDX-License-Identifier: BSL-1.0

// A policy where a rule is meant.
// EXPECT: not_a_release_rule<zonal::return_to_tree>
// EXPECT: come on<zone, policy> and otherwise<policy>; this type is neither
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
using rules = release<zones, otherwise<return_to_tree>>;
inline rules r;
#else
using rules = release<zones, return_to_tree>;
inline rules r;
#endif
