// SPDX-License-Identifier: BSL-1.0

// A list whose last strategy can pass.
// EXPECT: movable_if_start_is_movable
// EXPECT: first_of: the last strategy can pass; end the list with one that declares
#include <zonal/placement.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr first_of<device_if_asked, movable_if_start_is_movable, callers_default> rules{};
#else
inline constexpr first_of<device_if_asked, movable_if_start_is_movable> rules{};
#endif
