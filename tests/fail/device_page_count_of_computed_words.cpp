// SPDX-License-Identifier: BSL-1.0

// The references to a page, where only those to ranges are counted.
// EXPECT: computed words are in no structs and count no page's references
// EXPECT: zonal::computed_words<word>
// EXPECT: take words_in<Word>
#include <zonal/device.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};
struct machine : hotplug_map<server, release<server, otherwise<leave_to_driver>>, in_place<4>> {};
struct driver {};
using memory = device_memory<machine, lm::device, device_generic, driver, computed_words<word>>;

#ifdef ZONAL_CONTROL
inline auto references(const memory& m) { return m.references(); }
#else
inline auto references(const memory& m) { return m.references(pfn{3}); }
#endif
