// SPDX-License-Identifier: BSL-1.0

// A list without strategies.
// EXPECT: first_of: an empty list answers nothing; begin with always<zone>
#include <zonal/placement.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr first_of<always<zone_id{0}>> rules{};
#else
inline constexpr first_of<> rules{};
#endif
