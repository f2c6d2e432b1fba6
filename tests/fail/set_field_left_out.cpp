// SPDX-License-Identifier: BSL-1.0

// A field that found no room, written all the same.
// EXPECT: node_id
// EXPECT: 4 == 0
// EXPECT: page_word: this field found no room and is not in the word
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<32, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline constexpr auto raw = word::set(0, zone_id{1});
#else
inline constexpr auto raw = word::set(0, node_id{1});
#endif
