// SPDX-License-Identifier: BSL-1.0
#include <zonal/zone/zone_list.hpp>

#include <initializer_list>

#include "../contract.hpp"
#include "../test.hpp"

using zonal::errc;
using zonal::max_zones;
using zonal::result;
using zonal::text;
using zonal::zone_id;
using zonal::zone_info;
using zonal::zone_list;
using zonal::zone_list_fault;
using zonal::zone_traits;
using zonal_test::constant;
using zonal_test::traps;

namespace {

constexpr zone_traits below_16m{.reach_bits = 24};
constexpr zone_traits plain{};
constexpr zone_traits unmapped{.kernel_mapped = false};
constexpr zone_traits movable{.movable = true};
constexpr zone_traits device{.allocatable = false, .device = true};
constexpr zone_traits device_for_all{.allocatable = true, .device = true};

constexpr zone_list list_of(std::initializer_list<zone_info> zones) {
    zone_list list;
    for (const zone_info& z : zones) static_cast<void>(list.add(z).value());
    return list;
}

// Names of one character: "a", "b", ...
constexpr const char letters[] = "abcdefghijklmnopqrstuvwxyz";
constexpr text letter(unsigned i) { return {letters + i, 1}; }

constexpr bool a_list_takes_zones_until_it_is_full() {
    zone_list list;
    for (unsigned i = 0; i < max_zones; ++i) {
        if (list.contains(zone_id{i})) return false;
        if (list.add({letter(i), plain}) != result<zone_id>(zone_id{i})) return false;
        if (list.size != i + 1 || !list.contains(zone_id{i}) ||
            !(list[zone_id{i}].name == letter(i)))
            return false;
        if (list.check().fault != zone_list_fault::none) return false;
    }
    if (list.add({"one more", plain}) != result<zone_id>(fail(errc::no_space))) return false;
    if (list.size != max_zones || list.find("one more").has_value()) return false;
    for (unsigned i = 0; i < max_zones; ++i)
        if (list.find(letter(i)) != result<zone_id>(zone_id{i})) return false;
    return true;
}

constexpr bool a_list_is_walked_in_the_order_of_ids() {
    const zone_list list = list_of({{"a", below_16m}, {"b", plain}, {"c", movable}});
    unsigned i = 0;
    for (const zone_info& z : list)
        if (!(z.name == letter(i++))) return false;
    const zone_list none;
    return i == 3 && none.begin() == none.end();
}

struct fault_row {
    zone_list list;
    zone_list_fault fault;
    unsigned first = 0;
    unsigned second = 0;
};

constexpr fault_row faults[] = {
    {list_of({{"a", plain}}), zone_list_fault::none},
    {list_of({{"a", below_16m}, {"b", plain}, {"c", unmapped}, {"d", movable}, {"e", device}}),
     zone_list_fault::none},
    {list_of({{"a", plain}, {"b", plain}}), zone_list_fault::none}, // equal rank, any order
    {list_of({{"a", device}, {"b", device}}), zone_list_fault::none},
    {list_of({}), zone_list_fault::empty},
    {list_of({{"", plain}}), zone_list_fault::unnamed, 0, 0},
    {list_of({{"a", plain}, {{}, movable}}), zone_list_fault::unnamed, 1, 1},
    {list_of({{"a", plain}, {"a", plain}}), zone_list_fault::duplicate, 1, 0},
    {list_of({{"a", below_16m}, {"b", plain}, {"c", movable}, {"b", device}}),
     zone_list_fault::duplicate, 3, 1},
    {list_of({{"a", plain}, {"b", below_16m}}), zone_list_fault::out_of_order, 1, 0},
    {list_of({{"a", unmapped}, {"b", plain}}), zone_list_fault::out_of_order, 1, 0},
    {list_of({{"a", plain}, {"b", movable}, {"c", unmapped}}), zone_list_fault::out_of_order, 2, 1},
    {list_of({{"a", plain}, {"b", device}, {"c", movable}}), zone_list_fault::out_of_order, 2, 1},
    {list_of({{"a", device_for_all}}), zone_list_fault::allocatable_device, 0, 0},
    {list_of({{"a", plain}, {"b", device_for_all}}), zone_list_fault::allocatable_device, 1, 1},
    // Two things wrong: the one that stands first is told.
    {list_of({{"a", movable}, {"b", plain}, {"a", device_for_all}}), zone_list_fault::out_of_order,
     1, 0},
    {list_of({{"a", device_for_all}, {"b", plain}}), zone_list_fault::allocatable_device, 0, 0},
};

constexpr bool check_finds(const fault_row& row) {
    const zone_list::finding found = row.list.check();
    return found.fault == row.fault && found.first == row.first && found.second == row.second;
}
constexpr bool every_fault_is_found_where_it_is() {
    for (const fault_row& row : faults)
        if (!check_finds(row)) return false;
    return true;
}

static_assert(a_list_takes_zones_until_it_is_full());
static_assert(a_list_is_walked_in_the_order_of_ids());
static_assert(every_fault_is_found_where_it_is());

} // namespace

TEST_CASE("a list takes zones until it is full, and then refuses", "[zone]") {
    CHECK(a_list_takes_zones_until_it_is_full());
    CHECK(a_list_is_walked_in_the_order_of_ids());
}

TEST_CASE("a zone is found by its whole name", "[zone]") {
    constexpr zone_list list =
        list_of({{"DMA", below_16m}, {"DMA32", {.reach_bits = 32}}, {"Normal", plain}});
    STATIC_REQUIRE(list.find("DMA32") == result<zone_id>(zone_id{1}));
    STATIC_REQUIRE(list.find("DMA") == result<zone_id>(zone_id{0}));
    STATIC_REQUIRE(list.find("DM").error() == errc::not_found);
    STATIC_REQUIRE(list.find("normal").error() == errc::not_found);
    STATIC_REQUIRE(list.find("").error() == errc::not_found);
    STATIC_REQUIRE(zone_list{}.find("DMA").error() == errc::not_found);
}

TEST_CASE("the first thing wrong with a list is found, and the zones it is about", "[zone]") {
    CHECK(every_fault_is_found_where_it_is());
    for (const fault_row& row : faults) {
        INFO("row " << &row - faults);
        CHECK(check_finds(row));
    }
}

TEST_CASE("an id that a list lacks is a broken contract", "[zone]") {
    constexpr zone_list two = list_of({{"a", plain}, {"b", movable}});
    STATIC_REQUIRE(two[zone_id{1}].traits == movable);
    STATIC_REQUIRE(!two.contains(zone_id{2}));
    STATIC_REQUIRE(!two.contains(zone_id{~std::uint64_t{0}}));
    STATIC_REQUIRE(!constant<[] { return list_of({{"a", plain}})[zone_id{1}]; }>);
    CHECK(traps([&] { static_cast<void>(two[zone_id{2}]); }));
    CHECK(traps([&] { static_cast<void>(two[zone_id{~std::uint64_t{0}}]); }));
}
