// SPDX-License-Identifier: BSL-1.0

// A driver's memory in a zone of the system's.
// EXPECT: device_memory
// EXPECT: is no device
#include <zonal/device.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

struct server : zone_set<lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<server>> {};
struct machine : hotplug_map<server, release<server, otherwise<leave_to_driver>>, in_place<4>> {};
struct driver {};

#ifdef ZONAL_CONTROL
template class zonal::device_memory<machine, lm::device, device_generic, driver, words_in<word>>;
#else
template class zonal::device_memory<machine, lm::movable, device_generic, driver, words_in<word>>;
#endif
