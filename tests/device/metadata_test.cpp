// SPDX-License-Identifier: BSL-1.0

#include <zonal/device/metadata.hpp>

#include "../contract.hpp"
#include "../test.hpp"
#include "setup.hpp"

using namespace zonal_test;

TEST_CASE("page words take whole pages", "[device]") {
    constexpr auto take = [](std::uint64_t n, std::uint64_t bytes, page_geometry g = {}) {
        return words_take(page_count{n}, bytes, g).value();
    };
    STATIC_REQUIRE(take(0, 64) == 0);
    STATIC_REQUIRE(take(1, 64) == 1);
    STATIC_REQUIRE(take(64, 64) == 1);
    STATIC_REQUIRE(take(65, 64) == 2);
    STATIC_REQUIRE(take(0x8000, 64) == 512); // a section: 2 MiB of struct page
    STATIC_REQUIRE(take(0x8000, 56) == 448);
    STATIC_REQUIRE(take(0x8001, 56) == 449);
    STATIC_REQUIRE(take(0x10000000, 64) * 4096 == std::uint64_t{16} << 30); // of 1 TiB
    STATIC_REQUIRE(take(page_count::limit, 4096) == page_count::limit); // in steps that do not wrap
    STATIC_REQUIRE(take(65, 1, {.page_bytes_log2 = 4}) == 5);
}

// What kernel 6.1 did when it mapped ranges with page words inside, recorded as M02: pages reserved
// and pages there for words, sections mapped (512 pages of words each), pages taken, and pages
// skipped because a boundary came first.
TEST_CASE("pages for page words are handed out as a kernel does it", "[device]") {
    struct row {
        pfn_range range;
        std::uint64_t reserve, room, sections, taken, skipped;
        bool fits;
    };
    const row recorded[] = {
        {pages(0x100000, 0x110000), 0, 0x400, 2, 0x400, 0, true},       // t5
        {pages(0x140000, 0x150000), 2, 0x3fe, 2, 0x200, 0x1fe, false},  // t9
        {pages(0x148000, 0x150000), 0, 0x200, 1, 0x200, 0, true},       // t15
        {pages(0x180000, 0x190000), 2, 0xffe, 2, 0x400, 0x1fe, true},   // t19
        {pages(0x180000, 0x1c0000), 0x200, 0x1000, 8, 0x1000, 0, true}, // t23
        {pages(0x120000, 0x130000), 0, 0x10, 2, 0, 0, false},           // t29
    };
    for (const row& r : recorded) {
        words_in_range place(r.range, page_count{r.room}, page_count{r.reserve});
        CHECK(place.metadata() == page_count{r.reserve + r.room});
        bool fits = true;
        pfn next = r.range.start() + page_count{r.reserve + r.skipped};
        for (std::uint64_t i = 0; i < r.sections && fits; ++i) {
            const auto at = place.take(words_take(page_count{0x8000}, 64));
            fits = at.has_value();
            if (fits) CHECK(at == pfn_range{next, page_count{512}});
            if (!fits) CHECK(at == fail(errc::no_space));
            next += page_count{512};
        }
        CHECK(fits == r.fits);
        CHECK(place.in_use() == page_count{r.taken});
        if (r.fits) CHECK(place.skipped() == page_count{r.skipped});
    }
}

TEST_CASE("what page words gave back is handed out again when none is in use", "[device]") {
    words_in_range place(pages(0x100, 0x200), page_count{4}, page_count{1});
    CHECK(place.take(page_count{}) == fail(errc::bad_range));
    CHECK(place.take(page_count{1}) == pages(0x101, 0x102));
    CHECK(place.take(page_count{2}) == pages(0x102, 0x104));
    CHECK(place.take(page_count{2}) == fail(errc::no_space));
    CHECK(place.in_use() == page_count{3}); // the refused one changed nothing
    place.give_back(page_count{1});
    CHECK(place.take(page_count{1}) == pages(0x104, 0x105));
    CHECK(place.take(page_count{1}) == fail(errc::no_space));
    place.give_back(page_count{3});
    CHECK(place.take(page_count{4}) == fail(errc::no_space)); // [0x104, 0x108) is not all room
    CHECK(place.take(page_count{3}) == pages(0x101, 0x104));
}

TEST_CASE("a place for page words lies in its range", "[device]") {
    using zonal_test::traps;
    CHECK(traps([] { words_in_range(pages(0x100, 0x104), page_count{4}, page_count{1}); }));
    CHECK(
        traps([] { words_in_range(pages(0x100, 0x104), page_count{4}).give_back(page_count{1}); }));
    words_in_range all(pages(0x100, 0x104), page_count{4});
    CHECK(all.take(page_count{4}) == pages(0x100, 0x104));
    words_in_range highest(pages(pfn::limit - 4, pfn::limit), page_count{3}, page_count{1});
    CHECK(highest.take(page_count{2}) == pages(pfn::limit - 2, pfn::limit));
    CHECK(highest.take(page_count{1}) == fail(errc::no_space));
}
