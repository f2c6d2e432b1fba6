// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/text.hpp>

#include <string>
#include <string_view>
#include <type_traits>

#include "../test.hpp"

using zonal::text;

namespace {

struct sub_row {
    text from;
    std::size_t at;
    std::size_t count;
    text expected;
};

constexpr std::size_t rest = ~std::size_t{0};
constexpr sub_row sub_rows[] = {
    {"movable", 0, rest, "movable"},
    {"movable", 0, 4, "mova"},
    {"movable", 0, 7, "movable"},
    {"movable", 4, rest, "ble"},
    {"movable", 4, 3, "ble"},
    {"movable", 4, 100, "ble"},
    {"movable", 7, rest, ""},
    {"movable", 7, 1, ""},
    {"movable", 8, 1, ""},
    {"movable", rest, rest, ""},
    {"movable", 3, 0, ""},
    {"", 0, rest, ""},
    {{}, 0, rest, ""},
    {{}, 1, 1, ""},
};

} // namespace

TEST_CASE("any view type made from a pointer and a size is reached by as", "[core]") {
    constexpr text name = "Movable";
    STATIC_REQUIRE(name.as<std::string_view>() == "Movable");
    CHECK(name.as<std::string>() == "Movable");
    CHECK(text{}.as<std::string_view>().empty());
}

TEST_CASE("a literal becomes a text without its terminator", "[core]") {
    STATIC_REQUIRE(text("DMA32").size == 5);
    STATIC_REQUIRE(text("DMA32")[4] == '2');
    STATIC_REQUIRE(text("").empty());
    STATIC_REQUIRE(!text("x").empty());
    STATIC_REQUIRE(text("a\0b").size == 3);
    STATIC_REQUIRE(std::is_convertible_v<const char(&)[6], text>);
}

TEST_CASE("a text is not made from a pointer alone, and turns into nothing by itself", "[core]") {
    STATIC_REQUIRE(!std::is_constructible_v<text, const char*>);
    STATIC_REQUIRE(!std::is_constructible_v<text, std::nullptr_t>);
    STATIC_REQUIRE(!std::is_convertible_v<text, const char*>);
    STATIC_REQUIRE(!std::is_convertible_v<text, bool>);
    STATIC_REQUIRE(!std::is_convertible_v<text, std::string_view>);
    STATIC_REQUIRE(std::is_trivially_copyable_v<text>);
    STATIC_REQUIRE(sizeof(text) == 2 * sizeof(void*));
}

TEST_CASE("texts are equal when their characters are, wherever they lie", "[core]") {
    const char here[] = {'D', 'M', 'A'};
    const char there[] = {'x', 'D', 'M', 'A', '3', '2'};
    CHECK(text(here, 3) == text(there + 1, 3));
    CHECK(text(here, 3) == "DMA");
    CHECK(text(here, 3) != text(there + 1, 5));
    STATIC_REQUIRE(text("DMA") != text("DMB"));
    STATIC_REQUIRE(text("DMA") != text("dma"));
    STATIC_REQUIRE(text("") == text{});
    STATIC_REQUIRE(text("a\0b") != text("a\0c"));
}

TEST_CASE("sub is cut to the characters that are there", "[core]") {
    STATIC_REQUIRE([] {
        for (const sub_row& r : sub_rows)
            if (!(r.from.sub(r.at, r.count) == r.expected)) return false;
        return true;
    }());
    for (const sub_row& r : sub_rows) {
        INFO(r.from.as<std::string>() << " from " << r.at << " count " << r.count);
        CHECK(r.from.sub(r.at, r.count).as<std::string>() == r.expected.as<std::string>());
    }
}

TEST_CASE("starts_with compares whole prefixes", "[core]") {
    STATIC_REQUIRE(text("DMA32").starts_with("DMA"));
    STATIC_REQUIRE(text("DMA32").starts_with("DMA32"));
    STATIC_REQUIRE(text("DMA32").starts_with(""));
    STATIC_REQUIRE(text{}.starts_with(""));
    STATIC_REQUIRE(!text("DMA").starts_with("DMA32"));
    STATIC_REQUIRE(!text("DMA32").starts_with("MA"));
}

TEST_CASE("a text is walked from its first to its last character", "[core]") {
    std::string collected;
    for (char c : text("Normal").sub(1, 4)) collected += c;
    CHECK(collected == "orma");
    CHECK(text{}.begin() == text{}.end());
}
