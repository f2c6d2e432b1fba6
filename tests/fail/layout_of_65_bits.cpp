// SPDX-License-Identifier: BSL-1.0

// A layout for more than a machine word.
// EXPECT: pack: a word has 1 to 64 bits
#include <zonal/flags.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr auto word = pack(64, {{.name = "zone", .width = 3}});
#else
inline constexpr auto word = pack(65, {{.name = "zone", .width = 3}});
#endif
