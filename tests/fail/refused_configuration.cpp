// SPDX-License-Identifier: BSL-1.0

// Sections and tags that cannot be left out, in a word of 32 bits.
// EXPECT: linux_mm: this kernel refuses the configuration (arguments: why, bits short)
// EXPECT: changes_for(config) names options that help
// EXPECT-GCC: not_enough_bits; unsigned int BitsShort = 11
// EXPECT-CLANG: refused<zonal::linux_mm::refusal::not_enough_bits, 11U>
#include <zonal/linux_mm/page_word.hpp>

namespace lm = zonal::linux_mm;

inline constexpr lm::config mine{.kernel = {6, 1},
                                 .bits_per_long = 32,
                                 .memory = lm::memory_model::sparse,
                                 .max_physmem_bits = 36,
#ifdef ZONAL_CONTROL
                                 .section_size_bits = 28};
#else
                                 .section_size_bits = 16};
#endif

struct word : lm::page_word<mine> {};
