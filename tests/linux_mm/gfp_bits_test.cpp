// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/gfp_bits.hpp>

#include "../../examples/page_flags/kconfig.hpp"

#include "csv.hpp"
#include "linux_mm/recorded.hpp"
#include "test.hpp"

#include <map>

using namespace zonal::linux_mm;
using namespace page_flags;
using namespace zonal_test;

namespace {

constexpr gfp_bits bits = gfp_bits_of({.kernel = {6, 12}, .lockdep = true});
static_assert(bits.mask_of("NOLOCKDEP").value() == 0x1000000);
static_assert(bits.shift == 25);

/// ___GFP_ name → value, as the recorded tables have them.
std::map<std::string, unsigned> named(const config& kernel) {
    const gfp_bits all = gfp_bits_of(kernel);
    std::map<std::string, unsigned> values;
    for (const gfp_modifier& m : all.list) values["___GFP_" + string_of(m.name)] = m.mask;
    CHECK(values.size() == all.list.size);
    if (kernel.kernel >= version{6, 10}) values["___GFP_LAST_BIT"] = all.shift;
    return values;
}

constexpr bool zone_modifiers_are_the_lowest_bits() {
    for (unsigned short major = 4; major <= 7; ++major)
        for (unsigned short minor = major == 4 ? 3 : 0; minor <= 21; ++minor) {
            const gfp_bits all = gfp_bits_of({.kernel = {major, minor}});
            if (*all.mask_of("DMA") != 1 || *all.mask_of("HIGHMEM") != 2 ||
                *all.mask_of("DMA32") != 4 || *all.mask_of("MOVABLE") != 8)
                return false;
        }
    return true;
}
static_assert(zone_modifiers_are_the_lowest_bits());

} // namespace

TEST_CASE("every recorded modifier bit is reproduced, and nothing more", "[linux_mm]") {
    std::size_t seen = 0;
    for (const char* v : {"4.3", "4.7", "5.4", "5.10", "5.15", "6.1", "6.12", "7.3"}) {
        std::ifstream in(recorded + "/gfp/gfpbits_" + v + ".csv");
        csv table(in);
        std::map<std::string, std::map<std::string, unsigned>> expected;
        std::map<std::string, config> kernels;
        while (table.next()) {
            const std::string key =
                table["kasan_hw_tags"] + table["lockdep"] + table["slab_obj_ext"];
            config& kernel = kernels[key];
            kernel.kernel = version_of(v);
            kernel.kasan = key[0] == '1' ? kasan_mode::hw_tags : kasan_mode::none;
            kernel.lockdep = key[1] == '1';
            kernel.slab_obj_ext = key[2] == '1';
            const std::string& value = table["value_hex"];
            expected[key][table["name"]] = static_cast<unsigned>(std::stoul(value, nullptr, 0));
            ++seen;
        }
        for (const auto& [key, values] : expected) {
            INFO(v << " hw_tags, lockdep, slab_obj_ext = " << key);
            CHECK(named(kernels[key]) == values);
        }
    }
    CHECK(seen == 643);
}

TEST_CASE("distribution kernels have the recorded number of modifier bits", "[linux_mm]") {
    std::ifstream in(recorded + "/distro/distro.csv");
    csv table(in);
    std::size_t kernels = 0;
    while (table.next()) {
        INFO(table["headers_package"]);
        const auto k = read_kconfig(view(config_text(table["headers_package"])));
        REQUIRE(k);
        CHECK(gfp_bits_of(k->mm).shift == table.number("__GFP_BITS_SHIFT"));
        ++kernels;
    }
    CHECK(kernels == 28);
}

TEST_CASE("the four zone modifiers are the lowest bits of every version", "[linux_mm]") {
    CHECK(zone_modifiers_are_the_lowest_bits());
}

TEST_CASE("a modifier whose option is off keeps its bit up to 6.9 and gives it up from 6.10 on",
          "[linux_mm]") {
    STATIC_REQUIRE(gfp_bits_of({.kernel = {6, 9}, .lockdep = true}).mask_of("NOLOCKDEP").value() ==
                   1u << 26);
    STATIC_REQUIRE(gfp_bits_of({.kernel = {6, 10}, .lockdep = true}).mask_of("NOLOCKDEP").value() ==
                   1u << 24);
    STATIC_REQUIRE(gfp_bits_of({.kernel = {6, 9}}).mask_of("SKIP_ZERO").value() == 0);
    STATIC_REQUIRE(gfp_bits_of({.kernel = {6, 9}}).mask_of("WAIT").error() ==
                   zonal::errc::not_found);
}

TEST_CASE("no two modifiers share a bit in any version", "[linux_mm]") {
    for (unsigned short major = 4; major <= 7; ++major)
        for (unsigned short minor = major == 4 ? 3 : 0; minor <= 21; ++minor) {
            INFO(major << "." << minor);
            const gfp_bits all = gfp_bits_of({.kernel = {major, minor},
                                              .kasan = kasan_mode::hw_tags,
                                              .lockdep = true,
                                              .slab_obj_ext = true});
            unsigned taken = 0;
            for (const gfp_modifier& m : all.list) {
                CHECK((taken & m.mask) == 0);
                taken |= m.mask;
            }
            CHECK(all.shift < 32);
            CHECK(taken >> all.shift == 0);
            for (const char* name : {"HIGH", "IO", "FS", "ZERO", "COMP", "THISNODE", "WRITE"})
                CHECK(all.mask_of({name, std::string(name).size()}).value_or(0) != 0);
        }
}
