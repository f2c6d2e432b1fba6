// SPDX-License-Identifier: BSL-1.0

// Asking for the policy of a zone that the set lacks.
// EXPECT: release: the set has no such zone; ask for one of its zones, or for void
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable> {};
using rules = release<zones, otherwise<return_to_tree>>;

#ifdef ZONAL_CONTROL
static_assert(!rules::drains<lm::movable>);
#else
static_assert(!rules::drains<lm::device>);
#endif
