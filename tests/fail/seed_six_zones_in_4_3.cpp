// SPDX-License-Identifier: BSL-1.0

// All six zones in 4.3: giving up one of them is not enough.
// EXPECT: linux_mm: too many zones for this kernel
// EXPECT-GCC: unsigned int BitsNeeded = 3; unsigned int BitsThere = 2; GiveUp = no_zone_helps]
// EXPECT-CLANG: zonal::linux_mm::device>, 3U, 2U, zonal::linux_mm::no_zone_helps>
#include <zonal/linux_mm/page_word.hpp>

namespace lm = zonal::linux_mm;

#ifdef ZONAL_CONTROL
inline constexpr lm::version kernel{4, 7};
#else
inline constexpr lm::version kernel{4, 3};
#endif

struct word : lm::page_word<lm::config{.kernel = kernel,
                                       .zone_dma = true,
                                       .zone_dma32 = true,
                                       .highmem = true,
                                       .zone_device = true}> {};
