// SPDX-License-Identifier: BSL-1.0

// A field beyond the last one of a layout.
// EXPECT: layout: no field of that number
#include <zonal/flags.hpp>

using namespace zonal;

inline constexpr auto word =
    pack(64, {{.name = "node", .width = 10}, {.name = "zone", .width = 3}});

#ifdef ZONAL_CONTROL
inline constexpr unsigned width = word[1].width;
#else
inline constexpr unsigned width = word[2].width;
#endif
