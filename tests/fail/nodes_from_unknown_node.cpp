// SPDX-License-Identifier: BSL-1.0

// The order of nodes as seen from one that the table does not have.
// EXPECT: nodes_by_distance: no such node
#include <zonal/request.hpp>

using namespace zonal;

inline constexpr unsigned char distance[] = {10, 20, 20, 10};

#ifdef ZONAL_CONTROL
inline constexpr auto nodes = nodes_by_distance<2>(distance, node_id{1});
#else
inline constexpr auto nodes = nodes_by_distance<2>(distance, node_id{2});
#endif
