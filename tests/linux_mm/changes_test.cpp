// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/changes.hpp>

#include "debian_config.hpp"
#include "linux_mm/recorded.hpp"
#include "oracle_rows_layout.hpp"
#include "test.hpp"

#include <functional>
#include <set>

using namespace zonal::linux_mm;
using namespace zonal_test;
using zonal::fate;
using zonal::text;

namespace {

const char* const versions[] = {"4.3", "4.7", "5.4", "5.10", "5.15", "6.1", "6.12", "7.3"};

constexpr page_field every_field[] = {
    page_field::section,   page_field::node,    page_field::zone,     page_field::last_cpupid,
    page_field::kasan_tag, page_field::lru_gen, page_field::lru_refs, page_field::flags};

/// Calls f(config, where) for each recorded layout row.
void for_each_row(const std::function<void(const config&, const std::string&)>& f) {
    for (const char* version : versions) {
        std::ifstream in(recorded + "/layout/layout_" + version + ".csv");
        for (csv row(in); row.next();)
            f(config_from(row, version_of(version)),
              std::string(version) + " line " + std::to_string(row.line()));
    }
}

bool is_offered(const change_list& changes, text option) {
    for (const change& c : changes)
        if (c.option == option) return true;
    return false;
}
const change& offered(const change_list& changes, text option) {
    for (const change& c : changes)
        if (c.option == option) return c;
    throw std::invalid_argument(string_of(option) + " is not offered");
}

/// Layout and request table both fit.
bool is_accepted(const config& c) {
    return page_layout_of(c).fits() && packed_requests_of(c).has_value();
}

bool sparse(const config& c) { return c.memory == memory_model::sparse; }
bool tags(const config& c) {
    return c.kasan == kasan_mode::sw_tags || c.kasan == kasan_mode::hw_tags;
}

/// All turns of one option, from the smallest to the largest: what the library should have looked at, written
/// down a second time and without its steps.
std::vector<config> turns(const config& c, const std::string& option) {
    std::vector<config> all;
    const auto with = [&](auto set) {
        all.push_back(c);
        set(all.back());
    };
    const auto off = [&](bool config::* flag) {
        if (c.*flag) with([&](config& to) { to.*flag = false; });
    };
    if (option == "CONFIG_NODES_SHIFT")
        for (unsigned n = c.numa ? c.nodes_shift : 0; n-- > 1;) // Kconfig wants at least 1
            with([&](config& to) { to.nodes_shift = n; });
    else if (option == "CONFIG_NR_CPUS") {
        // The bits of a CPU number change next to powers of two only.
        std::set<unsigned, std::greater<>> counts;
        for (unsigned power = 2; power != 0 && power <= c.nr_cpus; power *= 2)
            for (unsigned n : {power - 1, power, power + 1})
                if (n >= 2 && n < c.nr_cpus) counts.insert(n);
        for (unsigned n : counts) with([&](config& to) { to.nr_cpus = n; });
    } else if (option == "CONFIG_ZONE_DMA")
        off(&config::zone_dma);
    else if (option == "CONFIG_ZONE_DMA32")
        off(&config::zone_dma32);
    else if (option == "CONFIG_HIGHMEM")
        off(&config::highmem);
    else if (option == "CONFIG_ZONE_DEVICE")
        off(&config::zone_device);
    else if (option == "CONFIG_LRU_GEN")
        off(&config::lru_gen);
    else if (option == "CONFIG_NUMA_BALANCING")
        off(&config::numa_balancing);
    else if (option == "CONFIG_MEMORY_FAILURE")
        off(&config::memory_failure);
    else if (option == "CONFIG_PAGE_IDLE_FLAG" || option == "CONFIG_IDLE_PAGE_TRACKING")
        off(&config::idle);
    else if (option == "CONFIG_SPARSEMEM_VMEMMAP") {
        if (sparse(c) && c.bits_per_long == 64)
            with([&](config& to) { to.memory = memory_model::sparse_vmemmap; });
    } else if (option == "CONFIG_KASAN") {
        if (tags(c)) with([&](config& to) { to.kasan = kasan_mode::none; });
    }
    return all;
}

std::vector<std::string> options_of(version kernel) {
    return {"CONFIG_NODES_SHIFT",
            "CONFIG_NR_CPUS",
            "CONFIG_ZONE_DMA",
            "CONFIG_ZONE_DMA32",
            "CONFIG_HIGHMEM",
            "CONFIG_ZONE_DEVICE",
            "CONFIG_SPARSEMEM_VMEMMAP",
            "CONFIG_KASAN",
            "CONFIG_LRU_GEN",
            "CONFIG_NUMA_BALANCING",
            "CONFIG_MEMORY_FAILURE",
            kernel < version{5, 15} ? "CONFIG_IDLE_PAGE_TRACKING" : "CONFIG_PAGE_IDLE_FLAG"};
}

/// The offered changes are, for each option, its smallest turn after which `good` holds; no option is forgotten.
/// Returns how many were offered.
unsigned check_smallest(const config& c, const change_list& changes,
                        const std::function<bool(const config&)>& good) {
    unsigned helpful = 0;
    for (const std::string& option : options_of(c.kernel)) {
        INFO(option);
        const config* smallest = nullptr;
        const std::vector<config> all = turns(c, option);
        for (const config& turned : all)
            if (smallest == nullptr && good(turned)) smallest = &turned;
        CHECK(is_offered(changes, view(option)) == (smallest != nullptr));
        if (smallest == nullptr || !is_offered(changes, view(option))) continue;
        ++helpful;
        INFO(offered(changes, view(option)).from << " -> " << offered(changes, view(option)).to);
        CHECK(offered(changes, view(option)).after == *smallest);
    }
    CHECK(changes.size == helpful);
    return helpful;
}

/// `after` accepts the configuration, `wanted` has what it asks for, and no other field lost bits, except by
/// asking for fewer.
bool brings_back(const config& before, const config& after, page_field wanted) {
    const page_layout was = page_layout_of(before);
    const page_layout is = page_layout_of(after);
    if (!is_accepted(after) || !is[wanted].is_present() ||
        is[wanted].width != is[wanted].asked.width)
        return false;
    for (page_field f : every_field)
        if (is[f].width < was[f].width && is[f].asked == was[f].asked) return false;
    return true;
}

/// What the number of a change counts is what it did to the configuration.
void check_numbers(const config& c, const change& turned) {
    const auto number = [&](const config& at) -> unsigned {
        if (turned.option == text("CONFIG_NODES_SHIFT")) return at.nodes_shift;
        if (turned.option == text("CONFIG_NR_CPUS")) return at.nr_cpus;
        if (turned.option == text("CONFIG_ZONE_DMA")) return at.zone_dma;
        if (turned.option == text("CONFIG_ZONE_DMA32")) return at.zone_dma32;
        if (turned.option == text("CONFIG_HIGHMEM")) return at.highmem;
        if (turned.option == text("CONFIG_ZONE_DEVICE")) return at.zone_device;
        if (turned.option == text("CONFIG_SPARSEMEM_VMEMMAP"))
            return at.memory == memory_model::sparse_vmemmap;
        if (turned.option == text("CONFIG_KASAN")) return at.kasan != kasan_mode::none;
        if (turned.option == text("CONFIG_LRU_GEN")) return at.lru_gen;
        if (turned.option == text("CONFIG_NUMA_BALANCING")) return at.numa_balancing;
        if (turned.option == text("CONFIG_MEMORY_FAILURE")) return at.memory_failure;
        return at.idle;
    };
    CHECK(turned.from == number(c));
    CHECK(turned.to == number(turned.after));
    CHECK(turned.from != turned.to);
    CHECK(turned.after.kernel == c.kernel);
    CHECK(turned.after.bits_per_long == c.bits_per_long);
}

/// 4.3 with the five zones that started it all.
constexpr config five_zones = zonal_test::debian_x86_64({4, 3});

} // namespace

TEST_CASE("five zones of 4.3 are accepted again without ZONE_DMA, or without another",
          "[linux_mm]") {
    constexpr change_list changes = changes_for(five_zones);
    STATIC_REQUIRE(!page_layout_of(five_zones).fits());
    CHECK(is_offered(changes, "CONFIG_ZONE_DMA"));
    CHECK(is_offered(changes, "CONFIG_ZONE_DMA32"));
    CHECK(is_offered(changes, "CONFIG_ZONE_DEVICE"));
    CHECK(changes.size == 3);
    STATIC_REQUIRE(changes[0].option == text("CONFIG_ZONE_DMA"));
    STATIC_REQUIRE(changes[0].from == 1 && changes[0].to == 0);
    STATIC_REQUIRE(page_layout_of(changes[0].after).fits());
    STATIC_REQUIRE(changes[0].after.zone_device);
}

TEST_CASE("a field that was left out comes back when another is narrower", "[linux_mm]") {
    // 64 bits, 6.1: 24 flags, 2 zone bits, 19 section bits; 19 are left for 21 of the last CPU and process.
    constexpr config c{.kernel = {6, 1},
                       .zone_dma = true,
                       .zone_dma32 = true,
                       .memory = memory_model::sparse,
                       .max_physmem_bits = 46,
                       .section_size_bits = 27,
                       .numa = true,
                       .nodes_shift = 1,
                       .numa_balancing = true,
                       .nr_cpus = 8192,
                       .memory_failure = true};
    STATIC_REQUIRE(page_layout_of(c)[page_field::last_cpupid].outcome == fate::left_out);
    constexpr change_list changes = changes_for(c, page_field::last_cpupid);
    CHECK(offered(changes, "CONFIG_NR_CPUS").to == 1024);
    CHECK(is_offered(changes, "CONFIG_SPARSEMEM_VMEMMAP"));
    CHECK_FALSE(is_offered(changes, "CONFIG_ZONE_DMA"));       // one bit at most
    CHECK_FALSE(is_offered(changes, "CONFIG_NUMA_BALANCING")); // brings nothing back
    for (const change& turned : changes)
        CHECK(brings_back(c, turned.after, page_field::last_cpupid));
}

TEST_CASE("a field that is there or that nobody asked for needs no smaller turn than any",
          "[linux_mm]") {
    constexpr config c{.kernel = {6, 1}, .numa = true, .nodes_shift = 6};
    STATIC_REQUIRE(page_layout_of(c)[page_field::node].outcome == fate::kept);
    STATIC_REQUIRE(changes_for(c, page_field::last_cpupid).size == 0);
    STATIC_REQUIRE(changes_for(c, page_field::kasan_tag).size == 0);
    STATIC_REQUIRE(changes_for(c, page_field::section).size == 0);
}

TEST_CASE("a refused row is accepted after each change that is offered, and after no smaller one",
          "[linux_mm]") {
    unsigned refused = 0;
    unsigned helped = 0;
    for_each_row([&](const config& c, const std::string& where) {
        if (is_accepted(c)) return;
        INFO(where);
        ++refused;
        const change_list changes = changes_for(c);
        for (const change& turned : changes) {
            CHECK(is_accepted(turned.after));
            check_numbers(c, turned);
        }
        if (check_smallest(c, changes, is_accepted) != 0) ++helped;
    });
    CHECK(refused > 1000);
    CHECK(helped > 500);
}

TEST_CASE("a field that a row leaves out or shrinks comes back after each change that is offered, "
          "nothing else is lost, and no smaller change does it",
          "[linux_mm]") {
    unsigned wanting = 0;
    unsigned offered_in_all = 0;
    for_each_row([&](const config& c, const std::string& where) {
        const page_layout l = page_layout_of(c);
        if (!l.fits()) return;
        for (page_field f : every_field) {
            if (l[f].outcome != fate::left_out && l[f].outcome != fate::shrunk) continue;
            INFO(where << ": " << string_of(l[f].asked.name));
            ++wanting;
            const change_list changes = changes_for(c, f);
            for (const change& turned : changes) {
                CHECK(brings_back(c, turned.after, f));
                check_numbers(c, turned);
            }
            offered_in_all += check_smallest(
                c, changes, [&](const config& turned) { return brings_back(c, turned, f); });
        }
    });
    CHECK(wanting > 300);
    CHECK(offered_in_all > 300);
}

TEST_CASE("a refused field comes back only in a configuration that is accepted", "[linux_mm]") {
    unsigned refused = 0;
    for_each_row([&](const config& c, const std::string&) {
        const page_layout l = page_layout_of(c);
        if (l.fits()) return;
        for (page_field f : every_field) {
            if (l[f].outcome != fate::refused) continue;
            ++refused;
            for (const change& turned : changes_for(c, f)) {
                CHECK(is_accepted(turned.after));
                CHECK(page_layout_of(turned.after)[f].is_present());
            }
        }
    });
    CHECK(refused > 300);
}

TEST_CASE("an option has the name that it had in that version", "[linux_mm]") {
    config c{.kernel = {5, 4},
             .zone_dma = true,
             .zone_dma32 = true,
             .memory = memory_model::sparse,
             .max_physmem_bits = 46,
             .section_size_bits = 27,
             .numa = true,
             .nodes_shift = 10,
             .idle = true};
    // As many CPUs as make the idle flags' two bits the missing ones.
    c.numa_balancing = true;
    const auto idle_option = [&](version kernel) {
        c.kernel = kernel;
        for (c.nr_cpus = 2; c.nr_cpus < 16384; c.nr_cpus *= 2) {
            if (page_layout_of(c)[page_field::last_cpupid].outcome != fate::left_out) continue;
            for (const change& turned : changes_for(c, page_field::last_cpupid))
                if (!turned.after.idle) return string_of(turned.option);
        }
        return std::string("none");
    };
    c.nodes_shift = 8;
    CHECK(idle_option({5, 4}) == "CONFIG_IDLE_PAGE_TRACKING");
    CHECK(idle_option({5, 14}) == "CONFIG_IDLE_PAGE_TRACKING");
    CHECK(idle_option({5, 15}) == "CONFIG_PAGE_IDLE_FLAG");
    CHECK(idle_option({6, 12}) == "CONFIG_PAGE_IDLE_FLAG");
}
