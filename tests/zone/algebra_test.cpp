// SPDX-License-Identifier: BSL-1.0
#include <zonal/zone/algebra.hpp>

#include <type_traits>

#include <zonal/linux_mm/zones.hpp>

#include "../test.hpp"
#include "../tiers.hpp"

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace {

using five = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>;

using zonal_test::cxl;
using zonal_test::dram;
using zonal_test::hbm;
using zonal_test::pmem;
using zonal_test::tiers;
struct zones : zone_set<dram, hbm> {}; // a name that a member of zone_set might have

constexpr bool reaches_everything(const zone_info& z) { return z.traits.reach_bits == 64; }

/// A predicate with a value of its own.
struct named {
    char first;
    constexpr bool operator()(const zone_info& z) const { return z.name[0] == first; }
};

} // namespace

TEST_CASE("sets are made from sets", "[zone]") {
    using all = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>;
    static_assert(std::is_same_v<without<all, lm::dma>,
                                 zone_set<lm::dma32, lm::normal, lm::movable, lm::device>>);
    using ram = only<all, &zone_traits::allocatable>;
    static_assert(ram::size == 4);
    STATIC_REQUIRE(!has_zone<ram, lm::device>);
}

TEST_CASE("without drops zones and keeps the order of the others", "[zone]") {
    STATIC_REQUIRE(std::is_same_v<without<five>, five>);
    STATIC_REQUIRE(std::is_same_v<without<five, lm::device>,
                                  zone_set<lm::dma, lm::dma32, lm::normal, lm::movable>>);
    STATIC_REQUIRE(std::is_same_v<without<five, lm::movable, lm::dma>,
                                  zone_set<lm::dma32, lm::normal, lm::device>>);
    STATIC_REQUIRE(
        std::is_same_v<without<five, lm::dma, lm::movable>, without<five, lm::movable, lm::dma>>);
    STATIC_REQUIRE(std::is_same_v<without<without<five, lm::dma>, lm::movable>,
                                  without<five, lm::dma, lm::movable>>);
    STATIC_REQUIRE(std::is_same_v<without<five, lm::dma, lm::dma>, without<five, lm::dma>>);
    STATIC_REQUIRE(without<five, lm::dma, lm::dma32, lm::movable, lm::device>::size == 1);
}

TEST_CASE("only keeps the zones that a trait or a function of the zone says yes to", "[zone]") {
    STATIC_REQUIRE(std::is_same_v<only<five, &zone_traits::device>, zone_set<lm::device>>);
    STATIC_REQUIRE(std::is_same_v<only<five, &zone_traits::kernel_mapped>, five>);
    STATIC_REQUIRE(std::is_same_v<only<five, &reaches_everything>,
                                  zone_set<lm::normal, lm::movable, lm::device>>);
    STATIC_REQUIRE(
        std::is_same_v<only<five, [](const zone_info& z) { return z.traits.reach_bits < 64; }>,
                       zone_set<lm::dma, lm::dma32>>);
    STATIC_REQUIRE(
        std::is_same_v<only<five, named{'D'}>, zone_set<lm::dma, lm::dma32, lm::device>>);
}

TEST_CASE("a partition cuts a set into those that say yes and those that say no", "[zone]") {
    using cut = partition<five, &zone_traits::hot_removable>;
    STATIC_REQUIRE(std::is_same_v<cut::yes, zone_set<lm::movable, lm::device>>);
    STATIC_REQUIRE(std::is_same_v<cut::no, zone_set<lm::dma, lm::dma32, lm::normal>>);
    STATIC_REQUIRE(cut::yes::size + cut::no::size == five::size);
}

TEST_CASE("sets that are structs of the user's own work alike", "[zone]") {
    STATIC_REQUIRE(std::is_same_v<without<tiers, pmem>, zone_set<dram, hbm, cxl>>);
    STATIC_REQUIRE(std::is_same_v<without<zones, hbm>, zone_set<dram>>);
    STATIC_REQUIRE(std::is_same_v<only<tiers, &zone_traits::movable>, zone_set<hbm, cxl>>);
    STATIC_REQUIRE(std::is_same_v<partition<tiers, &zone_traits::allocatable>::no, zone_set<pmem>>);
}

TEST_CASE("ids are counted anew in a set that was made", "[zone]") {
    STATIC_REQUIRE(five::id_of<lm::device> == zone_id{4});
    STATIC_REQUIRE(without<five, lm::dma>::id_of<lm::device> == zone_id{3});
    STATIC_REQUIRE(only<five, &zone_traits::device>::id_of<lm::device> == zone_id{0});
}
