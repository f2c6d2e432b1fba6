// SPDX-License-Identifier: BSL-1.0
#include <zonal/zone/span.hpp>

#include <zonal/zone/zone_set.hpp>

#include "probing.hpp"
#include "test.hpp"

using namespace zonal;
using zonal_test::first_probed;
using zonal_test::last_probed;

namespace {

struct dram {
    static constexpr text name = "DRAM";
    static constexpr zone_traits traits{};
};
struct pool {
    static constexpr text name = "pool";
    static constexpr zone_traits traits{.movable = true};
};
struct gpu {
    static constexpr text name = "GPU";
    static constexpr zone_traits traits{.allocatable = false, .device = true};
};
using set = zone_set<dram, pool, gpu>;

constexpr pfn_range at(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }

/// One node whose pages are drawn: d dram, p pool, g gpu, anything else is not there.
/// Sections of four pages, subsections of two.
struct drawn {
    text pages;
    pfn_range zone_spans[3];

    constexpr const zone_list& zones() const { return set::list; }
    constexpr page_geometry geometry() const { return {12, 1, 2, 2}; }
    constexpr zone_pages pages_of(node_id n, zone_id z) const {
        return n == node_id{0} ? zone_pages{zone_spans[z.value], {}, {}, {}} : zone_pages{};
    }
    constexpr pfn_range node_span(node_id n) const {
        pfn_range all;
        for (zone_id z{}; z.value < 3; ++z.value) all = all.envelope(pages_of(n, z).span);
        return all;
    }
    constexpr bool belongs(pfn p, page_owner who) const {
        if (p.value() >= pages.size) return false;
        const char c = pages[p.value()];
        const unsigned zone = c == 'd' ? 0u : c == 'p' ? 1u : c == 'g' ? 2u : 3u;
        return zone != 3 && (who.zone == any_zone || who.zone.value == zone);
    }
    constexpr result<pfn> first_in(pfn_range in, page_count step, page_owner who) const {
        return first_probed(in, step, [&](pfn p) { return belongs(p, who); });
    }
    constexpr result<pfn> last_in(pfn_range in, page_count step, page_owner who) const {
        return last_probed(in, step, [&](pfn p) { return belongs(p, who); });
    }
};

constexpr page_owner in_dram{node_id{0}, set::id_of<dram>};
constexpr page_owner in_gpu{node_id{0}, set::id_of<gpu>};

constexpr shrink_rules rescanning{.step = unit::section, .rescans_for_leftovers = true};

} // namespace

TEST_CASE("a span grows to the envelope, with a hole inside", "[zone]") {
    constexpr pfn_range before{pfn{0x100}, pfn{0x200}};
    constexpr pfn_range after = before.envelope({pfn{0x280}, pfn{0x300}});
    static_assert(after == pfn_range{pfn{0x100}, pfn{0x300}}); // a hole inside

    STATIC_REQUIRE(pfn_range{}.envelope(at(5, 9)) == at(5, 9)); // an empty span takes the range
    STATIC_REQUIRE(at(7, 7).envelope(at(1, 3)) == at(1, 3));    // also when it remembers a start
    STATIC_REQUIRE(at(5, 9).envelope(at(2, 3)) == at(2, 9));    // below
    STATIC_REQUIRE(at(5, 9).envelope(at(6, 7)) == at(5, 9));    // inside
    STATIC_REQUIRE(at(5, 9).envelope({}) == at(5, 9));          // by nothing
    STATIC_REQUIRE(at(0, 1).envelope({pfn{pfn::limit - 1}, pfn{pfn::limit}}) ==
                   pfn_range{pfn{0}, pfn{pfn::limit}});
}

TEST_CASE("present pages are counted apart from the span", "[zone]") {
    constexpr zone_pages counted = [] {
        zone_pages z{at(0, 100), page_count{10}, page_count{10}, {}};
        z.online(page_count{20});
        z.offline(page_count{4}, true);
        return z;
    }();
    STATIC_REQUIRE(counted == zone_pages{at(0, 100), page_count{26}, page_count{6}, {}});
    STATIC_REQUIRE(counted.is_populated());
    STATIC_REQUIRE(!zone_pages{at(0, 100), {}, {}, {}}.is_populated()); // spans holes only
}

TEST_CASE("probing steps from the edge that is searched", "[zone]") {
    constexpr auto is = [](std::uint64_t wanted) {
        return [=](pfn p) { return p == pfn{wanted}; };
    };
    constexpr page_count four{4};
    STATIC_REQUIRE(first_probed(at(3, 12), four, is(7)) == pfn{7});
    STATIC_REQUIRE(first_probed(at(3, 12), four, is(8)).error() ==
                   errc::not_found); // between steps
    STATIC_REQUIRE(first_probed(at(3, 11), four, is(11)).error() == errc::not_found); // the end
    STATIC_REQUIRE(last_probed(at(3, 12), four, is(11)) == pfn{11});
    STATIC_REQUIRE(last_probed(at(3, 12), four, is(3)) == pfn{3});
    STATIC_REQUIRE(last_probed(at(4, 12), four, is(3)).error() ==
                   errc::not_found); // below the start
    STATIC_REQUIRE(last_probed(at(0, 8), four, is(8)).error() == errc::not_found);
    STATIC_REQUIRE(last_probed(at(0, 1), four, is(0)) == pfn{0}); // no wrap below pfn 0
    STATIC_REQUIRE(!first_probed({}, four, is(0)).has_value());
    STATIC_REQUIRE(!last_probed({}, four, is(0)).has_value());
}

TEST_CASE("by default a span shrinks to exactly the pages that are left", "[zone]") {
    // The removed pages are drawn as gone.
    struct {
        text pages;
        pfn_range span, removed, left;
    } constexpr cases[] = {
        {"..ddd...", at(0, 5), at(0, 2), at(2, 5)}, // the front
        {"...dd...", at(0, 5), at(0, 2), at(3, 5)}, // the front, and the hole behind it
        {"ddd.....", at(0, 5), at(3, 5), at(0, 3)}, // the back
        {"d.......", at(0, 5), at(3, 5), at(0, 1)}, // down to pfn 0
        {"dd..d...", at(0, 5), at(2, 4), at(0, 5)}, // the middle: a hole
        {"........", at(2, 5), at(2, 5), at(0, 0)}, // all of it
        {"........", at(0, 5), at(0, 2), at(0, 0)}, // only a hole was left
        {"...p....", at(0, 5), at(0, 2), at(0, 0)}, // somebody else's page does not count
    };
    for (const auto& c : cases) {
        const drawn memory{c.pages, {c.span, {}, {}}};
        CAPTURE(c.pages.as<std::string>());
        CHECK(shrunk(memory, in_dram, c.removed) == spans{c.left, c.left});
    }
}

TEST_CASE("the node's span is the envelope of what its zones still span", "[zone]") {
    constexpr drawn memory{"....pp.gg...", {at(0, 4), at(4, 6), at(7, 9)}};
    STATIC_REQUIRE(shrunk(memory, in_dram, at(0, 4)) == spans{{}, at(4, 9)});
    constexpr drawn last{"....", {at(0, 4), {}, {}}};
    STATIC_REQUIRE(shrunk(last, in_dram, at(0, 4)) == spans{{}, {}});
}

TEST_CASE("a rule can keep device zones from shrinking, and with them their node", "[zone]") {
    constexpr drawn memory{"dd......", {at(0, 2), {}, at(4, 8)}};
    STATIC_REQUIRE(shrunk(memory, in_gpu, at(4, 8)) == spans{{}, at(0, 2)});
    STATIC_REQUIRE(shrunk(memory, in_gpu, at(4, 8), {.device_zones_shrink = false}) ==
                   spans{at(4, 8), at(0, 8)});
    // RAM of the same node shrinks as ever.
    constexpr drawn ram{"....gggg", {at(0, 4), {}, at(4, 8)}};
    STATIC_REQUIRE(shrunk(ram, in_dram, at(0, 4), {.device_zones_shrink = false}) ==
                   spans{{}, at(4, 8)});
}

TEST_CASE("a coarse step sees the first page of a unit from below, its last from above", "[zone]") {
    constexpr shrink_rules by_section{.step = unit::section};
    // Section 1 keeps pages 5 to 7: the search from below probes page 4 only, and then page 8.
    constexpr drawn front{".....ddddddd", {at(0, 12), {}, {}}};
    STATIC_REQUIRE(shrunk(front, in_dram, at(0, 4), by_section).zone == at(8, 12));
    STATIC_REQUIRE(shrunk(front, in_dram, at(0, 4)).zone == at(5, 12));
    // From above it probes pages 7 and 3.
    constexpr drawn back{"dddd.dd.....", {at(0, 12), {}, {}}};
    STATIC_REQUIRE(shrunk(back, in_dram, at(8, 12), by_section).zone == at(0, 4));
    STATIC_REQUIRE(shrunk(back, in_dram, at(8, 12)).zone == at(0, 7));
}

TEST_CASE("with rescanning, removing the last pages empties a span wherever they lay", "[zone]") {
    // The removed section 1 is still drawn; both ends of the span are holes.
    constexpr drawn middle{"....dddd........", {at(0, 16), {}, {}}};
    STATIC_REQUIRE(shrunk(middle, in_dram, at(4, 8), rescanning) == spans{{}, {}});
    constexpr drawn gone{"................", {at(0, 16), {}, {}}};
    STATIC_REQUIRE(shrunk(gone, in_dram, at(4, 8)).zone ==
                   at(0, 16)); // without: a hole among holes

    constexpr drawn more{"....dddd....dddd", {at(0, 16), {}, {}}};
    STATIC_REQUIRE(shrunk(more, in_dram, at(4, 8), rescanning).zone == at(0, 16));
    constexpr drawn front{"dddd........dddd", {at(0, 16), {}, {}}};
    STATIC_REQUIRE(shrunk(front, in_dram, at(0, 4), rescanning).zone == at(12, 16));
    STATIC_REQUIRE(shrunk(front, in_dram, at(12, 16), rescanning).zone == at(0, 4));
    constexpr drawn only{"dddd", {at(0, 4), {}, {}}};
    STATIC_REQUIRE(shrunk(only, in_dram, at(0, 4), rescanning) == spans{{}, {}});
}

TEST_CASE("with rescanning, a span that starts inside a section is not emptied", "[zone]") {
    // Probes 2, 6, 10: page 6 belongs to the removed section, which is still there.
    constexpr drawn memory{"....dddd....", {at(2, 12), {}, {}}};
    STATIC_REQUIRE(shrunk(memory, in_dram, at(4, 8), rescanning).zone == at(2, 12));
}

TEST_CASE("a node's span can be searched among the pages of all its zones", "[zone]") {
    constexpr drawn memory{"ddddpppp....gggg", {at(0, 4), at(4, 8), at(12, 16)}};
    STATIC_REQUIRE(shrunk(memory, in_dram, at(0, 4), rescanning) == spans{{}, at(4, 16)});
    STATIC_REQUIRE(shrunk(memory, in_gpu, at(12, 16), rescanning) == spans{{}, at(0, 8)});
}

TEST_CASE("a view must know its zones and its pages", "[zone]") {
    struct only_zones {
        const zone_list& zones() const;
        zone_pages pages_of(node_id, zone_id) const;
    };
    STATIC_REQUIRE(page_view<drawn>);
    STATIC_REQUIRE(zone_view<only_zones>);
    STATIC_REQUIRE(!page_view<only_zones>);
    STATIC_REQUIRE(!zone_view<zone_list>);
}
