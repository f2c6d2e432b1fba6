// SPDX-License-Identifier: BSL-1.0

#include <cstdio>
#include <zonal/linux_mm.hpp>
#include <zonal/zonal.hpp>
using namespace zonal;
namespace lm = zonal::linux_mm;

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<zones>> {};
static_assert(word::width<zone_id> == 2 && word::shift<node_id> == 54);
// A driver's memory is reached by no request, whatever its modifiers, at once or by falling back.
static_assert(unreachable<lm::device, zones>(lm::requests<zones>, lm::fallback<zones>));

// Who gets a range back that leaves: the system its RAM, the driver what is the driver's.
using rules =
    release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>>;

constexpr bool pmem_comes_and_goes() {
    hotplug_map<zones, rules, in_place<16>> map;
    const pfn_range range{pfn{0x100000}, pfn{0x140000}};
    auto pmem = map.plug<lm::device>(range, {.owner = owner_id{7}}).value();
    if (!map.pin(pmem)) return false;  // I/O in flight,
    if (map.drain(pmem)) return false; // so it stays
    if (!map.unpin(pmem)) return false;
    // map.unplug(pmem);    error: ranges of this zone must be drained first
    if (!map.unplug(map.drain(pmem).value())) return false;
    return map.plug<lm::movable>(range) == fail(errc::busy); // the addresses are the driver's
}
static_assert(pmem_comes_and_goes());

int main() {
    const auto flags = word::set(0, node_id{5}, zones::id_of<lm::device>);
    std::printf("%#jx: node %ju, zone %s\n", std::uintmax_t{flags},
                std::uintmax_t{word::get<node_id>(flags).value},
                zones::name_of(word::get<zone_id>(flags)).data);
}
