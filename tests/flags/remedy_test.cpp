// SPDX-License-Identifier: BSL-1.0
#include <zonal/flags/remedy.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../contract.hpp"
#include "../test.hpp"
#include "naive_layout.hpp"

using namespace zonal;
using zonal_test::naive_field;
using zonal_test::naive_pack;

namespace {

// ---- remedies worked out by hand ---------------------------------------------------------------

// 32 bits, of which flags take 22: node 5 and zone 3 leave 2 for a tag of 4.
constexpr field_spec crowded[] = {
    {.name = "node", .width = 5, .otherwise = no_room::side_table},
    {.name = "zone", .width = 3},
    {.name = "tag", .width = 4, .otherwise = no_room::member, .claim = 1},
    {.name = "flags", .width = 22, .from = anchor::low},
};

constexpr bool is(const remedy& r, unsigned narrow, unsigned from, unsigned to) {
    return r.narrow == narrow && r.from == from && r.to == to;
}

constexpr bool a_tag_comes_back_when_any_other_field_gives_two_bits() {
    const auto found = remedies_for(32, crowded, 2);
    return found.size == 3 && found.begin() + 3 == found.end() && is(found[0], 0, 5, 3) &&
           is(found[1], 1, 3, 1) && is(found[2], 3, 22, 20);
}

constexpr bool only_a_field_with_enough_to_give_is_told() {
    // 8 bits, all used: `wanted` misses 3; `small` has but 2 to give, `large` has 6.
    constexpr field_spec specs[] = {
        {.name = "small", .width = 2},
        {.name = "large", .width = 6},
        {.name = "wanted", .width = 3, .otherwise = no_room::side_table}};
    const auto found = remedies_for(8, specs, 2);
    return found.size == 1 && is(found[0], 1, 6, 3);
}

constexpr bool a_remedy_never_pushes_out_what_was_kept() {
    // 8 bits: `first` and `second` are kept. `wanted` would fit when `second` goes, but nothing may
    // go.
    constexpr field_spec specs[] = {
        {.name = "first", .width = 4},
        {.name = "wanted", .width = 6, .otherwise = no_room::side_table},
        {.name = "second", .width = 4, .otherwise = no_room::member}};
    const auto found = remedies_for(8, specs, 1);
    // Cutting `first` by 2 would bring `wanted` back and push `second` out; by 4 it would leave 8 -
    // 6 = 2 for it. Cutting `second` brings nothing: it claims after `wanted`.
    return found.size == 0;
}

constexpr bool no_single_cut_means_no_remedy() {
    constexpr field_spec specs[] = {{.name = "a", .width = 3},
                                    {.name = "b", .width = 3},
                                    {.name = "wanted", .width = 8, .otherwise = no_room::member}};
    return remedies_for(8, specs, 2).size == 0;
}

static_assert(a_tag_comes_back_when_any_other_field_gives_two_bits());
static_assert(only_a_field_with_enough_to_give_is_told());
static_assert(a_remedy_never_pushes_out_what_was_kept());
static_assert(no_single_cut_means_no_remedy());

// ---- every cut, tried with the naive engine ----------------------------------------------------

bool helps(const std::vector<naive_field>& before, const std::vector<naive_field>& after,
           unsigned wanted) {
    if (after[wanted].outcome != fate::kept) return false;
    for (std::size_t i = 0; i < before.size(); ++i)
        if (before[i].outcome == fate::kept && after[i].outcome != fate::kept) return false;
    return true;
}

/// The widest that field `narrow` may be so that `wanted` is kept.
std::optional<unsigned> widest_that_helps(unsigned word_bits, std::vector<field_spec> specs,
                                          unsigned wanted, unsigned narrow) {
    const auto before = naive_pack(word_bits, specs);
    while (specs[narrow].width != 0) {
        --specs[narrow].width;
        if (helps(before, naive_pack(word_bits, specs), wanted)) return specs[narrow].width;
    }
    return {};
}

template <unsigned N>
std::string difference(unsigned word_bits, const std::vector<field_spec>& specs, unsigned wanted,
                       unsigned& remedied) {
    field_spec array[N] = {};
    std::copy(specs.begin(), specs.end(), array);
    const auto found = remedies_for(word_bits, array, wanted);
    remedied += found.size;

    const remedy* next = found.begin();
    for (unsigned narrow = 0; narrow < N; ++narrow) {
        if (narrow == wanted) continue;
        const auto width = widest_that_helps(word_bits, specs, wanted, narrow);
        const bool told = next != found.end() && next->narrow == narrow;
        if (told != width.has_value())
            return "field " + std::to_string(narrow) + (told ? " does not help" : " helps");
        if (!told) continue;
        if (next->from != specs[narrow].width || next->to != *width)
            return "field " + std::to_string(narrow) + " must be " + std::to_string(*width) +
                   " bits wide";
        // Applied, it works.
        array[narrow].width = next->to;
        const layout<N> applied = pack(word_bits, array);
        if (applied[wanted].outcome != fate::kept)
            return "applied, it does not bring the field back";
        array[narrow].width = specs[narrow].width;
        ++next;
    }
    return next == found.end() ? "" : "remedies are not in the order of the list";
}

template <unsigned N>
void compare_many() {
    constexpr unsigned seed = 0xc0ffee;
    std::mt19937 random(seed + N);
    unsigned asked = 0, remedied = 0;
    for (unsigned step = 0; step < 400; ++step) {
        const unsigned word_bits = 4 + step % 29;
        const auto specs = zonal_test::random_specs(random, N, 2 * word_bits / N + 1);
        const auto before = naive_pack(word_bits, specs);
        for (unsigned wanted = 0; wanted < N; ++wanted) {
            if (before[wanted].outcome == fate::kept) continue;
            ++asked;
            const std::string wrong = difference<N>(word_bits, specs, wanted, remedied);
            if (!wrong.empty())
                FAIL("seed " << seed << " + " << N << ", step " << step << ", "
                             << zonal_test::describe(word_bits, specs) << ", wanted " << wanted
                             << ": " << wrong);
        }
    }
    CHECK(asked > 50);
    CHECK(remedied > 20);
}

} // namespace

TEST_CASE("a field comes back when one other field gives the bits that are missing", "[flags]") {
    CHECK(a_tag_comes_back_when_any_other_field_gives_two_bits());
    CHECK(only_a_field_with_enough_to_give_is_told());
}

TEST_CASE("where no single cut helps there is no remedy", "[flags]") {
    CHECK(a_remedy_never_pushes_out_what_was_kept());
    CHECK(no_single_cut_means_no_remedy());
    STATIC_REQUIRE(remedies_for(64, crowded, 2).size == 0); // everything is kept: nothing to remedy
}

TEST_CASE("every remedy works, and no smaller cut does, for any fields", "[flags]") {
    [&]<unsigned... N>(std::integer_sequence<unsigned, N...>) {
        (compare_many<N + 2>(), ...);
    }(std::make_integer_sequence<unsigned, 6>{});
}

TEST_CASE("a remedy for a field that is not there is a broken contract", "[flags]") {
    STATIC_REQUIRE(zonal_test::constant<[] { return remedies_for(32, crowded, 3); }>);
    STATIC_REQUIRE(!zonal_test::constant<[] { return remedies_for(32, crowded, 4); }>);
    CHECK(zonal_test::traps([] { static_cast<void>(remedies_for(32, crowded, 4)); }));
}
