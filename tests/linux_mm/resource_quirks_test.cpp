// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/resource_quirks.hpp>

#include <zonal/linux_mm/iomem_names.hpp>

#include "test.hpp"

using namespace zonal;
namespace lm = zonal::linux_mm;

TEST_CASE("the resource tree of every kernel has no owners, and one entry a release",
          "[linux_mm]") {
    for (const lm::version v : {lm::version{4, 3}, {5, 10}, {6, 1}, {6, 12}, {7, 3}}) {
        const auto quirks = lm::resource_quirks_for(v);
        REQUIRE(quirks.has_value());
        CHECK(quirks->no_owners);
        CHECK(quirks->first_busy_only);
        CHECK(quirks->children_stay_below);
        CHECK(quirks->asks_top_level_only == (v < lm::version{6, 12}));
    }
    CHECK(lm::resource_quirks_for({4, 2}) == fail(errc::not_found));
}

TEST_CASE("a name says whether a region is system RAM", "[linux_mm]") {
    const auto is_ram = [](text name) {
        return lm::system_ram.matches(lm::describe_by_name(name));
    };
    CHECK(is_ram("System RAM"));
    CHECK(is_ram("System RAM (kmem)"));
    CHECK(is_ram("Kernel code"));
    CHECK_FALSE(is_ram("System RAMP"));
    CHECK_FALSE(is_ram("System ROM"));
    CHECK_FALSE(is_ram("Persistent Memory"));
    CHECK_FALSE(is_ram(""));
    CHECK_FALSE(lm::describe_by_name("System RAM").flags.driver_managed);
    CHECK(lm::describe_by_name("System RAM (virtio_mem)").flags.driver_managed);
    CHECK(lm::describe_by_name("Persistent Memory").kind == lm::persistent_memory);
    CHECK(lm::describe_by_name("Persistent Memory (legacy)").kind == lm::legacy_persistent_memory);
    CHECK(lm::describe_by_name("PCI Bus 0000:00").flags == region_flags{.memory = true});
}
