// SPDX-License-Identifier: BSL-1.0

// Two rules for one zone.
// EXPECT: two_release_policies_for_zone<zonal::linux_mm::device>
// EXPECT: compose their policies with then<...>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
using rules = release<zones, otherwise<return_to_tree>, on<lm::device, leave_to_driver>>;
inline rules r;
#else
using rules = release<zones, otherwise<return_to_tree>, on<lm::device, leave_to_driver>,
                      on<lm::device, return_to_tree>>;
inline rules r;
#endif
