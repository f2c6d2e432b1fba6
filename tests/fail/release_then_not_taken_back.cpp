// SPDX-License-Identifier: BSL-1.0

// A policy that cannot be taken back, in front of one that can fail.
// EXPECT: policy_cannot_be_taken_back<eject, zonal::return_to_tree>
// EXPECT: put it behind those that can fail
#include <zonal/linux_mm/zones.hpp>
#include <zonal/release.hpp>

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct eject {
    constexpr result<done> give_back(const leaving&, auto&) { return done{}; }
    // no take_back: it cannot be undone
};

#ifdef ZONAL_CONTROL
inline release<zones, otherwise<then<return_to_tree>>, on<lm::device, then<leave_to_driver, eject>>>
    r;
#else
inline release<zones, otherwise<then<eject, leave_to_driver, return_to_tree>>> r;
#endif
