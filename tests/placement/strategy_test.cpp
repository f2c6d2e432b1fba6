// SPDX-License-Identifier: BSL-1.0
#include <zonal/placement.hpp>

#include <zonal/zone/zone_set.hpp>

#include "test.hpp"

using namespace zonal;

namespace {

struct dram {
    static constexpr text name = "DRAM";
    static constexpr zone_traits traits{};
};
struct pmem {
    static constexpr text name = "pmem";
    static constexpr zone_traits traits{.allocatable = false, .device = true};
};
using zones = zone_set<dram, pmem>;

struct request {
    pfn_range range;
    bool survives_reboot = false;
};
struct pmem_if_it_must_last {
    static constexpr placement answer(const request& r) {
        return r.survives_reboot ? zones::id_of<pmem> : does_not_apply;
    }
};
constexpr first_of<pmem_if_it_must_last, always<zones::id_of<dram>>> rules{};
static_assert(rules.zone_for(request{{}, true}) == zones::id_of<pmem>);

constexpr pfn_range at(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }
constexpr zone_pages span_of(pfn_range r) { return {r, {}, {}, {}}; }

} // namespace

TEST_CASE("the first strategy that applies decides", "[placement]") {
    STATIC_REQUIRE(rules.zone_for(request{{}, true}) == zones::id_of<pmem>);
    STATIC_REQUIRE(rules.zone_for(request{{}, false}) == zones::id_of<dram>);
}

TEST_CASE("a placement is a zone, nothing, or a refusal", "[placement]") {
    STATIC_REQUIRE(!placement{}.applies());
    STATIC_REQUIRE(placement{} == does_not_apply);
    STATIC_REQUIRE(placement{zone_id{0}} != does_not_apply); // zone 0 is an answer
    STATIC_REQUIRE(placement{zone_id{1}}.answer() == zone_id{1});
    STATIC_REQUIRE(placement{fail(errc::vetoed)}.applies());
    STATIC_REQUIRE(placement{fail(errc::vetoed)}.answer().error() == errc::vetoed);
    STATIC_REQUIRE(!std::is_convertible_v<unsigned, placement>);
    STATIC_REQUIRE(!std::is_convertible_v<bool, placement>);
}

namespace {

struct refuse_wrong_size {
    static constexpr placement answer(const request& r) {
        if (r.range.size().value() % 4 != 0) return fail(errc::misaligned);
        return does_not_apply;
    }
};
template <std::uint64_t Border, zone_id Zone>
struct below {
    static constexpr placement answer(const request& r) {
        return r.range.end() <= pfn{Border} ? Zone : does_not_apply;
    }
};
struct says_it_answers {
    static constexpr bool always_answers = true;
    static constexpr placement answer(const request& r) {
        return r.survives_reboot ? zone_id{0} : does_not_apply;
    }
};
struct never_says_so : says_it_answers {
    static constexpr bool always_answers = false;
};

} // namespace

TEST_CASE("a refusal ends the list and keeps its reason", "[placement]") {
    constexpr first_of<refuse_wrong_size, pmem_if_it_must_last, always<zones::id_of<dram>>>
        strict{};
    STATIC_REQUIRE(strict.zone_for(request{at(0, 3), true}).error() == errc::misaligned);
    STATIC_REQUIRE(strict.zone_for(request{at(0, 4), true}) == zones::id_of<pmem>);
}

TEST_CASE("a list is a strategy, so lists nest", "[placement]") {
    using inner = first_of<pmem_if_it_must_last, always<zones::id_of<dram>>>;
    STATIC_REQUIRE(placement_strategy<inner, request>);
    STATIC_REQUIRE(always_answering<inner>);
    constexpr first_of<refuse_wrong_size, inner> outer{};
    STATIC_REQUIRE(outer.zone_for(request{at(0, 4), true}) == zones::id_of<pmem>);
    STATIC_REQUIRE(outer.zone_for(request{at(0, 4), false}) == zones::id_of<dram>);
    STATIC_REQUIRE(outer.zone_for(request{at(0, 5), false}).error() == errc::misaligned);
}

TEST_CASE("what a strategy has to know can be a template argument", "[placement]") {
    constexpr first_of<below<0x100, zone_id{1}>, below<0x200, zone_id{0}>, always<zone_id{1}>>
        borders;
    STATIC_REQUIRE(borders.zone_for(request{at(0, 0x100)}) == zone_id{1});
    STATIC_REQUIRE(borders.zone_for(request{at(0, 0x101)}) == zone_id{0});
    STATIC_REQUIRE(borders.zone_for(request{at(0, 0x201)}) == zone_id{1});
    STATIC_REQUIRE(std::is_empty_v<decltype(borders)>);
}

TEST_CASE("what a strategy must be is a concept", "[placement]") {
    struct no_answer {};
    struct answers_with_a_zone {
        static zone_id answer(const request&); // not a placement: could not pass
    };
    struct has_state {
        placement answer(const request&) const;
    };
    STATIC_REQUIRE(placement_strategy<pmem_if_it_must_last, request>);
    STATIC_REQUIRE(placement_strategy<below<1, zone_id{}>, request>);
    STATIC_REQUIRE(!placement_strategy<pmem_if_it_must_last, pfn_range>); // another query
    STATIC_REQUIRE(!placement_strategy<no_answer, request>);
    STATIC_REQUIRE(!placement_strategy<answers_with_a_zone, request>);
    STATIC_REQUIRE(!placement_strategy<has_state, request>);
    STATIC_REQUIRE(always_answering<says_it_answers>);
    STATIC_REQUIRE(!always_answering<never_says_so>);
    STATIC_REQUIRE(!always_answering<below<1, zone_id{}>>);
}

// ---- somebody's own zones: the whole of it ----------------------------------------------------

namespace tiers {

struct dram {
    static constexpr text name = "DRAM";
    static constexpr zone_traits traits{};
};
struct hbm {
    static constexpr text name = "HBM";
    static constexpr zone_traits traits{.kernel_mapped = false};
};
struct cxl {
    static constexpr text name = "CXL";
    static constexpr zone_traits traits{.movable = true};
};
struct pmem {
    static constexpr text name = "pmem";
    static constexpr zone_traits traits{.allocatable = false, .device = true};
};
struct zones : zone_set<dram, hbm, cxl, pmem> {};

struct module_found {
    bool keeps_its_data, may_be_pulled;
    unsigned gb_per_s;
};

struct pmem_if_it_keeps_data {
    static constexpr placement answer(const module_found& m) {
        return m.keeps_its_data ? zones::id_of<pmem> : does_not_apply;
    }
};
struct cxl_if_pullable {
    static constexpr placement answer(const module_found& m) {
        return m.may_be_pulled ? zones::id_of<cxl> : does_not_apply;
    }
};
template <unsigned GbPerS>
struct hbm_if_faster_than {
    static constexpr placement answer(const module_found& m) {
        return m.gb_per_s > GbPerS ? zones::id_of<hbm> : does_not_apply;
    }
};
constexpr first_of<pmem_if_it_keeps_data, cxl_if_pullable, hbm_if_faster_than<200>,
                   always<zones::id_of<dram>>>
    placement_of{};

} // namespace tiers

TEST_CASE("tiers of memory are placed by their own strategies", "[placement]") {
    using namespace tiers;
    STATIC_REQUIRE(placement_of.zone_for(module_found{true, true, 8}) ==
                   tiers::zones::id_of<tiers::pmem>);
    STATIC_REQUIRE(placement_of.zone_for(module_found{false, true, 30}) ==
                   tiers::zones::id_of<cxl>);
    STATIC_REQUIRE(placement_of.zone_for(module_found{false, false, 800}) ==
                   tiers::zones::id_of<hbm>);
    STATIC_REQUIRE(placement_of.zone_for(module_found{false, false, 25}) ==
                   tiers::zones::id_of<tiers::dram>);
}

// ---- the ready-made ones ----------------------------------------------------------------------

namespace {

struct tier_memory {
    zone_pages by_zone[4];
    constexpr const zone_list& zones() const { return tiers::zones::list; }
    constexpr zone_pages pages_of(node_id n, zone_id z) const {
        return n == node_id{0} ? by_zone[z.value] : zone_pages{};
    }
};
constexpr zone_id dram_id = tiers::zones::id_of<tiers::dram>;
constexpr zone_id hbm_id = tiers::zones::id_of<tiers::hbm>;
constexpr zone_id cxl_id = tiers::zones::id_of<tiers::cxl>;
constexpr zone_id pmem_id = tiers::zones::id_of<tiers::pmem>;

// [0, 100) DRAM, [90, 120) HBM, [200, 300) CXL
constexpr tier_memory memory{
    {span_of(at(0, 100)), span_of(at(90, 120)), span_of(at(200, 300)), {}}};
constexpr tier_memory without_cxl{{span_of(at(0, 100)), {}, {}, {}}};
constexpr auto query(const tier_memory& m, pfn_range r, bool for_device = false) {
    return hot_add<tier_memory>{m, node_id{0}, r, for_device, hbm_id};
}

// A set without device and movable zones.
struct plain_memory {
    static constexpr zone_list list = zone_set<dram>::list;
    constexpr const zone_list& zones() const { return list; }
    constexpr zone_pages pages_of(node_id, zone_id) const { return span_of(at(0, 100)); }
};
constexpr plain_memory plain;

} // namespace

TEST_CASE("the caller's default is an answer, even zone 0", "[placement]") {
    STATIC_REQUIRE(callers_default::answer(query(memory, at(0, 1))) == hbm_id);
    STATIC_REQUIRE(callers_default::answer(hot_add{memory, node_id{0}, at(0, 1)}) == dram_id);
    STATIC_REQUIRE(always<cxl_id>::answer(0) == cxl_id);
}

TEST_CASE("a driver's range goes to the device zone, and is refused where there is none",
          "[placement]") {
    STATIC_REQUIRE(device_if_asked::answer(query(memory, at(0, 1), true)) == pmem_id);
    STATIC_REQUIRE(device_if_asked::answer(query(memory, at(0, 1), false)) == does_not_apply);
    constexpr hot_add<plain_memory> asked{plain, node_id{0}, at(0, 1), true};
    constexpr hot_add<plain_memory> not_asked{plain, node_id{0}, at(0, 1), false};
    STATIC_REQUIRE(device_if_asked::answer(asked).answer().error() == errc::not_found);
    STATIC_REQUIRE(device_if_asked::answer(not_asked) == does_not_apply);
}

TEST_CASE("a range that starts at or above the movable zone's start is movable", "[placement]") {
    constexpr auto answer = [](pfn_range r) {
        return movable_if_start_is_movable::answer(query(memory, r));
    };
    STATIC_REQUIRE(answer(at(199, 210)) == does_not_apply); // reaches into it
    STATIC_REQUIRE(answer(at(200, 201)) == cxl_id);         // equality counts
    STATIC_REQUIRE(answer(at(900, 901)) == cxl_id);         // far above its end
    STATIC_REQUIRE(movable_if_start_is_movable::answer(query(without_cxl, at(900, 901))) ==
                   does_not_apply);
    constexpr hot_add<plain_memory> no_such_zone{plain, node_id{0}, at(900, 901)};
    STATIC_REQUIRE(movable_if_start_is_movable::answer(no_such_zone) == does_not_apply);
    constexpr hot_add<tier_memory> other_node{memory, node_id{1}, at(900, 901)};
    STATIC_REQUIRE(movable_if_start_is_movable::answer(other_node) == does_not_apply);
}

TEST_CASE("a range inherits the zone whose span it overlaps, when they agree", "[placement]") {
    constexpr auto answer = [](pfn_range r) {
        return inherit_from_span<>::answer(query(memory, r));
    };
    STATIC_REQUIRE(answer(at(99, 150)) == dram_id);         // DRAM and HBM: the lower one
    STATIC_REQUIRE(answer(at(100, 150)) == hbm_id);         // touching DRAM is not overlapping
    STATIC_REQUIRE(answer(at(110, 210)) == does_not_apply); // unmovable and movable
    STATIC_REQUIRE(answer(at(120, 200)) == does_not_apply); // none
    STATIC_REQUIRE(answer(at(299, 400)) == cxl_id);
    constexpr auto mapped = [](pfn_range r) {
        return inherit_from_span<&zone_traits::kernel_mapped>::answer(query(memory, r));
    };
    STATIC_REQUIRE(mapped(at(100, 150)) == does_not_apply); // HBM is not asked
}
