// SPDX-License-Identifier: BSL-1.0

// A page word of 64 bits in an integer of 32.
// EXPECT: page_word: in() needs an unsigned integer as wide as the word
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline zone_id zone_in(std::uint64_t& raw) { return word::in(raw).get<zone_id>(); }
#else
inline zone_id zone_in(std::uint32_t& raw) { return word::in(raw).get<zone_id>(); }
#endif
