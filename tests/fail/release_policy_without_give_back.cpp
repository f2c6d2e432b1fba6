// SPDX-License-Identifier: BSL-1.0

// A policy that gives nothing back.
// EXPECT: release_policy_lacks_give_back<mine>
// EXPECT: `result<done> give_back(const leaving&, auto& tree)`
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};

#ifdef ZONAL_CONTROL
struct mine {
    constexpr result<done> give_back(const leaving&, auto&) { return done{}; }
};
inline release<zones, otherwise<mine>> r;
#else
struct mine {
    constexpr void take_back(const leaving&, auto&) {}
};
inline release<zones, otherwise<mine>> r;
#endif
