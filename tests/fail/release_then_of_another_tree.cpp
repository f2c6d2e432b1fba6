// SPDX-License-Identifier: BSL-1.0

// A policy that could be taken back from another tree than the one it gives to.
// EXPECT: then: a policy's take_back must take any resource_tree; make it a template
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;

struct count {
    int given = 0;
    constexpr result<done> give_back(const leaving&, auto&) { return ++given, done{}; }
#ifdef ZONAL_CONTROL
    constexpr void take_back(const leaving&, auto&) { --given; }
#else
    constexpr void take_back(const leaving&, resource_tree<in_place<1>>&) { --given; }
#endif
};

inline constexpr auto refused = [] {
    resource_tree<in_place<2>> tree;
    then<count, return_to_tree> policy;
    return policy.give_back({}, tree);
}();
