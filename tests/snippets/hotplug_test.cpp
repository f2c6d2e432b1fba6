// SPDX-License-Identifier: BSL-1.0

// The snippets in the comments of release/, hotplug/ and device/ that no other test has; see
// core_test.cpp.

#include <zonal/device.hpp>
#include <zonal/hotplug.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release/quarantine.hpp>
#include <zonal/resource/search.hpp>
#include <zonal/testing/hotplug_map_fault.hpp>

#include "../test.hpp"

using namespace zonal;
using testing::fault_in;
namespace lm = zonal::linux_mm;

namespace {

using lm::device;
using lm::movable;
using lm::normal;
using zones = zone_set<lm::dma32, normal, movable, device>;
using rules =
    release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>>;
using machine = hotplug_map<zones, rules, in_place<16>>;
constexpr page_geometry geometry;
constexpr owner_id driver_id{7};

constexpr pfn_range pages(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }
constexpr byte_range bytes(std::uint64_t start, std::uint64_t end) {
    return {phys_addr{start}, phys_addr{end}};
}

/// 0xfff pages from page 1 on, 2 GiB from 1 GiB on and 2 GiB from 5 GiB on; all on node 0.
boot_ranges<> usable_pages() {
    firmware_map<> firmware;
    for (const byte_range r :
         {bytes(0x1000, 0x1000000), bytes(1ull << 30, 3ull << 30), bytes(5ull << 30, 7ull << 30)})
        REQUIRE(firmware.add({r}));
    const node_map<> nodes;
    const auto usable = boot_ranges<>::make({}, firmware, nodes).value();
    usable.present_in({pfn{0x1000}, pfn{0x2000}}); // how many of these pages are memory
    CHECK(usable.present_in({pfn{0x1000}, pfn{0x2000}}).is_zero());
    CHECK(usable.present_in({pfn{0x800}, pfn{0x2000}}) == page_count{0x800});
    return usable;
}

} // namespace

// ---- release ------------------------------------------------------------------------------------

namespace snippet_of_policy {

struct eject { // a user's own
    constexpr result<done> give_back(const leaving& l, auto& tree);
    constexpr void take_back(const leaving& l, auto& tree); // undoes give_back
};

// What it may do: the entry becomes nobody's.
constexpr result<done> eject::give_back(const leaving& l, auto& tree) {
    return release_region(tree, l.bytes, l.owner);
}
constexpr void eject::take_back(const leaving& l, auto& tree) {
    expects(tree.request(l.bytes, "again", l.owner).has_value(), "there was room for one");
}

} // namespace snippet_of_policy

TEST_CASE("release/policy.hpp", "[snippets]") {
    using snippet_of_policy::eject;
    STATIC_REQUIRE(release_policy<eject> && can_take_back<eject>);
    hotplug_map<zones, release<zones, otherwise<eject>>, in_place<4>> map;
    const auto dimm = map.plug(pages(0x100, 0x200)).value();
    CHECK(map.unplug(dimm));
    CHECK(map.resources().size() == 0);
}

namespace snippet_of_quarantine {

using cxl = movable;
using rules =
    release<zones, otherwise<return_to_tree>, on<cxl, quarantine<return_to_tree, in_place<8>>>>;

} // namespace snippet_of_quarantine

TEST_CASE("release/quarantine.hpp", "[snippets]") {
    using snippet_of_quarantine::cxl;
    hotplug_map<zones, snippet_of_quarantine::rules, in_place<16>> map;
    const pfn_range range = pages(0x100, 0x200);
    const auto plugged = map.plug<cxl>(range).value();
    auto& waiting = map.policy_of<cxl>();
    REQUIRE(map.unplug(plugged));
    CHECK(waiting.waiting().size() == 1);
    CHECK(map.plug(range) == fail(errc::busy)); // not given back yet
    waiting.let_go(range, map.resources());
    CHECK(waiting.waiting().empty());
    CHECK(map.plug(range));
}

// ---- hotplug ------------------------------------------------------------------------------------

TEST_CASE("hotplug/firmware_map.hpp", "[snippets]") {
    firmware_map<8> firmware;
    const byte_range low{phys_addr{0}, phys_addr{0x9fc00}};
    const byte_range bios{phys_addr{0x9f000}, phys_addr{0x100000}};
    const bool fits = firmware.add({low, firmware_kind::usable}).has_value() &&
                      firmware.add({bios, firmware_kind::reserved}).has_value();
    firmware.run_from(phys_addr{0}); // usable [0, 0x9f000)
    CHECK(fits);
    CHECK(*firmware.run_from(phys_addr{0}) ==
          firmware_range{bytes(0, 0x9f000), firmware_kind::usable});
}

TEST_CASE("hotplug/boot_ranges.hpp", "[snippets]") {
    CHECK(usable_pages().span().start() == pfn{1});
}

TEST_CASE("hotplug/boot_map.hpp", "[snippets]") {
    const auto usable = usable_pages();
    auto memory = boot_map<>::make(usable, zones::list).value();
    const bool known = memory.set_movable_start(node_id{0}, pfn{0x180000}).has_value();
    memory.pages_of(node_id{0}, zones::id_of<movable>); // span and present pages
    CHECK(known);
    const zone_pages is = memory.pages_of(node_id{0}, zones::id_of<movable>);
    CHECK(is.span == pages(0x180000, 0x1c0000));
    CHECK(is.present == page_count{0x40000});
}

TEST_CASE("hotplug/boot.hpp, testing/zoned_memory_fault.hpp", "[snippets]") {
    const auto usable = usable_pages();
    zoned_memory<in_place<8>> memory(zones::list, geometry);
    boot_from(memory, boot_map<>::make(usable, zones::list).value());
    REQUIRE(fault_in(memory).empty());
    CHECK(memory.pages_of(node_id{0}, zones::id_of<lm::dma32>).present == page_count{0x80fff});
    CHECK(memory.pages_of(node_id{0}, zones::id_of<normal>).span == pages(0x100000, 0x1c0000));
}

TEST_CASE("hotplug/zoned_memory.hpp", "[snippets]") {
    const pfn_range low = pages(0, 0x8000), dimm = pages(0x100000, 0x108000),
                    pmem = pages(0x200000, 0x200200);
    zoned_memory<in_place<8>> memory(zones::list, geometry);
    const auto present = [&](zone_id z) { return memory.pages_of(node_id{0}, z).present; };
    memory.boot(low, {node_id{0}, zones::id_of<normal>}); // there from the beginning
    CHECK(present(zones::id_of<normal>) == low.size());
    memory.add(dimm, {node_id{0}}); // exists, is not used
    CHECK(memory.sections().existing().contains(dimm));
    CHECK_FALSE(memory.pages().overlaps(dimm));
    memory.online(dimm, zones::id_of<movable>); // present in a zone
    CHECK(present(zones::id_of<movable>) == dimm.size());
    memory.offline(dimm);
    CHECK(present(zones::id_of<movable>).is_zero());
    memory.remove(dimm);
    CHECK_FALSE(memory.sections().existing().overlaps(dimm));
    memory.map_device(pmem, {node_id{0}, zones::id_of<device>}); // has page words, is no memory
    CHECK(memory.sections().existing().contains(pmem));
    CHECK(memory.pages_of(node_id{0}, zones::id_of<device>).span == pmem);
    CHECK(present(zones::id_of<device>).is_zero());
}

namespace snippet_of_hooks {

struct keep_two_gigabytes {                        // a validator
    constexpr veto before(const hotplug_event& e); // veto{28}, or no_veto
};
struct resize_tables {
    constexpr veto before(const hotplug_event& e); // reserves; may refuse
    constexpr void undo(const hotplug_event& e);   // it came to nothing
    constexpr void after(const hotplug_event& e);  // it happened
    int reserved = 0, used = 0;
};

constexpr veto keep_two_gigabytes::before(const hotplug_event& e) {
    const bool is_kept = e.what == hotplug_change::unplug && e.range.start() < pfn{0x80000};
    return is_kept ? veto{28} : no_veto;
}
constexpr veto resize_tables::before(const hotplug_event&) { return ++reserved, no_veto; }
constexpr void resize_tables::undo(const hotplug_event&) { --reserved; }
constexpr void resize_tables::after(const hotplug_event&) { ++used; }

} // namespace snippet_of_hooks

TEST_CASE("hotplug/hooks.hpp", "[snippets]") {
    using namespace snippet_of_hooks;
    hotplug_map<zones, rules, in_place<16>, hooks<keep_two_gigabytes, resize_tables>> map;
    const auto low = map.plug(pages(0, 0x100)).value();
    CHECK(map.unplug(low) == fail(errc::vetoed));
    CHECK(map.last_veto() == veto{28});
    CHECK(map.hook<resize_tables>().reserved == 1); // was not asked, as the first one vetoed
    CHECK(map.hook<resize_tables>().used == 1);
}

TEST_CASE("hotplug/hotplug_map.hpp, testing/hotplug_map_fault.hpp", "[snippets]") {
    constexpr owner_id nvdimm{7};
    hotplug_map<zones, rules, in_place<16>> map;
    auto dimm = map.plug({pfn{0x100}, pfn{0x200}}).value(); // there, and in no zone
    CHECK_FALSE(map.memory().owner_of(pfn{0x100}));
    map.online(dimm, zones::id_of<lm::movable>); // in use
    CHECK(map.memory().owner_of(pfn{0x100})->zone == zones::id_of<movable>);
    auto pmem = map.plug<lm::device>({pfn{0x200}, pfn{0x300}}, {.owner = nvdimm}).value();
    map.pin(pmem);   // somebody uses it
    map.drain(pmem); // busy
    CHECK(map.drain(pmem).error() == errc::busy);
    map.unpin(pmem);
    map.unplug(map.drain(pmem).value()); // the driver has it back
    CHECK_FALSE(map.find(pfn{0x200}));
    const auto& tree = map.resources();
    CHECK(tree[*find(tree, phys_addr{0x200000})].owner == nvdimm);
    REQUIRE(fault_in(map).empty());
}

TEST_CASE("hotplug/removal.hpp", "[snippets]") {
    machine map;
    const auto pmem = map.plug<device>(pages(0x100, 0x200)).value();
    REQUIRE(map.pin(pmem));
    REQUIRE(map.pin(pmem));
    const auto help_finishing_io = [&] { REQUIRE(map.unpin(pmem)); };
    {
        auto dropped = map.close(pmem).value();
        CHECK(map.pin(pmem) == fail(errc::bad_state));
    }
    CHECK(map.pin(pmem));                   // cancelled
    auto closing = map.close(pmem).value(); // cancelled when it is dropped
    while (map.pins(pmem).value() != 0) help_finishing_io();
    auto gone = map.unplug(map.drain(closing).value());
    CHECK(gone);
    CHECK_FALSE(map.find(pfn{0x100}));
}

// ---- device -------------------------------------------------------------------------------------

namespace {

struct word : page_word<64, section_field<16>, node_field<2>, zone_of<zones>, flag_field<24>> {};
struct nvdimm {
    pfn idle{};
    constexpr void page_idle(pfn p) { idle = p; }
};

} // namespace

TEST_CASE("device/device_memory.hpp", "[snippets]") {
    machine map;
    nvdimm driver;
    device_page<word> pages[0x100];
    device_memory<machine, lm::device, device_fs_dax, nvdimm, words_in<word>> pmem(
        map, driver, words_in<word>(pages));
    pmem.map({{{pfn{0x100}, pfn{0x180}}}, {{pfn{0x200}, pfn{0x280}}}}, {.owner = driver_id});
    CHECK(map.size() == 2);
    pmem.get(pfn{0x123});
    pmem.unmap(); // busy: pmem.in_use() is 1 reference, to 1 page, pfn 0x123
    CHECK(pmem.unmap() == fail(errc::busy));
    CHECK(pmem.in_use() == device_usage{1, page_count{1}, pfn{0x123}});
    pmem.put(pfn{0x123}); // and driver.page_idle(pfn{0x123}) is called
    CHECK(driver.idle == pfn{0x123});
    pmem.unmap();
    CHECK(map.size() == 0);
}

TEST_CASE("device/metadata.hpp", "[snippets]") {
    machine map;
    nvdimm driver;
    using page = device_page<word>;
    static page structs[0x4000];
    device_memory<machine, device, device_fs_dax, nvdimm, words_in<word>> memory(
        map, driver, words_in<word>(structs));
    const pfn_range range = pages(0x4000, 0x8000);

    words_in_range place(range, words_take(range.size(), sizeof(page)));
    const pfn_range words = place.take(words_take(range.size(), sizeof(page))).value();
    memory.map({{range, place.metadata()}}); // the device's data begins behind them
    CHECK(range.contains(words));
    CHECK(words.size().value() * 4096 == range.size().value() * sizeof(page));
    CHECK(memory.get(words.end() - page_count{1}) == fail(errc::not_found));
    CHECK(memory.get(words.end()));
}
