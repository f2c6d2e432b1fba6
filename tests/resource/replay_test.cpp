// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource.hpp>

#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/linux_mm/resource_quirks.hpp>

#include "replay/resource_calls.hpp"
#include "test.hpp"

#include <utility>

using namespace zonal;
using namespace zonal_test;

// Calls of a running kernel's own resource functions, made here under its quirks, and compared
// after every one: the error, the result in the kernel module's own words, every entry of the tree
// with its flags.

namespace {

using tree_type = resource_tree<in_place<256>>;

using replay = resource_calls<tree_type>;

/// Called by the kernel module, not by the kernel.
bool is_call(const json& event) { return event.value("via", "") == "mhporacle"; }

/// The kernel said so: always for a release, once per kind for the others.
bool warned(const json& event) {
    for (const json& line : event.value("dmesg", json::array())) {
        const std::string characters = line;
        if (characters.find("nonexistent resource") != std::string::npos) return true;
        if (characters.find("WARNING") != std::string::npos) return true;
    }
    return false;
}

void replays(const std::string& scenario, const linux_mm::resource_quirks& quirks) {
    name_store names;
    tree_type tree;
    replay repeat(tree, names, quirks);
    unsigned events = 0;
    unsigned snapshots = 0;
    trace t(trace_path(scenario));
    while (t.next()) {
        INFO(t.place());
        if (t.is("snapshot")) {
            if (snapshots++ == 0) load_iomem(t.snapshot(), tree, names);
            const std::string difference =
                first_difference(iomem_rows(t.snapshot()), iomem_rows(tree));
            INFO(difference);
            REQUIRE(difference.empty());
        }
        if (!t.is("event") || !is_call(t.line())) continue;
        ++events;
        const outcome ours = repeat(t.line());
        REQUIRE(ours.error == t.line().at("errno").dump());
        REQUIRE(ours.words == t.line().at("result").get<std::string>());
        if (t.line().at("op") == "release")
            REQUIRE(ours.warned == warned(t.line()));
        else if (warned(t.line()))
            REQUIRE(ours.warned);
    }
    REQUIRE(t.line().at("kind") == "end");
    CHECK(events + 2 == t.line().at("events").get<unsigned>()); // all but boot and insmod
    CHECK(snapshots == t.line().at("snapshots").get<unsigned>());
}

} // namespace

TEST_CASE("R01 the resource primitives of 6.1 are replayed call by call", "[resource][replay]") {
    replays("6.1-R01-resource-primitives", linux_mm::resource_quirks_for({6, 1}).value());
    replays("6.1-R01-resource-primitives", linux_mm::resource_quirks_for({6, 12}).value());
}

TEST_CASE("R20 random calls of 6.1's resource functions are replayed", "[resource][replay]") {
    replays("6.1-R20-fuzz1", linux_mm::resource_quirks_for({6, 1}).value());
    replays("6.1-R20-fuzz1", linux_mm::resource_quirks_for({6, 12}).value());
}

TEST_CASE(
    "R01 t86 and t99: where entries have owners, the driver's one is there when it releases it",
    "[resource][replay]") {
    name_store names;
    tree_type tree;
    linux_mm::resource_quirks with_owners = linux_mm::resource_quirks_for({6, 1}).value();
    with_owners.no_owners = false;
    replay repeat(tree, names, with_owners);
    const address_range nvdimm = inclusive(0x20'0100'0000, 0x20'01ff'ffff);
    bool loaded = false;
    for (trace t(trace_path("6.1-R01-resource-primitives")); t.next();) {
        if (t.is("snapshot") && !std::exchange(loaded, true)) load_iomem(t.snapshot(), tree, names);
        if (!t.is("event") || !is_call(t.line())) continue;
        const unsigned at = t.line().at("t");
        INFO(t.place());
        if (at < 82) continue; // the device arrives
        const bool is_release = t.line().at("op") == "release_adjustable";
        if (at == 86) {
            // The kernel gave the range back, and its driver's entry was gone.
            REQUIRE(is_release);
            CHECK(release_adjustable(tree, nvdimm) == fail(errc::busy));
            CHECK(release_adjustable(tree, nvdimm, the_system, with_owners) == fail(errc::busy));
            CHECK(find_exact(tree, nvdimm, {{.busy = true}}).has_value());
        } else if (at == 99) {
            // "Trying to free nonexistent resource"
            REQUIRE(warned(t.line()));
            CHECK(release_region(tree, nvdimm, some_driver, with_owners).has_value());
            CHECK_FALSE(find_exact(tree, nvdimm, {{.busy = true}}).has_value());
        } else {
            const outcome ours = repeat(t.line());
            CHECK(ours.words == t.line().at("result").get<std::string>());
        }
        if (at == 101) break; // the device leaves
    }
    CHECK_FALSE(find_exact(tree, nvdimm).has_value());
}

TEST_CASE("the names of memory say the flags and the kind that the kernel has",
          "[resource][replay]") {
    unsigned compared = 0;
    for (const char* scenario : {"6.1-D01-kmem", "6.1-H01-virtio-mem", "6.1-C06-e820-pram",
                                 "6.1-M03-add_remove_memory", "6.12-C01-nvdimm-modes"})
        for (trace t(trace_path(scenario)); t.next();) {
            if (!t.is("snapshot")) continue;
            INFO(t.place());
            const json& flags = t.snapshot().at("k_iomem_flags");
            for (std::size_t i = 0; i < flags.size(); ++i) {
                const std::string name = t.snapshot().at("iomem")[i][3];
                if (name.find("RAM") == name.npos && name.find("Kernel ") == name.npos &&
                    name.find("Persistent") == name.npos)
                    continue;
                INFO(name);
                const region ours = linux_mm::describe_by_name(view(name));
                region_flags kernel = flags_from(number_in(flags[i][0]));
                kernel.mergeable = false; // is up to whoever adds the memory
                REQUIRE(ours.flags == kernel);
                // A driver's RAM is of the kind of what it lies in.
                if (!ours.flags.driver_managed)
                    REQUIRE(ours.kind.value == flags[i][1].get<std::uint32_t>());
                ++compared;
            }
        }
    CHECK(compared > 1000);
}
