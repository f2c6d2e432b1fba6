// SPDX-License-Identifier: BSL-1.0
#include <zonal/request/rules.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

#include <zonal/zone/zone_set.hpp>

#include "../contract.hpp"
#include "../test.hpp"
#include "../tiers.hpp"

using namespace zonal;
using zonal_test::constant;
using zonal_test::traps;

namespace rules_test {

using zonal_test::cxl;
using zonal_test::dram;
using zonal_test::hbm;
using zonal_test::pmem;
using my_zones = zonal_test::tiers;
struct without_hbm : zone_set<dram, cxl> {};
struct without_dram : zone_set<hbm, cxl> {};

constexpr unsigned fast = 1, big = 2;

inline constexpr request_rule my_rules[] = {
    {0, "DRAM"}, {fast, "HBM", "DRAM"}, {big, "CXL", "DRAM"}}; // every other combination is bad

// ---- what each combination must give -----------------------------------------------------------

constexpr unsigned bad = ~0u;

template <unsigned N>
constexpr bool answers(const request_table& table, const unsigned (&expected)[N]) {
    if (table.combinations() != N) return false;
    for (unsigned m = 0; m < N; ++m) {
        const auto zone = table.zone_for(m);
        if (table.is_bad(m) != (expected[m] == bad) || zone.has_value() != (expected[m] != bad))
            return false;
        if (zone && zone->value != expected[m]) return false;
        if (!zone && zone.error() != errc::not_found) return false;
    }
    return true;
}

constexpr bool a_wanted_zone_serves_and_another_stands_in() {
    return answers(requests_of(my_zones::list, my_rules, 2), {0, 1, 2, bad}) &&
           answers(requests_of(without_hbm::list, my_rules, 2), {0, 0, 1, bad}) &&
           answers(requests_of(without_dram::list, my_rules, 2), {bad, 0, 1, bad});
}

constexpr bool combinations_without_a_rule_are_bad() {
    constexpr request_rule only_both[] = {{fast | big, "HBM"}};
    return answers(requests_of(my_zones::list, only_both, 2), {bad, bad, bad, 1}) &&
           answers(requests_of(my_zones::list, only_both, 3),
                   {bad, bad, bad, 1, bad, bad, bad, bad});
}

constexpr bool tables_of_every_size_end_where_they_should() {
    for (unsigned bits = 0; bits <= max_modifier_bits; ++bits) {
        const unsigned last = (1u << bits) - 1;
        const request_rule rules[] = {{last, "CXL"}};
        const request_table table = requests_of(my_zones::list, rules, bits);
        if (table.modifier_bits != bits || table.combinations() != last + 1) return false;
        for (unsigned m = 0; m < last; ++m)
            if (!table.is_bad(m)) return false;
        if (table.is_bad(last) || table.zone_for(last) != result<zone_id>(zone_id{2})) return false;
        for (unsigned beyond : {last + 1, last + 2, 64u, 1000u, ~0u})
            if (!table.is_bad(beyond) || table.zone_for(beyond).has_value()) return false;
    }
    return true;
}

constexpr bool the_highest_answer_is_known() {
    const request_table table = requests_of(my_zones::list, my_rules, 2);
    request_table stale = table;
    stale.answers[3] = zone_id{3}; // of a combination that stays bad
    const request_table nothing = requests_of(without_dram::list, {{0, "DRAM"}}, 1);
    return table.highest() == zone_id{2} && stale.highest() == zone_id{2} &&
           nothing.highest() == zone_id{0};
}

static_assert(a_wanted_zone_serves_and_another_stands_in());
static_assert(combinations_without_a_rule_are_bad());
static_assert(tables_of_every_size_end_where_they_should());
static_assert(the_highest_answer_is_known());

} // namespace rules_test

using namespace rules_test;

TEST_CASE("rules say which zone serves a request", "[request]") {
    constexpr request_table table = requests_of(my_zones::list, my_rules, 2);
    static_assert(table.zone_for(fast).value() == my_zones::id_of<hbm>);
    STATIC_REQUIRE(table.is_bad(fast | big));
}

TEST_CASE("a missing zone is stood in for, and where both are missing the request is bad",
          "[request]") {
    CHECK(a_wanted_zone_serves_and_another_stands_in());
}

TEST_CASE("a combination that nobody thought of is bad, not the first zone", "[request]") {
    CHECK(combinations_without_a_rule_are_bad());
    CHECK(tables_of_every_size_end_where_they_should());
}

TEST_CASE("a table knows the highest zone that it answers with", "[request]") {
    CHECK(the_highest_answer_is_known());
}

TEST_CASE("a table of any rules is the map that the rules describe", "[request]") {
    constexpr unsigned seed = 0x6f9;
    std::mt19937 random(seed);
    const text names[] = {"DRAM", "HBM", "CXL", "pmem", "SRAM", ""};
    const std::map<std::string, std::uint64_t> ids = {
        {"DRAM", 0}, {"HBM", 1}, {"CXL", 2}, {"pmem", 3}};
    for (int step = 0; step < 2000; ++step) {
        const unsigned bits = static_cast<unsigned>(random() % (max_modifier_bits + 1));
        std::map<unsigned, std::uint64_t> expected;
        request_rule rules[8];
        for (request_rule& r : rules) {
            // Each combination once: what two rules for one combination mean is nobody's promise.
            do r = {static_cast<unsigned>(random() % 64), names[random() % 6], names[random() % 6]};
            while (std::count_if(rules, &r, [&](const request_rule& o) {
                       return o.modifiers == r.modifiers;
                   }) != 0);
        }
        std::vector<request_rule> fitting;
        for (const request_rule& r : rules)
            if (r.modifiers < 1u << bits) fitting.push_back(r);
        if (fitting.empty()) fitting.push_back({0, "SRAM"});
        for (const request_rule& r : fitting)
            for (const text& name : {r.wanted, r.otherwise})
                if (const auto id = ids.find(name.as<std::string>()); id != ids.end()) {
                    expected[r.modifiers] = id->second;
                    break;
                }
        while (fitting.size() < 8) fitting.push_back(fitting.back());
        request_rule array[8];
        std::copy(fitting.begin(), fitting.end(), array);

        const request_table table = requests_of(my_zones::list, array, bits);
        INFO("seed " << seed << ", step " << step);
        bool same = true;
        for (unsigned m = 0; m < 1u << bits; ++m) {
            const auto answer = table.zone_for(m);
            const auto want = expected.find(m);
            same = same && answer.has_value() == (want != expected.end());
            if (answer && want != expected.end()) same = same && answer->value == want->second;
        }
        REQUIRE(same);
    }
}

TEST_CASE("modifiers beyond the table are a broken contract", "[request]") {
    STATIC_REQUIRE(constant<[] { return requests_of(my_zones::list, {{3, "DRAM"}}, 2); }>);
    STATIC_REQUIRE(!constant<[] { return requests_of(my_zones::list, {{4, "DRAM"}}, 2); }>);
    STATIC_REQUIRE(!constant<[] {
        return requests_of(my_zones::list, {{0, "DRAM"}}, max_modifier_bits + 1);
    }>);
    CHECK(traps([] { static_cast<void>(requests_of(my_zones::list, {{4, "DRAM"}}, 2)); }));
    CHECK(traps([] {
        static_cast<void>(requests_of(my_zones::list, {{0, "DRAM"}}, max_modifier_bits + 1));
    }));
}
