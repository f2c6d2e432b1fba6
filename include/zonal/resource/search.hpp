// SPDX-License-Identifier: BSL-1.0
#pragma once

// Questions to a resource tree: which entry, which parts, is this memory, where is room.
//
//     constexpr region_query ram{{.memory = true, .system_ram = true}};
//     for_each_match(tree, range, ram, [&](address_range part, region_id) { return use(part); });
//     const bool none = relation_to(tree, range, ram) == relation::disjoint;  // of it is RAM
//     const auto hole = find_free(tree, {.bytes = 1 << 20, .alignment = 4096, .window = below_4g});
//
// All look at entries at any depth: RAM of a CXL device lies three levels below the window that the
// firmware describes, and whoever asks only the top level is told that there is none.

#include <zonal/resource/tree.hpp>

namespace zonal::inline v0 {

/// The deepest entry at an address.
/// Fails: not_found
template <class S>
[[nodiscard]] constexpr result<region_id> find(const resource_tree<S>& tree, phys_addr at) {
    region_id found;
    for (region_id e = tree.first_child(tree.root()); e;) {
        const bool holds = tree[e].range.contains(at);
        if (holds) found = e;
        e = holds ? tree.first_child(e) : tree.next(e);
    }
    if (!found) return fail(errc::not_found);
    return found;
}

namespace detail {

/// The outermost entry around a range of which is_it(entry) is true.
/// Fails: not_found
template <class S, class F>
[[nodiscard]] constexpr result<region_id> outermost(const resource_tree<S>& tree,
                                                    address_range range, F is_it) {
    for (region_id e = tree.first_child(tree.root()); e;) {
        const bool around = tree[e].range.contains(range);
        if (around && is_it(tree[e])) return e;
        e = around ? tree.first_child(e) : tree.next(e);
    }
    return fail(errc::not_found);
}

} // namespace detail

/// The outermost entry with exactly this range, of those that match.
/// Fails: not_found
template <class S>
[[nodiscard]] constexpr result<region_id> find_exact(const resource_tree<S>& tree,
                                                     address_range range, region_query query = {}) {
    return detail::outermost(tree, range,
                             [&](const region& r) { return r.range == range && query.matches(r); });
}

/// Calls `f` with each matching part of a range and the outermost entry that matches there, in the
/// order of addresses, until it answers false. Looks at the entries in `within`.
/// Requires: f does not change the tree.
/// Models:   kernel/resource.c find_next_iomem_res(), walk_iomem_res_desc().
template <class S, class F>
constexpr void for_each_match(const resource_tree<S>& tree, address_range range, region_query query,
                              F&& f, region_id within = resource_tree<S>::root()) {
    for (region_id e = tree.after(within, within); e;) {
        const auto part = tree[e].range.intersection(range);
        const bool found = part && query.matches(tree[e]);
        if (found && !f(*part, e)) return;
        e = tree.after(e, within, part && !found);
    }
}

/// How the entries at a range relate to a query. Holes count for neither side.
enum class relation : unsigned char {
    intersects, ///< some match, and no others are there
    disjoint,   ///< none matches
    mixed,      ///< some match, and others are there too
};

/// An entry counts as other where neither it nor anything in it or around it matches.
/// Models: kernel/resource.c region_intersects() as of 6.12.
template <class S>
[[nodiscard]] constexpr relation relation_to(const resource_tree<S>& tree, address_range range,
                                             region_query query) {
    // Modulo 2^64, which is enough: if any match, fewer than 2^64 bytes do not.
    std::uint64_t there = 0, matching = 0;
    bool some = false;
    for_each_match(tree, range, {}, [&](address_range part, region_id) {
        there += part.bytes();
        return true;
    });
    for_each_match(tree, range, query, [&](address_range part, region_id) {
        matching += part.bytes();
        return some = true;
    });
    if (!some) return relation::disjoint;
    return matching == there ? relation::intersects : relation::mixed;
}

/// A range that nobody has, and where it may lie.
struct free_request {
    std::uint64_t bytes = 0;
    std::uint64_t alignment = 1; ///< a power of two
    address_range window{};
    bool from_above = false; ///< the highest such range instead of the lowest
};

namespace detail {

/// Where the wanted range fits into a gap.
/// Fails: no_space
[[nodiscard]] constexpr result<address_range> fit(address_range gap, const free_request& want) {
    const std::uint64_t mask = want.alignment - 1;
    const std::uint64_t more = want.bytes - 1;
    const std::uint64_t low = gap.start().value;
    const std::uint64_t high = gap.last().value;
    if (more > high - low) return fail(errc::no_space);
    const std::uint64_t start = want.from_above ? (high - more) & ~mask : (low + mask) & ~mask;
    if (start < low || start > high - more) return fail(errc::no_space);
    return address_range::make(phys_addr{start}, want.bytes);
}

} // namespace detail

/// A range in `within` that no entry overlaps: the lowest that fits, or the highest. It is not
/// claimed: insert or request it.
/// Fails:  bad_range   no bytes are wanted;
///         misaligned  the alignment is no power of two;
///         no_space    it fits nowhere.
/// Models: kernel/resource.c allocate_resource() without the insertion, and from above
///         get_free_mem_region(); differs: finds the highest, not the highest on a grid of sizes.
template <class S>
[[nodiscard]] constexpr result<address_range>
find_free(const resource_tree<S>& tree, const free_request& want,
          region_id within = resource_tree<S>::root()) {
    if (want.bytes == 0) return fail(errc::bad_range);
    if (want.alignment == 0 || (want.alignment & (want.alignment - 1)) != 0)
        return fail(errc::misaligned);
    const auto window = tree[within].range.intersection(want.window);
    if (!window) return fail(errc::no_space);
    address_range rest = *window; // from the last entry that was looked at
    result<address_range> found = fail(errc::no_space);
    for (region_id e = tree.first_child(within); want.from_above || !found; e = tree.next(e)) {
        const result<address_range> gap =
            e ? address_range::make(rest.start(), tree[e].range.start()) : rest;
        if (gap)
            if (const auto fits = detail::fit(*gap->intersection(rest), want)) found = fits;
        if (!e || tree[e].range.last() >= rest.last()) break;
        if (tree[e].range.last() >= rest.start())
            rest = *address_range::inclusive(tree[e].range.end(), rest.last());
    }
    return found;
}

} // namespace zonal::inline v0
