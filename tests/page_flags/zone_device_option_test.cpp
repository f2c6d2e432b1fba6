// SPDX-License-Identifier: BSL-1.0
#include "../../examples/page_flags/zone_device_option.hpp"

#include "../../examples/page_flags/kconfig.hpp"

#include "csv.hpp"
#include "linux_mm/recorded.hpp"
#include "test.hpp"

using namespace zonal::linux_mm;
using namespace page_flags;
using namespace zonal_test;

namespace {

template <class... Options>
constexpr option_values on(Options... options) {
    option_values values;
    (values.set(options, 1), ...);
    return values;
}

constexpr option_values hotplug =
    on(option::memory_hotplug, option::memory_hotremove, option::x86_64);

// What 4.3 asks for: the device zone takes the DMA zone's place.
constexpr bool in_4_3_it_costs_the_dma_zone() {
    option_values values = hotplug;
    if (!can_have_zone_device(values, {4, 3})) return false;
    if (can_have_zone_device(values, {4, 3}).asked)
        return false; // decided by default, not by a prompt
    values.set(option::expert, 1);
    if (!can_have_zone_device(values, {4, 3}).asked) return false;
    values.set(option::zone_dma, 1);
    const zone_device_check check = can_have_zone_device(values, {4, 3});
    return !check && check.missing_count == 1 &&
           check.missing[0] == option_need{option::zone_dma, false};
}
static_assert(in_4_3_it_costs_the_dma_zone());

constexpr bool from_4_7_it_needs_the_virtual_memory_map() {
    option_values values = hotplug;
    values.set(option::zone_dma, 1);
    const zone_device_check check = can_have_zone_device(values, {4, 7});
    if (check || check.missing_count != 1 ||
        !(check.missing[0] == option_need{option::sparsemem_vmemmap}))
        return false;
    values.set(option::sparsemem_vmemmap, 1);
    return can_have_zone_device(values, {4, 7}).asked;
}
static_assert(from_4_7_it_needs_the_virtual_memory_map());

} // namespace

TEST_CASE("in 4.3 the device zone costs the DMA zone", "[page_flags]") {
    CHECK(in_4_3_it_costs_the_dma_zone());
    STATIC_REQUIRE(option_of({4, 3}).on_by_default);
    STATIC_REQUIRE(option_of({4, 3}).prompt_needs_expert);
}

TEST_CASE("from 4.7 on it needs the virtual memory map instead", "[page_flags]") {
    CHECK(from_4_7_it_needs_the_virtual_memory_map());
    STATIC_REQUIRE_FALSE(option_of({4, 7}).on_by_default);
}

TEST_CASE("from 5.4 to 6.12 the architecture has to say that it can", "[page_flags]") {
    option_values values =
        on(option::memory_hotplug, option::memory_hotremove, option::sparsemem_vmemmap);
    for (version v : {version{5, 4}, version{5, 10}, version{6, 1}, version{6, 12}}) {
        values.set(option::arch_has_pte_devmap, 0);
        const zone_device_check check = can_have_zone_device(values, v);
        CHECK_FALSE(check);
        REQUIRE(check.missing_count == 1);
        CHECK(check.missing[0] == option_need{option::arch_has_pte_devmap});
        values.set(option::arch_has_pte_devmap, 1);
        CHECK(can_have_zone_device(values, v));
    }
    values.set(option::arch_has_pte_devmap, 0);
    CHECK(can_have_zone_device(values, {7, 2}));
}

TEST_CASE("everything is missing from an empty configuration", "[page_flags]") {
    STATIC_REQUIRE(can_have_zone_device({}, {4, 3}).missing_count == 3);
    STATIC_REQUIRE(can_have_zone_device({}, {4, 18}).missing_count == 4);
    STATIC_REQUIRE(can_have_zone_device({}, {6, 12}).missing_count == 4);
    STATIC_REQUIRE(can_have_zone_device({}, {7, 3}).missing_count == 3);
}

TEST_CASE("every recorded kernel that has the zone was allowed to", "[page_flags]") {
    std::ifstream in(recorded + "/distro/distro.csv");
    csv table(in);
    std::size_t with_zone = 0, refused = 0;
    while (table.next()) {
        INFO(table["headers_package"]);
        const auto k = read_kconfig(view(config_text(table["headers_package"])));
        REQUIRE(k);
        const zone_device_check check = can_have_zone_device(k->options, k->mm.kernel);
        if (table["cfg_zone_device"] == "1") CHECK(check);
        if (table["cfg_memory_hotplug"] == "0") CHECK_FALSE(check);
        with_zone += table["cfg_zone_device"] == "1";
        refused += !check;
    }
    CHECK(with_zone == 17);
    CHECK(refused > 0);
}
