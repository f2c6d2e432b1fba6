// SPDX-License-Identifier: BSL-1.0

// Policies one after the other, of which there is none.
// EXPECT-GCC: sizeof ... (Policies ...) != 0
// EXPECT-CLANG: sizeof...(Policies) != 0
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::device> {};

#ifdef ZONAL_CONTROL
inline release<zones, otherwise<then<return_to_tree>>> r;
#else
inline release<zones, otherwise<then<>>> r;
#endif
