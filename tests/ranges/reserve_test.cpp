// SPDX-License-Identifier: BSL-1.0

// Room that is got before a change: exactly what the change needs, so that of several maps that
// change together none fails when another has changed already.

#include <zonal/ranges.hpp>

#include "test.hpp"

#include <random>

using namespace zonal;

namespace {

using map = pfn_range_map<int, in_place<4>>;
using set = pfn_range_set<in_place<4>>;

pfn_range random_range(std::mt19937& random) {
    const std::uint64_t a = random() % 16, b = random() % 16;
    return a < b ? pfn_range{pfn{a}, pfn{b}} : pfn_range{pfn{b}, pfn{a}};
}

/// The change has room if, and only if, that was said before; asking changes nothing.
template <class Map, class Reserve, class Change>
void agrees(Map& m, Reserve reserve, Change change) {
    Map asked = m, changed = m;
    const bool has_room = reserve(asked).has_value();
    CHECK(asked == m);
    CHECK(has_room == (change(changed) != errc::no_space));
    m = changed;
}
template <class R>
errc said(const R& r) {
    return r ? errc{} : r.error();
}

} // namespace

TEST_CASE("room is reserved exactly when the change has room", "[ranges]") {
    const auto seed = GENERATE(1u, 2u, 3u, 4u);
    CAPTURE(seed);
    std::mt19937 random(seed);
    map m;
    set s;
    const auto larger = overlap::combine([](int a, int b) { return a < b ? b : a; });
    const auto next = [](int v) { return (v + 1) % 3; };
    for (int i = 0; i < 20000; ++i) {
        const pfn_range r = random_range(random);
        const int v = static_cast<int>(random() % 3);
        switch (random() % 6) {
        case 0:
            agrees(
                m, [&](map& x) { return x.reserve_erase(r); },
                [&](map& x) { return said(x.erase(r, missing::ignore)); });
            break;
        case 1:
            agrees(
                m, [&](map& x) { return x.reserve_insert(r, v); },
                [&](map& x) { return said(x.insert(r, v, overlap::replace)); });
            break;
        case 2:
            agrees(
                m, [&](map& x) { return x.reserve_insert(r, v, larger); },
                [&](map& x) { return said(x.insert(r, v, larger)); });
            break;
        case 3:
            agrees(
                m, [&](map& x) { return x.reserve_update(r, next); },
                [&](map& x) { return said(x.update(r, next, missing::ignore)); });
            break;
        case 4:
            agrees(
                s, [&](set& x) { return x.reserve_insert(r); },
                [&](set& x) { return said(x.insert(r, overlap::keep)); });
            break;
        case 5:
            agrees(
                s, [&](set& x) { return x.reserve_erase(r); },
                [&](set& x) { return said(x.erase(r, missing::ignore)); });
            break;
        }
    }
}
