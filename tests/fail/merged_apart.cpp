// SPDX-License-Identifier: BSL-1.0

// Two fields read as one that do not touch.
// EXPECT: node_id
// EXPECT: flag_bits
// EXPECT: page_word: merged() needs fields that touch, listed from the high end
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline constexpr auto both = word::merged<node_id, zone_id>(0);
#else
inline constexpr auto both = word::merged<node_id, flag_bits>(0);
#endif
