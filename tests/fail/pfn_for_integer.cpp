// SPDX-License-Identifier: BSL-1.0

// A page frame number where an integer is wanted.
// EXPECT-GCC: cannot convert
// EXPECT-CLANG: no viable conversion
// EXPECT: pfn
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr std::uint64_t number = pfn{0x100}.value();
#else
inline constexpr std::uint64_t number = pfn{0x100};
#endif
