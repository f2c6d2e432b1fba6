// SPDX-License-Identifier: BSL-1.0

// A driver that wants to answer when it is told.
// EXPECT: device_kind_lacks_duty<zonal::device_p2p_dma, driver>
// EXPECT: add `void page_free(pfn)` to the driver
#include <zonal/device.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};
struct machine : hotplug_map<server, release<server, otherwise<leave_to_driver>>, in_place<4>> {};

#ifdef ZONAL_CONTROL
struct driver {
    void page_free(pfn) {}
};
#else
struct driver {
    bool page_free(pfn) { return true; }
};
#endif

template class zonal::device_memory<machine, lm::device, device_p2p_dma, driver, words_in<word>>;
