// SPDX-License-Identifier: BSL-1.0

// A number that does not say which field it belongs to, checked.
// EXPECT-GCC: Value = int
// EXPECT-CLANG: index_of<int>
// EXPECT: page_word: a bare number does not say which field it belongs to
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline constexpr auto raw = word::checked_set(0, zone_id{2});
#else
inline constexpr auto raw = word::checked_set(0, 2);
#endif
