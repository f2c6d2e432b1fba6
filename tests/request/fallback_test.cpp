// SPDX-License-Identifier: BSL-1.0
#include <zonal/request/fallback.hpp>

#include <random>
#include <set>

#include <zonal/linux_mm/zones.hpp>

#include "../contract.hpp"
#include "../test.hpp"
#include "../tiers.hpp"

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace fallback_test {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;

constexpr unsigned gfp_highmem = 2, gfp_dma32 = 4, gfp_movable = 8;
constexpr request_rule rules[] = {{0, "Normal"},
                                  {gfp_dma32, "DMA32"},
                                  {gfp_movable, "Normal"},
                                  {gfp_movable | gfp_highmem, "Movable"}};
constexpr request_table requests = requests_of(zones::list, rules, 4);

// ---- tiers that go from fast to slow -----------------------------------------------------------

using zonal_test::cxl;
using zonal_test::dram;
using zonal_test::hbm;
using zonal_test::pmem;
using zonal_test::tiers;

constexpr bool tried(const fallback_order& order, std::uint64_t from,
                     std::initializer_list<std::uint64_t> expected) {
    auto next = order.after(zone_id{from});
    for (std::uint64_t zone : expected) {
        if (next != result<zone_id>(zone_id{zone})) return false;
        next = order.after(*next);
    }
    return !next;
}

constexpr bool fallbacks_go_down_and_pass_over_device_zones() {
    const fallback_order down = descending_fallback(zones::list);
    const fallback_order tiered = descending_fallback(tiers::list);
    return down.ends() && down.size == 4 && tried(down, 0, {}) && tried(down, 1, {0}) &&
           tried(down, 2, {1, 0}) &&
           tried(down, 3, {2, 1, 0}) && // the device zone has a chain, but is in nobody's
           tiered.ends() && tried(tiered, 2, {1, 0}) && !down.after(zone_id{4}) &&
           !down.after(zone_id{~std::uint64_t{0}});
}

constexpr bool without_fallback_every_chain_ends_at_once() {
    const fallback_order none = no_fallback(tiers::list);
    for (std::uint64_t from = 0; from < tiers::size; ++from)
        if (!tried(none, from, {}) || !none.reaches(zone_id{from}, zone_id{from})) return false;
    return none.ends() && none.size == tiers::size && !none.reaches(zone_id{1}, zone_id{0});
}

constexpr bool zones_that_serve_nobody_are_passed_over() {
    zone_list list;
    for (bool allocatable : {true, false, true, false, false, true})
        static_cast<void>(list.add({"a", {.allocatable = allocatable}}));
    const fallback_order down = descending_fallback(list);
    return tried(down, 5, {2, 0}) && tried(down, 4, {2, 0}) && tried(down, 3, {2, 0}) &&
           tried(down, 2, {0}) && tried(down, 1, {0}) && tried(down, 0, {}) &&
           descending_fallback(zone_list{}).ends();
}

struct steps_row {
    fallback_step steps[3];
    errc error; // errc{}: an order
};
constexpr steps_row orders[] = {
    {{{"HBM", "DRAM"}, {"DRAM", "CXL"}, {"pmem", "CXL"}}, {}},
    {{{"HBM", "CXL"}, {"DRAM", "CXL"}, {"CXL", "pmem"}}, {}}, // chains may meet
    {{{"HBM", "DRAM"}, {"DRAM", "SRAM"}, {"pmem", "CXL"}}, errc::not_found},
    {{{"SRAM", "DRAM"}, {"DRAM", "CXL"}, {"pmem", "CXL"}}, errc::not_found},
    {{{"HBM", ""}, {"DRAM", "CXL"}, {"pmem", "CXL"}}, errc::not_found},
    {{{"HBM", "DRAM"}, {"DRAM", "CXL"}, {"HBM", "CXL"}}, errc::exists},
    {{{"HBM", "DRAM"}, {"DRAM", "CXL"}, {"HBM", "DRAM"}}, errc::exists},
    {{{"HBM", "DRAM"}, {"DRAM", "CXL"}, {"CXL", "HBM"}}, errc::bad_state},   // round and round
    {{{"HBM", "DRAM"}, {"DRAM", "HBM"}, {"CXL", "pmem"}}, errc::bad_state},  // to and fro
    {{{"HBM", "DRAM"}, {"DRAM", "CXL"}, {"pmem", "pmem"}}, errc::bad_state}, // on the spot
};

constexpr bool steps_make_an_order_or_are_refused() {
    for (const steps_row& r : orders) {
        const auto order = fallback_of(tiers::list, r.steps);
        if (order.has_value() != (r.error == errc{})) return false;
        if (!order && order.error() != r.error) return false;
        if (order && !order->ends()) return false;
    }
    const auto first = fallback_of(tiers::list, orders[0].steps).value();
    const auto second = fallback_of(tiers::list, orders[1].steps).value();
    return tried(first, 1, {0, 2}) && tried(first, 0, {2}) && tried(first, 2, {}) &&
           tried(first, 3, {2}) && tried(second, 1, {2, 3}) && tried(second, 0, {2, 3}) &&
           tried(second, 3, {});
}

// ---- every order of a few zones, against a graph -----------------------------------------------

/// Which zones can be met from which, by joining paths until nothing is new.
template <unsigned N>
struct graph {
    bool met[N][N] = {};

    constexpr explicit graph(const fallback_order& order) {
        for (unsigned i = 0; i < N; ++i)
            if (order.next[i] < N) met[i][order.next[i]] = true;
        for (unsigned via = 0; via < N; ++via)
            for (unsigned from = 0; from < N; ++from)
                for (unsigned to = 0; to < N; ++to)
                    met[from][to] = met[from][to] || (met[from][via] && met[via][to]);
    }
    constexpr bool has_cycle() const {
        for (unsigned i = 0; i < N; ++i)
            if (met[i][i]) return true;
        return false;
    }
};

/// The order of that number: digit i, in base N + 1, is what follows zone i; N is nothing.
template <unsigned N>
constexpr fallback_order order_number(unsigned number) {
    fallback_order order{.size = N};
    for (unsigned i = 0; i < N; ++i, number /= N + 1)
        order.next[i] = number % (N + 1) == N ? fallback_order::nothing
                                              : static_cast<unsigned char>(number % (N + 1));
    return order;
}
template <unsigned N>
constexpr unsigned count_of_orders() {
    unsigned count = 1;
    for (unsigned i = 0; i < N; ++i) count *= N + 1;
    return count;
}

template <unsigned N>
constexpr bool every_order_agrees_with_its_graph() {
    for (unsigned number = 0; number < count_of_orders<N>(); ++number) {
        const fallback_order order = order_number<N>(number);
        const graph<N> g(order);
        if (order.ends() == g.has_cycle()) return false;
        for (unsigned from = 0; from < N; ++from)
            for (unsigned to = 0; to < N; ++to)
                if (order.reaches(zone_id{from}, zone_id{to}) != (from == to || g.met[from][to]))
                    return false;
    }
    return true;
}

static_assert(fallbacks_go_down_and_pass_over_device_zones());
static_assert(without_fallback_every_chain_ends_at_once());
static_assert(zones_that_serve_nobody_are_passed_over());
static_assert(steps_make_an_order_or_are_refused());
static_assert(every_order_agrees_with_its_graph<1>());
static_assert(every_order_agrees_with_its_graph<2>());
static_assert(every_order_agrees_with_its_graph<3>());

} // namespace fallback_test

using namespace fallback_test;

TEST_CASE("a fallback goes down and never reaches a device", "[request]") {
    constexpr fallback_order down = descending_fallback(zones::list); // Movable -> Normal -> DMA32
    static_assert(down.ends());
    static_assert(unreachable<lm::device, zones>(requests, down));
    STATIC_REQUIRE(!unreachable<lm::dma32, zones>(requests, down));
    STATIC_REQUIRE(!unreachable<lm::movable, zones>(requests, down));
}

TEST_CASE("each zone is followed by the next lower one that serves requests", "[request]") {
    CHECK(fallbacks_go_down_and_pass_over_device_zones());
    CHECK(zones_that_serve_nobody_are_passed_over());
    CHECK(without_fallback_every_chain_ends_at_once());
}

TEST_CASE("an order of the user's own is refused when it names nobody, forks, or never ends",
          "[request]") {
    CHECK(steps_make_an_order_or_are_refused());
}

TEST_CASE("cycles are found and reach is known for every order of one to five zones", "[request]") {
    CHECK(every_order_agrees_with_its_graph<1>());
    CHECK(every_order_agrees_with_its_graph<2>());
    CHECK(every_order_agrees_with_its_graph<3>());
    CHECK(every_order_agrees_with_its_graph<4>());
    CHECK(every_order_agrees_with_its_graph<5>());
}

TEST_CASE("the longest chain, through all sixteen zones, ends; closed to a ring it does not",
          "[request]") {
    fallback_order order{.size = max_zones};
    for (unsigned i = 0; i < max_zones; ++i) order.next[i] = static_cast<unsigned char>(i + 1);
    order.next[max_zones - 1] = fallback_order::nothing;
    CHECK(order.ends());
    CHECK(order.reaches(zone_id{0}, zone_id{max_zones - 1}));
    CHECK_FALSE(order.reaches(zone_id{1}, zone_id{0}));
    order.next[max_zones - 1] = 0;
    CHECK_FALSE(order.ends());
    CHECK(order.reaches(zone_id{1}, zone_id{0}));
}

TEST_CASE("unreachable looks at every combination of modifiers and every step after it",
          "[request]") {
    const auto order = fallback_of(tiers::list, {{"HBM", "DRAM"}, {"DRAM", "CXL"}}).value();
    const auto leaky =
        fallback_of(tiers::list, {{"HBM", "DRAM"}, {"DRAM", "CXL"}, {"CXL", "pmem"}}).value();
    // One combination of 64 is good.
    for (unsigned m = 0; m < 64; ++m) {
        const request_table one = requests_of(tiers::list, {{m, "HBM"}}, 6);
        CHECK(unreachable<pmem, tiers>(one, order));
        CHECK_FALSE(unreachable<pmem, tiers>(one, leaky));
        CHECK_FALSE(unreachable<cxl, tiers>(one, order));
        CHECK(unreachable<hbm, tiers>(requests_of(tiers::list, {{m, "DRAM"}}, 6), order));
        CHECK_FALSE(unreachable<pmem, tiers>(requests_of(tiers::list, {{m, "pmem"}}, 6), order));
    }
    // A bad combination reaches nothing, whatever its entry says.
    request_table nobodys = requests_of(tiers::list, {{0, "SRAM"}}, 2);
    for (zone_id& answer : nobodys.answers) answer = zone_id{3};
    CHECK(unreachable<pmem, tiers>(nobodys, leaky));
}

TEST_CASE("nothing is proven by a table and an order of different sets", "[request]") {
    const request_table table = requests_of(tiers::list, {{0, "pmem"}}, 1);
    const fallback_order of_two = descending_fallback(zone_set<dram, hbm>::list);
    CHECK_FALSE(unreachable(table, of_two, zone_id{0}));
    CHECK_FALSE(unreachable<cxl, tiers>(requests_of(tiers::list, {{0, "DRAM"}}, 1), of_two));
    CHECK(unreachable<cxl, tiers>(requests_of(tiers::list, {{0, "DRAM"}}, 1),
                                  descending_fallback(tiers::list)));
}

TEST_CASE("a step to a zone that the order lacks is no step", "[request]") {
    fallback_order order = no_fallback(zone_set<dram, hbm>::list);
    order.next[1] = 2;
    CHECK_FALSE(order.after(zone_id{1}));
    CHECK(order.ends());
    CHECK_FALSE(order.reaches(zone_id{1}, zone_id{2}));
}

TEST_CASE("unreachable agrees with the graph for any table and any order", "[request]") {
    constexpr unsigned seed = 0xfa11;
    std::mt19937 random(seed);
    for (int step = 0; step < 2000; ++step) {
        const fallback_order order =
            order_number<5>(static_cast<unsigned>(random()) % count_of_orders<5>());
        const graph<5> g(order);
        request_table table{.modifier_bits = 3, .bad = random() % 256};
        for (zone_id& answer : table.answers) answer = zone_id{random() % 5};
        std::set<std::uint64_t> met;
        for (unsigned m = 0; m < 8; ++m) {
            if ((table.bad >> m & 1) != 0) continue;
            met.insert(table.answers[m].value);
            for (unsigned to = 0; to < 5; ++to)
                if (g.met[table.answers[m].value][to]) met.insert(to);
        }
        INFO("seed " << seed << ", step " << step);
        bool same = true;
        for (std::uint64_t zone = 0; zone < 5; ++zone)
            same = same && unreachable(table, order, zone_id{zone}) == (met.count(zone) == 0);
        REQUIRE(same);
    }
}
