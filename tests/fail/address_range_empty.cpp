// SPDX-License-Identifier: BSL-1.0

// An address range that ends where it starts; a range that reaches the top is made by `up_from`.
// EXPECT: address_range: the end does not lie behind the start
#include <zonal/resource.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr address_range rom = address_range::up_from(phys_addr{0xffff'ffff'ffff'0000});
#else
inline constexpr address_range rom{phys_addr{0xffff'ffff'ffff'0000}, phys_addr{0}};
#endif
