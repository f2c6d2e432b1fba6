// SPDX-License-Identifier: BSL-1.0

// A value for which the word has no field.
// EXPECT: section_id
// EXPECT: page_word: no field for this value; add it to the word's list
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline constexpr auto raw = word::set(0, node_id{1});
#else
inline constexpr auto raw = word::set(0, section_id{1});
#endif
