// SPDX-License-Identifier: BSL-1.0

// More bits than the word has.
// EXPECT: 5 == 0
// EXPECT: page_word<64, zonal::flag_field<48>, zonal::section_field<19>,
// EXPECT: page_word: the fields need more bits than the word has
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
struct word : page_word<64, flag_field<43>, section_field<19>, zone_of<server>> {};
#else
struct word : page_word<64, flag_field<48>, section_field<19>, zone_of<server>> {};
#endif
inline constexpr auto bits = word::word_type{};
