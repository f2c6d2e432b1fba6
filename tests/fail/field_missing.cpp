// SPDX-License-Identifier: BSL-1.0

// A field that the word does not have.
// EXPECT: section_id
// EXPECT: page_word: no field for this value; add it to the word's list
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline constexpr node_id got = word::get<node_id>(0);
#else
inline constexpr section_id got = word::get<section_id>(0);
#endif
