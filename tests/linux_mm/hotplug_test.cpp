// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/hotplug.hpp>

#include <zonal/linux_mm/memremap.hpp>
#include <zonal/linux_mm/offline_and_remove.hpp>
#include <zonal/testing/zoned_memory_fault.hpp>

#include "contract.hpp"
#include "test.hpp"

#include <algorithm>
#include <random>
#include <vector>

// Linux's calls, and each of its warts both ways: as Linux has it, and as the core does better.

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
constexpr zone_id dma32 = zones::id_of<lm::dma32>;
constexpr zone_id normal = zones::id_of<lm::normal>;
constexpr zone_id movable = zones::id_of<lm::movable>;
constexpr zone_id device = zones::id_of<lm::device>;
constexpr node_id node0{0}, node1{1};

using system_type = lm::hotplug<in_place<32>, 2, 4>;
static_assert(lm::online_view<system_type>);

constexpr std::uint64_t block = 1ull << 27; // bytes
constexpr phys_addr at(std::uint64_t number) { return phys_addr{number * block}; }
constexpr pfn_range pages_of_block(std::uint64_t number) {
    return {pfn{number << 15}, page_count{1 << 15}};
}
constexpr auto nobody = [](std::uint64_t) { return false; };

constexpr lm::hotplug_rules linux_6_1 = lm::hotplug_rules_for({6, 1}).value();
constexpr lm::hotplug_rules linux_6_12 = lm::hotplug_rules_for({6, 12}).value();
constexpr lm::hotplug_rules no_quirks{.memory = {.limit = lm::end_of_hotplug}};

/// 1 GiB at 0 on node 0; node 1 is possible.
constexpr system_type booted(const lm::hotplug_rules& rules) {
    system_type s(rules, zones::list, page_geometry{});
    s.node[0] = {true, true, true};
    s.node[1] = {true, false, false};
    static_cast<void>(s.memory.boot({pfn{0}, pfn{8u << 15}}, {node0, dma32}));
    static_cast<void>(s.tree.insert({{at(0), at(8)}, "System RAM", lm::system_ram.flags}));
    return s;
}

constexpr bool life() {
    system_type s = booted(linux_6_12);
    bool ok = s.add_memory(node0, phys_addr{1ull << 32}, 1 << 27).has_value();
    ok = ok && s.online(32, lm::online_type::movable).has_value();
    ok = ok && s.remove_memory(phys_addr{1ull << 32}, 1 << 27) == fail(lm::kernel_error::busy);
    ok = ok && s.offline(32).has_value();
    ok = ok && s.remove_memory(phys_addr{1ull << 32}, 1 << 27).has_value();
    const byte_range pmem{phys_addr{1ull << 32}, phys_addr{2ull << 32}};
    ok = ok && lm::memremap(s, node0, &pmem).has_value();
    ok = ok && lm::memunmap(s, &pmem).has_value();
    return ok && testing::fault_in(s.memory).empty();
}
static_assert(life());

} // namespace

TEST_CASE("memory of 6.12 is added, onlined, offlined and removed, and a device's is mapped",
          "[linux_mm]") {
    REQUIRE(life());
}

TEST_CASE("add_memory refuses in Linux's order", "[linux_mm]") {
    using lm::kernel_error;
    system_type s = booted(linux_6_1);
    const auto add = [&](node_id n, std::uint64_t start, std::uint64_t bytes,
                         const lm::memory_wishes& how = {}) {
        return s.add_memory(n, phys_addr{start}, bytes, how);
    };
    constexpr std::uint64_t here = 40 * block;
    CHECK(add(node0, here, 0) == fail(kernel_error::too_big));
    CHECK(add(node0, 1ull << 46, block) == fail(kernel_error::too_big));
    CHECK(add(node0, 4 * block + 5, 7) == fail(kernel_error::exists)); // before alignment
    CHECK(add(node0, here, block / 2) == fail(kernel_error::invalid));
    CHECK(add({2}, here, block) == fail(kernel_error::invalid));
    CHECK(add(node0, here, block, {.name = "Bogus", .driver_managed = true}) ==
          fail(kernel_error::invalid));
    CHECK(s.tree.size() == 1); // no entry stayed
    CHECK(add(node0, here, block));
    CHECK(add(node0, here, block) == fail(kernel_error::exists));
}

TEST_CASE("a block goes offline if it is memory of one zone, all of it in the tree", "[linux_mm]") {
    using lm::kernel_error;
    system_type s = booted(linux_6_1);
    CHECK(s.offline(60) == fail(kernel_error::no_entry));
    CHECK(s.online(3, {}) == fail(kernel_error::invalid));
    CHECK(s.offline(3));
    CHECK(s.offline(3) == fail(kernel_error::invalid));
    CHECK(s.online(3, {}));
    REQUIRE(release_adjustable(s.tree, {at(4), at(5)}));
    CHECK(s.offline(4) == fail(kernel_error::invalid));
    CHECK(s.zone_of(4) == result<zone_id>{dma32});
}

TEST_CASE("the span of device memory never shrinks in Linux; in the core it does", "[linux_mm]") {
    const byte_range pmem[] = {{at(64), at(66)}, {at(80), at(81)}};
    for (const bool as_linux : {true, false}) {
        system_type s = booted(as_linux ? linux_6_12 : no_quirks);
        REQUIRE(lm::memremap(s, node0, pmem, 2));
        CHECK(s.pages_of(node0, device).span == pfn_range{pfn{64u << 15}, pfn{81u << 15}});
        REQUIRE(lm::memunmap(s, pmem, 2));
        CHECK(s.memory.sections().existing().size() == 1);
        CHECK(s.pages_of(node0, device).span.empty() != as_linux);
        CHECK(s.memory.node_span(node0).end() == pfn{(as_linux ? 81u : 8u) << 15});
    }
}

TEST_CASE("a refused DIMM comes back in a kernel zone in Linux; in the core where it was",
          "[linux_mm]") {
    for (const bool as_linux : {true, false}) {
        system_type s = booted(as_linux ? linux_6_1 : no_quirks);
        REQUIRE(s.add_memory(node0, at(32), 3 * block));
        REQUIRE(s.online(32, lm::online_type::movable));
        REQUIRE(s.online(33, lm::online_type::kernel));
        REQUIRE(s.online(34, lm::online_type::movable));
        const auto pinned = [](std::uint64_t b) { return b == 33; };
        CHECK(lm::unplug(s, at(32), 3 * block, pinned) == fail(lm::kernel_error::busy));
        CHECK(s.zone_of(32) == result<zone_id>{as_linux ? normal : movable});
        CHECK(s.zone_of(33) == result<zone_id>{normal});
        CHECK(s.zone_of(34) == result<zone_id>{as_linux ? normal : movable});
        CHECK(lm::unplug(s, at(32), 3 * block, nobody));
        CHECK(s.memory.blocks().size() == 1);
    }
}

TEST_CASE("offline_and_remove stops at the first pinned block and restores those below",
          "[linux_mm]") {
    system_type s = booted(linux_6_1);
    REQUIRE(s.add_memory(node0, at(32), 3 * block));
    for (const std::uint64_t b : {32u, 33u, 34u}) REQUIRE(s.online(b, lm::online_type::movable));
    const auto pinned = [](std::uint64_t b) { return b == 33; };
    CHECK(lm::offline_and_remove(s, at(32), 3 * block, pinned) == fail(lm::kernel_error::busy));
    for (const std::uint64_t b : {32u, 33u, 34u}) CHECK(s.zone_of(b) == result<zone_id>{movable});
    CHECK(lm::offline_and_remove(s, at(32), block / 2, nobody) == fail(lm::kernel_error::invalid));
    CHECK(lm::offline_and_remove(s, at(32), 3 * block, nobody));
}

TEST_CASE("memory that went offline and cannot be removed comes back", "[linux_mm]") {
    system_type s = booted(linux_6_1);
    s.metadata_on_memory = true; // then several blocks are not removed in one call
    for (const std::uint64_t b : {32u, 33u}) {
        REQUIRE(s.add_memory(node0, at(b), block, {.metadata_on_memory = true}));
        REQUIRE(s.online(b, lm::online_type::movable));
    }
    CHECK(lm::offline_and_remove(s, at(32), 2 * block, nobody) == fail(lm::kernel_error::invalid));
    for (const std::uint64_t b : {32u, 33u}) CHECK(s.zone_of(b) == result<zone_id>{movable});
    CHECK(lm::unplug(s, at(32), 2 * block, nobody) == fail(lm::kernel_error::invalid));
    for (const std::uint64_t b : {32u, 33u}) CHECK(s.state_of(b)->online);
    // A part of a block does not leave at all.
    CHECK(lm::unplug(s, phys_addr{at(32).value + block / 2}, block, nobody) ==
          fail(lm::kernel_error::invalid));
    for (const std::uint64_t b : {32u, 33u}) CHECK(s.state_of(b)->online);
    for (const std::uint64_t b : {32u, 33u}) CHECK(lm::unplug(s, at(b), block, nobody));
}

TEST_CASE("memory that cannot be added leaves sections behind in Linux; in the core nothing",
          "[linux_mm]") {
    const byte_range pmem[] = {{at(34), at(35)}};
    for (const bool as_linux : {true, false}) {
        system_type s = booted(as_linux ? linux_6_1 : no_quirks);
        REQUIRE(lm::memremap(s, node0, pmem));
        CHECK(s.add_memory(node0, at(32), 4 * block) == fail(lm::kernel_error::exists));
        CHECK(s.memory.sections().existing().contains(pages_of_block(33)) == as_linux);
        CHECK_FALSE(s.memory.blocks().overlaps(pages_of_block(32)));
        CHECK(s.add_memory(node0, at(32), block).has_value() != as_linux);
        CHECK(testing::fault_in(s.memory).empty());
    }
}

TEST_CASE("a mapping whose page words do not fit leaves a section behind in Linux; in the core "
          "nothing",
          "[linux_mm]") {
    const byte_range pmem[] = {{at(40), at(42)}};
    for (const bool as_linux : {true, false}) {
        system_type s = booted(as_linux ? linux_6_1 : no_quirks);
        words_in_range words(pages_of_block(40), page_count{0x3fe},
                             page_count{2}); // room for the first section's
        CHECK(lm::memremap(s, node0, pmem, 1, &words) == fail(lm::kernel_error::no_memory));
        CHECK(s.memory.sections().existing().contains(pages_of_block(40)) == as_linux);
        CHECK(s.pages_of(node0, device).span.empty());
        const auto again = lm::memremap(s, node0, pmem);
        CHECK(again == (as_linux ? lm::answer(fail(lm::kernel_error::exists)) : done{}));
    }
}

TEST_CASE("devices that share a section leave one by one, in every version", "[linux_mm]") {
    for (const lm::version v : {lm::version{5, 3}, {5, 4}, {5, 5}, {6, 12}}) {
        system_type s = booted(lm::hotplug_rules_for(v).value());
        const phys_addr half{at(65).value + (block >> 1)};
        const byte_range x{at(64), half}, y{half, at(66)};
        REQUIRE(lm::memremap(s, node0, &x));
        REQUIRE(lm::memremap(s, node0, &y));
        const pfn first_of_y{half.value >> 12};
        REQUIRE(lm::memunmap(s, &x));
        CHECK(s.memory.owner_of(first_of_y) == result<page_owner>(page_owner{node0, device}));
        CHECK(s.memory.sections().existing().contains(first_of_y));
        CHECK(testing::fault_in(s.memory).empty());
        const bool shrinks = v < lm::version{5, 5};
        CHECK(s.pages_of(node0, device).span.start() == (shrinks ? first_of_y : pfn{64u << 15}));
        REQUIRE(lm::memunmap(s, &y));
        CHECK(s.pages_of(node0, device).span.empty() == shrinks);
    }
}

TEST_CASE("a removal for which there is no room changes nothing and says so", "[linux_mm]") {
    lm::hotplug<in_place<4>, 1, 1> s(linux_6_12, zones::list, page_geometry{});
    s.node[0] = {true, true, true};
    REQUIRE(s.add_memory(node0, at(32), 3 * block));
    for (const std::uint64_t other : {100u, 102u, 104u})
        REQUIRE(s.tree.insert({{at(other), at(other + 1)}, "other"}));
    CHECK(s.remove_memory(at(33), block) == fail(lm::kernel_error::no_memory));
    CHECK(s.state_of(33).has_value());
    REQUIRE(s.remove_memory(at(32), block)); // an end needs none
    CHECK(s.tree.size() == 4);

    lm::hotplug<in_place<3>, 1, 1> full(linux_6_12, zones::list, page_geometry{});
    const byte_range r[] = {{at(64), at(65)}, {at(65), at(66)}, {at(66), at(67)}};
    const byte_range far[] = {{at(80), at(81)}, {at(90), at(91)}};
    REQUIRE(lm::memremap(full, node0, r, 3));
    REQUIRE(lm::memremap(full, node0, far, 2));
    CHECK(lm::memunmap(full, &r[1]) == fail(lm::kernel_error::no_memory));
    CHECK(full.memory.owner_of(pfn{65u << 15}).has_value());
    REQUIRE(lm::memunmap(full, &r[2]));

    const byte_range backward{at(65), at(64)};
    CHECK(lm::memremap(full, node0, &backward) == fail(lm::kernel_error::invalid));
}

TEST_CASE("memremap refuses in Linux's order and unmaps what it had mapped", "[linux_mm]") {
    using lm::kernel_error;
    system_type s = booted(linux_6_12);
    const auto map = [&](phys_addr start, std::uint64_t bytes) {
        const byte_range r[] = {{start, phys_addr{start.value + bytes}}};
        return lm::memremap(s, node0, r);
    };
    REQUIRE(map(at(8), block));
    CHECK(map(at(7), 2 * block) == fail(kernel_error::no_memory)); // its last page; RAM later
    CHECK(map(at(7), block) == fail(kernel_error::no_address));
    CHECK(map(phys_addr{1ull << 46}, block) == fail(kernel_error::invalid));
    CHECK(map(at(40), 1 << 20) == fail(kernel_error::invalid));
    CHECK(map(phys_addr{at(40).value + 4096}, 2 << 20) == fail(kernel_error::invalid));
    REQUIRE(s.memory.add_sections(pages_of_block(50)));
    CHECK(map(at(50), block) == fail(kernel_error::exists));
    CHECK(map(at(40), 2 << 20)); // a subsection, and another one beside it
    CHECK(map(phys_addr{at(40).value + (2 << 20)}, 2 << 20));
    const byte_range two[] = {{at(60), at(61)}, {at(1), at(2)}};
    CHECK(lm::memremap(s, node0, two, 2) == fail(kernel_error::no_address));
    CHECK_FALSE(s.memory.sections().existing().overlaps(pages_of_block(60)));
    CHECK(s.pages_of(node0, device).span.end() == pfn{61u << 15}); // spanned for ever
}

TEST_CASE("a node that memory makes online starts at pfn 0 in Linux, if it had devices",
          "[linux_mm]") {
    const byte_range pmem[] = {{at(64), at(65)}};
    for (const bool as_linux : {true, false}) {
        system_type s = booted(as_linux ? linux_6_1 : no_quirks);
        REQUIRE(lm::memremap(s, node1, pmem));
        REQUIRE(s.add_memory(node1, at(70), block));
        const pfn_range one_block{pfn{as_linux ? 0 : 64u << 15}, page_count{1 << 15}};
        CHECK(s.memory.node_span(node1) == one_block);
        REQUIRE(s.online(70, lm::online_type::movable));
        CHECK(s.memory.node_span(node1) == pfn_range{one_block.start(), pfn{71u << 15}});
    }
}

TEST_CASE("removing a part of a block stops a kernel; here it is refused", "[linux_mm]") {
    for (const bool as_linux : {true, false}) {
        system_type s = booted(as_linux ? linux_6_1 : no_quirks);
        const auto refused = as_linux ? lm::kernel_error::kernel_bug : lm::kernel_error::invalid;
        CHECK(s.remove_memory(at(32), block / 2) == fail(refused));
        CHECK(s.remove_memory(at(32), 0) == fail(refused));
        CHECK(s.remove_memory(at(32), block)); // was never there
    }
}

TEST_CASE("two DIMMs removed at once leave their entries in Linux's tree; in the core they do not",
          "[linux_mm]") {
    for (const bool as_linux : {true, false}) {
        system_type s = booted(as_linux ? linux_6_1 : no_quirks);
        REQUIRE(s.add_memory(node0, at(32), block));
        REQUIRE(s.add_memory(node0, at(33), block));
        REQUIRE(s.remove_memory(at(32), 2 * block));
        CHECK(s.tree.size() == (as_linux ? 3 : 1));
        CHECK(s.add_memory(node0, at(32), block).has_value() != as_linux);
    }
}

TEST_CASE("page words on the memory itself: one block at a time in 6.1, any from 6.8 on",
          "[linux_mm]") {
    for (const auto& rules : {linux_6_1, linux_6_12}) {
        const bool one_only = rules.quirks.metadata_for_one_block_only;
        system_type s = booted(rules);
        s.metadata_on_memory = true;
        REQUIRE(s.add_memory(node0, at(32), block, {.metadata_on_memory = true}));
        REQUIRE(s.add_memory(node0, at(34), 2 * block, {.metadata_on_memory = true}));
        for (const std::uint64_t b : {32u, 34u, 35u})
            REQUIRE(s.online(b, lm::online_type::movable));
        CHECK(s.pages_of(node0, movable).present == page_count{3 << 15});
        CHECK(s.memory.metadata_of({node0, movable}) == page_count{one_only ? 512u : 3 * 512u});
    }
}

TEST_CASE("blocks of a group are decided for together, and counted", "[linux_mm]") {
    system_type s = booted(linux_6_1);
    s.settings.policy = lm::online_policy::auto_movable;
    const auto group = s.add_group({node0, false, page_count{2 << 15}});
    REQUIRE(group);
    REQUIRE(s.add_memory(node0, at(32), 2 * block, {.group = *group}));
    CHECK(s.remove_group(*group) == fail(lm::kernel_error::busy));
    REQUIRE(s.online(32, lm::online_type::online));
    CHECK(s.zone_of(32) == result<zone_id>{movable});
    CHECK(s.group(*group).movable == page_count{1 << 15});
    REQUIRE(s.offline(32));
    CHECK(s.group(*group).movable.is_zero());
    REQUIRE(s.online(32, lm::online_type::kernel));
    REQUIRE(s.online(33, lm::online_type::online)); // kernel memory of the DIMM decides
    CHECK(s.zone_of(33) == result<zone_id>{normal});
    REQUIRE(lm::unplug(s, at(32), 2 * block, nobody));
    CHECK(s.remove_group(*group));
}

TEST_CASE("groups are checked when they are registered and unregistered", "[linux_mm]") {
    system_type s = booted(linux_6_1);
    const auto added = [&](bool dynamic, std::uint64_t pages, node_id node = node0) {
        const auto group = s.add_group({node, dynamic, page_count{pages}});
        if (group) CHECK(s.remove_group(*group));
        return group.has_value();
    };
    CHECK(added(false, 1));
    CHECK_FALSE(added(false, 0));
    CHECK(added(true, 0x8000));
    CHECK_FALSE(added(true, 0x4000));  // smaller than a block
    CHECK_FALSE(added(true, 0x18000)); // no power of two
    CHECK_FALSE(added(true, 0));
    CHECK_FALSE(added(false, 1, node_id{7}));                                  // not possible
    CHECK(s.remove_group(lm::group_id{0}) == fail(lm::kernel_error::invalid)); // nobody has it
}

TEST_CASE("the id of a group that was removed is given again, and there are so many",
          "[linux_mm]") {
    lm::memory_groups<3> groups;
    const lm::memory_group dimm{node0, false, page_count{1}};
    for (std::uint64_t i = 0; i != 3; ++i)
        CHECK(groups.add(dimm, page_count{1}) == lm::group_id{i});
    CHECK(groups.add(dimm, page_count{1}) == fail(lm::kernel_error::no_memory));
    CHECK(groups.remove(lm::group_id{1}));
    CHECK_FALSE(groups.has(lm::group_id{1}));
    CHECK(groups.remove(lm::group_id{1}) == fail(lm::kernel_error::invalid));
    groups[lm::group_id{2}].online(page_count{7}, true);
    groups[lm::group_id{2}].blocks = 1;
    // What is counted is not taken over.
    CHECK(groups.add(groups[lm::group_id{2}], page_count{1}) == lm::group_id{1});
    CHECK(groups[lm::group_id{1}].movable.is_zero());
    CHECK(groups.remove(lm::group_id{1}));
    CHECK(groups.size() == 3);
    CHECK(zonal_test::traps([&] { groups[lm::group_id{3}].blocks = 1; }));
}

TEST_CASE("memory comes online by itself if that is wished", "[linux_mm]") {
    system_type s = booted(linux_6_1);
    s.auto_online = true;
    s.auto_online_type = lm::online_type::movable;
    REQUIRE(s.add_memory(node0, at(32), 2 * block));
    CHECK(s.pages_of(node0, movable).span == pfn_range{pfn{32u << 15}, pfn{34u << 15}});
}

// ---- 4.3 --------------------------------------------------------------------------------------

namespace {

/// Linux 4.3's zones and spans in plain words: an array of sections, a loop for every search.
struct sections_4_3 {
    static constexpr std::uint64_t count = 24, size = 4;
    struct zone {
        std::uint64_t start = 0, end = 0;
        bool empty() const { return start == end; }
        void grow(std::uint64_t from, std::uint64_t to) {
            if (empty() || from < start) start = from;
            if (to > end) end = to;
        }
    };
    int stamp[count]; // -1: absent
    zone spans[4];    // by zone
    zone node;

    sections_4_3() {
        for (int& s : stamp) s = -1;
    }
    void add(std::uint64_t from, std::uint64_t to, int z) {
        for (auto s = from; s < to; ++s) {
            stamp[s] = z;
            spans[z].grow(s * size, (s + 1) * size);
            node.grow(s * size, (s + 1) * size);
        }
    }
    /// Where the range goes, or -1. Across the border between Normal and Movable, at its edge only.
    int online(std::uint64_t from, std::uint64_t to, lm::online_type type) {
        const std::uint64_t start = from * size, end = to * size;
        zone& below = spans[normal.value];
        zone& high = spans[movable.value];
        const int was = stamp[from];
        int now = was;
        if (type == lm::online_type::kernel && was == static_cast<int>(movable.value)) {
            if (end > high.end || start > high.start || end <= high.start) return -1;
            below = {below.empty() ? start : below.start, end};
            high = {end, high.end};
            now = static_cast<int>(normal.value);
        } else if (type == lm::online_type::movable && was == static_cast<int>(normal.value)) {
            if (below.start > start || below.end > end || start >= below.end) return -1;
            high = {start, high.empty() ? end : high.end};
            below = {below.start, start};
            now = static_cast<int>(movable.value);
        }
        for (zone* z : {&below, &high})
            if (z->empty()) *z = {};
        for (auto s = from; s < to; ++s) stamp[s] = now;
        return now;
    }
    /// z < 0: of any zone.
    void shrink(zone& span, std::uint64_t removed, int z) const {
        const auto belongs = [&](std::uint64_t p) {
            return z < 0 ? stamp[p / size] >= 0 : stamp[p / size] == z;
        };
        const auto a = removed * size;
        const zone before = span;
        if (before.start == a) {
            for (auto p = a + size; p < before.end; p += size)
                if (belongs(p)) {
                    span.start = p;
                    break;
                }
        } else if (before.end == a + size) {
            for (auto p = a - 1; p >= before.start; p -= size)
                if (belongs(p)) {
                    span.end = p + 1;
                    break;
                }
        }
        for (auto p = before.start; p < before.end; p += size)
            if (belongs(p) && p != a) return;
        span = {};
    }
    void remove(std::uint64_t from, std::uint64_t to) {
        for (auto s = from; s < to; ++s) {
            shrink(spans[stamp[s]], s, stamp[s]);
            shrink(node, s, -1);
            stamp[s] = -1;
        }
    }
};

} // namespace

TEST_CASE("memory of 4.3 gets its zone when it is added, and spans shrink section by section",
          "[linux_mm]") {
    // A section is a block of four pages; section 0 is not used.
    constexpr page_geometry toy{.subsection_order = 0, .section_order = 2, .memory_block_order = 2};
    constexpr lm::hotplug_rules linux_4_3 = lm::hotplug_rules_for({4, 3}).value();
    static_assert(linux_4_3.memory.zone_when_added &&
                  linux_4_3.memory.device_unit == unit::section);
    // The tree without its warts: here ranges leave that were not added as one.
    constexpr lm::hotplug_rules rules{.memory = linux_4_3.memory, .quirks = linux_4_3.quirks};
    const auto pages = [](std::uint64_t from, std::uint64_t to) {
        return pfn_range{pfn{from * 4}, pfn{to * 4}};
    };
    const auto same = [](pfn_range ours, sections_4_3::zone kernels) {
        return ours.empty() ? kernels.empty()
                            : ours == pfn_range{pfn{kernels.start}, pfn{kernels.end}};
    };
    const auto bytes = [](pfn_range r) { return std::uint64_t{r.size().value()} << 12; };
    for (unsigned seed = 1; seed <= 400; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        lm::hotplug<in_place<64>, 1, 1> s(rules, zones::list, toy);
        s.node[0] = {true, true, true};
        auto& m = s.memory;
        sections_4_3 naive;
        for (int i = 0; i < 200; ++i) {
            const std::uint64_t from = 1 + random() % 22;
            const std::uint64_t to = std::min<std::uint64_t>(from + 1 + random() % 3, 24);
            const pfn_range range = pages(from, to), one = pages(from, from + 1);
            const phys_addr start{range.start().value() << 12};
            const bool for_device = random() % 4 == 0;
            const page_owner who{node0,
                                 lm::zone_for_memory(hot_add{m, node0, range, for_device, normal})};
            // 1.1: device, else movable from where Movable starts, else the default
            const auto& high = naive.spans[movable.value];
            const bool above = !high.empty() && high.start <= from * 4;
            REQUIRE(who.zone == (for_device ? device : above ? movable : normal));

            const bool free = !m.sections().existing().overlaps(range);
            const auto held = m.pages().find(range.start());
            const bool whole = held && held->range.contains(range);
            if (free && for_device) {
                REQUIRE(m.map_device(range, who));
                naive.add(from, to, static_cast<int>(device.value));
            } else if (free) {
                REQUIRE(s.add_memory(node0, start, bytes(range)));
                naive.add(from, to, static_cast<int>(who.zone.value));
            } else if (whole && held->value.owner.zone == device) {
                REQUIRE(m.unmap_device(range));
                naive.remove(from, to);
            } else if (whole && !held->value.present && random() % 2 == 0) {
                REQUIRE(s.remove_memory(start, bytes(range)));
                naive.remove(from, to);
            } else if (held && held->value.present) {
                // present pages follow online and offline, spans do not
                REQUIRE(s.offline(from));
            } else if (held && held->value.owner.zone != device) {
                const auto type = static_cast<lm::online_type>(random() % 3);
                const auto move =
                    lm::online_4_3(hot_add{m, node0, one}, held->value.owner.zone, type, true);
                const int zone = naive.online(from, from + 1, type);
                REQUIRE(move.has_value() == (zone >= 0));
                REQUIRE(s.online(from, type).has_value() == (zone >= 0));
                if (!move) continue;
                REQUIRE(move->zone.value == static_cast<unsigned>(zone));
                REQUIRE(m.owner_of(one.start()) ==
                        result<page_owner>{page_owner{node0, move->zone}});
            }
            for (const zone_id z : {normal, movable, device})
                REQUIRE(same(m.pages_of(node0, z).span, naive.spans[z.value]));
            REQUIRE(same(m.node_span(node0), naive.node));
        }
    }
}

TEST_CASE("4.3 onlines where memory was added, or across an edge", "[linux_mm]") {
    system_type s = booted(lm::hotplug_rules_for({4, 3}).value());
    REQUIRE(s.add_memory(node0, at(32), 3 * block));
    CHECK(s.pages_of(node0, normal).span == pfn_range{pfn{32u << 15}, pfn{35u << 15}});
    CHECK(s.online(33, lm::online_type::movable) == fail(lm::kernel_error::invalid));
    REQUIRE(s.online(34, lm::online_type::movable));
    CHECK(s.zone_of(34) == result<zone_id>{movable});
    CHECK(s.pages_of(node0, normal).span.end() == pfn{34u << 15});
    REQUIRE(s.add_memory(node0, at(40), block)); // above the start of Movable
    REQUIRE(s.online(40, lm::online_type::online));
    CHECK(s.zone_of(40) == result<zone_id>{movable});
    CHECK(testing::fault_in(s.memory).empty());
}

TEST_CASE("every version from 4.3 on has rules", "[linux_mm]") {
    CHECK(lm::hotplug_rules_for({4, 2}).error() == errc::not_found);
    CHECK(lm::hotplug_rules_for({4, 3})->memory.zone_when_added);
    CHECK(lm::hotplug_rules_for({4, 3})->memory.shrink.device_zones_shrink);
    CHECK_FALSE(lm::hotplug_rules_for({5, 14})->memory.zone_when_added);
    CHECK(lm::hotplug_rules_for({6, 6})->quirks.metadata_for_one_block_only);
    CHECK_FALSE(lm::hotplug_rules_for({6, 18})->quirks.metadata_for_one_block_only);
}
