// SPDX-License-Identifier: BSL-1.0

// A value type where its field is wanted.
// EXPECT: word_field
// EXPECT: node_id
#include <zonal/flags.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
struct word : page_word<64, flag_field<24>, node_field<10>> {};
#else
struct word : page_word<64, flag_field<24>, node_id> {};
#endif
