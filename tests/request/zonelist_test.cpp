// SPDX-License-Identifier: BSL-1.0
#include <zonal/request/zonelist.hpp>

#include <algorithm>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include <zonal/linux_mm/zones.hpp>

#include "../contract.hpp"
#include "../test.hpp"

using namespace zonal;
namespace lm = zonal::linux_mm;
using zonal_test::constant;
using zonal_test::traps;

namespace zonelist_test {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
constexpr fallback_order down = descending_fallback(zones::list);

struct visited {
    node_id node;
    zone_id zone;
    friend constexpr bool operator==(visited, visited) = default;
};

template <unsigned N>
constexpr bool is(const node_order<N>& order, const unsigned (&expected)[N]) {
    for (unsigned i = 0; i < N; ++i)
        if (order[i].value != expected[i]) return false;
    return order.size == N;
}

constexpr bool nearer_nodes_come_first() {
    constexpr unsigned char line[] = {10, 20, 30, 40, //
                                      20, 10, 20, 30, //
                                      30, 20, 10, 20, //
                                      40, 30, 20, 10};
    return is(nodes_by_distance<4>(line, node_id{0}), {0, 1, 2, 3}) &&
           is(nodes_by_distance<4>(line, node_id{1}),
              {1, 2, 0, 3}) && // 2 and 0 are equally near: the one after 1
           is(nodes_by_distance<4>(line, node_id{2}), {2, 3, 1, 0}) &&
           is(nodes_by_distance<4>(line, node_id{3}), {3, 2, 1, 0});
}

constexpr bool equally_near_nodes_are_taken_upwards_from_the_own_one() {
    unsigned char same[25] = {};
    for (unsigned char& d : same) d = 255;
    return is(nodes_by_distance<5>(same, node_id{0}), {0, 1, 2, 3, 4}) &&
           is(nodes_by_distance<5>(same, node_id{2}), {2, 3, 4, 0, 1}) &&
           is(nodes_by_distance<5>(same, node_id{4}), {4, 0, 1, 2, 3});
}

constexpr bool a_node_is_its_own_nearest_whatever_the_table_says() {
    constexpr unsigned char odd[] = {99, 0, 0, 99};
    constexpr unsigned char single[] = {10};
    return is(nodes_by_distance<2>(odd, node_id{1}), {1, 0}) &&
           is(nodes_by_distance<1>(single, node_id{0}), {0});
}

constexpr bool zones_are_tried_within_a_node_before_the_next_node() {
    constexpr unsigned char distance[] = {10, 20, 20, 10};
    constexpr visited expected[] = {{{1}, {2}}, {{1}, {1}}, {{1}, {0}},
                                    {{0}, {2}}, {{0}, {1}}, {{0}, {0}}};
    unsigned calls = 0;
    bool right = true;
    for_each_fallback(
        nodes_by_distance<2>(distance, node_id{1}), down, zones::id_of<lm::movable>,
        [](node_id, zone_id) { return true; },
        [&](node_id n, zone_id z) {
            right = right && calls < 6 && visited{n, z} == expected[calls];
            ++calls;
            return true;
        });
    return right && calls == 6;
}

constexpr bool what_is_not_populated_is_passed_over() {
    constexpr unsigned char distance[] = {10, 20, 20, 10};
    // DMA32 is on node 0 only, Movable on node 1 only.
    constexpr visited expected[] = {{{0}, {1}}, {{0}, {0}}, {{1}, {2}}, {{1}, {1}}};
    unsigned calls = 0;
    bool right = true;
    for_each_fallback(
        nodes_by_distance<2>(distance, node_id{0}), down, zones::id_of<lm::movable>,
        [](node_id n, zone_id z) { return z.value == 1 || (z.value == 0) == (n.value == 0); },
        [&](node_id n, zone_id z) {
            right = right && calls < 4 && visited{n, z} == expected[calls];
            ++calls;
            return true;
        });
    return right && calls == 4;
}

constexpr bool a_visit_that_is_served_is_the_last() {
    constexpr unsigned char distance[] = {10, 20, 20, 10};
    unsigned calls = 0;
    for_each_fallback(
        nodes_by_distance<2>(distance, node_id{1}), down, zones::id_of<lm::movable>,
        [](node_id, zone_id) { return true; },
        [&](node_id, zone_id z) {
            ++calls;
            return z != zones::id_of<lm::normal>;
        });
    return calls == 2; // Movable is full, Normal serves, nobody else is asked
}

static_assert(nearer_nodes_come_first());
static_assert(equally_near_nodes_are_taken_upwards_from_the_own_one());
static_assert(a_node_is_its_own_nearest_whatever_the_table_says());
static_assert(zones_are_tried_within_a_node_before_the_next_node());
static_assert(what_is_not_populated_is_passed_over());
static_assert(a_visit_that_is_served_is_the_last());

// ---- by sorting --------------------------------------------------------------------------------

template <unsigned N>
void compare_many() {
    constexpr unsigned seed = 0xd157;
    std::mt19937 random(seed + N);
    for (int step = 0; step < 300; ++step) {
        unsigned char distance[N * N];
        const unsigned different =
            1 + static_cast<unsigned>(random() % 4); // few distances: many equals
        for (unsigned char& d : distance)
            d = static_cast<unsigned char>(255 - 10 * (random() % different));
        const unsigned from = static_cast<unsigned>(random() % N);

        std::vector<unsigned> expected;
        for (unsigned i = 0; i < N; ++i) expected.push_back(i);
        std::sort(expected.begin(), expected.end(), [&](unsigned a, unsigned b) {
            const auto key = [&](unsigned i) {
                return std::tuple(i != from, distance[from * N + i], i < from, i);
            };
            return key(a) < key(b);
        });
        const node_order<N> order = nodes_by_distance<N>(distance, node_id{from});
        std::vector<unsigned> ours;
        for (node_id n : order) ours.push_back(static_cast<unsigned>(n.value));
        INFO("seed " << seed << " + " << N << ", step " << step << ", from " << from);
        REQUIRE(ours == expected);
    }
}

} // namespace zonelist_test

using namespace zonelist_test;

TEST_CASE("a request tries the zones of its node, then those of the next", "[request]") {
    std::vector<visited> tried;
    const auto populated = [](node_id n, zone_id z) { return n.value == 0 || z.value != 0; };
    const auto try_zone = [&](node_id n, zone_id z) { return tried.push_back({n, z}), true; };

    constexpr unsigned char distance[] = {10, 20, 20, 10};
    constexpr auto nodes = nodes_by_distance<2>(distance, node_id{1});
    for_each_fallback(nodes, down, zones::id_of<lm::movable>, populated, try_zone);

    CHECK(tried ==
          std::vector<visited>{{{1}, {2}}, {{1}, {1}}, {{0}, {2}}, {{0}, {1}}, {{0}, {0}}});
}

TEST_CASE("nodes are tried by distance, equally near ones upwards from the own", "[request]") {
    CHECK(nearer_nodes_come_first());
    CHECK(equally_near_nodes_are_taken_upwards_from_the_own_one());
    CHECK(a_node_is_its_own_nearest_whatever_the_table_says());
}

TEST_CASE("the order of nodes is what sorting them would give", "[request]") {
    [&]<unsigned... N>(std::integer_sequence<unsigned, N...>) {
        (compare_many<N + 1>(), ...);
    }(std::make_integer_sequence<unsigned, 12>{});
}

TEST_CASE("what is not populated is passed over, and a served request stops", "[request]") {
    CHECK(zones_are_tried_within_a_node_before_the_next_node());
    CHECK(what_is_not_populated_is_passed_over());
    CHECK(a_visit_that_is_served_is_the_last());
}

TEST_CASE("a node that the table lacks is a broken contract", "[request]") {
    STATIC_REQUIRE(!constant<[] {
        constexpr unsigned char distance[] = {10, 20, 20, 10};
        return nodes_by_distance<2>(distance, node_id{2});
    }>);
    const unsigned char distance[] = {10, 20, 20, 10};
    CHECK(traps([&] { static_cast<void>(nodes_by_distance<2>(distance, node_id{2})); }));
}
