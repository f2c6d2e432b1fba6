// SPDX-License-Identifier: BSL-1.0
#pragma once

// The zones of all nodes in the order in which a request tries them.
//
//     constexpr unsigned char distance[] = {10, 20, 20, 10};
//     constexpr auto nodes = nodes_by_distance<2>(distance, node_id{1});
//     for_each_fallback(nodes, down, zones::id_of<lm::movable>, populated, try_zone);
//
// All nodes by distance, or this node only: the second is the list of a single node,
// node_order<1>{{node}, 1}.

#include <zonal/core/bounded_list.hpp>
#include <zonal/request/fallback.hpp>

namespace zonal::inline v0 {

/// Up to N nodes, nearest first.
template <unsigned N>
using node_order = bounded_list<node_id, N>;

/// All N nodes as seen from one: itself, then by distance; among equals the ones after it first,
/// then upwards. `distance` is the N x N table, row by row: distance[from * N + to].
/// Requires: from < N.
/// Models: mm/page_alloc.c find_next_best_node(); differs: no preference for nodes without CPUs,
/// and no rotation among equally near nodes.
template <unsigned N>
[[nodiscard]] constexpr node_order<N> nodes_by_distance(const unsigned char (&distance)[N * N],
                                                        node_id from) {
    expects(from.value < N, "nodes_by_distance: no such node");
    node_order<N> order;
    order.items[order.size++] = from;
    bool used[N] = {};
    used[from.value] = true;
    while (order.size < N) {
        unsigned best = N;
        unsigned best_cost = ~0u;
        for (unsigned i = 0; i < N; ++i) {
            if (used[i]) continue;
            const unsigned cost = distance[from.value * N + i] * 2u + (i < from.value ? 1u : 0u);
            if (cost < best_cost) best = i, best_cost = cost;
        }
        used[best] = true;
        order.items[order.size++] = node_id{best};
    }
    return order;
}

/// Calls visit(node, zone) for each place where a request for `first` may be served, best first:
/// zone by zone along the fallback order within a node, then the next node. Skips what
/// populated(node, zone) denies; stops when visit returns false.
/// Requires: order.ends().
/// Cost: nodes times zones calls at most; nothing is stored.
template <class Nodes, class Populated, class Visit>
constexpr void for_each_fallback(const Nodes& nodes, const fallback_order& order, zone_id first,
                                 Populated&& populated, Visit&& visit) {
    for (node_id node : nodes)
        for (result<zone_id> zone = first; zone; zone = order.after(*zone))
            if (populated(node, *zone) && !visit(node, *zone)) return;
}

} // namespace zonal::inline v0
