// SPDX-License-Identifier: BSL-1.0

// A page word that is const, written.
// EXPECT: read-only
// EXPECT: page_word.hpp
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};

#ifdef ZONAL_CONTROL
inline void to_movable(std::uint64_t& raw) { word::in(raw).set(zone_id{2}); }
#else
inline void to_movable(const std::uint64_t& raw) { word::in(raw).set(zone_id{2}); }
#endif
