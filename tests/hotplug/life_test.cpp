// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug.hpp>

#include "hotplug/support.hpp"
#include "test.hpp"

using namespace zonal;
using namespace zonal_test;

// A whole life of removable memory, from the firmware's map to the last page given back, for both
// evaluators. Sections and blocks of four pages, subsections of two.

namespace {

using rules = release<zones, otherwise<return_to_tree>, on<movable, drain_then<return_to_tree>>,
                      on<lm::device, drain_then<leave_to_driver>>>;
using life_map = hotplug_map<zones, rules, in_place<8>, named_holders<2>, hooks<counting>>;
constexpr page_geometry toy{12, 1, 2, 2};

/// [0, 8) and [12, 16), of which node 0's zones are made.
constexpr boot_map<4, 2> at_boot() {
    firmware_map<2> firmware;
    for (const address_range r : {bytes(0, 8), bytes(12, 16)})
        expects(firmware.add({{r.start(), r.end()}}).has_value(), "test: too many");
    const auto usable = boot_ranges<4>::make(toy, firmware, node_map<1>{}).value();
    return boot_map<4, 2>::make(usable, zones::list).value();
}

constexpr zone_pages of(const life_map& map, zone_id zone) {
    return map.memory().pages_of(node_id{0}, zone);
}

constexpr bool memory_comes_and_goes() {
    life_map map(toy);
    auto& tree = map.resources();
    if (!map.boot(at_boot())) return false;
    const zone_pages booted = of(map, id<lm::dma32>);
    if (booted != zone_pages{pages(0, 16), page_count{12}, page_count{12}}) return false;

    // RAM is plugged, and used.
    const auto dimm = map.plug(pages(24, 32)).value();
    if (map.pin(dimm) != fail(errc::bad_state)) return false; // in no zone yet
    const auto zone = map.online(dimm, first_of<always<id<movable>>>{});
    if (zone != id<movable>) return false;
    if (of(map, *zone) != zone_pages{pages(24, 32), page_count{8}}) return false;

    // A driver claims its memory, and plugs most of it.
    const auto claim = tree.request(bytes(32, 40), "namespace0.0", nvdimm);
    if (!claim || map.plug<lm::device>(pages(34, 40), {.owner = gpu}) != fail(errc::busy))
        return false;
    const auto pmem = map.plug<lm::device>(pages(34, 40), {.owner = nvdimm}).value();
    if (of(map, id<lm::device>) != zone_pages{pages(34, 40)}) return false;
    if (tree.size() != 4) return false; // two banks, the DIMM, the driver's claim

    // Somebody uses it. It cannot be removed, and those who keep it are known.
    if (!map.pin(pmem, gpu) || !map.pin(pmem, gpu) || !map.pin(pmem)) return false;
    if (map.unplug(static_cast<range_handle>(pmem)) != fail(errc::bad_state)) return false;
    if (map.drain(pmem).error() != errc::busy) return false;
    unsigned holders = 0;
    if (!map.for_each_holder(pmem, [&](holder who) { holders += who.references; })) return false;
    if (holders != 3 || map.pins(pmem) != result<std::uint32_t>(3u)) return false;

    // A removal is begun and cancelled; then another one is carried out.
    {
        auto closing = map.close(pmem).value();
        if (map.drain(closing).error() != errc::busy) return false;
        if (map.pin(pmem, gpu) != fail(errc::bad_state)) return false;
        closing.cancel();
    }
    if (!map.pin(pmem, gpu)) return false;
    const owner_id users[] = {gpu, the_system, gpu, gpu};
    unsigned finished = 0;
    auto gone = map.drain(pmem, [&](std::uint32_t) { return !map.unpin(pmem, users[finished++]); });
    if (!gone || finished != 4 || !map.unplug(*std::move(gone))) return false;

    // The driver has it back, and nobody else.
    if (map.find(pfn{34}) != fail(errc::not_found)) return false;
    if (map.about(pmem) != fail(errc::stale) || map.pin(pmem, gpu) != fail(errc::stale))
        return false;
    if (of(map, id<lm::device>) != zone_pages{}) return false;
    if (tree.size() != 4 || tree[*claim].owner != nvdimm) return false;
    if (map.plug(pages(32, 40)) != fail(errc::busy)) return false;
    if (tree.release(*claim) != fail(errc::busy) || !tree.release(*claim, nvdimm)) return false;

    // The DIMM leaves; its addresses are free for what comes next, in the same slot.
    if (!map.pin(dimm) || map.offline(dimm) != fail(errc::busy) || !map.unpin(dimm)) return false;
    if (!map.offline(dimm) || of(map, id<movable>) != zone_pages{}) return false;
    if (!map.unplug(map.drain(dimm).value()) || tree.size() != 2) return false;
    const auto next = map.plug<normal>(pages(24, 40)).value();
    if (next.slot != dimm.slot || map.pin(dimm) != fail(errc::stale)) return false;
    if (!map.unplug(next)) return false;

    // And what is left is what there was at boot.
    const counting& told = map.hook<counting>();
    return of(map, id<lm::dma32>) == booted && map.size() == 2 && tree.size() == 2 &&
           testing::fault_in(map).empty() && told.announced == told.undone + told.happened;
}
static_assert(memory_comes_and_goes());

/// The same ranges over and over, mostly referenced, as in a real life.
constexpr bool a_long_life() {
    hotplug_map<zones, rules, in_place<4>> map(toy);
    for (int i = 0; i != 22; ++i) { // 90 calls each
        const auto ram = map.plug(pages(0, 4)).value();
        const auto pmem = map.plug<lm::device>(pages(4, 6), {.owner = nvdimm}).value();
        bool ok = map.online(ram, id<normal>).has_value();
        for (int j = 0; j != 20; ++j)
            ok = ok && map.pin(ram) && map.pin(pmem) && map.unpin(ram) && map.unpin(pmem);
        ok = ok && map.pin(ram) && map.offline(ram) == fail(errc::busy) && map.unpin(ram);
        ok = ok && map.offline(ram) && map.unplug(ram) && map.unplug(map.drain(pmem).value());
        if (!ok) return false;
    }
    return map.size() == 0;
}
static_assert(a_long_life());

} // namespace

TEST_CASE("boot, plug, online, reference, drain, remove: everybody has theirs back", "[hotplug]") {
    CHECK(memory_comes_and_goes());
}

TEST_CASE("a life of 2,000 calls is a constant expression", "[hotplug]") { CHECK(a_long_life()); }
