// SPDX-License-Identifier: BSL-1.0

// The same without a ZONE_DMA to give up: another zone is named. From 4.7 on five zones fit.
// EXPECT: linux_mm: too many zones for this kernel
// EXPECT-GCC: unsigned int BitsNeeded = 3; unsigned int BitsThere = 2; GiveUp = dma32]
// EXPECT-CLANG: zonal::linux_mm::device>, 3U, 2U, zonal::linux_mm::dma32>
#include <zonal/linux_mm/page_word.hpp>

namespace lm = zonal::linux_mm;

#ifdef ZONAL_CONTROL
inline constexpr lm::version kernel{4, 7};
#else
inline constexpr lm::version kernel{4, 6};
#endif

struct word : lm::page_word<lm::config{.kernel = kernel,
                                       .bits_per_long = 32,
                                       .zone_dma32 = true,
                                       .highmem = true,
                                       .zone_device = true}> {};
