// SPDX-License-Identifier: BSL-1.0

// A word without fields.
// EXPECT: page_word: a word needs at least one field
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
struct word : page_word<64, flag_field<24>> {};
#else
struct word : page_word<64> {};
#endif
inline constexpr auto bits = word::word_type{};
