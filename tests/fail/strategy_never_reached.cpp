// SPDX-License-Identifier: BSL-1.0

// A strategy behind one that always answers.
// EXPECT: device_if_asked
// EXPECT: first_of: the first strategy named here always answers, so the others are never asked
#include <zonal/placement.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr first_of<device_if_asked, callers_default> rules{};
#else
inline constexpr first_of<callers_default, device_if_asked> rules{};
#endif
