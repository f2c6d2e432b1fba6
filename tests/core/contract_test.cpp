// SPDX-License-Identifier: BSL-1.0
#include <zonal/config.hpp>

#include <type_traits>

#include "../contract.hpp"
#include "../test.hpp"

using zonal_test::constant;
using zonal_test::traps;

// The override, which this program must not see, is tested by contract_override.cpp.

TEST_CASE("a broken contract traps unless the program says otherwise", "[core]") {
    CHECK(traps([] { zonal::panic("on purpose"); }));
    CHECK(traps([] { zonal::expects(false, "on purpose"); }));
    CHECK_FALSE(traps([] { zonal::expects(true, "kept"); }));
    CHECK_FALSE(traps([] {}));
}

TEST_CASE("a broken contract is no constant expression", "[core]") {
    STATIC_REQUIRE(constant<[] { zonal::expects(true, "kept"); }>);
    STATIC_REQUIRE(!constant<[] { zonal::expects(false, "on purpose"); }>);
    STATIC_REQUIRE(!constant<[] { zonal::panic("on purpose"); }>);
}

TEST_CASE("the default handler does not return", "[core]") {
    STATIC_REQUIRE(std::is_same_v<decltype(zonal::panic_handler<>), const zonal::trap_on_panic>);
    STATIC_REQUIRE(std::is_empty_v<zonal::trap_on_panic>);
}

TEST_CASE("the version is a number that the preprocessor can compare", "[core]") {
#if ZONAL_VERSION < 100
    FAIL("no release is older than 0.1.0");
#endif
    STATIC_REQUIRE(ZONAL_VERSION >= 100);
    STATIC_REQUIRE(ZONAL_VERSION / 10000 == 0); // the inline namespace is that version's
    STATIC_REQUIRE(&zonal::panic<> == &zonal::v0::panic<>);
}
