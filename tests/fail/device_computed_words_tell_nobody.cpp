// SPDX-License-Identifier: BSL-1.0

// A driver that wants to be told of each page, and words that count none.
// EXPECT: computed words count no references
// EXPECT: take words_in<Word>
#include <zonal/device.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};
struct machine : hotplug_map<server, release<server, otherwise<leave_to_driver>>, in_place<4>> {};
struct driver {
    void page_free(pfn) {}
};

#ifdef ZONAL_CONTROL
template class zonal::device_memory<machine, lm::device, device_coherent, driver, words_in<word>>;
#else
using memory = device_memory<machine, lm::device, device_coherent, driver, computed_words<word>>;
inline auto references(const memory& m) { return m.references(); }
#endif
