// SPDX-License-Identifier: BSL-1.0
#include <zonal/zone/zone_set.hpp>

#include <string>
#include <type_traits>
#include <utility>

#include <zonal/linux_mm/zones.hpp>

#include "../contract.hpp"
#include "../test.hpp"

using zonal::has_zone;
using zonal::text;
using zonal::zone_id;
using zonal::zone_set;
using zonal::zone_set_type;
using zonal::zone_tag;
using zonal::zone_traits;
using zonal_test::constant;
using zonal_test::traps;
namespace lm = zonal::linux_mm;

namespace {

// ---- a machine that is not Linux: tiers of memory ----------------------------------------------

struct dram {
    static constexpr text name = "DRAM";
    static constexpr zone_traits traits{};
};
struct hbm {
    static constexpr text name = "HBM";
    static constexpr zone_traits traits{.movable = true, .hot_removable = true};
};
struct cxl {
    static constexpr text name = "CXL";
    static constexpr zone_traits traits{.movable = true, .hot_removable = true};
};
struct pmem {
    static constexpr text name = "pmem";
    static constexpr zone_traits traits{
        .allocatable = false, .device = true, .hot_removable = true};
};
struct tiers : zone_set<dram, hbm, cxl, pmem> {};
struct server : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};

// The same zones in another list have other ids.
struct two_tiers : zone_set<dram, cxl> {};

static_assert(tiers::id_of<cxl> == zone_id{2});
static_assert(two_tiers::id_of<cxl> == zone_id{1});
static_assert(server::id_of<lm::device> == zone_id{3});

// ---- zones by number, for sets of every size ---------------------------------------------------

template <unsigned I>
struct numbered {
    static constexpr char letter = static_cast<char>('a' + I);
    static constexpr text name{&letter, 1};
    static constexpr zone_traits traits{.movable = I >= 8};
};
template <class Sequence>
struct set_of;
template <unsigned... I>
struct set_of<std::integer_sequence<unsigned, I...>> {
    using type = zone_set<numbered<I>...>;
    static constexpr bool ids_count_upwards =
        ((type::template id_of<numbered<I>> == zone_id{I}) && ...);
    static constexpr bool names_belong_to_ids =
        ((type::name_of(zone_id{I}) == numbered<I>::name) && ...);
    static constexpr bool traits_belong_to_ids =
        ((type::traits_of(zone_id{I}) == numbered<I>::traits) && ...);
    static constexpr bool visits_find_the_type =
        (type::visit(zone_id{I},
                     []<class Z>(zone_tag<Z>) { return std::is_same_v<Z, numbered<I>>; }) &&
         ...);
};
template <unsigned N>
constexpr bool a_set_of() {
    using numbers = set_of<std::make_integer_sequence<unsigned, N>>;
    using set = typename numbers::type;
    return set::size == N && set::list.size == N && numbers::ids_count_upwards &&
           numbers::names_belong_to_ids && numbers::traits_belong_to_ids &&
           numbers::visits_find_the_type && zone_set_type<set> && has_zone<set, numbered<N - 1>> &&
           !has_zone<set, numbered<N>>;
}
template <unsigned... N>
constexpr bool sets_of_every_size(std::integer_sequence<unsigned, N...>) {
    return (a_set_of<N + 1>() && ...);
}
static_assert(sets_of_every_size(std::make_integer_sequence<unsigned, zonal::max_zones>()));

// ---- what is a zone set ------------------------------------------------------------------------

struct only_has_an_id {
    template <class>
    static constexpr zone_id id_of{};
};
static_assert(zone_set_type<zone_set<dram>>);
static_assert(zone_set_type<tiers>);
static_assert(zone_set_type<const tiers>);
static_assert(!zone_set_type<dram>);
static_assert(!zone_set_type<int>);
static_assert(!zone_set_type<zonal::zone_list>);
static_assert(!zone_set_type<only_has_an_id>);
static_assert(!zone_set_type<tiers&>);

static_assert(has_zone<tiers, pmem>);
static_assert(!has_zone<tiers, lm::device>); // a device zone, but not this set's
static_assert(!has_zone<tiers, int>);
static_assert(!has_zone<dram, dram>);

} // namespace

TEST_CASE("ids follow the order of the list", "[zone]") {
    using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
    static_assert(zones::id_of<lm::movable> == zone_id{2});
    static_assert(zones::name_of(zone_id{3}) == "Device");
    // zones::id_of<lm::dma>   error: no such zone in this set [with Zone = lm::dma; ...]
    STATIC_REQUIRE(!has_zone<zones, lm::dma>);
}

TEST_CASE("sets of one to sixteen zones know each of them by type, id and name", "[zone]") {
    STATIC_REQUIRE(sets_of_every_size(std::make_integer_sequence<unsigned, zonal::max_zones>()));
}

TEST_CASE("two sets live in one program, and share zones without sharing ids", "[zone]") {
    STATIC_REQUIRE(tiers::size == 4);
    STATIC_REQUIRE(two_tiers::size == 2);
    STATIC_REQUIRE(tiers::id_of<cxl> != two_tiers::id_of<cxl>);
    CHECK(tiers::name_of(zone_id{1}).as<std::string>() == "HBM");
    CHECK(two_tiers::name_of(zone_id{1}).as<std::string>() == "CXL");
    CHECK(server::name_of(zone_id{1}).as<std::string>() == "Normal");
    STATIC_REQUIRE(tiers::traits_of(zone_id{3}).device);
    STATIC_REQUIRE(!two_tiers::traits_of(zone_id{1}).device);
}

TEST_CASE("the list of a set is a value like one made at run time", "[zone]") {
    zonal::zone_list made;
    for (const char* name : {"DRAM", "HBM"}) {
        const std::string s = name;
        const bool fast = s == "HBM";
        CHECK(made.add({fast ? text("HBM") : text("DRAM"), fast ? hbm::traits : dram::traits})
                  .has_value());
    }
    CHECK(made.check().fault == zonal::zone_list_fault::none);
    for (zone_id z{}; z.value < made.size; ++z.value) {
        CHECK(made[z].name == tiers::list[z].name);
        CHECK(made[z].traits == tiers::list[z].traits);
    }
}

TEST_CASE("a visit calls back once, with the type of the zone", "[zone]") {
    for (std::uint64_t id = 0; id < tiers::size; ++id) {
        int calls = 0;
        const std::string name = tiers::visit(zone_id{id}, [&calls]<class Zone>(zone_tag<Zone>) {
            ++calls;
            return Zone::name.template as<std::string>();
        });
        CHECK(calls == 1);
        CHECK(name == tiers::name_of(zone_id{id}).as<std::string>());
    }
}

TEST_CASE("a visit returns what the visitor returns, references too", "[zone]") {
    static int places[2] = {};
    auto place = [](auto tag) -> int& {
        return places[std::is_same_v<typename decltype(tag)::type, cxl> ? 1 : 0];
    };
    STATIC_REQUIRE(std::is_same_v<decltype(two_tiers::visit(zone_id{0}, place)), int&>);
    two_tiers::visit(zone_id{1}, place) = 7;
    CHECK(places[0] == 0);
    CHECK(places[1] == 7);
}

TEST_CASE("a visitor may have state and may be moved from nowhere", "[zone]") {
    struct counter {
        int calls = 0;
        counter() = default;
        counter(const counter&) = delete;
        void operator()(zone_tag<dram>) { calls += 1; }
        void operator()(zone_tag<cxl>) { calls += 100; }
    } visitor;
    two_tiers::visit(zone_id{0}, visitor);
    two_tiers::visit(zone_id{1}, visitor);
    CHECK(visitor.calls == 101);
}

TEST_CASE("an id that a set lacks is a broken contract", "[zone]") {
    STATIC_REQUIRE(constant<[] { return two_tiers::name_of(zone_id{1}); }>);
    STATIC_REQUIRE(!constant<[] { return two_tiers::name_of(zone_id{2}); }>);
    STATIC_REQUIRE(!constant<[] { return two_tiers::traits_of(zone_id{2}); }>);
    STATIC_REQUIRE(!constant<[] { return two_tiers::visit(zone_id{2}, [](auto) { return 0; }); }>);
    CHECK(traps([] { static_cast<void>(two_tiers::name_of(zone_id{2})); }));
    CHECK(traps([] { two_tiers::visit(zone_id{2}, [](auto) {}); }));
    CHECK(traps([] { two_tiers::visit(zone_id{~std::uint64_t{0}}, [](auto) {}); }));
}
