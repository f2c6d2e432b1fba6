// SPDX-License-Identifier: BSL-1.0

// The snippets in the comments of ranges/ that no other test has; see core_test.cpp.

#include <zonal/ext/allocated.hpp>
#include <zonal/ranges.hpp>

#include <vector>

#include "../ranges/model.hpp"
#include "../ranges/sorted_leaves_fault.hpp"
#include "../test.hpp"

using namespace zonal_test;

namespace {

using list = std::vector<range_entry<char>>;

} // namespace

TEST_CASE("ranges/pfn_range_map.hpp", "[snippets]") {
    pfn_range_map<char, in_place<8>> map;
    map.insert({pfn{0x100}, pfn{0x200}}, 'a'); // [0x100, 0x200) a
    CHECK(list_of(map) == list{{at(0x100, 0x200), 'a'}});
    map.insert({pfn{0x200}, pfn{0x300}}, 'a'); // [0x100, 0x300) a: merged
    CHECK(list_of(map) == list{{at(0x100, 0x300), 'a'}});
    map.erase({pfn{0x180}, pfn{0x280}}); // split in two
    CHECK(list_of(map) == list{{at(0x100, 0x180), 'a'}, {at(0x280, 0x300), 'a'}});
    map.update({pfn{0x100}, pfn{0x120}}, [](char) { return 'b'; }); // [0x100, 0x120) b, ...
    CHECK(list_of(map) ==
          list{{at(0x100, 0x120), 'b'}, {at(0x120, 0x180), 'a'}, {at(0x280, 0x300), 'a'}});
    auto entry = map.find(pfn{0x110}); // *entry: the range and 'b'
    CHECK(*entry == range_entry<char>{at(0x100, 0x120), 'b'});
}

TEST_CASE("ranges/pfn_range_set.hpp", "[snippets]") {
    pfn_range_set<in_place<8>> reserved;
    REQUIRE(reserved.insert(at(0x120, 0x140)));

    pfn_range_set<in_place<8>> free;
    free.insert({pfn{0x100}, pfn{0x200}});
    free.insert({pfn{0x180}, pfn{0x280}}, overlap::keep); // [0x100, 0x280)
    CHECK(list_of(free) == std::vector{at(0x100, 0x280)});
    free.subtract(reserved); // whatever is in the other set
    CHECK(list_of(free) == std::vector{at(0x100, 0x120), at(0x140, 0x280)});
    auto at = free.gaps({pfn{0}, pfn{0x1000}}); // for (pfn_range gap : at) ...
    std::vector<pfn_range> gaps;
    for (pfn_range gap : at) gaps.push_back(gap);
    CHECK(gaps == std::vector{pfn_range{pfn{0}, pfn{0x100}},
                              {pfn{0x120}, pfn{0x140}},
                              {pfn{0x280}, pfn{0x1000}}});
}

TEST_CASE("ranges/block_table.hpp", "[snippets]") {
    using by_section = block_table<15>; // blocks of 2^15 pages
    pfn_range_map<char, by_section, in_place<by_section::slots_for(8)>> map;
    map.insert({pfn{0x8000}, pfn{0x18000}}, 'a');
    map.value_at(pfn{0x9000}); // 'a'
    CHECK(map.value_at(pfn{0x9000}) == 'a');
    map.insert({pfn{0x18000}, pfn{0x18001}}, 'a'); // fails: misaligned
    CHECK(map.insert({pfn{0x18000}, pfn{0x18001}}, 'a') == fail(errc::misaligned));
    CHECK(list_of(map) == list{{at(0x8000, 0x18000), 'a'}});
}

TEST_CASE("ranges/concurrent.hpp", "[snippets]") {
    concurrent<pfn_range_map<char, in_place<64>>> map;
    map.insert({pfn{0x100}, pfn{0x200}}, 'a'); // the writer

    auto reader = map.attach().value();    // once a thread
    auto entry = reader->find(pfn{0x180}); // in the newest state
    CHECK(entry->value == 'a');
    auto now = reader.snapshot(); // several lookups that agree
    bool alone = now->contains(pfn{0x180}) && now->size() == 1;
    CHECK(alone);
    REQUIRE(map.update(at(0x180, 0x200), [](char) { return 'b'; }));
    CHECK(now->find(pfn{0x180})->value == 'a');
    entry = now.refresh()->find(pfn{0x190}); // cheapest: stays if it can
    CHECK(entry->value == 'b');
}

TEST_CASE("ranges/hole.hpp", "[snippets]") {
    pfn_range_map<char, in_place<4>> map;
    REQUIRE(map.insert(at(0x20000, 0x24000), 'a'));
    const pfn_range pool = at(0x10000, 0x30000);
    const char value = 'b';
    auto at = map.find_hole({.size = page_count{0x8000},
                             .alignment = page_count{0x8000},
                             .window = pool,
                             .from = search_from::above});
    if (at) map.insert(*at, value);
    CHECK(at == pfn_range{pfn{0x28000}, pfn{0x30000}}); // from above: not at 0x10000, where it fits
    CHECK(map.value_at(pfn{0x28000}) == 'b');
}

TEST_CASE("ranges/observer.hpp", "[snippets]") {
    using owner = int;
    std::vector<pfn_range> forgotten;
    const auto forget = [&](pfn_range r) { forgotten.push_back(r); };
    pfn_range_map<owner, in_place<4>> map;
    const pfn_range dimm = at(0x100, 0x200);
    REQUIRE(map.insert(at(0x100, 0x180), 1));
    REQUIRE(map.insert(at(0x180, 0x300), 2));
    map.erase(dimm, missing::refuse, [&](const range_event<owner>& e) {
        if (e.what == range_change::removed) forget(e.before);
    });
    CHECK(forgotten == std::vector{at(0x100, 0x180)}); // the other one shrank
    CHECK(map.find(pfn{0x200})->range == at(0x200, 0x300));
}

TEST_CASE("ranges/sorted_leaves.hpp", "[snippets]") {
    using owner = int;
    using testing::fault_in;
    pfn_range_map<owner, sorted_leaves, allocated<>> map;
    for (std::uint64_t i = 0; i != 100; ++i) REQUIRE(map.insert(at(2 * i, 2 * i + 1), 0));
    REQUIRE(fault_in(map).empty());
}
