// SPDX-License-Identifier: BSL-1.0

#include "../../examples/kernel/buddy.hpp"

#include "contract.hpp"
#include "test.hpp"

#include <algorithm>
#include <random>
#include <vector>

using namespace kernel;
using zonal_test::traps;

namespace {

constexpr page_owner low{{0}, zones::id_of<dma32>}, high{{0}, zones::id_of<normal>};
constexpr page_owner far{{1}, zones::id_of<normal>};

/// Page structs of the first sections, and the words of some ranges.
struct some_memory {
    static constexpr std::uint64_t sections = 2;
    std::vector<page> structs = std::vector<page>(sections << geometry.section_order);
    page_map pages;

    some_memory() {
        for (std::uint64_t s = 0; s < sections; ++s)
            pages.set(pfn{s << geometry.section_order}, &structs[s << geometry.section_order]);
    }
    buddy zone(pfn_range r, page_owner who) {
        for (pfn p = r.start(); p < r.end(); ++p) pages[p].set({who, none});
        buddy made(pages, who);
        made.add(r);
        return made;
    }
};
constexpr pfn_range range(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }

/// How many free blocks of each order there are.
std::vector<std::uint32_t> blocks_of(const buddy& b) {
    std::vector<std::uint32_t> blocks;
    for (unsigned order = 0; order <= buddy::max_order; ++order)
        blocks.push_back(b.free_blocks(order));
    return blocks;
}

/// The naive model: which pages are free. Blocks are the largest aligned ones of free pages.
struct model {
    pfn_range all;
    std::vector<bool> is_free = std::vector<bool>(all.end().value());

    bool whole(std::uint64_t first, unsigned order) const {
        const std::uint64_t size = std::uint64_t{1} << order;
        if (first + size > is_free.size()) return false;
        for (std::uint64_t p = first; p < first + size; ++p)
            if (!is_free[p]) return false;
        return true;
    }
    std::vector<std::uint32_t> blocks() const {
        std::vector<std::uint32_t> counted(buddy::max_order + 1);
        for (std::uint64_t p = 0; p < is_free.size();) {
            unsigned order = buddy::max_order + 1;
            while (order-- > 0)
                if (p % (std::uint64_t{1} << order) == 0 && whole(p, order)) break;
            if (order > buddy::max_order) {
                ++p;
                continue;
            }
            ++counted[order];
            p += std::uint64_t{1} << order;
        }
        return counted;
    }
    void set(pfn first, unsigned order, bool free) {
        for (std::uint64_t i = 0; i < std::uint64_t{1} << order; ++i)
            is_free[first.value() + i] = free;
    }
};

} // namespace

TEST_CASE("the buddy's own example", "[kernel]") {
    some_memory m;
    buddy free = m.zone(range(0x100, 0x180), high);
    CHECK(free.free_pages() == page_count{0x80});
    CHECK(free.free_blocks(7) == 1);
    const pfn block = free.allocate(3).value();
    CHECK(free.free_pages() == page_count{0x78});
    CHECK(m.pages[block].as_block() == kernel::block{high, used_block, 3});
    free.release(block, 3);
    CHECK(free.free_blocks(7) == 1);
}

TEST_CASE("pages are added as the largest aligned blocks that they make", "[kernel]") {
    some_memory m;
    const buddy free = m.zone(range(0x3, 0xc01), high); // [3, 0xc01)
    CHECK(blocks_of(free) ==
          std::vector<std::uint32_t>{2, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2}); // 3, 4..., and 0xc00
    CHECK(free.free_pages() == page_count{0xbfe});
}

TEST_CASE("a block of each order lies at a multiple of its size", "[kernel]") {
    some_memory m;
    buddy free = m.zone(range(1, 0x1000), high);
    for (unsigned order = 0; order <= buddy::max_order; ++order) {
        const auto block = free.allocate(order);
        REQUIRE(block);
        CHECK(buddy::is_aligned(*block, order));
        CHECK(*block != pfn{0});
    }
}

TEST_CASE("no order beyond the largest is served", "[kernel]") {
    some_memory m;
    buddy free = m.zone(range(0x400, 0x8000), high);
    CHECK(free.allocate(buddy::max_order + 1) == fail(errc::bad_range));
    CHECK(free.allocate(~0u) == fail(errc::bad_range));
    CHECK(free.free_blocks(buddy::max_order) == 0x7c00 >> buddy::max_order);
}

TEST_CASE("an empty zone serves nothing, and neither does one whose blocks are too small",
          "[kernel]") {
    some_memory m;
    buddy nothing(m.pages, high);
    CHECK(nothing.allocate(0) == fail(errc::no_space));

    buddy free = m.zone(range(1, 0x400), high);
    CHECK(free.allocate(buddy::max_order) == fail(errc::no_space));
    while (free.allocate(0)) {
    }
    CHECK(free.free_pages().is_zero());
    CHECK(free.allocate(0) == fail(errc::no_space));
}

TEST_CASE("what is released joins its buddies, in whatever order", "[kernel]") {
    std::mt19937 random(1);
    some_memory m;
    buddy free = m.zone(range(0x400, 0xc00), high);
    const auto before = blocks_of(free);
    std::vector<pfn> taken;
    while (const auto p = free.allocate(0)) taken.push_back(*p);
    CHECK(taken.size() == 0x800);
    std::shuffle(taken.begin(), taken.end(), random);
    for (const pfn p : taken) free.release(p, 0);
    CHECK(blocks_of(free) == before);
}

TEST_CASE("blocks do not join across zones, nodes, or into pages that do not exist", "[kernel]") {
    some_memory m;
    buddy below = m.zone(range(0x400, 0x600), low);
    buddy above = m.zone(range(0x600, 0x700), high);
    buddy other = m.zone(range(0x700, 0x800), far);
    for (buddy* b : {&below, &above, &other}) {
        const auto before = blocks_of(*b);
        const pfn block = b->allocate(4).value();
        b->release(block, 4);
        CHECK(blocks_of(*b) == before);
    }
    CHECK(below.free_blocks(9) == 1);
    CHECK(above.free_blocks(8) == 1);
    CHECK(other.free_blocks(8) == 1);

    const std::uint64_t end = some_memory::sections << geometry.section_order;
    buddy last = m.zone(range(end - 0x400, end), high); // its neighbour has no struct
    last.release(last.allocate(10).value(), 10);
    CHECK(last.free_blocks(10) == 1);
}

TEST_CASE("a range is taken out whole, or not at all", "[kernel]") {
    some_memory m;
    buddy free = m.zone(range(0x400, 0x4000), high);
    const auto before = blocks_of(free);
    const pfn used = free.allocate(0).value();
    const pfn_range all = range(0x400, 0x4000);
    const pfn_range around{pfn{used.value() & ~std::uint64_t{0x3ff}}, page_count{0x400}};

    CHECK(free.remove(all) == fail(errc::busy));
    CHECK(free.remove(around) == fail(errc::busy));
    CHECK(free.free_pages() == page_count{0x3bff});
    free.release(used, 0);
    CHECK(blocks_of(free) == before);

    REQUIRE(free.remove(range(0x1000, 0x2000)));
    CHECK(free.free_pages() == page_count{0x2c00});
    CHECK(free.remove(range(0x1000, 0x2000)) == fail(errc::busy)); // it is not here
    while (const auto p = free.allocate(10)) CHECK(!range(0x1000, 0x2000).contains(*p));
    CHECK(free.free_pages().is_zero());
}

TEST_CASE("releasing twice, with another order, or to another zone breaks a contract", "[kernel]") {
    some_memory m;
    buddy free = m.zone(range(0x400, 0x800), high);
    buddy other = m.zone(range(0x800, 0xc00), low);
    const pfn block = free.allocate(3).value();
    CHECK(traps([&] { free.release(block, 2); }));
    CHECK(traps([&] { free.release(block + page_count{1}, 0); }));
    CHECK(traps([&] { other.release(block, 3); }));
    CHECK(traps([&] { free.release(pfn{~0u}, 0); }));
    CHECK(traps([&] { static_cast<void>(free.remove(range(0x401, 0x800))); }));
    CHECK(traps([&] { free.add(range(0, 8)); }));
    CHECK(!traps([&] { free.release(block, 3); }));
    free.release(block, 3);
    CHECK(traps([&] { free.release(block, 3); }));
}

TEST_CASE("a random walk does what the naive model does", "[kernel]") {
    const auto seed = GENERATE(1u, 2u, 3u, 4u);
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return std::size_t{random() % n}; };
    some_memory m;
    const pfn_range all = range(0x3f7 + below(64), 0x1c00 + below(64));
    buddy free = m.zone(all, high);
    buddy neighbour = m.zone(range(1, all.start().value()), low);
    const auto of_neighbour = blocks_of(neighbour);
    model naive{all};
    for (pfn p = all.start(); p < all.end(); ++p) naive.set(p, 0, true);

    struct used {
        pfn first;
        unsigned order;
    };
    std::vector<used> in_use;
    for (int step = 0; step < 4000; ++step) {
        const bool fills = step / 500 % 2 == 0;
        if (in_use.empty() || below(10) < (fills ? 7u : 3u)) {
            const unsigned order = static_cast<unsigned>(below(below(4) == 0 ? 11 : 4));
            const auto expected = naive.blocks();
            bool fits = false;
            for (unsigned o = order; o <= buddy::max_order; ++o) fits |= expected[o] != 0;
            const auto got = free.allocate(order);
            REQUIRE(got.has_value() == fits);
            if (!got) continue;
            REQUIRE(buddy::is_aligned(*got, order));
            REQUIRE(naive.whole(got->value(), order));
            naive.set(*got, order, false);
            in_use.push_back({*got, order});
        } else {
            const std::size_t which = below(in_use.size());
            free.release(in_use[which].first, in_use[which].order);
            naive.set(in_use[which].first, in_use[which].order, true);
            in_use.erase(in_use.begin() + static_cast<std::ptrdiff_t>(which));
        }
        if (step % 8 == 0) REQUIRE(blocks_of(free) == naive.blocks());
    }
    for (const used& u : in_use) free.release(u.first, u.order);
    CHECK(free.free_pages() == all.size());
    CHECK(blocks_of(neighbour) == of_neighbour);
}
