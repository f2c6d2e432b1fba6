// SPDX-License-Identifier: BSL-1.0

// A zone whose ranges nobody gets back.
// EXPECT: zone_without_release_policy<zonal::linux_mm::movable
// EXPECT: no rule says who gets back the ranges of this zone
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
using rules = release<zones, on<lm::normal, return_to_tree>, on<lm::movable, return_to_tree>,
                      on<lm::device, leave_to_driver>>;
inline rules r;
#else
using rules = release<zones, on<lm::normal, return_to_tree>, on<lm::device, leave_to_driver>>;
inline rules r;
#endif
