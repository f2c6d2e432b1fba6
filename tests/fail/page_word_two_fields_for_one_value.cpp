// SPDX-License-Identifier: BSL-1.0

// Two fields for one value type.
// EXPECT: node_id
// EXPECT: page_word: two fields hold the same value type; remove one
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};
#else
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>, node_field<6>> {};
#endif
inline constexpr auto bits = word::word_type{};
