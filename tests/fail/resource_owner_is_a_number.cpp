// SPDX-License-Identifier: BSL-1.0

// A bare number for the owner of a region.
// EXPECT-GCC: cannot convert
// EXPECT-CLANG: no known conversion
// EXPECT: owner_id
#include <zonal/resource.hpp>

using namespace zonal;

inline bool unbind(resource_tree<in_place<4>>& tree, region_id mine) {
#ifdef ZONAL_CONTROL
    return tree.release(mine, owner_id{7}).has_value();
#else
    return tree.release(mine, 7).has_value();
#endif
}
