// SPDX-License-Identifier: BSL-1.0

// A node that finds no room, where no section table could be asked for it.
// EXPECT: linux_mm: this kernel refuses the configuration (arguments: why, bits short)
// EXPECT-GCC: node_without_table; unsigned int BitsShort = 1
// EXPECT-CLANG: refused<zonal::linux_mm::refusal::node_without_table, 1U>
#include <zonal/linux_mm/page_word.hpp>

namespace lm = zonal::linux_mm;

inline constexpr lm::config mine{.kernel = {6, 1},
                                 .bits_per_long = 32,
                                 .memory = lm::memory_model::sparse_vmemmap,
                                 .numa = true,
#ifdef ZONAL_CONTROL
                                 .nodes_shift = 9};
#else
                                 .nodes_shift = 10};
#endif

struct word : lm::page_word<mine> {};
