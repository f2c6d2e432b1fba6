// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/firmware_map.hpp>

#include "test.hpp"

#include <random>
#include <vector>

using namespace zonal;
using kind = firmware_kind;

namespace {

constexpr byte_range bytes(std::uint64_t start, std::uint64_t end) {
    return {phys_addr{start}, phys_addr{end}};
}
constexpr firmware_range entry(std::uint64_t start, std::uint64_t end, kind k) {
    return {bytes(start, end), k};
}

// All runs of a map; a map that does not fit its room has none.
template <unsigned N>
constexpr bounded_list<firmware_range, 16> runs_of(const firmware_map<N>& map) {
    bounded_list<firmware_range, 16> runs;
    for (auto run = map.run_from({}); run; run = map.run_from(run->bytes.end))
        static_cast<void>(runs.add(*run));
    return runs;
}
constexpr bool same(const bounded_list<firmware_range, 16>& a,
                    std::initializer_list<firmware_range> b) {
    if (a.size != b.size()) return false;
    for (unsigned i = 0; i < a.size; ++i)
        if (a[i] != b.begin()[i]) return false;
    return true;
}
constexpr firmware_map<8> map_of(std::initializer_list<firmware_range> entries) {
    firmware_map<8> map;
    for (const firmware_range& e : entries) expects(map.add(e).has_value(), "test: too many");
    return map;
}

} // namespace

TEST_CASE("the example of firmware_map.hpp", "[hotplug]") {
    firmware_map<8> firmware;
    const byte_range low{phys_addr{0}, phys_addr{0x9fc00}};
    const byte_range bios{phys_addr{0x9f000}, phys_addr{0x100000}};
    const bool fits = firmware.add({low, firmware_kind::usable}).has_value() &&
                      firmware.add({bios, firmware_kind::reserved}).has_value();
    REQUIRE(fits);
    REQUIRE(firmware.run_from(phys_addr{0}) == entry(0, 0x9f000, kind::usable));
}

TEST_CASE("byte ranges are half-open", "[hotplug]") {
    STATIC_REQUIRE(bytes(2, 5).contains(phys_addr{2}));
    STATIC_REQUIRE(!bytes(2, 5).contains(phys_addr{5}));
    STATIC_REQUIRE(bytes(2, 2).empty());
    STATIC_REQUIRE(bytes(2, 5).intersection(bytes(4, 9)) == bytes(4, 5));
    STATIC_REQUIRE(bytes(2, 5).intersection(bytes(5, 9)) == bytes(0, 0));
    STATIC_REQUIRE(bytes(2, 5).intersection(bytes(0, 3)) == bytes(2, 3));
}

TEST_CASE("where entries overlap, the strongest kind holds, in whatever order they came",
          "[hotplug]") {
    constexpr auto u = entry(0x10, 0x50, kind::usable);
    constexpr auto r = entry(0x20, 0x30, kind::reserved);
    constexpr auto p = entry(0x28, 0x60, kind::persistent);
    constexpr bool holds = [=] {
        for (const auto& map : {map_of({u, r, p}), map_of({p, r, u}), map_of({r, u, p})})
            if (!same(runs_of(map),
                      {entry(0x10, 0x20, kind::usable), entry(0x20, 0x28, kind::reserved),
                       entry(0x28, 0x60, kind::persistent)}))
                return false;
        return true;
    }();
    STATIC_REQUIRE(holds);
}

TEST_CASE("entries of one kind that overlap or adjoin are one run", "[hotplug]") {
    constexpr auto map = map_of({entry(0x20, 0x30, kind::usable), entry(0x10, 0x20, kind::usable),
                                 entry(0x18, 0x28, kind::usable), entry(0x31, 0x40, kind::usable)});
    STATIC_REQUIRE(
        same(runs_of(map), {entry(0x10, 0x30, kind::usable), entry(0x31, 0x40, kind::usable)}));
}

TEST_CASE("a run that is asked for from its middle begins there", "[hotplug]") {
    constexpr auto map = map_of({entry(0x10, 0x30, kind::usable)});
    STATIC_REQUIRE(map.run_from(phys_addr{0x18}) == entry(0x18, 0x30, kind::usable));
    STATIC_REQUIRE(map.run_from(phys_addr{0x2f}) == entry(0x2f, 0x30, kind::usable));
    STATIC_REQUIRE(map.run_from(phys_addr{0x30}) == result<firmware_range>(fail(errc::not_found)));
}

TEST_CASE("a map refuses what is backwards or too much, and ignores what is empty", "[hotplug]") {
    constexpr bool holds = [] {
        firmware_map<1> map;
        if (map.add(entry(5, 4, kind::usable)) != result<done>(fail(errc::bad_range))) return false;
        if (!map.add(entry(5, 5, kind::reserved)) || map.run_from({})) return false;
        if (!map.add(entry(0, ~0ull, kind::usable))) return false;
        if (map.add(entry(0, 1, kind::usable)) != result<done>(fail(errc::no_space))) return false;
        return same(runs_of(map), {entry(0, ~0ull, kind::usable)});
    }();
    STATIC_REQUIRE(holds);
}

TEST_CASE("an end of what is usable leaves other kinds alone", "[hotplug]") {
    constexpr auto ended = [](std::uint64_t at) {
        auto map = map_of({entry(0x10, 0x30, kind::usable), entry(0x40, 0x50, kind::usable),
                           entry(0x50, 0x60, kind::reserved)});
        map.end_usable_at(phys_addr{at});
        return map;
    };
    constexpr auto reserved = entry(0x50, 0x60, kind::reserved);
    STATIC_REQUIRE(same(runs_of(ended(0x50)), {entry(0x10, 0x30, kind::usable),
                                               entry(0x40, 0x50, kind::usable), reserved}));
    STATIC_REQUIRE(same(runs_of(ended(0x48)), {entry(0x10, 0x30, kind::usable),
                                               entry(0x40, 0x48, kind::usable), reserved}));
    STATIC_REQUIRE(same(runs_of(ended(0x40)), {entry(0x10, 0x30, kind::usable), reserved}));
    STATIC_REQUIRE(same(runs_of(ended(0x11)), {entry(0x10, 0x11, kind::usable), reserved}));
    STATIC_REQUIRE(same(runs_of(ended(0)), {reserved}));
    STATIC_REQUIRE(ended(0x48).end_of_usable() == phys_addr{0x48});
    STATIC_REQUIRE(ended(0).end_of_usable() == phys_addr{});
}

TEST_CASE("the runs of random maps are what a byte for byte account says", "[hotplug]") {
    std::mt19937 random(20251122); // fixed, so that a failure comes again
    constexpr unsigned size = 64;
    for (int round = 0; round < 2000; ++round) {
        firmware_map<12> map;
        std::vector<int> strongest(size, -1);
        for (auto n = random() % 12; n > 0; --n) {
            const auto a = random() % size, b = a + random() % (size - a + 1);
            const auto k = static_cast<kind>(random() % 7);
            REQUIRE(map.add(entry(a, b, k)));
            for (auto i = a; i < b; ++i) strongest[i] = std::max(strongest[i], int(k));
        }
        std::vector<int> told(size, -1);
        std::uint64_t last = 0;
        int last_kind = -1;
        for (auto run = map.run_from({}); run; run = map.run_from(run->bytes.end)) {
            const std::uint64_t from = run->bytes.start.value;
            REQUIRE(
                (from > last || int(run->kind) != last_kind)); // runs are as long as they can be
            last = run->bytes.end.value;
            last_kind = int(run->kind);
            for (std::uint64_t i = from; i < last; ++i) told[i] = last_kind;
        }
        INFO("round " << round);
        REQUIRE(told == strongest);
    }
}
