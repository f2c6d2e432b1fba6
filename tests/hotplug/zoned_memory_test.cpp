// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/zoned_memory.hpp>

#include <zonal/linux_mm/zones.hpp>
#include <zonal/testing/zoned_memory_fault.hpp>

#include "test.hpp"

#include <map>
#include <random>
#include <vector>

using namespace zonal;
using zonal::testing::fault_in;
namespace lm = zonal::linux_mm;

namespace {

using zones = zone_set<lm::normal, lm::movable, lm::device>;
constexpr zone_id normal = zones::id_of<lm::normal>;
constexpr zone_id movable = zones::id_of<lm::movable>;
constexpr zone_id device = zones::id_of<lm::device>;
constexpr node_id node0{0}, node1{1};

// 2 pages a subsection, 4 a section, 8 a block.
constexpr page_geometry toy{.subsection_order = 1, .section_order = 2, .memory_block_order = 3};

constexpr pfn_range pages(std::uint64_t from, std::uint64_t to) { return {pfn{from}, pfn{to}}; }

using toy_memory = zoned_memory<in_place<16>, 2>;
static_assert(page_view<toy_memory>);
static_assert(page_view<zoned_memory<caller_storage>>);

constexpr bool life() {
    toy_memory m(zones::list, toy);
    bool ok = m.boot(pages(1, 12), {node0, normal}).has_value();
    ok = ok && m.add(pages(16, 32), {node1}).has_value();
    ok = ok && m.online(pages(16, 24), movable).has_value();
    ok = ok && m.online(pages(24, 32), normal).has_value();
    ok = ok && m.map_device(pages(36, 46), {node1, device}).has_value();
    ok = ok && m.pages_of(node1, movable).span == pages(16, 24);
    ok = ok && m.pages_of(node1, device).span == pages(36, 46);
    ok = ok && m.node_span(node1) == pages(16, 46) && m.present_in(node1) == page_count{16};
    ok = ok && m.remove(pages(16, 32)) == fail(errc::busy);
    ok = ok && m.offline(pages(16, 32)).has_value() && m.unmap_device(pages(36, 46)).has_value();
    ok = ok && m.remove(pages(16, 32)).has_value();
    ok = ok && m.node_span(node1).empty() && m.present_in(node1).is_zero();
    ok =
        ok && m.pages_of(node0, normal) == zone_pages{pages(1, 12), page_count{11}, page_count{11}};
    return ok && fault_in(m).empty();
}
static_assert(life());

/// All that can be asked, to see that nothing has changed.
struct state {
    pfn_range_set<in_place<64>> tainted;
    pfn_range_set<in_place<64>> subsections;
    pfn_range_map<block_state, in_place<64>> blocks;
    pfn_range_map<page_state, in_place<64>> owners;
    std::vector<zone_pages> accounts;
    std::vector<pfn_range> nodes;
    friend bool operator==(const state&, const state&) = default;
};
template <class Memory>
state state_of(const Memory& m) {
    state s;
    REQUIRE(s.tainted.assign(m.sections().tainted()));
    REQUIRE(s.subsections.assign(m.sections().existing()));
    REQUIRE(s.blocks.assign(m.blocks()));
    REQUIRE(s.owners.assign(m.pages()));
    for (node_id n{}; n.value < Memory::max_nodes; ++n.value) {
        s.nodes.push_back(m.node_span(n));
        for (zone_id z{}; z.value < zones::size; ++z.value) s.accounts.push_back(m.pages_of(n, z));
    }
    return s;
}

// ---- a model: every page on its own ----------------------------------------------------------

constexpr std::uint64_t end_of_memory = 96;

struct model {
    struct page {
        bool exists = false, present = false, owned = false;
        page_owner owner{};
    };
    struct block {
        bool exists = false, online = false, early = false;
        node_id node{};
    };
    page all[end_of_memory];
    block blocks[end_of_memory / 8];
    bool tainted[end_of_memory / 4] = {};
    bool early[end_of_memory / 4] = {};

    static errc check(std::uint64_t from, std::uint64_t to, std::uint64_t unit, page_owner who) {
        if (from == to) return errc::bad_range;
        if (to > end_of_memory || who.node.value > 1 || who.zone.value > 2)
            return errc::out_of_reach;
        if (from % unit != 0 || to % unit != 0) return errc::misaligned;
        return errc{};
    }
    template <class F>
    bool any(std::uint64_t from, std::uint64_t to, F f) {
        for (auto p = from; p < to; ++p)
            if (f(all[p])) return true;
        return false;
    }
    bool exists(std::uint64_t from, std::uint64_t to) {
        return any(from, to, [](const page& p) { return p.exists; });
    }
    void forget_empty_sections() {
        for (std::uint64_t s = 0; s < end_of_memory / 4; ++s)
            if (!exists(s * 4, s * 4 + 4)) tainted[s] = early[s] = false;
    }
    errc check_blocks(std::uint64_t from, std::uint64_t to, bool online, zone_id zone) {
        if (const errc e = check(from, to, 8, {{}, zone}); e != errc{}) return e;
        for (auto b = from / 8; b < to / 8; ++b)
            if (!blocks[b].exists) return errc::not_found;
        for (auto b = from / 8; b < to / 8; ++b)
            if (blocks[b].online != online) return errc::bad_state;
        return zone == device ? errc::bad_state : errc{};
    }

    errc boot(std::uint64_t from, std::uint64_t to, page_owner who) {
        for (auto p = from; p < to; ++p) all[p] = {true, true, true, who};
        for (auto p = from / 2 * 2; p < (to + 1) / 2 * 2; ++p) all[p].exists = true;
        for (auto b = from / 8; b < (to + 7) / 8; ++b) blocks[b] = {true, true, true, who.node};
        for (auto s = from / 4; s < (to + 3) / 4; ++s) early[s] = true;
        return errc{};
    }
    errc add(std::uint64_t from, std::uint64_t to, node_id node) {
        if (const errc e = check(from, to, 8, {node, {}}); e != errc{}) return e;
        for (auto b = from / 8; b < to / 8; ++b)
            if (blocks[b].exists) return errc::exists;
        if (exists(from, to)) return errc::exists;
        for (auto p = from; p < to; ++p) all[p] = {true};
        for (auto b = from / 8; b < to / 8; ++b) blocks[b] = {true, false, false, node};
        return errc{};
    }
    errc online(std::uint64_t from, std::uint64_t to, zone_id zone) {
        if (const errc e = check_blocks(from, to, false, zone); e != errc{}) return e;
        for (auto b = from / 8; b < to / 8; ++b)
            if (blocks[b].node != blocks[from / 8].node) return errc::bad_state;
        for (auto b = from / 8; b < to / 8; ++b) blocks[b].online = true;
        for (auto p = from; p < to; ++p) all[p] = {true, true, true, {blocks[p / 8].node, zone}};
        return errc{};
    }
    errc offline(std::uint64_t from, std::uint64_t to) {
        if (const errc e = check_blocks(from, to, true, {}); e != errc{}) return e;
        if (any(from, to, [](const page& p) { return !p.present; })) return errc::bad_state;
        for (auto b = from / 8; b < to / 8; ++b) blocks[b].online = false;
        for (auto p = from; p < to; ++p) all[p] = {true};
        return errc{};
    }
    errc remove(std::uint64_t from, std::uint64_t to) {
        const errc e = check_blocks(from, to, false, {});
        if (e != errc{}) return e == errc::bad_state ? errc::busy : e;
        for (auto p = from; p < to; ++p) all[p] = {};
        for (auto b = from / 8; b < to / 8; ++b) blocks[b] = {};
        forget_empty_sections();
        return errc{};
    }
    errc map(std::uint64_t from, std::uint64_t to, page_owner who) {
        if (const errc e = check(from, to, 2, who); e != errc{}) return e;
        if (who.zone != device) return errc::bad_state;
        if (exists(from, to)) return errc::exists;
        for (auto p = from; p < to; ++p) all[p] = {true, false, true, who};
        if (from % 4 != 0) tainted[from / 4] = true;
        if (to % 4 != 0) tainted[to / 4] = true;
        return errc{};
    }
    errc unmap(std::uint64_t from, std::uint64_t to) {
        if (const errc e = check(from, to, 2, {{}, {}}); e != errc{}) return e;
        if (any(from, to, [](const page& p) { return !p.owned || p.owner.zone != device; }))
            return errc::not_found;
        for (auto p = from; p < to; ++p) all[p] = {};
        forget_empty_sections();
        return errc{};
    }

    zone_pages pages_of(node_id n, zone_id z) {
        zone_pages sum;
        for (std::uint64_t p = 0; p < end_of_memory; ++p) {
            if (!all[p].owned || all[p].owner != page_owner{n, z}) continue;
            sum.span = sum.span.envelope(pages(p, p + 1));
            if (all[p].present) sum.online(page_count{1}, blocks[p / 8].early);
        }
        return sum;
    }
};

template <class Memory>
void compare(const Memory& m, model& naive) {
    REQUIRE(fault_in(m).empty());
    for (std::uint64_t p = 0; p < end_of_memory; ++p) {
        const auto owner = m.owner_of(pfn{p});
        REQUIRE(m.sections().existing().contains(pfn{p}) == naive.all[p].exists);
        REQUIRE(owner.has_value() == naive.all[p].owned);
        if (owner) {
            REQUIRE(*owner == naive.all[p].owner);
            REQUIRE(m.pages().find(pfn{p})->value.present == naive.all[p].present);
        }
    }
    for (std::uint64_t b = 0; b < end_of_memory / 8; ++b) {
        const auto found = m.blocks().find(pfn{b * 8});
        REQUIRE(found.has_value() == naive.blocks[b].exists);
        if (!found) continue;
        REQUIRE(found->value.online == naive.blocks[b].online);
        REQUIRE(found->value.early == naive.blocks[b].early);
        REQUIRE(found->value.node == naive.blocks[b].node);
    }
    for (std::uint64_t s = 0; s < end_of_memory / 4; ++s) {
        const auto found = m.section_of(pfn{s * 4});
        REQUIRE(found.has_value() == naive.exists(s * 4, s * 4 + 4));
        if (!found) continue;
        REQUIRE(found->tainted == naive.tainted[s]);
        REQUIRE(found->early == naive.early[s]);
        const model::block& b = naive.blocks[s / 2];
        REQUIRE(found->online == (b.online && b.early == naive.early[s]));
    }
    for (const node_id n : {node0, node1}) {
        pfn_range span;
        for (const zone_id z : {normal, movable, device}) {
            REQUIRE(m.pages_of(n, z) == naive.pages_of(n, z));
            span = span.envelope(naive.pages_of(n, z).span);
        }
        REQUIRE(m.node_span(n) == span);
    }
}

/// A random call, of the memory and of the model; both say the same, or the memory has no room.
template <class Memory>
bool step(Memory& m, model& naive, std::mt19937& random) {
    const auto below = [&](std::uint64_t n) { return random() % n; };
    const std::uint64_t unit = below(8) == 0 ? 1 : below(2) == 0 ? 2 : 8;
    const auto from = below(end_of_memory / unit) * unit;
    auto to = from + below(4) * unit;
    const node_id node{below(20) == 0 ? 2 : below(2)};
    const zone_id zone{below(20) == 0 ? 3 : below(3)};
    const auto before = state_of(m);
    model after = naive;
    result<done> said = done{};
    errc expected{};
    switch (below(6)) {
    case 0:
        said = m.add(pages(from, to), {node});
        expected = after.add(from, to, node);
        break;
    case 1:
        said = m.online(pages(from, to), zone);
        expected = after.online(from, to, zone);
        break;
    case 2:
        said = m.offline(pages(from, to));
        expected = after.offline(from, to);
        break;
    case 3:
        said = m.remove(pages(from, to));
        expected = after.remove(from, to);
        break;
    case 4:
        said = m.map_device(pages(from, to), {node, device});
        expected = after.map(from, to, {node, device});
        break;
    default: said = m.unmap_device(pages(from, to)); expected = after.unmap(from, to);
    }
    if (said == fail(errc::no_space)) {
        REQUIRE(expected == errc{});
        REQUIRE(state_of(m) == before);
        return false;
    }
    REQUIRE((said ? errc{} : said.error()) == expected);
    if (!said) REQUIRE(state_of(m) == before);
    naive = after;
    return true;
}

constexpr memory_rules to_the_end{.limit = pfn{end_of_memory}};

} // namespace

TEST_CASE("no block of the system's gets into a device zone", "[hotplug]") {
    toy_memory m(zones::list, toy, {.zone_when_added = true});
    CHECK(m.add(pages(16, 24), {node0}, device) == fail(errc::bad_state));
    CHECK(m.boot(pages(16, 24), {node0, device}) == fail(errc::bad_state));
    CHECK(m.add(pages(16, 24), {node0}, movable));
    CHECK(fault_in(m) == text());
}

TEST_CASE("memory is there at boot, added, onlined, offlined and removed; a device's is mapped",
          "[hotplug]") {
    REQUIRE(life());
    toy_memory memory(zones::list, toy);
    const pfn_range low = pages(0, 8), dimm = pages(16, 24), pmem = pages(32, 40);
    REQUIRE(memory.boot(low, {node_id{0}, normal}));
    REQUIRE(memory.add(dimm, {node_id{0}}));
    REQUIRE(memory.online(dimm, movable));
    REQUIRE(memory.offline(dimm));
    REQUIRE(memory.remove(dimm));
    REQUIRE(memory.map_device(pmem, {node_id{0}, device}));
    CHECK(memory.owner_of(pfn{32}) == result<page_owner>{{node0, device}});
    CHECK(memory.owner_of(pfn{16}) == fail(errc::not_found));
    CHECK(memory.present_in(node0) == page_count{8});
}

TEST_CASE("pages that keep their block's page words are present, and counted apart", "[hotplug]") {
    toy_memory m(zones::list, toy);
    REQUIRE(m.add(pages(16, 40), {.node = node0, .metadata = page_count{2}}));
    REQUIRE(m.online(pages(16, 32), movable));
    CHECK(m.pages_of(node0, movable).present == page_count{16});
    CHECK(m.metadata_of({node0, movable}) == page_count{4});
    REQUIRE(m.offline(pages(16, 24)));
    CHECK(m.metadata_of({node0, movable}) == page_count{2});
}

TEST_CASE("holes of the boot belong to an owner and keep their block from going offline",
          "[hotplug]") {
    toy_memory m(zones::list, toy);
    REQUIRE(m.boot(pages(1, 8), {node0, normal}));
    CHECK(m.offline(pages(0, 8)) == fail(errc::bad_state));
    REQUIRE(m.boot(pages(0, 1), {node0, normal}, early_memory::holes));
    CHECK(m.owner_of(pfn{0}).has_value());
    CHECK(m.pages_of(node0, normal).present == page_count{7});
    CHECK(m.offline(pages(0, 8)) == fail(errc::bad_state));
    REQUIRE(m.boot(pages(8, 16), {node0, normal}));
    REQUIRE(m.offline(pages(8, 16)));
    CHECK(m.pages_of(node0, normal) == zone_pages{pages(0, 8), page_count{7}, page_count{7}});
    CHECK(fault_in(m).empty());
}

TEST_CASE("memory of the boot that left can come back as such", "[hotplug]") {
    toy_memory m(zones::list, toy);
    REQUIRE(m.boot(pages(0, 16), {node0, normal}));
    REQUIRE(m.offline(pages(0, 8)));
    CHECK(m.boot(pages(0, 8), {node0, normal}) == fail(errc::bad_state));
    CHECK(m.boot(pages(0, 2), {node0, normal}) == fail(errc::bad_state));
    CHECK(fault_in(m).empty());
    REQUIRE(m.remove(pages(0, 8)));
    CHECK(m.add(pages(0, 2), {.node = node0, .early = true}) == fail(errc::misaligned));
    REQUIRE(m.add(pages(0, 8), {.node = node0, .online = true, .early = true}));
    CHECK(m.add(pages(0, 8), {.node = node0, .early = true}) == fail(errc::exists));
    CHECK(m.pages_of(node0, normal).present == page_count{8});
    REQUIRE(m.online(pages(0, 8), normal));
    CHECK(m.pages_of(node0, normal) == zone_pages{pages(0, 16), page_count{16}, page_count{16}});
    CHECK(fault_in(m).empty());
}

TEST_CASE("a section that a device shares is tainted for as long as it lives", "[hotplug]") {
    toy_memory m(zones::list, toy);
    REQUIRE(m.boot(pages(0, 2), {node0, normal})); // half a section
    REQUIRE(m.map_device(pages(2, 4), {node0, device}));
    const auto tainted = [&] { return m.section_of(pfn{0})->tainted; };
    CHECK(tainted());
    REQUIRE(m.unmap_device(pages(2, 4)));
    CHECK(tainted());
    CHECK_FALSE(m.sections().existing().contains(pfn{2}));
    CHECK(m.add(pages(0, 8), {node0}) == fail(errc::exists));
}

TEST_CASE("page words alone can be added and removed, and are in the way", "[hotplug]") {
    toy_memory m(zones::list, toy);
    REQUIRE(m.add_sections(pages(16, 20)));
    CHECK(m.add_sections(pages(18, 22)) == fail(errc::exists));
    CHECK(m.add(pages(16, 24), {node0}) == fail(errc::exists));
    CHECK(m.map_device(pages(18, 22), {node0, device}) == fail(errc::exists));
    REQUIRE(m.remove_sections(pages(12, 32)));
    REQUIRE(m.add(pages(16, 24), {node0}));
    CHECK(m.remove_sections(pages(12, 32)) == fail(errc::busy));
}

TEST_CASE("what could be refused is refused, and nothing has changed", "[hotplug]") {
    toy_memory m(zones::list, toy, to_the_end);
    REQUIRE(m.boot(pages(0, 8), {node0, normal}));
    REQUIRE(m.add(pages(16, 24), {node0}));
    const state before = state_of(m);
    CHECK(m.boot(pages(4, 12), {node0, normal}) == fail(errc::exists));
    CHECK(m.boot(pages(16, 24), {node0, normal}) == fail(errc::bad_state));
    CHECK(m.add(pages(24, 24), {node0}) == fail(errc::bad_range));
    CHECK(m.add(pages(88, 104), {node0}) == fail(errc::out_of_reach));
    CHECK(m.add(pages(24, 32), {node_id{2}}) == fail(errc::out_of_reach));
    CHECK(m.add(pages(28, 36), {node0}) == fail(errc::misaligned));
    CHECK(m.add(pages(16, 32), {node0}) == fail(errc::exists));
    CHECK(m.online(pages(16, 24), zone_id{3}) == fail(errc::out_of_reach));
    CHECK(m.online(pages(16, 24), device) == fail(errc::bad_state));
    CHECK(m.online(pages(16, 32), movable) == fail(errc::not_found));
    CHECK(m.online(pages(0, 8), movable) == fail(errc::bad_state));
    CHECK(m.offline(pages(16, 24)) == fail(errc::bad_state));
    CHECK(m.remove(pages(0, 8)) == fail(errc::busy));
    CHECK(m.remove(pages(24, 32)) == fail(errc::not_found));
    CHECK(m.map_device(pages(33, 36), {node0, device}) == fail(errc::misaligned));
    CHECK(m.map_device(pages(32, 36), {node0, normal}) == fail(errc::bad_state));
    CHECK(m.map_device(pages(22, 26), {node0, device}) == fail(errc::exists));
    CHECK(m.unmap_device(pages(16, 24)) == fail(errc::not_found));
    CHECK(state_of(m) == before);
}

TEST_CASE("zoned memory and a model of single pages agree on random calls", "[hotplug]") {
    for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        zoned_memory<in_place<64>, 2> m(zones::list, toy, to_the_end);
        model naive;
        REQUIRE(m.boot(pages(1, 11), {node0, normal}));
        naive.boot(1, 11, {node0, normal});
        for (int i = 0; i < 1500; ++i) {
            REQUIRE(step(m, naive, random));
            if (i % 10 == 0) compare(m, naive);
        }
        compare(m, naive);
    }
}

TEST_CASE("a map that is full refuses, and nothing has changed", "[hotplug]") {
    int full = 0;
    for (unsigned seed = 1; seed <= 40; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        range_entry<no_value> tainted[4];
        range_entry<no_value> subsections[4];
        range_entry<block_state> blocks[4];
        range_entry<page_state> owners[4];
        using slots = zoned_memory<caller_storage, 2>;
        const auto room = [&](unsigned which) { return seed % 4 == which ? 2 + seed % 3 : 4; };
        slots m(zones::list, toy, to_the_end, slots::section_sets::page_set(tainted, room(0)),
                slots::section_sets::page_set(subsections, room(1)),
                slots::block_map(blocks, room(2)), slots::page_map(owners, room(3)));
        model naive;
        for (int i = 0; i < 400; ++i) full += !step(m, naive, random);
        compare(m, naive);
    }
    CHECK(full > 500);
}

TEST_CASE("what has left can come back into the room that it had", "[hotplug]") {
    int tried = 0;
    for (unsigned seed = 1; seed <= 40; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        zoned_memory<in_place<3>, 2> m(zones::list, toy, to_the_end);
        model naive;
        for (int i = 0; i < 600; ++i) {
            static_cast<void>(step(m, naive, random));
            for (const auto& p : m.pages()) {
                auto without = m;
                const bool is_device = p.value.owner.zone == device;
                // Unless it was mapped at once, what is mapped at once shares other sections.
                if (is_device && (!toy.is_aligned(p.range, unit::section) ||
                                  m.sections().tainted().overlaps(p.range)))
                    continue;
                if (!(is_device ? without.unmap_device(p.range) : without.offline(p.range)))
                    continue;
                REQUIRE((is_device ? without.map_device(p.range, p.value.owner)
                                   : without.online(p.range, p.value.owner.zone)));
                REQUIRE(without.pages() == m.pages());
                ++tried;
            }
            for (const auto& b : m.blocks()) {
                auto without = m;
                if (b.value.early || !without.remove(b.range)) continue;
                REQUIRE(without.add(b.range, {b.value.node}));
                REQUIRE(without.blocks() == m.blocks());
                ++tried;
            }
        }
    }
    CHECK(tried > 1000);
}

TEST_CASE("blocks that differ go offline together in the room of one", "[hotplug]") {
    zoned_memory<in_place<4>> m(zones::list, page_geometry{12, 0, 0, 0});
    for (std::uint32_t tag : {0u, 1u, 2u})
        REQUIRE(m.add(pages(tag * 2, tag * 2 + 2), {.node = node0, .tag = tag}));
    REQUIRE(m.online(pages(0, 6), normal));
    REQUIRE(m.map_device(pages(10, 11), {node0, device}));
    REQUIRE(m.map_device(pages(11, 12), {node1, device}));
    REQUIRE(m.map_device(pages(20, 21), {node0, device}));
    REQUIRE(m.pages().size() == 4);
    CHECK(m.offline(pages(2, 6)));
    CHECK(m.pages_of(node0, normal).present == page_count{2});
    CHECK(fault_in(m).empty());
}

TEST_CASE("metadata takes no more than its block", "[hotplug]") {
    zoned_memory<in_place<4>> m(zones::list, toy);
    CHECK(m.add(pages(8, 16), {.node = node0, .metadata = page_count{9}}) == fail(errc::bad_range));
    CHECK(m.add(pages(8, 16), {.node = node0, .metadata = page_count{8}}));
}

TEST_CASE("what shrinks memory needs no room, unless it cuts a range in two", "[hotplug]") {
    zoned_memory<in_place<2>, 2> m(zones::list, toy);
    REQUIRE(m.add(pages(16, 40), {node0}));
    REQUIRE(m.add(pages(48, 56), {node0}));
    const state before = state_of(m);
    CHECK(m.remove(pages(24, 32)) == fail(errc::no_space));
    CHECK(state_of(m) == before);
    CHECK(m.remove(pages(16, 24)));
    CHECK(m.remove(pages(24, 40)));
    CHECK(m.remove(pages(48, 56)));
    CHECK(m.blocks().empty());
}
