// SPDX-License-Identifier: BSL-1.0

// A strategy for another query than the one that is asked.
// EXPECT: movable_if_it_can_be_pulled
// EXPECT: first_of: a strategy needs a member `placement answer(const Query&)`
#include <zonal/placement.hpp>

using namespace zonal;

struct dimm {
    bool can_be_pulled;
};
struct gpu {};

struct movable_if_it_can_be_pulled {
    static constexpr placement answer(const dimm& d) {
        return d.can_be_pulled ? zone_id{1} : does_not_apply;
    }
};
inline constexpr first_of<movable_if_it_can_be_pulled, always<zone_id{0}>> rules{};

#ifdef ZONAL_CONTROL
static_assert(rules.zone_for(dimm{true}) == zone_id{1});
#else
constexpr auto wrong = rules.zone_for(gpu{});
#endif
