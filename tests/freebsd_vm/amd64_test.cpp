// SPDX-License-Identifier: BSL-1.0
#include <zonal/freebsd_vm/amd64.hpp>

#include <zonal/request/zonelist.hpp>

#include "test.hpp"

using namespace zonal;
namespace fb = freebsd_vm;

TEST_CASE("the header's own example holds", "[freebsd_vm]") {
    constexpr request_table requests = fb::requests<fb::large>;
    STATIC_REQUIRE(*requests.zone_for(fb::below_4_gib) == fb::large::id_of<fb::dma32>);
    STATIC_REQUIRE(unreachable<fb::fictitious, fb::large>(requests, fb::fallback<fb::large>));
}

TEST_CASE("the DMA32 list exists from one page more than 64 GiB above 4 GiB on", "[freebsd_vm]") {
    constexpr page_count threshold{(std::uint64_t{64} << 30) >> 12};
    STATIC_REQUIRE(fb::zones_of(page_count{0}).size == 3);
    STATIC_REQUIRE(!fb::zones_of(threshold).find("DMA32"));
    STATIC_REQUIRE(*fb::zones_of(threshold + page_count{1}).find("DMA32") == zone_id{1});
    STATIC_REQUIRE(fb::zones_of(threshold).check().fault == zone_list_fault::none);
}

// The lists in the order in which they are tried, by FreeBSD's own numbers: DEFAULT 0, DMA32 1,
// LOWMEM 2.
template <class Set>
constexpr unsigned numbers_tried(unsigned bound) {
    unsigned digits = 0;
    for_each_fallback(
        node_order<1>{{node_id{}}, 1}, fb::fallback<Set>, fb::requests<Set>.zone_for(bound).value(),
        [](node_id, zone_id) { return true; },
        [&](node_id, zone_id z) {
            const text name = Set::name_of(z);
            digits = digits * 10 + (name == "LOWMEM" ? 3 : name == "DMA32" ? 2 : 1);
            return true;
        });
    return digits;
}

TEST_CASE("lists are tried by ascending number, beginning at the bound", "[freebsd_vm]") {
    STATIC_REQUIRE(numbers_tried<fb::large>(0) == 123); // each number plus one, as digits
    STATIC_REQUIRE(numbers_tried<fb::large>(fb::below_4_gib) == 23);
    STATIC_REQUIRE(numbers_tried<fb::large>(fb::below_16_mib) == 3);
    STATIC_REQUIRE(numbers_tried<fb::small>(0) == 13);
    STATIC_REQUIRE(numbers_tried<fb::small>(fb::below_4_gib) == 13);
    STATIC_REQUIRE(numbers_tried<fb::small>(fb::below_16_mib) == 3);
}

TEST_CASE("domains are used up one after the other", "[freebsd_vm]") {
    constexpr unsigned char distance[] = {10, 20, 20, 10};
    unsigned visits = 0;
    for_each_fallback(
        nodes_by_distance<2>(distance, node_id{1}), fb::fallback<fb::large>,
        fb::large::id_of<fb::dma32>, [](node_id, zone_id) { return true; },
        [&](node_id n, zone_id z) {
            CHECK(n == node_id{visits < 2 ? 1u : 0u});
            CHECK(z ==
                  (visits % 2 == 0 ? fb::large::id_of<fb::dma32> : fb::large::id_of<fb::lowmem>));
            ++visits;
            return true;
        });
    CHECK(visits == 4);
}

TEST_CASE("a request has one bound", "[freebsd_vm]") {
    STATIC_REQUIRE(fb::requests<fb::large>.is_bad(fb::below_4_gib | fb::below_16_mib));
    STATIC_REQUIRE(fb::requests<fb::large>.zone_for(3).error() == errc::not_found);
}

TEST_CASE("no bounded request falls back to a zone beyond its bound", "[freebsd_vm]") {
    using set = fb::large;
    for (const zone_id z : {set::id_of<fb::lowmem>, set::id_of<fb::dma32>,
                            set::id_of<fb::default_list>, set::id_of<fb::fictitious>}) {
        const unsigned reach = set::traits_of(z).reach_bits;
        CHECK((reach <= 32) == fb::fallback<set>.reaches(set::id_of<fb::dma32>, z));
        CHECK((reach <= 24) == fb::fallback<set>.reaches(set::id_of<fb::lowmem>, z));
    }
}

TEST_CASE("a driver's pages are reached only if an order says so", "[freebsd_vm]") {
    using set = fb::large;
    constexpr fallback_step wrong[] = {{"DEFAULT", "fictitious"}};
    constexpr fallback_order order = fallback_of(set::list, wrong).value();
    STATIC_REQUIRE(!unreachable<fb::fictitious, set>(fb::requests<set>, order));
}

TEST_CASE("the page's atomic word has flags, queue and activity where FreeBSD has them",
          "[freebsd_vm]") {
    using word = fb::page_state;
    STATIC_REQUIRE(word::mask<flag_bits> == 0x0000ffff);
    STATIC_REQUIRE(word::mask<fb::page_queue> == 0x00ff0000);
    STATIC_REQUIRE(word::mask<fb::act_count> == 0xff000000);
    STATIC_REQUIRE(word::placed.unused() == 0);
    STATIC_REQUIRE(word::set<fb::on_no_queue>(0) == 0x00ff0000);

    // The union of sys/vm/vm_page.h as a compiler for amd64 lays it out.
    struct {
        std::uint16_t flags;
        std::uint8_t queue, act_count;
    } page{0x0009, 1, 5};
    static_assert(sizeof page == sizeof(word::word_type));
    word::word_type raw = 0;
    __builtin_memcpy(&raw, &page, sizeof raw);
    CHECK(word::get<flag_bits>(raw) == flag_bits{0x0009});
    CHECK(word::get<fb::page_queue>(raw) == fb::active);
    CHECK(word::get<fb::act_count>(raw) == fb::act_count{5});

    const auto before = word::in(raw).atomic_set(fb::laundry);
    CHECK(word::get<fb::page_queue>(before) == fb::active);
    CHECK(raw == 0x05020009);
}
