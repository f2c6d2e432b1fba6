// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/bounded_list.hpp>

#include "test.hpp"

using namespace zonal;

TEST_CASE("a bounded list takes what it has room for", "[core]") {
    constexpr bool holds = [] {
        bounded_list<int, 2> list;
        if (list.begin() != list.end()) return false;
        if (!list.add(7) || !list.add(8)) return false;
        return list.add(9) == result<done>(fail(errc::no_space)) && list.size == 2 &&
               list[0] == 7 && list[1] == 8;
    }();
    STATIC_REQUIRE(holds);
}

TEST_CASE("what is removed from a bounded list makes room, and the order stays", "[core]") {
    constexpr auto without = [](unsigned at) {
        bounded_list<int, 3> list{{1, 2, 3}, 3};
        list.remove(at);
        return list;
    };
    STATIC_REQUIRE(without(0).size == 2);
    STATIC_REQUIRE((without(0)[0] == 2 && without(0)[1] == 3));
    STATIC_REQUIRE((without(1)[0] == 1 && without(1)[1] == 3));
    STATIC_REQUIRE((without(2)[0] == 1 && without(2)[1] == 2));
    auto list = without(2);
    REQUIRE(list.add(4));
    REQUIRE(list[2] == 4);
}
