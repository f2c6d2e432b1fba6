// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource/region.hpp>

#include "test.hpp"

using namespace zonal;

namespace {

constexpr address_range range{phys_addr{0x1000}, phys_addr{0x2000}};
constexpr owner_id nvdimm{3};

} // namespace

TEST_CASE("a region is a range, a name, flags, a kind, an owner", "[resource]") {
    constexpr region_flags ram{.memory = true, .system_ram = true, .busy = true};
    constexpr region dimm{range, "System RAM", ram};
    constexpr region pmem{range, "namespace0.0", {.memory = true, .busy = true}, {}, nvdimm};
    STATIC_REQUIRE(dimm.owner == the_system);
    STATIC_REQUIRE(pmem.owner == nvdimm);
    STATIC_REQUIRE(dimm.kind == pmem.kind);
    STATIC_REQUIRE(dimm == dimm);
    STATIC_REQUIRE(dimm != pmem);
    STATIC_REQUIRE(region{}.range == address_range{});
}

TEST_CASE("a region belongs to its owner, and anyone acts in everybody's name", "[resource]") {
    constexpr region pmem{.range = range, .owner = nvdimm};
    STATIC_REQUIRE(pmem.belongs_to(nvdimm));
    STATIC_REQUIRE(pmem.belongs_to(anyone));
    STATIC_REQUIRE(!pmem.belongs_to(the_system));
    STATIC_REQUIRE(!pmem.belongs_to(owner_id{4}));
    STATIC_REQUIRE(region{}.belongs_to(the_system));
    STATIC_REQUIRE(!region{.owner = anyone}.belongs_to(the_system));
}

TEST_CASE("flags include others bit by bit, and unite", "[resource]") {
    using flags = region_flags;
    constexpr flags one_each[] = {{.memory = true},         {.system_ram = true}, {.busy = true},
                                  {.driver_managed = true}, {.mergeable = true},  {.other = 1},
                                  {.other = 0x8000'0000}};
    flags all;
    for (const flags a : one_each) {
        CHECK(a.includes({}));
        CHECK_FALSE(flags{}.includes(a));
        for (const flags b : one_each) {
            CHECK(a.includes(b) == (a == b));
            CHECK((a | b).includes(a));
            CHECK((a | b).includes(b));
        }
        CHECK_FALSE(all.includes(a));
        all = all | a;
        CHECK(all.includes(a));
    }
    STATIC_REQUIRE((flags{.busy = true} | flags{}) == flags{.busy = true});
}

TEST_CASE("a query wants all its flags, and its kind unless it is 0", "[resource]") {
    constexpr region pmem{.flags = {.memory = true, .busy = true}, .kind = {4}};
    STATIC_REQUIRE(region_query{}.matches(pmem));
    STATIC_REQUIRE(region_query{{.memory = true}}.matches(pmem));
    STATIC_REQUIRE(region_query{{.memory = true}, {4}}.matches(pmem));
    STATIC_REQUIRE(!region_query{{.memory = true}, {5}}.matches(pmem));
    STATIC_REQUIRE(!region_query{{.system_ram = true}}.matches(pmem));
    STATIC_REQUIRE(!region_query{{.memory = true}, {4}}.matches(region{.flags = {.memory = true}}));
}

TEST_CASE("numbers do not turn into owners, kinds or entries", "[resource]") {
    STATIC_REQUIRE(!std::is_convertible_v<std::uint32_t, owner_id>);
    STATIC_REQUIRE(!std::is_convertible_v<std::uint32_t, region_kind>);
    STATIC_REQUIRE(!std::is_convertible_v<std::uint32_t, region_id>);
    STATIC_REQUIRE(!std::is_convertible_v<region_id, bool>);
    STATIC_REQUIRE(!std::is_convertible_v<owner_id, region_kind>);
    STATIC_REQUIRE(!region_id{});
    STATIC_REQUIRE(region_id{0, 0});
}
