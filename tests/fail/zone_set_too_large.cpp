// SPDX-License-Identifier: BSL-1.0

// A set of seventeen zones.
// EXPECT: zone_set: more zones than max_zones
#include <utility>

#include <zonal/zone.hpp>

using namespace zonal;

template <unsigned I>
struct tier {
    static constexpr char letter = static_cast<char>('a' + I);
    static constexpr text name{&letter, 1};
    static constexpr zone_traits traits{};
};
template <unsigned... I>
zone_set<tier<I>...> set_of(std::integer_sequence<unsigned, I...>);

#ifdef ZONAL_CONTROL
using server = decltype(set_of(std::make_integer_sequence<unsigned, 16>{}));
#else
using server = decltype(set_of(std::make_integer_sequence<unsigned, 17>{}));
#endif
inline constexpr unsigned size = server::size;
