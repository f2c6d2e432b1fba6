// SPDX-License-Identifier: BSL-1.0

// An answer that nobody looks at.
// EXPECT: nodiscard
// EXPECT: pfn::make
#include <zonal/core.hpp>

#pragma GCC diagnostic error "-Wunused-result"

using namespace zonal;

#ifdef ZONAL_CONTROL
inline bool is_pfn(std::uint64_t n) { return pfn::make(n).has_value(); }
#else
inline void check_pfn(std::uint64_t n) { pfn::make(n); }
#endif
