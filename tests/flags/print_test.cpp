// SPDX-License-Identifier: BSL-1.0
#include <zonal/flags/print.hpp>

#include "test.hpp"

#include <cstdio>
#include <string>

using namespace zonal;

namespace {

/// Collects what is printed, in constant expressions too.
struct collected {
    char chars[256] = {};
    std::size_t size = 0;
    unsigned pieces = 0;

    constexpr void operator()(text part) {
        for (char c : part) chars[size++] = c;
        ++pieces;
    }
    constexpr operator text() const { return {chars, size}; }
};

constexpr collected flags_printed(const word_format& format, std::uint64_t raw) {
    collected out;
    print_flags(format, raw, out);
    return out;
}
constexpr collected word_printed(const word_format& format, std::uint64_t raw) {
    collected out;
    print_word(format, raw, out);
    return out;
}

constexpr collected number_printed(std::uint64_t value, unsigned base) {
    collected out;
    print_number(value, base, out);
    return out;
}

std::string string_of(text t) { return t.as<std::string>(); }

// | heat | tier | secret | tag | nobody's | flags |
// 63   60 59  56 55    52 51  48 47       8 7     0
constexpr layout<5> machine = pack(64, {{.name = "heat", .width = 4},
                                        {.name = "tier", .width = 4},
                                        {.name = "secret", .width = 4},
                                        {.name = "tag", .width = 4, .stored = encoding::inverted},
                                        {.name = "flags", .width = 8, .from = anchor::low}});

// Five names for eight bits, printed in an order of their own.
constexpr word_format format{
    .flags = machine[4],
    .names = {.name = {"dirty", "mapped", "pinned", "young", "huge"},
              .count = 5,
              .printed = {2, 0, 1, 4, 3}},
    .fields = {{machine[1]}, {machine[0], 16}, {machine[3], 16}, {placed_field{}, 10}},
    .field_count = 4,
    .silent = machine[2].mask()};

// The word of the header's example: | node:10 | zone:3 | lastcpupid:21 | … | flags:23 |
constexpr layout<4> example = pack(64, {{.name = "node", .width = 10},
                                        {.name = "zone", .width = 3},
                                        {.name = "lastcpupid", .width = 21},
                                        {.name = "flags", .width = 23, .from = anchor::low}});
constexpr word_format example_format{
    .flags = example[3],
    .names = {.name = {"", "", "", "", "", "", "", "", "", "slab"}, .count = 10, .printed = {9}},
    .fields = {{example[0]}, {example[1]}, {example[2], 16}},
    .field_count = 3};

} // namespace

TEST_CASE("the header's example", "[flags]") {
    std::string printed;
    print_word(example_format, 0xfffffc0000200,
               [&](text part) { printed.append(part.data, part.size); });
    CHECK(printed == "0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)");
}

TEST_CASE("a number is decimal, or hexadecimal with 0x before it", "[flags]") {
    STATIC_REQUIRE(text(number_printed(0, 10)) == text("0"));
    STATIC_REQUIRE(text(number_printed(0, 16)) == text("0x0"));
    STATIC_REQUIRE(text(number_printed(10, 10)) == text("10"));
    STATIC_REQUIRE(text(number_printed(10, 16)) == text("0xa"));
    STATIC_REQUIRE(text(number_printed(~std::uint64_t{0}, 10)) == text("18446744073709551615"));
    STATIC_REQUIRE(text(number_printed(~std::uint64_t{0}, 16)) == text("0xffffffffffffffff"));
    for (std::uint64_t n = 1; n != 0; n <<= 1)
        for (std::uint64_t value : {n - 1, n, n + 1}) {
            char hexadecimal[32];
            std::snprintf(hexadecimal, sizeof hexadecimal, "0x%llx",
                          static_cast<unsigned long long>(value));
            CHECK(string_of(number_printed(value, 10)) == std::to_string(value));
            CHECK(string_of(number_printed(value, 16)) == hexadecimal);
        }
}

TEST_CASE("flags come in printing order, then the fields, with bars between", "[flags]") {
    // dirty is bit 0 and pinned bit 2; pinned is printed first.
    STATIC_REQUIRE(text(flags_printed(format, 0x5)) ==
                   text("pinned|dirty|tier=0|heat=0x0|tag=0x0"));
    STATIC_REQUIRE(text(flags_printed(format, 0x1f)) ==
                   text("pinned|dirty|mapped|huge|young|tier=0|heat=0x0|tag=0x0"));
    STATIC_REQUIRE(text(flags_printed(format, 0)) == text("tier=0|heat=0x0|tag=0x0"));
    STATIC_REQUIRE(text(flags_printed(format, 0xaf00000000000000)) ==
                   text("tier=15|heat=0xa|tag=0x0"));
}

TEST_CASE("a word is printed raw, with its parts in brackets", "[flags]") {
    STATIC_REQUIRE(text(word_printed(format, 0x2)) == text("0x2(mapped|tier=0|heat=0x0|tag=0x0)"));
    constexpr word_format bare{};
    STATIC_REQUIRE(text(word_printed(bare, 0)) == text("0x0()"));
    STATIC_REQUIRE(text(word_printed(bare, 0x1234)) == text("0x1234()"));
}

TEST_CASE("flag bits without a name are one number, before the fields", "[flags]") {
    STATIC_REQUIRE(text(flags_printed(format, 0xe1)) == text("dirty|0xe0|tier=0|heat=0x0|tag=0x0"));
    STATIC_REQUIRE(text(flags_printed(format, 0x20)) == text("0x20|tier=0|heat=0x0|tag=0x0"));
}

TEST_CASE("a field is printed as it is stored, whatever it means", "[flags]") {
    constexpr std::uint64_t raw = machine[3].put(0x3);
    STATIC_REQUIRE(machine[3].get(raw) == 0x3);
    STATIC_REQUIRE(text(flags_printed(format, raw)) == text("tier=0|heat=0x0|tag=0xc"));
}

TEST_CASE("bits that belong to nobody or to a silent field are not printed", "[flags]") {
    STATIC_REQUIRE(text(flags_printed(format, machine[2].mask())) ==
                   text("tier=0|heat=0x0|tag=0x0"));
    STATIC_REQUIRE(text(flags_printed(format, 0xffffffffff00)) == text("tier=0|heat=0x0|tag=0x0"));
}

TEST_CASE("names beyond the flag bits are never printed", "[flags]") {
    word_format narrow = format;
    narrow.flags.width = 2; // dirty and mapped; pinned and the others have no bit
    CHECK(string_of(flags_printed(narrow, 0xff)) == "dirty|mapped|tier=0|heat=0x0|tag=0x0");
}

TEST_CASE("a format explains a word when it prints exactly that", "[flags]") {
    constexpr std::uint64_t raw = 0x1a00000000000005;
    STATIC_REQUIRE(explains(format, raw, "pinned|dirty|tier=10|heat=0x1|tag=0x0"));
    const char* const others[] = {"",
                                  "|",
                                  "pinned",
                                  "pinned|dirty",
                                  "pinned|dirty|tier=10|heat=0x1|tag=0x",
                                  "pinned|dirty|tier=10|heat=0x1|tag=0x00",
                                  "pinned|dirty|tier=10|heat=0x1|tag=0x0|",
                                  "pinned|dirty|tier=10|heat=0x1|tag=0x0 ",
                                  " pinned|dirty|tier=10|heat=0x1|tag=0x0",
                                  "dirty|pinned|tier=10|heat=0x1|tag=0x0",
                                  "pinned|dirty|tier=0xa|heat=0x1|tag=0x0",
                                  "pinned|dirty|heat=0x1|tier=10|tag=0x0",
                                  "pinned|dirty|tier=10|heat=0x1"};
    for (const char* other : others) {
        INFO("'" << other << "'");
        CHECK_FALSE(explains(format, raw, {other, std::string(other).size()}));
    }
}

TEST_CASE("a format explains no word with bits that belong to nobody", "[flags]") {
    STATIC_REQUIRE(explains(format, 0, "tier=0|heat=0x0|tag=0x0"));
    STATIC_REQUIRE(explains(format, machine[2].mask(), "tier=0|heat=0x0|tag=0x0"));
    for (unsigned bit = 8; bit < 48; ++bit)
        CHECK_FALSE(explains(format, std::uint64_t{1} << bit, "tier=0|heat=0x0|tag=0x0"));
}

TEST_CASE("what a format prints, it explains; and no other word with the same text", "[flags]") {
    // Every value of the first two fields with every flag, one after the other.
    for (std::uint64_t fields = 0; fields < 256; ++fields) {
        const std::uint64_t raw = fields << 56 | (fields * 37 & 0xff);
        const collected printed = flags_printed(format, raw);
        CHECK(explains(format, raw, printed));
        for (unsigned bit : {0u, 4u, 5u, 7u, 48u, 51u, 56u, 59u, 60u, 63u})
            CHECK_FALSE(explains(format, raw ^ std::uint64_t{1} << bit, printed));
    }
}

TEST_CASE("the output is called with whole pieces and nothing when there is nothing", "[flags]") {
    STATIC_REQUIRE(flags_printed(word_format{}, ~std::uint64_t{0}).pieces == 0);
    STATIC_REQUIRE(flags_printed(format, 0x5).pieces == 2 + 3 * 3 + 4); // names, fields, bars
}
