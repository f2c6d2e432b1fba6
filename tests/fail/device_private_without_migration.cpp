// SPDX-License-Identifier: BSL-1.0

// Memory that no processor can address, and a driver that does not migrate it.
// EXPECT: device_kind_lacks_duty<zonal::device_private, driver>
// EXPECT: add `result<done> migrate_to_ram(pfn)` to the driver
#include <zonal/device.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};
struct machine : hotplug_map<server, release<server, otherwise<leave_to_driver>>, in_place<4>> {};

#ifdef ZONAL_CONTROL
struct driver {
    result<done> migrate_to_ram(pfn) { return done{}; }
    void page_free(pfn) {}
};
#else
struct driver {
    void page_free(pfn) {}
};
#endif

template class zonal::device_memory<machine, lm::device, device_private, driver, words_in<word>>;
