// SPDX-License-Identifier: BSL-1.0
#include <zonal/flags/layout.hpp>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "../contract.hpp"
#include "../test.hpp"
#include "naive_layout.hpp"

using namespace zonal;
using zonal_test::constant;
using zonal_test::naive_field;
using zonal_test::naive_pack;
using zonal_test::traps;

namespace {

// ---- layouts drawn by hand ---------------------------------------------------------------------

struct place {
    unsigned width;
    unsigned shift;
    fate outcome;
};

template <unsigned N>
constexpr bool lies(const layout<N>& l, const place (&places)[N]) {
    for (unsigned i = 0; i < N; ++i)
        if (l[i].width != places[i].width || l[i].shift() != places[i].shift ||
            l[i].outcome != places[i].outcome)
            return false;
    return true;
}

// A 64-bit server kernel: 25 flags, and everything else fits to the bit.
// 63   54 53  51 50        30 29  27 26  25 24      0
// | node  | zone | last cpupid | gen  | refs | flags |
constexpr layout<8> server(unsigned flags) {
    return pack(64, {{.name = "section", .width = 0},
                     {.name = "node", .width = 10, .otherwise = no_room::side_table},
                     {.name = "zone", .width = 3},
                     {.name = "last cpupid", .width = 21, .otherwise = no_room::member, .claim = 1},
                     {.name = "kasan tag", .width = 0, .stored = encoding::inverted},
                     {.name = "gen", .width = 3},
                     {.name = "refs", .width = 2, .otherwise = no_room::take_rest, .claim = 2},
                     {.name = "flags", .width = flags, .from = anchor::low}});
}

constexpr bool a_full_word_has_every_field() {
    const auto word = server(25);
    return word.fits() && word.used() == 64 && word.unused() == 0 && word.short_by() == 0 &&
           lies(word, {{0, 0, fate::kept},
                       {10, 54, fate::kept},
                       {3, 51, fate::kept},
                       {21, 30, fate::kept},
                       {0, 0, fate::kept},
                       {3, 27, fate::kept},
                       {2, 25, fate::kept},
                       {25, 0, fate::kept}});
}

constexpr bool one_more_flag_clips_what_takes_the_rest() {
    const auto word = server(26);
    return word.fits() && word[6].short_by == 1 &&
           lies(word, {{0, 0, fate::kept},
                       {10, 54, fate::kept},
                       {3, 51, fate::kept},
                       {21, 30, fate::kept},
                       {0, 0, fate::kept},
                       {3, 27, fate::kept},
                       {1, 26, fate::shrunk},
                       {26, 0, fate::kept}});
}

constexpr bool three_more_flags_push_out_the_member() {
    const auto word = server(28);
    return word.fits() && word[3].short_by == 1 && word.unused() == 18 &&
           lies(word, {{0, 0, fate::kept},
                       {10, 54, fate::kept},
                       {3, 51, fate::kept},
                       {0, 0, fate::left_out},
                       {0, 0, fate::kept},
                       {3, 48, fate::kept},
                       {2, 46, fate::kept},
                       {28, 0, fate::kept}});
}

constexpr bool a_field_that_counts_left_out_ones_loses_its_own_room() {
    // 10 bits: zone 4; node 8 does not fit; tag 4 would, unless it counts the node that went away.
    const auto honest = pack(10, {{.name = "zone", .width = 4},
                                  {.name = "node", .width = 8, .otherwise = no_room::side_table},
                                  {.name = "tag", .width = 4, .otherwise = no_room::member}});
    const auto old = pack(
        10, {{.name = "zone", .width = 4},
             {.name = "node", .width = 8, .otherwise = no_room::side_table},
             {.name = "tag", .width = 4, .otherwise = no_room::member, .counts_left_out = true}});
    return lies(honest, {{4, 6, fate::kept}, {0, 0, fate::left_out}, {4, 2, fate::kept}}) &&
           lies(old, {{4, 6, fate::kept}, {0, 0, fate::left_out}, {0, 0, fate::left_out}}) &&
           honest[1].short_by == 2 && old[2].short_by == 6;
}

constexpr bool every_refused_field_is_reported() {
    // 8 bits: 5 fit; 4 and 7 do not, and the fields after a refused one count it.
    const auto word =
        pack(8, {{.name = "a", .width = 5}, {.name = "b", .width = 4}, {.name = "c", .width = 7}});
    return !word.fits() && word[0].outcome == fate::kept && word[1].outcome == fate::refused &&
           word[1].short_by == 1 && word[2].outcome == fate::refused && word[2].short_by == 8 &&
           word.short_by() == 8 && word.unused() == 0;
}

constexpr bool who_claims_first_stays() {
    const auto by_list = pack(8, {{.name = "a", .width = 5, .otherwise = no_room::member},
                                  {.name = "b", .width = 5, .otherwise = no_room::member}});
    const auto by_claim =
        pack(8, {{.name = "a", .width = 5, .otherwise = no_room::member, .claim = 1},
                 {.name = "b", .width = 5, .otherwise = no_room::member}});
    const auto by_need = pack(8, {{.name = "a", .width = 5, .otherwise = no_room::member},
                                  {.name = "b", .width = 5, .otherwise = no_room::refuse}});
    return by_list[0].is_present() && !by_list[1].is_present() && !by_claim[0].is_present() &&
           by_claim[1].is_present() && !by_need[0].is_present() && by_need[1].is_present();
}

// ---- one field, of every width -----------------------------------------------------------------

constexpr std::uint64_t ones(unsigned width) {
    std::uint64_t all = 0;
    for (unsigned i = 0; i < width; ++i) all = all << 1 | 1;
    return all;
}

constexpr bool one_field_of(unsigned width, unsigned word_bits) {
    for (anchor from : {anchor::high, anchor::low}) {
        const auto word = pack(word_bits, {{.name = "field", .width = width, .from = from}});
        const placed_field& f = word[0];
        const unsigned shift = width == 0 || from == anchor::low ? 0 : word_bits - width;
        if (f.width != width || f.shift() != shift || f.max() != ones(width)) return false;
        if (f.mask() != ones(width) << shift || f.is_present() != (width != 0)) return false;
        if (!f.holds(0) || !f.holds(ones(width)) || (width < 64 && f.holds(ones(width) + 1)))
            return false;
        if (f.get(~std::uint64_t{0}) != ones(width) || f.get(~f.mask()) != 0) return false;
        if (f.put(~std::uint64_t{0}) != f.mask() || f.get(f.put(ones(width))) != ones(width))
            return false;
        if (word.used() != width || word.unused() != word_bits - width) return false;
    }
    return true;
}

constexpr bool fields_of_every_width_in_words_of_every_width() {
    for (unsigned word_bits : {1u, 2u, 31u, 32u, 33u, 63u, 64u})
        for (unsigned width : {0u, 1u, 2u, 31u, 32u, 33u, 63u, 64u})
            if (width <= word_bits && !one_field_of(width, word_bits)) return false;
    return true;
}

constexpr bool an_inverted_field_reads_zero_as_all_ones() {
    const auto word = pack(64, {{.name = "tag", .width = 8, .stored = encoding::inverted},
                                {.name = "zone", .width = 3},
                                {.name = "nothing", .width = 0, .stored = encoding::inverted}});
    const placed_field& tag = word[0];
    return tag.get(0) == 0xff && tag.put(0xff) == 0 && tag.put(0) == 0xff00'0000'0000'0000 &&
           tag.put(0xf0) == 0x0f00'0000'0000'0000 && tag.get(tag.put(0x5a)) == 0x5a &&
           tag.put(0x1f0) == tag.put(0xf0) && word[2].get(~std::uint64_t{0}) == 0 &&
           word[2].put(5) == 0;
}

// Widths that no word has, and whose sums would wrap.
constexpr bool absurd_widths_never_have_room() {
    constexpr unsigned huge = ~0u;
    const auto word = pack(64, {{.name = "a", .width = huge, .otherwise = no_room::side_table},
                                {.name = "b", .width = 65, .otherwise = no_room::member},
                                {.name = "c", .width = huge - 1, .otherwise = no_room::take_rest},
                                {.name = "d", .width = 3, .counts_left_out = true},
                                {.name = "e", .width = 4, .claim = 1, .counts_left_out = true}});
    const auto refused = pack(64, {{.name = "a", .width = huge}, {.name = "b", .width = huge}});
    return word[0].outcome == fate::left_out && word[1].outcome == fate::left_out &&
           word[2].outcome == fate::shrunk && word[2].width == 61 && word[3].width == 3 &&
           word[4].outcome == fate::refused && !word.fits() && !refused.fits() &&
           refused[0].outcome == fate::refused && refused[1].outcome == fate::refused;
}

static_assert(a_full_word_has_every_field());
static_assert(one_more_flag_clips_what_takes_the_rest());
static_assert(three_more_flags_push_out_the_member());
static_assert(a_field_that_counts_left_out_ones_loses_its_own_room());
static_assert(every_refused_field_is_reported());
static_assert(who_claims_first_stays());
static_assert(absurd_widths_never_have_room());
static_assert(fields_of_every_width_in_words_of_every_width());
static_assert(an_inverted_field_reads_zero_as_all_ones());

// ---- random fields against the naive engine ----------------------------------------------------

/// What the two engines disagree about; empty when they agree.
template <unsigned N>
std::string difference(unsigned word_bits, const std::vector<field_spec>& specs,
                       const std::vector<naive_field>& naive) {
    const layout<N> ours = zonal_test::pack<N>(word_bits, specs);
    std::ostringstream out;

    unsigned short_by = 0;
    for (const naive_field& f : naive)
        if (f.outcome == fate::refused) short_by = std::max(short_by, f.missing);
    if (ours.short_by() != short_by)
        out << " short_by() " << ours.short_by() << " for " << short_by;
    if (ours.fits() != (short_by == 0)) out << " fits()";
    if (ours.word_bits != word_bits) out << " word_bits";

    unsigned used = 0;
    for (unsigned i = 0; i < N; ++i) {
        const placed_field& f = ours[i];
        const std::vector<unsigned>& bits = naive[i].bits;
        if (f.outcome != naive[i].outcome) out << " outcome of " << i;
        if (f.outcome != fate::kept && f.short_by != naive[i].missing) out << " short_by of " << i;
        if (!ours.fits()) continue;

        std::uint64_t mask = 0;
        for (unsigned bit : bits) mask |= std::uint64_t{1} << bit;
        if (f.mask() != mask) out << " mask of " << i;
        if (f.width != bits.size()) out << " width of " << i;
        if (f.shift() != (bits.empty() ? 0 : bits.front())) out << " shift of " << i;
        used += static_cast<unsigned>(bits.size());

        // Where it begins, or would: inside of its neighbours of the same end.
        unsigned outside = 0;
        for (unsigned j = 0; j < i; ++j)
            if (specs[j].from == specs[i].from)
                outside += static_cast<unsigned>(naive[j].bits.size());
        if (f.offset != (f.asked.from == anchor::low ? outside : word_bits - outside - f.width))
            out << " offset of " << i;
    }
    if (ours.fits() && ours.used() != used) out << " used()";
    if (ours.unused() != (ours.fits() ? word_bits - used : 0)) out << " unused()";
    return out.str();
}

template <unsigned N>
void compare_many() {
    constexpr unsigned seed = 0x20150801;
    std::mt19937 random(seed + N);
    unsigned refused = 0, shrunk = 0, left_out = 0;
    for (unsigned step = 0; step < 3000; ++step) {
        const unsigned word_bits = step % 3 == 0 ? 64 : step % 3 == 1 ? 32 : 1 + step % 64;
        const auto specs = zonal_test::random_specs(
            random, N, step % 16 == 0 ? 70 : 1 + std::min(2 * word_bits / N, 99u));
        const auto naive = naive_pack(word_bits, specs);
        const std::string wrong = difference<N>(word_bits, specs, naive);
        if (!wrong.empty())
            FAIL("seed " << seed << " + " << N << ", step " << step << ", "
                         << zonal_test::describe(word_bits, specs) << ":" << wrong);
        for (const naive_field& f : naive) {
            refused += f.outcome == fate::refused;
            shrunk += f.outcome == fate::shrunk;
            left_out += f.outcome == fate::left_out;
        }
    }
    // The walk met every fate.
    CHECK(refused > 100);
    CHECK(shrunk > 100);
    CHECK(left_out > 100);
}

} // namespace

TEST_CASE("fields are packed from both ends of a word", "[flags]") {
    constexpr auto word = pack(64, {{.name = "node", .width = 10, .otherwise = no_room::side_table},
                                    {.name = "zone", .width = 3},
                                    {.name = "flags", .width = 24, .from = anchor::low}});
    static_assert(word.fits() && word[0].shift() == 54 && word[1].max() == 7);
    STATIC_REQUIRE(lies(word, {{10, 54, fate::kept}, {3, 51, fate::kept}, {24, 0, fate::kept}}));
    STATIC_REQUIRE(word.unused() == 27);
}

TEST_CASE("a word that is exactly full keeps everything; each flag more takes from the least needy",
          "[flags]") {
    CHECK(a_full_word_has_every_field());
    CHECK(one_more_flag_clips_what_takes_the_rest());
    CHECK(three_more_flags_push_out_the_member());
}

TEST_CASE("room goes to claims in their order, and to those who cannot do without first",
          "[flags]") {
    CHECK(who_claims_first_stays());
    CHECK(a_field_that_counts_left_out_ones_loses_its_own_room());
}

TEST_CASE("every refused field is reported with the bits it misses", "[flags]") {
    CHECK(every_refused_field_is_reported());
}

TEST_CASE("a field is as wide as its word, or has no bits, without shifting by 64", "[flags]") {
    CHECK(fields_of_every_width_in_words_of_every_width());
}

TEST_CASE("a field wider than any word has no room, however wide", "[flags]") {
    CHECK(absurd_widths_never_have_room());
}

TEST_CASE("an inverted field is stored as its complement", "[flags]") {
    CHECK(an_inverted_field_reads_zero_as_all_ones());
}

TEST_CASE("a layout is walked in the order of its list", "[flags]") {
    const auto word = server(25);
    std::string names;
    for (const placed_field& f : word) names += f.asked.name.as<std::string>() + ",";
    CHECK(names == "section,node,zone,last cpupid,kasan tag,gen,refs,flags,");
}

TEST_CASE("any one to twelve fields are packed as the naive engine packs them", "[flags]") {
    [&]<unsigned... N>(std::integer_sequence<unsigned, N...>) {
        (compare_many<N + 1>(), ...);
    }(std::make_integer_sequence<unsigned, 12>{});
}

TEST_CASE("a layout that is short by some bits fits when it gets them, and not with one fewer",
          "[flags]") {
    // Where those who cannot do without claim first; otherwise a larger word also lets others back
    // in.
    constexpr unsigned seed = 0x51107;
    std::mt19937 random(seed);
    unsigned tried = 0;
    for (unsigned step = 0; step < 10000; ++step) {
        const unsigned word_bits = 4 + step % 29;
        auto specs = zonal_test::random_specs(random, 5, word_bits / 2);
        for (field_spec& s : specs) s.claim = s.otherwise == no_room::refuse ? 0 : 1;
        const unsigned short_by = zonal_test::pack<5>(word_bits, specs).short_by();
        if (short_by == 0 || word_bits + short_by > 64) continue;
        ++tried;
        INFO("seed " << seed << ", step " << step << ", "
                     << zonal_test::describe(word_bits, specs));
        REQUIRE(zonal_test::pack<5>(word_bits + short_by, specs).fits());
        REQUIRE_FALSE(zonal_test::pack<5>(word_bits + short_by - 1, specs).fits());
    }
    CHECK(tried > 100);
}

TEST_CASE("a word of 0 or 65 bits, and a field that is not there, are broken contracts",
          "[flags]") {
    STATIC_REQUIRE(constant<[] { return pack(1, {{.name = "f", .width = 1}}); }>);
    STATIC_REQUIRE(!constant<[] { return pack(0, {{.name = "f", .width = 1}}); }>);
    STATIC_REQUIRE(!constant<[] { return pack(65, {{.name = "f", .width = 1}}); }>);
    STATIC_REQUIRE(!constant<[] { return pack(64, {{.name = "f", .width = 1}})[1]; }>);
    CHECK(traps([] { static_cast<void>(pack(0, {{.name = "f", .width = 1}})); }));
    CHECK(traps([] { static_cast<void>(pack(65, {{.name = "f", .width = 1}})); }));
    CHECK(traps([] { static_cast<void>(pack(64, {{.name = "f", .width = 1}})[1]); }));
}
