// SPDX-License-Identifier: BSL-1.0

// A number that does not say which field it belongs to, set atomically.
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
inline void to_movable(std::uint64_t& raw) { word::in(raw).atomic_set(zone_id{2}); }
#else
inline void to_movable(std::uint64_t& raw) { word::in(raw).atomic_set(2); }
#endif
