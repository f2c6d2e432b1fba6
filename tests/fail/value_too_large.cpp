// SPDX-License-Identifier: BSL-1.0

// A value that its field does not hold, in a constant expression.
// EXPECT: page_word: a value does not fit its field
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline constexpr auto raw = word::set(0, node_id{1023}, zone_id{3});
#else
inline constexpr auto raw = word::set(0, node_id{1024}, zone_id{3});
#endif
