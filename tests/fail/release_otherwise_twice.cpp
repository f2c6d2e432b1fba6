// SPDX-License-Identifier: BSL-1.0

// Two rules for all the rest.
// EXPECT: release_says_otherwise_twice<zonal::return_to_tree, zonal::leave_to_driver>
// EXPECT: there are two otherwise<...>; keep one
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
using rules = release<zones, otherwise<return_to_tree>>;
inline rules r;
#else
using rules = release<zones, otherwise<return_to_tree>, otherwise<leave_to_driver>>;
inline rules r;
#endif
