// SPDX-License-Identifier: BSL-1.0

// Two values for one field in one call.
// EXPECT: zone_id
// EXPECT: page_word: a field is given two values in one call; name it once
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline constexpr auto raw = word::set(0, node_id{1}, zone_id{2});
#else
inline constexpr auto raw = word::set(0, zone_id{1}, zone_id{2});
#endif
