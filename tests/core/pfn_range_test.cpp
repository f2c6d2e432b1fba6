// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/pfn_range.hpp>

#include <type_traits>

#include "../contract.hpp"
#include "../test.hpp"

using zonal::errc;
using zonal::page_count;
using zonal::pfn;
using zonal::pfn_range;
using zonal_test::constant;
using zonal_test::traps;

namespace {

constexpr std::uint64_t past_last = 0x10'0000'0000'0000; // 2^52

constexpr pfn_range range(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }

// Everything about two ranges within [0, room), page by page.
constexpr std::uint64_t room = 6;

struct pages {
    bool in[room] = {};
    constexpr bool any() const {
        for (bool b : in)
            if (b) return true;
        return false;
    }
};

constexpr pages pages_of(pfn_range r) {
    pages p;
    for (std::uint64_t i = 0; i < room; ++i) p.in[i] = r.contains(pfn{i});
    return p;
}

constexpr bool contains_is_the_half_open_interval() {
    for (std::uint64_t s = 0; s <= room; ++s)
        for (std::uint64_t e = s; e <= room; ++e) {
            const pfn_range r = range(s, e);
            std::uint64_t found = 0;
            for (std::uint64_t i = 0; i < room; ++i) {
                if (r.contains(pfn{i}) != (s <= i && i < e)) return false;
                if (r.contains(pfn{i})) ++found;
            }
            if (r.size().value() != found || r.empty() != (found == 0)) return false;
        }
    return true;
}

constexpr bool agrees_page_by_page(pfn_range a, pfn_range b) {
    const pages in_a = pages_of(a), in_b = pages_of(b);
    bool common = false, covered = true, same = true, touching = false;
    pages both, hull;
    std::uint64_t low = room, high = 0;
    for (std::uint64_t i = 0; i < room; ++i) {
        both.in[i] = in_a.in[i] && in_b.in[i];
        common = common || both.in[i];
        covered = covered && (in_a.in[i] || !in_b.in[i]);
        same = same && in_a.in[i] == in_b.in[i];
        if (in_a.in[i] || in_b.in[i]) {
            if (low == room) low = i;
            high = i + 1;
        }
        if (i + 1 < room)
            touching = touching || (in_a.in[i] && in_b.in[i + 1]) || (in_b.in[i] && in_a.in[i + 1]);
    }
    for (std::uint64_t i = low; i < high; ++i) hull.in[i] = true;

    if (a.overlaps(b) != common) return false;
    if (a.contains(b) != covered) return false;
    if (a.adjoins(b) != (touching && !common)) return false;
    const pages cut = pages_of(a.intersection(b)), around = pages_of(a.envelope(b));
    for (std::uint64_t i = 0; i < room; ++i)
        if (cut.in[i] != both.in[i] || around.in[i] != hull.in[i]) return false;
    return a.intersection(b).empty() == !common &&
           (!both.any() || a.intersection(b) == b.intersection(a));
}

constexpr bool two_ranges_agree_with_their_pages() {
    for (std::uint64_t as = 0; as <= room; ++as)
        for (std::uint64_t ae = as; ae <= room; ++ae)
            for (std::uint64_t bs = 0; bs <= room; ++bs)
                for (std::uint64_t be = bs; be <= room; ++be)
                    if (!agrees_page_by_page(range(as, ae), range(bs, be))) return false;
    return true;
}

struct made_row {
    std::uint64_t start;
    std::uint64_t end_or_size;
    bool good;
};

constexpr made_row by_end[] = {
    {0, 0, true},                     // [0, 0)
    {0, 1, true},                     // [0, 1)
    {1, 0, false},                    //
    {5, 4, false},                    // one too few
    {5, 5, true},                     // [5, 5)
    {0, past_last, true},             // everything
    {past_last, past_last, true},     // nothing, at the far end
    {past_last, 0, false},            //
    {past_last - 1, past_last, true}, // the last page
};
constexpr made_row by_size[] = {
    {0, 0, true},
    {0, past_last, true},
    {1, past_last, false},
    {1, past_last - 1, true},
    {past_last, 0, true},
    {past_last, 1, false},
    {past_last - 1, 1, true},
    {past_last - 1, 2, false},
    {past_last, past_last, false},
};

constexpr bool ranges_are_made_or_refused() {
    for (const made_row& r : by_end) {
        const auto made = pfn_range::make(pfn{r.start}, pfn{r.end_or_size});
        if (made.has_value() != r.good) return false;
        if (!r.good && made.error() != errc::bad_range) return false;
        if (r.good && (made->start().value() != r.start || made->end().value() != r.end_or_size))
            return false;
    }
    for (const made_row& r : by_size) {
        const auto made = pfn_range::make(pfn{r.start}, page_count{r.end_or_size});
        if (made.has_value() != r.good) return false;
        if (!r.good && made.error() != errc::bad_range) return false;
        if (r.good && (made->start().value() != r.start || made->size().value() != r.end_or_size))
            return false;
    }
    return true;
}

static_assert(contains_is_the_half_open_interval());
static_assert(two_ranges_agree_with_their_pages());
static_assert(ranges_are_made_or_refused());

} // namespace

TEST_CASE("a range has its start and not its end", "[core]") {
    constexpr pfn_range dimm{pfn{0x100000}, pfn{0x108000}}; // [0x100000, 0x108000)
    static_assert(dimm.size() == page_count{0x8000});
    static_assert(dimm.contains(pfn{0x107fff}) && !dimm.contains(pfn{0x108000}));
    STATIC_REQUIRE(dimm == pfn_range{pfn{0x100000}, page_count{0x8000}});
}

TEST_CASE("a range contains the pages from its start to before its end", "[core]") {
    CHECK(contains_is_the_half_open_interval());
}

TEST_CASE("questions about two ranges are answered as their pages would", "[core]") {
    CHECK(two_ranges_agree_with_their_pages());
}

TEST_CASE("a range is made, or refused as bad_range", "[core]") {
    CHECK(ranges_are_made_or_refused());
}

TEST_CASE("an empty range is nowhere", "[core]") {
    constexpr pfn_range nothing{}, far{pfn{9}, pfn{9}}, some{pfn{3}, pfn{12}};
    STATIC_REQUIRE(nothing.empty());
    STATIC_REQUIRE(nothing == pfn_range(pfn{0}, pfn{0}));
    STATIC_REQUIRE(far.empty());
    STATIC_REQUIRE(!far.contains(pfn{9}));
    STATIC_REQUIRE(!some.overlaps(far));
    STATIC_REQUIRE(!far.overlaps(some));
    STATIC_REQUIRE(!far.overlaps(far));
    STATIC_REQUIRE(!far.adjoins(pfn_range(pfn{9}, pfn{10})));
    STATIC_REQUIRE(some.contains(nothing));
    STATIC_REQUIRE(nothing.contains(far));
    STATIC_REQUIRE(some.envelope(nothing) == some);
    STATIC_REQUIRE(nothing.envelope(some) == some);
    STATIC_REQUIRE(some.intersection(far).empty());
}

TEST_CASE("a range reaches up to 2^52", "[core]") {
    constexpr pfn_range all{pfn{0}, pfn{past_last}};
    STATIC_REQUIRE(all.size() == page_count{past_last});
    STATIC_REQUIRE(all.contains(pfn{past_last - 1}));
    STATIC_REQUIRE(!all.contains(pfn{past_last}));
    STATIC_REQUIRE(all.contains(all));
    STATIC_REQUIRE(all.overlaps(pfn_range(pfn{past_last - 1}, page_count{1})));
}

TEST_CASE("a range is two numbers, made from pfns and counts only", "[core]") {
    STATIC_REQUIRE(sizeof(pfn_range) == 2 * sizeof(pfn));
    STATIC_REQUIRE(std::is_trivially_copyable_v<pfn_range>);
    STATIC_REQUIRE(!std::is_constructible_v<pfn_range, std::uint64_t, std::uint64_t>);
    STATIC_REQUIRE(!std::is_constructible_v<pfn_range, pfn, std::uint64_t>);
    STATIC_REQUIRE(!std::is_constructible_v<pfn_range, page_count, page_count>);
    STATIC_REQUIRE(!std::is_constructible_v<pfn_range, page_count, pfn>);
    STATIC_REQUIRE(!std::is_constructible_v<pfn_range, pfn>);
}

TEST_CASE("a range whose end lies before its start is a broken contract", "[core]") {
    STATIC_REQUIRE(!constant<[] { return pfn_range{pfn{1}, pfn{0}}; }>);
    STATIC_REQUIRE(!constant<[] { return pfn_range{pfn{1}, page_count{past_last}}; }>);
    STATIC_REQUIRE(constant<[] { return pfn_range{pfn{0}, page_count{past_last}}; }>);
    CHECK(traps([] { static_cast<void>(pfn_range{pfn{5}, pfn{4}}); }));
    CHECK(traps([] { static_cast<void>(pfn_range{pfn{past_last}, page_count{1}}); }));
}
