// SPDX-License-Identifier: BSL-1.0
#include "../../examples/page_flags/layout_name.hpp"

#include "../../examples/page_flags/kconfig.hpp"

#include "linux_mm/printing.hpp"
#include "oracle_rows_layout.hpp"
#include "test.hpp"

using namespace zonal::linux_mm;
using namespace page_flags;
using namespace zonal_test;
using zonal::errc;
using zonal::text;

namespace {

constexpr auto example = config_named("6.1/64:node=10,zone=3");

unsigned width(const config& c, page_field f) { return page_layout_of(c)[f].width; }

/// Words with every bit of the word set somewhere, alone and together.
std::vector<std::uint64_t> some_words(unsigned bits) {
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - bits);
    std::vector<std::uint64_t> words = {0, all, all & 0x5555555555555555, all & 0xaaaaaaaaaaaaaaaa};
    for (unsigned bit = 0; bit < bits; ++bit) words.push_back(std::uint64_t{1} << bit);
    return words;
}

/// Bits that are printed: a layout's name says nothing about the others.
std::uint64_t printed_bits(const config& c) {
    return ~format_of(c).silent & (~std::uint64_t{0} >> (64 - c.bits_per_long));
}

} // namespace

TEST_CASE("a layout's name gives a configuration with these widths", "[page_flags]") {
    STATIC_REQUIRE(example.has_value());
    STATIC_REQUIRE(example->kernel == version{6, 1});
    STATIC_REQUIRE(example->bits_per_long == 64);
    STATIC_REQUIRE(page_layout_of(*example)[page_field::node].width == 10);
    STATIC_REQUIRE(page_layout_of(*example)[page_field::zone].width == 3);
    CHECK(layout_name(*example) == "6.1/64:node=10,zone=3");

    const config all = named("7.3/64:section=10,node=4,zone=2,lastcpupid=17,kasantag=4:MF+IDLE");
    CHECK(width(all, page_field::section) == 10);
    CHECK(width(all, page_field::node) == 4);
    CHECK(width(all, page_field::zone) == 2);
    CHECK(width(all, page_field::last_cpupid) == 17);
    CHECK(width(all, page_field::kasan_tag) == 4);
    CHECK(page_flags_of(all).bit_of("hwpoison").has_value());
    CHECK(page_flags_of(all).bit_of("idle").has_value());
    CHECK_FALSE(page_flags_of(all).bit_of("arch_2").has_value());
}

TEST_CASE("a word has 64 bits unless said otherwise; any version from 4.3 on is accepted",
          "[page_flags]") {
    for (const char* version : {"4.3", "4.14", "5.10", "6.1", "6.18", "7.3", "12.40"}) {
        INFO(version);
        const config c = named(std::string(version) + ":zone=1");
        CHECK(c.bits_per_long == 64);
        CHECK(layout_name(c) == std::string(version) + "/64:zone=1");
    }
    CHECK(layout_name(named("6.1/32:zone=2")) == "6.1/32:zone=2");
}

TEST_CASE("a name without a zone is a bad range: every kernel has the field", "[page_flags]") {
    for (const char* name : {"6.1", "6.1/64", "6.1/32", "4.9/32", "6.1:node=10",
                             "6.1:lastcpupid=21", "5.4/64:section=19,node=6:MF"}) {
        INFO(name);
        const auto c = config_named({name, std::string(name).size()});
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error() == errc::bad_range);
    }
}

TEST_CASE("fields may be named in any order and are printed in that of the word", "[page_flags]") {
    CHECK(layout_name(named("6.1/64:lastcpupid=16,zone=2,node=4")) ==
          "6.1/64:node=4,zone=2,lastcpupid=16");
    CHECK(layout_name(named("6.12/64:zone=2:ARCH2+IDLE+MF")) == "6.12/64:zone=2:MF+IDLE+ARCH2");
}

TEST_CASE("a name that is not of the form is a bad range", "[page_flags]") {
    // Each has one mistake; the rest of it is a good name.
    const char* const names[] = {
        // no version, or something else in its place
        "", " ", "/", ":", ".", "6", "6:zone=1", "6.:zone=1", ".1:zone=1", "6,1:zone=1",
        "6..1:zone=1", "v6.1:zone=1", " 6.1:zone=1", "six.one:zone=1", "-6.1:zone=1", "6.-1:zone=1",
        "6.1.2:zone=1", "6.1x:zone=1", "/64:zone=1", ":zone=1", "zone=1", "1000.1:zone=1",
        "6.1000:zone=1", "99999999999999999999.1:zone=1", "4294967302.1:zone=1",
        "6.99999999999999999999:zone=1",
        // bits of the word
        "6.1/:zone=1", "6.1/63:zone=1", "6.1/65:zone=1", "6.1/0:zone=1", "6.1/16:zone=1",
        "6.1/128:zone=1", "6.1/6:zone=1", "6.1/4294967360:zone=1", "6.1/x:zone=1",
        "6.1/64/32:zone=1", "6.1/64bit:zone=1", "6.1/64 :zone=1", "6.1/-64:zone=1",
        // fields
        "6.1:", "6.1/64:", "6.1/64:zone=1,", "6.1:,zone=1", "6.1:zone=1,,node=1", "6.1:node,zone=1",
        "6.1:node=,zone=1", "6.1:node=x,zone=1", "6.1:node=-1,zone=1", "6.1:node=+1,zone=1",
        "6.1:node=0x1,zone=1", "6.1:node=1.0,zone=1", "6.1:node= 1,zone=1", "6.1:node =1,zone=1",
        "6.1:=1,zone=1", "6.1:1,zone=1", "6.1:foo=1,zone=1", "6.1:Node=1,zone=1",
        "6.1:nodes=1,zone=1", "6.1:nod=1,zone=1", "6.1:flags=23,zone=1", "6.1:lru_gen=3,zone=1",
        "6.1:lru_refs=2,zone=1", "6.1:node=1;zone=1", "6.1:node=1 zone=1", "6.1:node=1zone=1",
        "6.1:node=1=2,zone=1", "6.1:node==1,zone=1", "6.1,zone=1", "6.1/64,zone=1",
        // widths that no kernel gives
        "6.1:node=0,zone=1", "6.1:node=11,zone=1", "6.1:node=99999999999,zone=1",
        "6.1:node=4294967297,zone=1", "6.1:node=18446744073709551617,zone=1",
        "6.1:section=0,zone=1", "6.1:section=41,zone=1", "6.1:zone=0", "6.1:zone=4",
        "6.1:zone=1,lastcpupid=0", "6.1:zone=1,lastcpupid=8", "6.1:zone=1,lastcpupid=23",
        "6.1:zone=1,kasantag=0", "6.1:zone=1,kasantag=3", "6.1:zone=1,kasantag=9",
        "6.1:zone=1,kasantag=7", "6.1:zone=1,kasantag=4", "4.3:zone=1,kasantag=8",
        "4.20:zone=1,kasantag=8", "7.3:zone=1,kasantag=5",
        // options
        "6.1:zone=1:", "6.1:zone=1:XX", "6.1:zone=1:mf", "6.1:zone=1:MF+", "6.1:zone=1:+MF",
        "6.1:zone=1:MF++IDLE", "6.1:zone=1:MF,IDLE", "6.1:zone=1:MF:IDLE", "6.1:zone=1:MFX",
        "6.1:zone=1:MF IDLE", "6.1:zone=1::MF", "6.1::MF", "6.1:MF", "6.1/64:MF:zone=1",
        "6.1:zone=1,MF", "6.1:zone=1+MF",
        // junk behind
        "6.1:zone=1 ", "6.1:zone=1x", "6.1:zone=1.", "6.1:zone=1\n", "6.1:zone=1)", "6.1:zone=1|",
        "6.1:zone=1:MF ", "6.1:zone=1:MF\n", "6.1:zone=1:MF=1"};
    for (const char* name : names) {
        INFO("'" << name << "'");
        const auto c = config_named({name, std::string(name).size()});
        CHECK_FALSE(c.has_value());
        if (!c) CHECK(c.error() == errc::bad_range);
    }
    const char nul[] = "6.1:zone=1\0"; // characters, not a terminated string
    CHECK(config_named(nul).error() == errc::bad_range);
    CHECK(config_named({}).error() == errc::bad_range);
}

TEST_CASE("a field or an option that is named twice is a bad range", "[page_flags]") {
    for (const char* name :
         {"6.1:node=10,node=9", "6.1:node=10,node=10", "6.1:zone=2,node=1,zone=2",
          "6.1:node=1:MF+MF", "6.12:node=1:MF+IDLE+MF"}) {
        INFO(name);
        const auto c = config_named({name, std::string(name).size()});
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error() == errc::bad_range);
    }
}

TEST_CASE("a zone field that this version cannot have is a bad range", "[page_flags]") {
    CHECK(config_named("4.3/64:zone=2").has_value());
    CHECK(config_named("4.3/64:zone=3").error() == errc::bad_range);
    CHECK(config_named("4.6/64:zone=3").error() == errc::bad_range);
    CHECK(config_named("4.7/64:zone=3").has_value());
}

TEST_CASE("a version before 4.3 is out of reach", "[page_flags]") {
    for (const char* name :
         {"4.2", "4.0", "3.10", "3.19/64:node=6,zone=2", "2.6", "0.0", "0.999"}) {
        INFO(name);
        const auto c = config_named({name, std::string(name).size()});
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error() == errc::out_of_reach);
    }
}

TEST_CASE("fields that do not fit the word have no space", "[page_flags]") {
    const char* const names[] = {"6.1/32:node=10,zone=3,lastcpupid=21",
                                 "6.1/32:node=10,zone=1",
                                 "5.10/32:node=10,zone=1",
                                 "4.3/32:node=10,zone=2",
                                 "6.1/32:section=20,zone=1",
                                 "6.1/32:zone=1,lastcpupid=16",
                                 "4.3/32:zone=1,lastcpupid=22",
                                 "6.1/32:zone=3,kasantag=8",
                                 "6.1/64:section=40,node=10,zone=1",
                                 "6.1/64:section=40,zone=3",
                                 "6.1/64:section=30,zone=1,lastcpupid=22",
                                 "4.3/64:section=30,node=10,zone=1,lastcpupid=22",
                                 "7.3/64:node=10,zone=3,lastcpupid=22,kasantag=8:MF+IDLE+ARCH2"};
    for (const char* name : names) {
        INFO(name);
        const auto c = config_named({name, std::string(name).size()});
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error() == errc::no_space);
    }
}

TEST_CASE("a word can be filled to its last bit, and not one further", "[page_flags]") {
    // 6.1 has 23 flags without options: 41 bits are left.
    CHECK(width(named("6.1/64:section=28,node=10,zone=3"), page_field::node) == 10);
    CHECK(config_named("6.1/64:section=29,node=10,zone=3").error() == errc::no_space);
    CHECK(config_named("6.1/64:section=28,node=10,zone=3:MF").error() == errc::no_space);
}

TEST_CASE("every accepted name is a layout that prints the same name", "[page_flags]") {
    // All widths of two fields at a time, on words of both sizes, at the versions where something
    // turns.
    unsigned accepted = 0;
    for (const char* kernel : {"4.3", "4.7", "5.4", "5.10", "5.15", "6.1", "6.12", "7.3"})
        for (const char* bits : {"32", "64"})
            for (unsigned section = 0; section <= 40; section += 5)
                for (unsigned node = 0; node <= 10; node += 2)
                    for (unsigned zone = 1; zone <= 3; ++zone)
                        for (unsigned cpupid : {0u, 9u, 16u, 22u})
                            for (unsigned tag : {0u, 4u, 8u}) {
                                std::string name = std::string(kernel) + "/" + bits + ":";
                                if (section != 0)
                                    name += "section=" + std::to_string(section) + ",";
                                if (node != 0) name += "node=" + std::to_string(node) + ",";
                                name += "zone=" + std::to_string(zone);
                                if (cpupid != 0) name += ",lastcpupid=" + std::to_string(cpupid);
                                if (tag != 0) name += ",kasantag=" + std::to_string(tag);
                                const auto c = config_named(view(name));
                                if (!c) continue;
                                ++accepted;
                                REQUIRE(page_layout_of(*c).fits());
                                const std::string again = layout_name(*c);
                                // Hardware tags are an option of their own.
                                CHECK(again.substr(0, name.size()) == name);
                                CHECK(named(again) == *c);
                            }
    CHECK(accepted > 2000);
}

TEST_CASE("the layout of every recorded configuration has a name that prints its words",
          "[page_flags]") {
    unsigned layouts = 0;
    for (const char* kernel : {"4.3", "4.7", "5.4", "5.10", "5.15", "6.1", "6.12", "7.3"}) {
        std::ifstream in(recorded + "/layout/layout_" + kernel + ".csv");
        for (csv row(in); row.next();) {
            // A number of flags that was chosen freely has no names.
            if (!row["error"].empty() || row["pf_source"] != "enum") continue;
            const config c = config_from(row, version_of(kernel));
            const std::string name = layout_name(c);
            INFO(kernel << " line " << row.line() << ": " << name);
            // Wider than any port's: outside what a name can say.
            if (width(c, page_field::section) > 40 || width(c, page_field::node) > 10 ||
                width(c, page_field::last_cpupid) > 22)
                continue;
            const auto again = config_named(view(name));
            REQUIRE(again.has_value());
            const std::uint64_t visible = printed_bits(c);
            for (std::uint64_t raw : some_words(c.bits_per_long)) {
                if (decoded(*again, raw & visible) == decoded(c, raw & visible)) continue;
                INFO(raw);
                CHECK(decoded(*again, raw & visible) == decoded(c, raw & visible));
                break;
            }
            ++layouts;
        }
    }
    CHECK(layouts > 3000);
}

TEST_CASE("a distribution kernel's layout has a name that prints its words", "[page_flags]") {
    std::ifstream in(recorded + "/distro/distro.csv");
    for (csv row(in); row.next();) {
        const std::string file = config_text(row["headers_package"]);
        const config c = read_kconfig(view(file))->mm;
        const std::string name = layout_name(c);
        INFO(row["headers_package"] << " " << name);
        const config again = named(name);
        CHECK(layout_name(again) == name);
        for (std::uint64_t raw : some_words(c.bits_per_long))
            CHECK(decoded(again, raw & printed_bits(c)) == decoded(c, raw & printed_bits(c)));
    }
}
