// SPDX-License-Identifier: BSL-1.0

// A word of 48 bits.
// EXPECT: page_word: a page word has 32 or 64 bits
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
struct word : page_word<64, flag_field<24>, zone_of<server>> {};
#else
struct word : page_word<48, flag_field<24>, zone_of<server>> {};
#endif
inline constexpr auto bits = word::word_type{};
