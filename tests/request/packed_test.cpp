// SPDX-License-Identifier: BSL-1.0
#include <zonal/request/packed.hpp>

#include <random>

#include "../contract.hpp"
#include "../test.hpp"

using namespace zonal;
using zonal_test::constant;

namespace packed_test {

constexpr zone_list list_of(std::initializer_list<text> names) {
    zone_list list;
    for (text name : names) static_cast<void>(list.add({name, {}}));
    return list;
}

// The requests of a real kernel: four modifiers, eight combinations that mean something.
constexpr unsigned gfp_dma = 1, gfp_highmem = 2, gfp_dma32 = 4, gfp_movable = 8;
constexpr request_rule rules[] = {
    {0, "Normal"},
    {gfp_dma, "DMA", "Normal"},
    {gfp_highmem, "HighMem", "Normal"},
    {gfp_dma32, "DMA32", "Normal"},
    {gfp_movable, "Normal"},
    {gfp_movable | gfp_dma, "DMA", "Normal"},
    {gfp_movable | gfp_highmem, "Movable"},
    {gfp_movable | gfp_dma32, "DMA32", "Normal"},
};
constexpr request_table table =
    requests_of(list_of({"DMA", "DMA32", "Normal", "Movable"}), rules, 4);

inline constexpr packed_requests packed = pack(table, 64).value();

/// A table without rules: every combination is bad until `put`.
constexpr request_table nobodys(unsigned modifier_bits) {
    return {.modifier_bits = modifier_bits,
            .bad = ~std::uint64_t{0} >> (64 - (1u << modifier_bits))};
}
constexpr request_table put(request_table t, unsigned modifiers, std::uint64_t zone) {
    t.answers[modifiers] = zone_id{zone};
    t.bad &= ~(std::uint64_t{1} << modifiers);
    return t;
}

constexpr bool answers_as(const packed_requests& p, const request_table& t) {
    for (unsigned m = 0; m < t.combinations(); ++m) {
        if (p.is_bad(m) != t.is_bad(m)) return false;
        if (p.checked_zone_for(m) != t.zone_for(m)) return false;
        if (p.zone_for(m) != (t.is_bad(m) ? zone_id{0} : t.answers[m])) return false;
    }
    for (std::uint64_t beyond :
         {std::uint64_t{1} << t.modifier_bits, std::uint64_t{1} << 63, ~std::uint64_t{0}})
        if (p.checked_zone_for(beyond) != result<zone_id>(fail(errc::not_found))) return false;
    return true;
}

constexpr bool a_packed_table_answers_as_the_table() {
    request_table stale = nobodys(4);
    stale.answers[5] = zone_id{1}; // of a combination that stays bad
    if (!answers_as(pack(put(stale, 0, 3), 64).value(), put(stale, 0, 3))) return false;
    return answers_as(packed, table) && answers_as(pack(table, 64, 4).value(), table) &&
           answers_as(pack(table, 32).value(), table) &&
           answers_as(pack(nobodys(6), 64).value(), nobodys(6));
}

struct size_row {
    unsigned modifier_bits;
    std::uint64_t highest;
    unsigned word_bits;
    unsigned entry_bits;
    errc error; // errc{}: it fits
};
constexpr size_row sizes[] = {
    {4, 3, 32, 0, {}},                       // 16 entries of 2 bits
    {4, 3, 31, 0, errc::no_space},           //
    {4, 4, 32, 0, errc::no_space},           // 16 of 3
    {4, 4, 48, 0, {}},                       //
    {4, 4, 47, 0, errc::no_space},           //
    {4, 15, 64, 0, {}},                      // 16 of 4: the whole word
    {4, 15, 64, 4, {}},                      //
    {4, 15, 64, 3, errc::out_of_reach},      // zone 15 in 3 bits
    {4, 3, 64, 3, {}},                       // wider entries than needed
    {4, 3, 64, 5, errc::no_space},           // 80 bits
    {6, 1, 64, 0, {}},                       // 64 of 1
    {6, 2, 64, 0, errc::no_space},           //
    {6, 0, 64, 0, {}},                       // one zone needs no bits at all
    {6, 0, 1, 0, {}},                        //
    {0, 15, 4, 0, {}},                       // a request without modifiers
    {0, 15, 3, 0, errc::no_space},           //
    {0, 15, 64, 64, {}},                     // one entry, as wide as the word
    {0, 15, 64, 65, errc::no_space},         //
    {5, 7, 128, 0, errc::no_space},          // no word has 128 bits
    {6, 1, 64, 0x0400'0001, errc::no_space}, // 64 times which wraps to 64
};

constexpr bool tables_fit_or_are_refused() {
    for (const size_row& r : sizes) {
        const request_table t =
            put(nobodys(r.modifier_bits), (1u << r.modifier_bits) - 1, r.highest);
        const auto p = pack(t, r.word_bits, r.entry_bits);
        if (p.has_value() != (r.error == errc{})) return false;
        if (!p && p.error() != r.error) return false;
        if (p && !answers_as(*p, t)) return false;
        if (p && r.word_bits < 64 && p->table >> r.word_bits != 0) return false;
    }
    return true;
}

static_assert(a_packed_table_answers_as_the_table());
static_assert(tables_fit_or_are_refused());

} // namespace packed_test

using namespace packed_test;

TEST_CASE("the answer to a request is a shift and a mask", "[request]") {
    const std::uint64_t modifiers = gfp_movable | gfp_highmem;
    zone_id z = packed.zone_for(modifiers);
    constexpr zone_id d = zone_for<packed, gfp_dma>;
    CHECK(z == zone_id{3});
    STATIC_REQUIRE(d == zone_id{0});
}

TEST_CASE("four zones and four modifiers make the table that the kernel makes of them",
          "[request]") {
    STATIC_REQUIRE(packed.table == 0x1320122);
    STATIC_REQUIRE(packed.bad == 0xe8e8);
    STATIC_REQUIRE(packed.entry_bits == 2);
    STATIC_REQUIRE(packed.modifier_bits == 4);
}

TEST_CASE("a packed table answers as the table it was made from", "[request]") {
    CHECK(a_packed_table_answers_as_the_table());
}

TEST_CASE("a table that does not fit its word, or an answer its entry, is refused", "[request]") {
    CHECK(tables_fit_or_are_refused());
    for (const size_row& r : sizes) {
        INFO(r.modifier_bits << " modifiers, zone " << r.highest << ", " << r.word_bits << " bits");
        const request_table t =
            put(nobodys(r.modifier_bits), (1u << r.modifier_bits) - 1, r.highest);
        CHECK(pack(t, r.word_bits, r.entry_bits).has_value() == (r.error == errc{}));
    }
}

TEST_CASE("any table that fits is packed without loss", "[request]") {
    constexpr unsigned seed = 0x9ac;
    std::mt19937 random(seed);
    unsigned fitting = 0;
    for (int step = 0; step < 3000; ++step) {
        request_table t = nobodys(static_cast<unsigned>(random() % 7));
        const unsigned zones = 1 + static_cast<unsigned>(random() % 16);
        for (unsigned m = 0; m < t.combinations(); ++m)
            if (random() % 2 == 0) t = put(t, m, random() % zones);
        const auto p = pack(t, 64);
        unsigned bits = 0;
        while ((t.highest().value >> bits) != 0) ++bits;
        INFO("seed " << seed << ", step " << step);
        REQUIRE(p.has_value() == (t.combinations() * bits <= 64));
        if (p) REQUIRE(answers_as(*p, t));
        fitting += p.has_value();
    }
    CHECK(fitting > 500);
}

TEST_CASE("modifiers beyond the table do not leave it", "[request]") {
    STATIC_REQUIRE(packed.zone_for(16 + gfp_dma32) == packed.zone_for(gfp_dma32));
    STATIC_REQUIRE(packed.checked_zone_for(16 + gfp_dma32).error() == errc::not_found);
}

TEST_CASE("a constant request is a constant zone", "[request]") {
    STATIC_REQUIRE(zone_for<packed, 0> == zone_id{2});
    STATIC_REQUIRE(zone_for<packed, gfp_movable> == zone_id{2});
    STATIC_REQUIRE(zone_for<packed, (gfp_movable | gfp_highmem)> == zone_id{3});
    STATIC_REQUIRE(constant<[] { return pack(table, 32).value(); }>);
    STATIC_REQUIRE(!constant<[] { return pack(table, 31).value(); }>);
}
