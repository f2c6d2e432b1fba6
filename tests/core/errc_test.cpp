// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/errc.hpp>

#include <type_traits>

#include "../test.hpp"

using zonal::errc;
using zonal::name_of;

namespace {

struct row {
    errc value;
    zonal::text name;
};

#define ZONAL_ROW(e) {errc::e, #e}
constexpr row rows[] = {ZONAL_ROW(overlap),   ZONAL_ROW(exists),     ZONAL_ROW(not_found),
                        ZONAL_ROW(bad_range), ZONAL_ROW(misaligned), ZONAL_ROW(out_of_reach),
                        ZONAL_ROW(busy),      ZONAL_ROW(bad_state),  ZONAL_ROW(stale),
                        ZONAL_ROW(vetoed),    ZONAL_ROW(no_space)};
#undef ZONAL_ROW

} // namespace

TEST_CASE("every error is named as it is written", "[core]") {
    STATIC_REQUIRE([] {
        for (const row& r : rows)
            if (!(name_of(r.value) == r.name)) return false;
        return true;
    }());
}

TEST_CASE("no error has the value 0, and no two have one value", "[core]") {
    STATIC_REQUIRE([] {
        for (const row& a : rows) {
            if (static_cast<unsigned>(a.value) == 0) return false;
            for (const row& b : rows)
                if (&a != &b && a.value == b.value) return false;
        }
        return true;
    }());
}

TEST_CASE("a number that is no error has a name all the same", "[core]") {
    STATIC_REQUIRE(name_of(errc{}) == "unknown");
    STATIC_REQUIRE(name_of(static_cast<errc>(255)) == "unknown");
}

TEST_CASE("an error is one byte and no number", "[core]") {
    STATIC_REQUIRE(sizeof(errc) == 1);
    STATIC_REQUIRE(!std::is_convertible_v<errc, int>);
    STATIC_REQUIRE(!std::is_convertible_v<int, errc>);
    STATIC_REQUIRE(!std::is_constructible_v<bool, errc> || !std::is_convertible_v<errc, bool>);
}
