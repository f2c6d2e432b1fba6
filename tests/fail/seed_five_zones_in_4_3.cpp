// SPDX-License-Identifier: BSL-1.0

// Five zones in 4.3, whose zone field has two bits: a device zone has to be paid for with another.
// EXPECT: linux_mm: too many zones for this kernel
// EXPECT: give that one up, or take 4.7 or later
// EXPECT-GCC: unsigned int BitsNeeded = 3; unsigned int BitsThere = 2; GiveUp = dma]
// EXPECT-CLANG: zonal::linux_mm::device>, 3U, 2U, zonal::linux_mm::dma>
#include <zonal/linux_mm/page_word.hpp>

namespace lm = zonal::linux_mm;

inline constexpr lm::config mine{.kernel = {4, 3},
#ifndef ZONAL_CONTROL
                                 .zone_dma = true,
#endif
                                 .zone_dma32 = true,
                                 .zone_device = true};

struct word : lm::page_word<mine> {};
