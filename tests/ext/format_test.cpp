// SPDX-License-Identifier: BSL-1.0
#include <zonal/ext/print.hpp>

#include <cstdint>
#include <iomanip>
#include <sstream>
#include <string>

#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <zonal/ext/fmt.hpp>
#include <zonal/ext/format.hpp>
#include <zonal/ext/ostream.hpp>
#include <zonal/linux_mm/decode.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/resource/iomem_read.hpp>

#include "debian_config.hpp"
#include "test.hpp"

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;

// Debian's x86_64 kernel, as far as its words depend on it.
constexpr lm::config debian = zonal_test::debian_x86_64({6, 1});
constexpr word_format format = lm::format_of(debian);

struct tint { ///< of a word field of the user's own
    static constexpr text field_name = "tint";
    std::uint16_t value = 0;
    constexpr bool operator==(const tint&) const = default;
};

/// A string without a heap, made in constant expressions too.
struct short_string {
    char chars[64] = {};
    std::size_t size = 0;
    constexpr void append(const char* from, std::size_t count) {
        for (std::size_t i = 0; i != count; ++i) chars[size++] = from[i];
    }
    constexpr operator text() const { return {chars, size}; }
};

constexpr address_range bytes(std::uint64_t first, std::uint64_t last) {
    return *address_range::inclusive(phys_addr{first}, phys_addr{last});
}

// All ways to characters are one.
template <class T>
std::string shown(const T& value) {
    const std::string s = printed<std::string>(value);
    std::ostringstream stream;
    stream << value;
    CHECK(stream.str() == s);
    CHECK(fmt::format("{}", value) == s);
#if defined(__cpp_lib_format)
    CHECK(std::format("{}", value) == s);
#endif
    return s;
}

// Known at compile time as well.
template <class T>
constexpr bool prints(const T& value, text expected) {
    return printed<short_string>(value) == expected;
}
static_assert(prints(pfn_range{pfn{0x1000}, pfn{0x2000}}, "[0x1000, 0x2000)"));
static_assert(prints(zone_name{zones::list, zone_id{2}}, "Movable"));
static_assert(prints(errc::busy, "busy"));

static_assert(printable<pfn> && printable<tint> && printable<resource_tree<in_place<1>>>);
// Characters and numbers print otherwise, and so does what merely holds values of the library.
static_assert(!printable<int> && !printable<const char*> && !printable<char[4]>);
static_assert(!printable<text> && !printable<result<pfn>> && !printable<zone_list>);

} // namespace

TEST_CASE("print: the example of the header", "[ext]") {
    std::string out;
    const auto put = [&](const char* data, std::size_t size) { out.append(data, size); };
    pfn_range r{pfn{0x1000}, pfn{0x2000}};
    print_value(r, [&](text part) { put(part.data, part.size); });
    CHECK(out == "[0x1000, 0x2000)");
    auto s = printed<std::string>(zone_name{zones::list, zone_id{2}});
    CHECK(s == "Movable");
    s = printed<std::string>(printed_word{format, 0xfffffc0000200});
    CHECK(s == "0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)");
}

TEST_CASE("ostream: the example of the header", "[ext]") {
    std::ostringstream out;
    out << pfn_range{pfn{0x1000}, pfn{0x2000}} << ": " << errc::busy << '\n';
    CHECK(out.str() == "[0x1000, 0x2000): busy\n");
}

TEST_CASE("fmt: the example of the header", "[ext]") {
    auto s = fmt::format("{:.>18} {}", pfn_range{pfn{0x1000}, pfn{0x2000}}, node_id{1});
    CHECK(s == "..[0x1000, 0x2000) 1");
}

TEST_CASE("format: the example of the header, where the standard library can", "[ext]") {
#if defined(__cpp_lib_format)
    auto s = std::format("{:.>18} {}", pfn_range{pfn{0x1000}, pfn{0x2000}}, node_id{1});
    CHECK(s == "..[0x1000, 0x2000) 1");
#else
    SUCCEED("not run: this standard library has no <format>");
#endif
}

TEST_CASE("every printable value is the same characters on every way", "[ext]") {
    CHECK(shown(pfn{}) == "0x0");
    CHECK(shown(pfn{pfn::limit}) == "0x10000000000000");
    CHECK(shown(page_count{32768}) == "32768");
    CHECK(shown(phys_addr{~0ull}) == "0xffffffffffffffff");
    CHECK(shown(pfn_range{}) == "[0x0, 0x0)");
    CHECK(shown(bytes(0xfebf8000, 0xfebfbfff)) == "[0xfebf8000, 0xfebfc000)");
    CHECK(shown(zone_id{2}) == "2");
    CHECK(shown(node_id{1023}) == "1023");
    CHECK(shown(section_id{32}) == "32");
    CHECK(shown(tint{7}) == "7");
    CHECK(shown(errc::out_of_reach) == "out_of_reach");
    CHECK(shown(zone_name{zones::list, zones::id_of<lm::device>}) == "Device");
    CHECK(shown(printed_word{format, 0}) == "0x0(node=0|zone=0|lastcpupid=0x0)");
}

TEST_CASE("the end of a range that reaches the top is 2^64", "[ext]") {
    CHECK(shown(address_range{}) == "[0x0, 0x10000000000000000)");
    CHECK(shown(bytes(0xffff0000, ~0ull)) == "[0xffff0000, 0x10000000000000000)");
}

TEST_CASE("a zone that is none of the list's is printed as its number", "[ext]") {
    CHECK(shown(zone_name{zones::list, zone_id{4}}) == "4");
    const zone_list at_run_time = zones_of(debian);
    CHECK(shown(zone_name{at_run_time, zone_id{4}}) == "Device");
}

TEST_CASE("a resource entry is its line of /proc/iomem, and a tree all of it", "[ext]") {
    const text map = "00001000-0009fbff : System RAM\n"
                     "00100000-1ffdefff : System RAM\n"
                     "  01000000-01e01d31 : Kernel code\n"
                     "100000000-13fffffff : Persistent Memory\n";
    resource_tree<in_place<4>> tree;
    REQUIRE(read_iomem(map, tree));
    CHECK(shown(tree) == map.as<std::string>());
    CHECK(shown(tree[tree.first_child(tree.root())]) == "00001000-0009fbff : System RAM");
    CHECK(shown(region{bytes(0x100000000, 0x13fffffff), "dax0.0"}) ==
          "100000000-13fffffff : dax0.0");
    CHECK(shown(region{.range = bytes(0, 0)}) == "00000000-00000000 : <BAD>");
}

TEST_CASE("width, alignment and fill are those of strings", "[ext]") {
    std::ostringstream out;
    out << std::setw(8) << std::setfill('.') << std::left << pfn{0x10} << '|' << std::hex
        << page_count{16};
    CHECK(out.str() == "0x10....|16");
    CHECK(fmt::format("{:.>8}|{:^5}|{:.3}", pfn{0x10}, node_id{1}, errc::busy) ==
          "....0x10|  1  |bus");
    CHECK_THROWS_AS(fmt::format(fmt::runtime("{:x}"), pfn{0x10}), fmt::format_error);
}

TEST_CASE("in ranges, values are printed as alone", "[ext]") {
    const node_id nodes[] = {{0}, {2}};
    CHECK(fmt::format("{}", fmt::join(nodes, "+")) == "0+2");
    CHECK(fmt::format("{}", nodes) == "[0, 2]");
#if defined(__cpp_lib_format_ranges)
    CHECK(std::format("{}", nodes) == "[0, 2]");
#endif
}
