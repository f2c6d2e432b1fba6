// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/boot_ranges.hpp>

#include "test.hpp"

#include <algorithm>
#include <random>
#include <vector>

using namespace zonal;

namespace {

// Pages of 16 bytes, subsections of 2, sections of 4, blocks of 8 pages.
constexpr page_geometry toy{
    .page_bytes_log2 = 4, .subsection_order = 1, .section_order = 2, .memory_block_order = 3};

constexpr firmware_range usable(std::uint64_t start, std::uint64_t end) {
    return {{phys_addr{start}, phys_addr{end}}};
}
constexpr firmware_range reserved(std::uint64_t start, std::uint64_t end) {
    return {{phys_addr{start}, phys_addr{end}}, firmware_kind::reserved};
}
constexpr node_range owned(std::uint64_t start, std::uint64_t end, std::uint64_t node,
                           bool hot_pluggable = false) {
    return {{phys_addr{start}, phys_addr{end}}, {node}, hot_pluggable};
}
constexpr boot_range pages(std::uint64_t start, std::uint64_t end, std::uint64_t node,
                           bool hot_pluggable = false) {
    return {{pfn{start}, pfn{end}}, {node}, hot_pluggable};
}

template <unsigned Capacity = 8>
constexpr result<boot_ranges<Capacity>> made(std::initializer_list<firmware_range> firmware,
                                             std::initializer_list<node_range> owners = {},
                                             page_geometry g = toy) {
    firmware_map<16> map;
    for (const firmware_range& r : firmware) expects(map.add(r).has_value(), "test: too many");
    node_map<16> nodes;
    for (const node_range& r : owners) expects(nodes.add(r).has_value(), "test: too many");
    return boot_ranges<Capacity>::make(g, map, nodes);
}
template <unsigned Capacity>
constexpr bool same(const result<boot_ranges<Capacity>>& a, std::initializer_list<boot_range> b) {
    return a && std::equal(a->begin(), a->end(), b.begin(), b.end());
}

} // namespace

TEST_CASE("the example of boot_ranges.hpp", "[hotplug]") {
    firmware_map<> firmware;
    REQUIRE(firmware.add(usable(0x1800000, 0xff00000)));
    const node_map<> nodes;
    const auto usable = boot_ranges<>::make({}, firmware, nodes).value();
    CHECK(usable.present_in({pfn{0x1000}, pfn{0x2000}}) == page_count{0x800});
}

TEST_CASE("usable bytes are rounded inwards to pages", "[hotplug]") {
    STATIC_REQUIRE(same(made({usable(0x10, 0x30)}), {pages(1, 3, 0)}));
    STATIC_REQUIRE(same(made({usable(0x0f, 0x31)}), {pages(1, 3, 0)}));
    STATIC_REQUIRE(same(made({usable(0x11, 0x2f)}), {})); // no whole page
    STATIC_REQUIRE(same(made({usable(0x10, 0x20)}), {pages(1, 2, 0)}));
    STATIC_REQUIRE(same(made({usable(0x14, 0x1c)}), {})); // inside one page
    STATIC_REQUIRE(same(made({usable(0x1, 0x10)}), {}));
    STATIC_REQUIRE(same(made({}), {}));
    STATIC_REQUIRE(made({})->span() == pfn_range{});
}

TEST_CASE("usable entries that meet inside a page do not cost it, other kinds do", "[hotplug]") {
    STATIC_REQUIRE(same(made({usable(0, 0x18), usable(0x18, 0x40)}), {pages(0, 4, 0)}));
    STATIC_REQUIRE(same(made({usable(0, 0x28), usable(0x18, 0x40)}), {pages(0, 4, 0)}));
    STATIC_REQUIRE(
        same(made({usable(0, 0x40), reserved(0x18, 0x19)}), {pages(0, 1, 0), pages(2, 4, 0)}));
    STATIC_REQUIRE(same(made({usable(0, 0x40), reserved(0, 0x40)}), {}));
}

TEST_CASE("ranges are cut where nodes meet; a page of two nodes is nobody's", "[hotplug]") {
    STATIC_REQUIRE(same(made({usable(0, 0x80)}, {owned(0, 0x40, 0), owned(0x40, 0x100, 1)}),
                        {pages(0, 4, 0), pages(4, 8, 1)}));
    STATIC_REQUIRE(same(made({usable(0, 0x80)}, {owned(0x44, 0x100, 1), owned(0, 0x44, 0)}),
                        {pages(0, 4, 0), pages(5, 8, 1)}));
}

TEST_CASE("entries of one node that meet, overlap or nest are as one", "[hotplug]") {
    STATIC_REQUIRE(
        same(made({usable(0, 0x80)}, {owned(0, 0x44, 2), owned(0x44, 0x80, 2)}), {pages(0, 8, 2)}));
    STATIC_REQUIRE(
        same(made({usable(0, 0x80)}, {owned(0, 0x50, 2), owned(0x30, 0x80, 2)}), {pages(0, 8, 2)}));
    STATIC_REQUIRE(same(made({usable(0, 0x80)}, {owned(0, 0x80, 2), owned(0x20, 0x40, 2, true)}),
                        {pages(0, 2, 2), pages(2, 4, 2, true), pages(4, 8, 2)}));
}

TEST_CASE("memory that no node owns is left out, unless there are no nodes at all", "[hotplug]") {
    STATIC_REQUIRE(same(made({usable(0, 0x80)}, {owned(0x20, 0x30, 3), owned(0x50, 0x60, 3)}),
                        {pages(2, 3, 3), pages(5, 6, 3)}));
    STATIC_REQUIRE(same(made({usable(0, 0x80)}, {owned(0x100, 0x200, 3)}), {}));
    STATIC_REQUIRE(same(made({usable(0, 0x80)}), {pages(0, 8, 0)}));
}

TEST_CASE("memory that two nodes own is refused; beyond memory they may overlap", "[hotplug]") {
    STATIC_REQUIRE(made({usable(0, 0x81)}, {owned(0, 0x90, 0), owned(0x80, 0x100, 1)}).error() ==
                   errc::overlap);
    STATIC_REQUIRE(same(made({usable(0, 0x80)}, {owned(0, 0x90, 0), owned(0x80, 0x100, 1)}),
                        {pages(0, 8, 0)}));
}

TEST_CASE("more ranges than there is room for are refused", "[hotplug]") {
    STATIC_REQUIRE(made<2>({usable(0, 0x10), usable(0x20, 0x30)}).has_value());
    STATIC_REQUIRE(made<2>({usable(0, 0x10), usable(0x20, 0x30), usable(0x40, 0x50)}).error() ==
                   errc::no_space);
    // what is less than a page needs no room
    STATIC_REQUIRE(made<2>({usable(0, 0x10), usable(0x20, 0x30), usable(0x44, 0x4f)}).has_value());
}

TEST_CASE("memory beyond 2^52 pages is refused, the last page before it is not", "[hotplug]") {
    constexpr std::uint64_t end = std::uint64_t{1} << (52 + 4);
    STATIC_REQUIRE(same(made({usable(end - 0x10, end)}),
                        {pages((std::uint64_t{1} << 52) - 1, std::uint64_t{1} << 52, 0)}));
    STATIC_REQUIRE(made({usable(end - 0x10, end + 0x10)}).error() == errc::out_of_reach);
    STATIC_REQUIRE(made({usable(end + 1, end + 0x40)}).error() == errc::out_of_reach);
    STATIC_REQUIRE(made({usable(~0ull - 0xfff, ~0ull)}, {}, page_geometry{})->empty());
}

TEST_CASE("present pages are those of any node, or of one", "[hotplug]") {
    constexpr auto r = made({usable(0, 0x70), usable(0x100, 0x180)},
                            {owned(0, 0x20, 4), owned(0x20, 0x40, 7), owned(0x40, 0x200, 5)})
                           .value();
    constexpr auto block = [](std::uint64_t i) { return pfn_range{pfn{i * 8}, page_count{8}}; };
    STATIC_REQUIRE(r.present_in(block(0)) == page_count{7});
    STATIC_REQUIRE(r.present_in(block(0), node_id{5}) == page_count{3});
    STATIC_REQUIRE(r.present_in(block(0), node_id{6}) == page_count{0});
    STATIC_REQUIRE(r.present_in(block(1)) == page_count{0});
    STATIC_REQUIRE(r.span() == pfn_range{pfn{0}, pfn{0x18}});
}

TEST_CASE("random firmware and nodes give the pages that a byte for byte account gives",
          "[hotplug]") {
    std::mt19937 random(20251122); // fixed, so that a failure comes again
    constexpr unsigned page = 4, count = 24, size = count * page;
    constexpr page_geometry g{
        .page_bytes_log2 = 2, .subsection_order = 1, .section_order = 2, .memory_block_order = 3};
    int refused = 0;
    for (int round = 0; round < 3000; ++round) {
        struct byte {
            int kind = -1, node = -1;
            bool hot = false, two = false;
        };
        std::vector<byte> account(size);
        firmware_map<8> firmware;
        for (auto n = random() % 8; n > 0; --n) {
            const auto a = random() % size, b = a + random() % (size - a + 1);
            const bool is_usable = random() % 3 != 0;
            REQUIRE(firmware.add(is_usable ? usable(a, b) : reserved(a, b)));
            for (auto i = a; i < b; ++i)
                account[i].kind = std::max(account[i].kind, is_usable ? 0 : 1);
        }
        node_map<8> owners;
        for (auto n = random() % 5; n > 0; --n) {
            const auto a = random() % size, b = a + random() % (size - a + 1);
            const int node = static_cast<int>(random() % 2);
            const bool hot = random() % 4 == 0;
            REQUIRE(owners.add(owned(a, b, static_cast<std::uint64_t>(node), hot)));
            for (auto i = a; i < b; ++i) {
                account[i].two |= account[i].node >= 0 && account[i].node != node;
                account[i].node = node;
                account[i].hot |= hot;
            }
        }
        if (owners.size == 0)
            for (byte& b : account) b.node = 0;

        INFO("round " << round);
        const auto got = boot_ranges<32>::make(g, firmware, owners);
        const bool conflict = std::any_of(account.begin(), account.end(),
                                          [](const byte& b) { return b.kind == 0 && b.two; });
        REQUIRE(got.has_value() == !conflict);
        if (conflict) {
            REQUIRE(got.error() == errc::overlap);
            ++refused;
            continue;
        }
        for (unsigned p = 0; p < count; ++p) {
            const byte first = account[p * page];
            bool whole = first.kind == 0 && first.node >= 0;
            for (unsigned i = p * page; i < (p + 1) * page; ++i)
                whole = whole && account[i].kind == 0 && account[i].node == first.node &&
                        account[i].hot == first.hot;
            const pfn_range one{pfn{p}, page_count{1}};
            REQUIRE(got->present_in(one).value() == (whole ? 1u : 0u));
            const node_id node{static_cast<std::uint64_t>(first.node)};
            if (whole) REQUIRE(got->present_in(one, node) == page_count{1});
        }
        pfn last;
        for (const boot_range& r : *got) {
            REQUIRE(!r.pages.empty());
            REQUIRE(last <= r.pages.start());
            last = r.pages.end();
        }
    }
    REQUIRE(refused > 100);
}
