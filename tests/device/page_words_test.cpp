// SPDX-License-Identifier: BSL-1.0

#include <zonal/device/page_words.hpp>

#include <vector>

#include "../test.hpp"
#include "setup.hpp"

using namespace zonal_test;

namespace {

constexpr page_geometry small{12, 1, 3, 3}; // sections of 8 pages, subsections of 2

struct vmemmap_word : page_word<64, node_field<10>, zone_of<zones>, flag_field<24>> {};
// The node finds no room, and the section says it instead.
struct crowded_word
    : page_word<32, section_field<12>, node_field<10>, zone_of<zones>, flag_field<16>> {};
struct my_page {
    std::uint32_t count;
    std::uint64_t word;
    void* mapping;
};

template <class Map, class Memory>
constexpr bool says(const Map& map, const Memory& m, pfn p, node_id node) {
    const auto w = m.word(p);
    const auto section = map.memory().geometry().index_of(p, unit::section);
    return w && word::get<zone_id>(*w) == zones::id_of<lm::device> &&
           word::get<node_id>(*w) == node && word::get<section_id>(*w).value == section &&
           word::get<flag_bits>(*w).value == 0;
}

template <class Words, class Driver = no_duties>
constexpr bool every_word_says_its_page(Words words) {
    machine map(small);
    Driver d;
    memory<device_generic, Driver, Words> m(map, d, std::move(words));
    if (!m.map({{pages(0x106, 0x114)}, {pages(0x20, 0x24)}}, {.node = node_id{3}})) return false;
    for (const pfn_range r : {pages(0x106, 0x114), pages(0x20, 0x24)})
        for (pfn p = r.start(); p < r.end(); ++p)
            if (!says(map, m, p, node_id{3})) return false;
    if constexpr (Words::are_kept)
        if (m.in_use() != device_usage{}) return false;
    return m.word(pfn{0x105}) == fail(errc::not_found) &&
           m.word(pfn{0x114}) == fail(errc::not_found) && m.unmap().has_value();
}

constexpr bool kept_words() {
    page structs[18] = {};
    for (page& p : structs) p = {.flags = ~std::uint64_t{0}, .references = 99}; // of another life
    return every_word_says_its_page(words_in<word>(structs));
}
constexpr bool computed() { return every_word_says_its_page(computed_words<word>{}); }
static_assert(kept_words());
static_assert(computed());

} // namespace

TEST_CASE("words say zone, node and section, kept or computed", "[device]") {
    CHECK(kept_words());
    CHECK(computed());
}

TEST_CASE("computed words take no room", "[device]") {
    STATIC_REQUIRE(std::is_empty_v<computed_words<word>>);
    STATIC_REQUIRE(sizeof(words_in<word>) == 2 * sizeof(void*));
}

TEST_CASE("a section is said only where the word has the field", "[device]") {
    constexpr auto w = device_word<vmemmap_word>(zone_id{3}, node_id{5}, section_id{~0ull});
    STATIC_REQUIRE(w == vmemmap_word::set(0, zone_id{3}, node_id{5}));
    STATIC_REQUIRE(device_word<word>(zone_id{3}, node_id{1}, section_id{0x10000}) ==
                   fail(errc::out_of_reach));
    STATIC_REQUIRE(device_word<word>(zone_id{3}, node_id{4}, section_id{1}) ==
                   fail(errc::out_of_reach));
    STATIC_REQUIRE(device_word<word>(zone_id{4}, node_id{0}, section_id{1}) ==
                   fail(errc::out_of_reach));
}

TEST_CASE("a node that was left out is the section's to say", "[device]") {
    STATIC_REQUIRE(crowded_word::was_left_out<node_id>);
    STATIC_REQUIRE(device_word<crowded_word>(zone_id{3}, node_id{900}, section_id{5}) ==
                   crowded_word::set(0, zone_id{3}, section_id{5}));
}

TEST_CASE("a word without a node is good for node 0", "[device]") {
    using anywhere = page_word<32, zone_of<zones>>;
    using none = page_word<32, zone_of<zones>, node_field<0>, section_field<0>>;
    STATIC_REQUIRE(device_word<anywhere>(zone_id{3}, node_id{0}, section_id{5}).has_value());
    STATIC_REQUIRE(device_word<anywhere>(zone_id{3}, node_id{1}, section_id{5}) ==
                   fail(errc::out_of_reach));
    STATIC_REQUIRE(device_word<none>(zone_id{3}, node_id{0}, section_id{5}).has_value());
    STATIC_REQUIRE(device_word<none>(zone_id{3}, node_id{1}, section_id{5}) ==
                   fail(errc::out_of_reach));
}

TEST_CASE("words live in the caller's own structs, under their own names", "[device]") {
    machine map;
    driver d;
    std::vector<my_page> mine(8);
    using own = words_in<word, my_page, &my_page::word, &my_page::count>;
    memory<device_fs_dax, driver, own> m(map, d, own(mine));
    REQUIRE(m.map({{pages(0x10, 0x14)}, {pages(0x18, 0x1c)}}, {.node = node_id{1}}));
    CHECK(m.page(pfn{0x10}) == &mine[0]);
    CHECK(m.page(pfn{0x19}) == &mine[5]);
    CHECK(m.page(pfn{0x14}) == fail(errc::not_found));
    REQUIRE(m.get(pfn{0x19}));
    CHECK(mine[5].count == 1);
    CHECK(word::get<node_id>(mine[5].word) == node_id{1});

    word::in((*m.page(pfn{0x19}))->word).atomic_set(flag_bits{0x5}, node_id{2});
    CHECK(word::get<node_id>(*m.word(pfn{0x19})) == node_id{2});
    CHECK(word::get<flag_bits>(*m.word(pfn{0x19})).value == 5);
    CHECK(word::get<zone_id>(*m.word(pfn{0x19})) == zones::id_of<lm::device>);
    REQUIRE(m.put(pfn{0x19}));
    CHECK(mine[5].count == 0);
}
