// SPDX-License-Identifier: BSL-1.0

// The second of two constants, which its field does not hold.
// EXPECT-GCC: Constant = zonal::zone_id{4}
// EXPECT-CLANG: zone_id{4}
// EXPECT: 4 <= 3
// EXPECT: page_word: the constant does not fit its field
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline constexpr auto raw = word::set<node_id{1023}, zone_id{3}>(0);
#else
inline constexpr auto raw = word::set<node_id{1023}, zone_id{4}>(0);
#endif
