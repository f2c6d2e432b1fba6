// SPDX-License-Identifier: BSL-1.0

// Bytes that are no whole pages, taken for pages.
// EXPECT: result: value() of a failure
// EXPECT: pages_in
#include <zonal/core.hpp>

using namespace zonal;

inline constexpr page_geometry x86_64{};

#ifdef ZONAL_CONTROL
inline constexpr page_count pages = x86_64.pages_in(8192).value();
#else
inline constexpr page_count pages = x86_64.pages_in(8193).value();
#endif
