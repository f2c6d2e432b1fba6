// SPDX-License-Identifier: BSL-1.0

#include <zonal/device/device_memory.hpp>
#include <zonal/hotplug.hpp>

#include <thread>
#include <vector>

#include "../contract.hpp"
#include "../test.hpp"
#include "setup.hpp"

using namespace zonal_test;

namespace {

/// The header's own example.
constexpr bool pmem_comes_and_goes() {
    machine map;
    driver d;
    page structs[0x100];
    memory<device_fs_dax> pmem(map, d, words_in<word>(structs));
    if (!pmem.map({{pages(0x100, 0x180)}, {pages(0x200, 0x280)}}, {.owner = nvdimm})) return false;
    if (!pmem.get(pfn{0x123})) return false;
    if (pmem.unmap() != fail(errc::busy)) return false;
    if (pmem.in_use() != device_usage{1, page_count{1}, pfn{0x123}}) return false;
    if (!pmem.put(pfn{0x123}) || d.told != 1 || d.last != pfn{0x123}) return false;
    if (!pmem.unmap()) return false;
    return map.size() == 0 && !map.memory().owner_of(pfn{0x100}) &&
           pmem.get(pfn{0x123}) == fail(errc::stale);
}
static_assert(pmem_comes_and_goes());

/// What can be seen of a machine, to be compared.
template <class Map>
std::vector<region> entries_of(const Map& map) {
    std::vector<region> all;
    const auto& tree = map.resources();
    for (region_id e = tree.first_child(tree.root()); e; e = tree.after(e)) all.push_back(tree[e]);
    return all;
}
template <class Map>
std::vector<pfn_range> ranges_of(const Map& map) {
    std::vector<pfn_range> all;
    map.for_each([&](const plugged_range& r) { all.push_back(r.range); });
    for (const auto& e : map.memory().pages()) all.push_back(e.range);
    return all;
}

/// Refuses one range, at one change.
struct fussy {
    hotplug_change at = hotplug_change::plug;
    pfn_range what{};
    constexpr veto before(const hotplug_event& e) {
        return e.what == at && e.range == what ? veto{5} : no_veto;
    }
};
using fussy_machine = hotplug_map<zones, rules, in_place<16>, hooks<fussy>>;

} // namespace

TEST_CASE("device memory comes and goes, page by page", "[device]") {
    CHECK(pmem_comes_and_goes());
}

TEST_CASE("mapping says why it fails, and then nothing is mapped", "[device]") {
    machine map({12, 1, 3, 3});
    driver d;
    page structs[20];
    memory<device_coherent> m(map, d, words_in<word>(structs));
    const auto refused = [&](errc why, const auto& ranges, const plug_options& how = {}) {
        const auto before = entries_of(map);
        const auto plugged = ranges_of(map);
        CHECK(m.map(ranges, how) == fail(why));
        CHECK(entries_of(map) == before);
        CHECK(ranges_of(map) == plugged);
        CHECK(m.references() == 0);
        CHECK(m.get(pfn{0x10}) == fail(errc::not_found));
        CHECK(m.put(pfn{0x10}) == fail(errc::not_found));
        CHECK(m.unmap() == fail(errc::bad_state));
    };
    using list = device_range[2];
    refused(errc::bad_range, list{{pages(0x10, 0x18)}, {pages(0x20, 0x20)}});
    refused(errc::bad_range, list{{pages(0x10, 0x18)}, {pages(0x20, 0x22), page_count{2}}});
    refused(errc::out_of_reach, list{{pages(0x10, 0x18)}, {pages(0x20, 0x22)}}, {.node{4}});
    refused(errc::out_of_reach, list{{pages(0x10, 0x18)}, {pages(0x7fff8, 0x80002)}}); // sections
    refused(errc::no_space, list{{pages(0x10, 0x20)}, {pages(0x20, 0x26)}});           // 22 words
    refused(errc::misaligned, list{{pages(0x10, 0x18)}, {pages(0x21, 0x22)}});
    refused(errc::overlap, list{{pages(0x10, 0x18)}, {pages(0x16, 0x1a)}});
    refused(errc::overlap, list{{pages(0x10, 0x18)}, {pages(0x16, 0x1a)}}, {.owner = nvdimm});

    // Addresses that somebody else has, and memory.
    const auto claimed = map.resources().request(
        *bytes_of(pages(0x20, 0x28), map.memory().geometry()), "other", owner_id{9});
    REQUIRE(claimed);
    refused(errc::busy, list{{pages(0x10, 0x18)}, {pages(0x20, 0x22)}}, {.owner = nvdimm});
    refused(errc::busy, list{{pages(0x10, 0x18)}, {pages(0x20, 0x22)}});
    REQUIRE(map.plug(pages(0x30, 0x38)));
    refused(errc::overlap, list{{pages(0x10, 0x18)}, {pages(0x36, 0x38)}});

    REQUIRE(m.map({{pages(0x10, 0x18)}, {pages(0x38, 0x44)}})); // exactly 20 words
    CHECK(m.map({{pages(0x50, 0x52)}}) == fail(errc::bad_state));
    CHECK(m.get(pfn{0x43}));
}

TEST_CASE("a hook that refuses the last range has the first ones taken back", "[device]") {
    fussy_machine map;
    driver d;
    page structs[12];
    memory<device_fs_dax, driver, words_in<word>, fussy_machine> m(map, d, words_in<word>(structs));
    map.hook<fussy>() = {hotplug_change::plug, pages(0x30, 0x34)};
    const device_range three[] = {{pages(0x10, 0x14)}, {pages(0x20, 0x24)}, {pages(0x30, 0x34)}};
    for (const owner_id who : {the_system, nvdimm}) {
        CHECK(m.map(three, {.owner = who}) == fail(errc::vetoed));
        CHECK(map.last_veto() == veto{5});
        CHECK(map.size() == 0);
        CHECK(entries_of(map).empty());
        CHECK(ranges_of(map).empty());
    }
    CHECK(d.told == 0);

    map.hook<fussy>() = {};
    REQUIRE(m.map(three));
    CHECK(map.size() == 3);
}

TEST_CASE("an entry that the driver had claimed before outlives a refused mapping", "[device]") {
    fussy_machine map;
    driver d;
    page structs[8];
    memory<device_fs_dax, driver, words_in<word>, fussy_machine> m(map, d, words_in<word>(structs));
    const auto bytes = *bytes_of(pages(0x10, 0x24), map.memory().geometry());
    REQUIRE(map.resources().request(bytes, "namespace0.0", nvdimm, {.memory = true}));
    const auto before = entries_of(map);
    map.hook<fussy>() = {hotplug_change::plug, pages(0x20, 0x24)};
    const device_range two[] = {{pages(0x10, 0x14)}, {pages(0x20, 0x24)}};
    CHECK(m.map(two, {.owner = nvdimm}) == fail(errc::vetoed));
    CHECK(entries_of(map) == before);
    map.hook<fussy>() = {};
    REQUIRE(m.map(two, {.owner = nvdimm}));
    REQUIRE(m.unmap());
    CHECK(entries_of(map) == before); // still the driver's
}

TEST_CASE("a full machine refuses to map and changes nothing", "[device]") {
    using tiny = hotplug_map<zones, rules, in_place<2>>;
    tiny map;
    driver d;
    page structs[12];
    memory<device_fs_dax, driver, words_in<word>, tiny> m(map, d, words_in<word>(structs));
    CHECK(m.map({{pages(0x10, 0x14)}, {pages(0x20, 0x24)}, {pages(0x30, 0x34)}}) ==
          fail(errc::no_space));
    CHECK(map.size() == 0);
    CHECK(entries_of(map).empty());
    CHECK(m.map({{pages(0x10, 0x14)}, {pages(0x20, 0x24)}}));
}

TEST_CASE("a reference keeps its range; pages have counts of their own", "[device]") {
    machine map;
    driver d;
    page structs[16];
    memory<device_private> m(map, d, words_in<word>(structs));
    REQUIRE(m.map({{pages(0x10, 0x18)}, {pages(0x20, 0x28)}}));
    CHECK(m.get(pfn{0xf}) == fail(errc::not_found));
    CHECK(m.get(pfn{0x18}) == fail(errc::not_found));
    CHECK(m.put(pfn{0x10}) == fail(errc::not_found)); // nobody has one
    CHECK(m.references(pfn{0x18}) == fail(errc::not_found));

    REQUIRE(m.get(pfn{0x27}));
    REQUIRE(m.get(pfn{0x12}));
    REQUIRE(m.get(pfn{0x12}));
    CHECK(m.references(pfn{0x12}) == 2u);
    CHECK(m.references(pfn{0x11}) == 0u);
    CHECK(m.references() == 3);
    CHECK(map.pins(map.find(pfn{0x10})->handle) == 2u);
    CHECK(m.in_use() == device_usage{3, page_count{2}, pfn{0x12}});

    REQUIRE(m.put(pfn{0x12}));
    CHECK(d.told == 0);
    REQUIRE(m.put(pfn{0x12}));
    CHECK(d.told == 1);
    CHECK(d.last == pfn{0x12});
    CHECK(m.in_use() == device_usage{1, page_count{1}, pfn{0x27}});
    REQUIRE(m.put(pfn{0x27}));
    CHECK(m.in_use() == device_usage{});
}

TEST_CASE("while the driver is told, the page cannot be taken, nor its range leave", "[device]") {
    struct curious {
        device_memory<machine, lm::device, device_coherent, curious, words_in<word>>* memory =
            nullptr;
        bool was_guarded = false;
        void page_free(pfn p) {
            was_guarded = memory->get(p) == fail(errc::busy) &&
                          memory->put(p) == fail(errc::not_found) && memory->references(p) == 1u &&
                          memory->unmap() == fail(errc::busy) && memory->get(pfn{p.value() + 1});
        }
    };
    machine map;
    curious d;
    page structs[4];
    memory<device_coherent, curious> m(map, d, words_in<word>(structs));
    d.memory = &m;
    REQUIRE(m.map({{pages(0x10, 0x14)}}));
    REQUIRE(m.get(pfn{0x10}));
    REQUIRE(m.put(pfn{0x10}));
    CHECK(d.was_guarded);
    CHECK(m.references() == 1);
    CHECK(m.get(pfn{0x10}));
}

TEST_CASE("unmapping waits as long as it is let, or opens everything again", "[device]") {
    machine map;
    driver d;
    page structs[8];
    memory<device_fs_dax> m(map, d, words_in<word>(structs));
    CHECK(m.unmap() == fail(errc::bad_state));
    REQUIRE(m.map({{pages(0x10, 0x14)}, {pages(0x20, 0x24)}}));
    REQUIRE(m.get(pfn{0x22}));
    REQUIRE(m.get(pfn{0x23}));

    unsigned polls = 0;
    CHECK(m.unmap([&](std::uint64_t left) {
        CHECK(left == 2);
        CHECK(m.get(pfn{0x10}) == fail(errc::bad_state)); // closed, all of it
        CHECK(m.get(pfn{0x22}) == fail(errc::bad_state));
        CHECK(m.unmap() == fail(errc::bad_state)); // one remover is enough
        CHECK(m.in_use() == device_usage{2, page_count{2}, pfn{0x22}});
        return ++polls == 3;
    }) == fail(errc::busy));
    CHECK(polls == 3);
    REQUIRE(m.get(pfn{0x10}));
    REQUIRE(m.put(pfn{0x10}));

    REQUIRE(m.unmap([&](std::uint64_t left) {
        REQUIRE(m.put(left == 2 ? pfn{0x23} : pfn{0x22})); // I/O ends meanwhile
        return false;
    }));
    CHECK(map.size() == 0);
    for (const std::uint64_t p : {0x10u, 0x22u}) CHECK(m.get(pfn{p}) == fail(errc::stale));
    CHECK(m.unmap() == fail(errc::bad_state));
}

TEST_CASE("a range that somebody else removes keeps all of them from leaving", "[device]") {
    machine map;
    driver d;
    page structs[8];
    memory<device_fs_dax> m(map, d, words_in<word>(structs));
    REQUIRE(m.map({{pages(0x10, 0x14)}, {pages(0x20, 0x24)}}));
    {
        auto token = map.close(map.find(pfn{0x20})->handle);
        REQUIRE(token);
        CHECK(m.unmap() == fail(errc::bad_state));
        CHECK(m.get(pfn{0x10}));
        CHECK(m.put(pfn{0x10}));
    }
    CHECK(m.unmap());
}

TEST_CASE("a refused removal goes on where it stopped", "[device]") {
    fussy_machine map;
    driver d;
    page structs[12];
    memory<device_fs_dax, driver, words_in<word>, fussy_machine> m(map, d, words_in<word>(structs));
    REQUIRE(m.map({{pages(0x10, 0x14)}, {pages(0x20, 0x24)}, {pages(0x30, 0x34)}}));
    map.hook<fussy>() = {hotplug_change::unplug, pages(0x20, 0x24)};
    CHECK(m.unmap() == fail(errc::vetoed));
    CHECK(m.get(pfn{0x30}) == fail(errc::stale)); // left
    CHECK(m.get(pfn{0x20}));                      // open again
    CHECK(m.get(pfn{0x10}));
    CHECK(m.references() == 2);
    CHECK(m.put(pfn{0x20}));
    CHECK(m.put(pfn{0x10}));
    map.hook<fussy>() = {};
    CHECK(m.unmap());
    CHECK(map.size() == 0);
}

TEST_CASE("computed words count for ranges only", "[device]") {
    machine map;
    no_duties d;
    memory<device_generic, no_duties, computed_words<word>> m(map, d);
    // Hundreds of millions of pages cost nothing: 1 TiB.
    REQUIRE(m.map({{pages(0x10000, 0x10010000)}}, {.owner = nvdimm}) == fail(errc::out_of_reach));
    using wide = page_word<64, node_field<2>, zone_of<zones>>;
    memory<device_generic, no_duties, computed_words<wide>> tib(map, d);
    REQUIRE(tib.map({{pages(0x10000, 0x10010000)}}, {.owner = nvdimm}));
    REQUIRE(tib.get(pfn{0xfffffff}));
    CHECK(tib.references() == 1);
    CHECK(tib.unmap() == fail(errc::busy));
    REQUIRE(tib.put(pfn{0x10000})); // of the same range
    CHECK(tib.put(pfn{0x10000}) == fail(errc::not_found));
    CHECK(tib.unmap());
    CHECK(tib.put(pfn{0x10000}) == fail(errc::stale));
}

TEST_CASE("metadata pages are mapped, and nobody's", "[device]") {
    machine map;
    driver d;
    page structs[0x3c]; // stands for the range's own first pages
    memory<device_fs_dax> m(map, d, words_in<word>(structs));
    words_in_range place(pages(0x100, 0x140), page_count{2}, page_count{2});
    REQUIRE(place.take(words_take(page_count{0x3c}, sizeof(page))));
    REQUIRE(m.map({{pages(0x100, 0x140), place.metadata()}}));
    CHECK(map.memory().owner_of(pfn{0x100}));
    for (const std::uint64_t p : {0x100u, 0x103u}) {
        CHECK(m.get(pfn{p}) == fail(errc::not_found));
        CHECK(m.word(pfn{p}) == fail(errc::not_found));
    }
    CHECK(m.page(pfn{0x104}) == &structs[0]);
    CHECK(m.page(pfn{0x13f}) == &structs[0x3b]);
    CHECK(m.unmap());
    CHECK(!map.memory().owner_of(pfn{0x100}));
}

TEST_CASE("a section can have memory of the system's and of a device", "[device]") {
    constexpr page_geometry small{12, 1, 3, 3}; // sections of 8 pages, subsections of 2
    firmware_map<4> firmware;
    REQUIRE(firmware.add({byte_range{phys_addr{0x10000}, phys_addr{0x1a000}}}));
    const auto usable = boot_ranges<4>::make(small, firmware, node_map<4>{});
    machine map(small);
    REQUIRE(map.boot(boot_map<4, 4>::make(*usable, zones::list).value()));
    CHECK(map.memory().owner_of(pfn{0x19}) == page_owner{node_id{0}, zones::id_of<lm::dma32>});

    driver d;
    page structs[4];
    memory<device_fs_dax> m(map, d, words_in<word>(structs));
    CHECK(m.map({{pages(0x18, 0x1c)}}) == fail(errc::overlap));
    CHECK(m.map({{pages(0x1b, 0x1c)}}) == fail(errc::misaligned));
    REQUIRE(m.map({{pages(0x1a, 0x1c)}, {pages(0x1e, 0x20)}}));
    CHECK(map.memory().section_of(pfn{0x18}) ==
          section_state{.online = true, .early = true, .tainted = true});
    CHECK(map.memory().owner_of(pfn{0x19})->zone == zones::id_of<lm::dma32>);
    CHECK(map.memory().owner_of(pfn{0x1a})->zone == zones::id_of<lm::device>);
    CHECK(!map.memory().owner_of(pfn{0x1c})); // between the two
    REQUIRE(m.unmap());
    CHECK(map.memory().owner_of(pfn{0x19})->zone == zones::id_of<lm::dma32>);
    CHECK(!map.memory().owner_of(pfn{0x1a}));
    CHECK(map.size() == 1);
}

TEST_CASE("pages are taken and dropped by threads while the device is unmapped", "[device]") {
    struct counting {
        std::uint64_t told = 0;
        void page_free(pfn) { __atomic_fetch_add(&told, 1, __ATOMIC_RELAXED); }
    };
    for (int round = 0; round < 20; ++round) {
        machine map;
        counting d;
        page structs[16];
        memory<device_coherent, counting> m(map, d, words_in<word>(structs));
        REQUIRE(m.map({{pages(0x10, 0x18)}, {pages(0x20, 0x28)}}));
        std::uint64_t firsts = 0;
        const auto work = [&](std::uint64_t seed) {
            for (;; seed = seed * 5 + 1) {
                const pfn p{(seed >> 4 & 1 ? 0x10u : 0x20u) + (seed & 7)};
                const auto held = m.get(p);
                if (held == fail(errc::stale)) return;
                if (!held) continue;
                word::in((*m.page(p))->flags).atomic_set(flag_bits{seed & 0xff});
                if (m.references(p).value_or(0) != 0)
                    __atomic_fetch_add(&firsts, 1, __ATOMIC_RELAXED);
                if (!m.put(p)) std::abort();
            }
        };
        std::thread threads[] = {std::thread(work, 1), std::thread(work, 2), std::thread(work, 3)};
        while (__atomic_load_n(&firsts, __ATOMIC_RELAXED) < 100) std::this_thread::yield();
        CHECK(m.unmap([](std::uint64_t) { return std::this_thread::yield(), false; }));
        for (std::thread& t : threads) t.join();
        CHECK(map.size() == 0);
        CHECK(d.told > 0);
        CHECK(d.told <= firsts);
        for (const page& p : structs) {
            CHECK(p.references == 0);
            CHECK(word::get<zone_id>(p.flags) == zones::id_of<lm::device>);
        }
    }
}
