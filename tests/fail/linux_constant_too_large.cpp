// SPDX-License-Identifier: BSL-1.0

// Zone 8 in a Linux word whose zone field has three bits.
// EXPECT: page_word: the constant does not fit its field
// EXPECT-GCC: Constant = zonal::zone_id{8}
// EXPECT: 8 <= 7
#include <zonal/linux_mm/page_word.hpp>

namespace lm = zonal::linux_mm;

inline constexpr lm::config mine{
    .kernel = {6, 12}, .zone_dma = true, .zone_dma32 = true, .zone_device = true};
struct word : lm::page_word<mine> {};

#ifdef ZONAL_CONTROL
inline std::uint64_t to_last_zone(std::uint64_t raw) { return word::set<zonal::zone_id{7}>(raw); }
#else
inline std::uint64_t to_last_zone(std::uint64_t raw) { return word::set<zonal::zone_id{8}>(raw); }
#endif
