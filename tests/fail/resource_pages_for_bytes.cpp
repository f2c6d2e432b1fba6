// SPDX-License-Identifier: BSL-1.0

// A range of pages given back to the tree, which counts bytes.
// EXPECT-GCC: cannot convert
// EXPECT-CLANG: no known conversion
// EXPECT: pfn_range
// EXPECT: address_range
#include <zonal/resource.hpp>

using namespace zonal;

inline bool give_back(resource_tree<in_place<4>>& tree, pfn_range dimm) {
#ifdef ZONAL_CONTROL
    return release_adjustable(tree, bytes_of(dimm, page_geometry{}).value()).has_value();
#else
    return release_adjustable(tree, dimm).has_value();
#endif
}
