// SPDX-License-Identifier: BSL-1.0

// The change this library comes from, told with the library: Linux 4.3 gave device memory a zone of
// its own. The numbers and names that it prints are computed; what matters is a static_assert.

#include <cstdio>
#include <string>

#include <zonal/linux_mm.hpp>
#include <zonal/zonal.hpp>

namespace lm = zonal::linux_mm;
using zonal::pfn;
using zonal::pfn_range;
using zonal::zone_id;

namespace {

std::string str(zonal::text t) { return t.as<std::string>(); }

// ---- the bind ----

// A server of 2015: every zone of x86-64, and now Device as well.
constexpr lm::config five_zones{.kernel = {4, 3},
                                .zone_dma = true,
                                .zone_dma32 = true,
                                .zone_device = true,
                                .memory = lm::memory_model::sparse_vmemmap,
                                .max_physmem_bits = 46,
                                .section_size_bits = 27,
                                .numa = true,
                                .nodes_shift = 6};
static_assert(lm::page_layout_of(five_zones).is_refused_for(lm::refusal::too_many_zones));
// struct word : lm::page_word<five_zones> {};
//   error: linux_mm: too many zones for this kernel (arguments: the zones, bits needed, bits there,
//   the zone to give up); ... too_many_zones<zones_listed<dma, dma32, normal, movable, device>, 3,
//   2, dma>

constexpr lm::config without_dma = [] {
    lm::config c = five_zones;
    c.zone_dma = false;
    return c;
}();
struct word : lm::page_word<without_dma> {};
static_assert(word::width<zone_id> == 2 && word::zones::size == 4);

// 4.7 gave the zone field a third bit, and the request table kept its two: a device is never its
// answer.
constexpr lm::config in_4_7 = [] {
    lm::config c = five_zones;
    c.kernel = {4, 7};
    return c;
}();
struct word_of_4_7 : lm::page_word<in_4_7> {};
static_assert(word_of_4_7::width<zone_id> == 3 && word_of_4_7::zones::size == 5);
static_assert(lm::packed_requests_of(in_4_7)->entry_bits == 2);

// ---- nobody is ever given device memory ----

using server_zones = word::zones;
static_assert(zonal::unreachable<lm::device, server_zones>(lm::requests<server_zones>,
                                                           lm::fallback<server_zones>));
static_assert(lm::fallback<server_zones>.ends());

// ---- a machine, and two ranges that are added to it ----

/// One node: DMA32 and Normal from boot, a DIMM in Movable.
struct machine {
    zonal::zone_pages pages[server_zones::size];

    constexpr const zonal::zone_list& zones() const { return server_zones::list; }
    constexpr zonal::zone_pages pages_of(zonal::node_id, zone_id z) const { return pages[z.value]; }
};
constexpr machine server = [] {
    machine m{};
    m.pages[server_zones::id_of<lm::dma32>.value].span = {pfn{0x1000}, pfn{0x100000}};
    m.pages[server_zones::id_of<lm::normal>.value].span = {pfn{0x100000}, pfn{0x240000}};
    m.pages[server_zones::id_of<lm::movable>.value].span = {pfn{0x240000}, pfn{0x280000}};
    return m;
}();

constexpr zone_id zone_of(pfn_range range, bool for_device) {
    return lm::zone_for_memory(zonal::hot_add{server, zonal::node_id{0}, range, for_device,
                                              server_zones::id_of<lm::normal>});
}
constexpr pfn_range dimm{pfn{0x280000}, pfn{0x2c0000}};
constexpr pfn_range pmem{pfn{0x300000}, pfn{0x700000}};
static_assert(zone_of(dimm, false) == server_zones::id_of<lm::movable>,
              "RAM above movable memory is movable");
static_assert(zone_of(pmem, true) == server_zones::id_of<lm::device>,
              "what a driver adds is the driver's");
static_assert(zone_of(pmem, false) == server_zones::id_of<lm::movable>,
              "before 4.3 it would have been anybody's");

// ---- and they leave again ----

using rules = lm::release_rules<server_zones>;
static_assert(
    std::is_same_v<rules::policy_for<lm::device>, zonal::drain_then<zonal::leave_to_driver>>);
using memory_map = zonal::hotplug_map<server_zones, rules, zonal::in_place<8>>;

constexpr zonal::owner_id nvdimm{1};

} // namespace

int main() {
    const auto changes = lm::changes_for(five_zones);
    std::printf("Linux 4.3 with DMA, DMA32, Normal, Movable and Device: ");
    for (const lm::refusal r : lm::refusals)
        if (lm::page_layout_of(five_zones).is_refused_for(r))
            std::printf("%s.\n", str(describe(r)).c_str());
    std::printf("  It fits without any one of:");
    for (const lm::change& c : changes) std::printf(" %s", str(c.option).c_str());
    std::printf("\n  which is why ZONE_DEVICE needed !ZONE_DMA.\n\n");

    std::printf(
        "Without ZONE_DMA the zone takes %u bits at bit %u of the page word. From 4.7 all five "
        "fit, in %u bits,\n"
        "and the request table still has entries of %u bits: Device is no request's answer.\n\n",
        word::width<zone_id>, word::shift<zone_id>, word_of_4_7::width<zone_id>,
        lm::packed_requests_of(in_4_7)->entry_bits);

    const auto where = [](const char* what, pfn_range r, bool for_device) {
        std::printf("  %-34s [%#9jx, %#9jx) -> %s\n", what, std::uintmax_t{r.start().value()},
                    std::uintmax_t{r.end().value()},
                    str(server_zones::name_of(zone_of(r, for_device))).c_str());
    };
    std::printf("Added to a machine with movable memory from pfn 0x240000:\n");
    where("a DIMM", dimm, false);
    where("persistent memory, by its driver", pmem, true);
    where("the same, had 4.3 not asked", pmem, false);

    const auto bytes = zonal::bytes_of(pmem, {}).value();
    const auto show = [](const char* when, const memory_map& map) {
        std::printf("  %s\n", when);
        std::string tree;
        zonal::print_iomem(map.resources(), [&](zonal::text part) { tree += str(part); });
        std::printf("%s", tree.c_str());
    };
    memory_map map;
    const auto claimed = map.resources().request(bytes, "namespace0.0", nvdimm).value();
    const auto ram = map.plug<lm::movable>(dimm).value();
    const auto device = map.plug<lm::device>(pmem, {.owner = nvdimm}).value();
    std::printf("\nPlugged, and unplugged again:\n");
    show("both are there", map);

    const bool pinned = map.pin(device).has_value();
    const bool leaves = map.drain(device).has_value();
    std::printf("  while a page of the device is in use it %s\n",
                pinned && !leaves ? "cannot be drained" : "can leave");
    const bool gone = map.unpin(device) && map.unplug(ram) && map.unplug(map.drain(device).value());
    std::printf("  then it %s\n", gone ? "can, and the RAM too" : "stays");
    show("the RAM is returned to the tree, the driver's range is left to the driver:", map);
    const bool found = map.resources().release(claimed, nvdimm).has_value();
    std::printf("  the driver %s its entry when it releases it\n", found ? "finds" : "misses");
    return pinned && !leaves && gone && found ? 0 : 1;
}
