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

/// The outermost entry with exactly this range, of those that match.
/// Fails: not_found
template <class S>
[[nodiscard]] constexpr result<region_id> find_exact(const resource_tree<S>& tree,
                                                     address_range range, region_query query = {}) {
    for (region_id e = tree.after(tree.root()); e;) {
        if (tree[e].range == range && query.matches(tree[e])) return e;
        e = tree.after(e, tree.root(), tree[e].range.contains(range));
    }
    return fail(errc::not_found);
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
    bool some = false;
    bool others = false;
    for (region_id e = tree.first_child(tree.root()); e; e = tree.next(e)) {
        const auto here = tree[e].range.intersection(range);
        if (!here) continue;
        if (query.matches(tree[e])) {
            some = true;
            continue;
        }
        phys_addr seen = here->start(); // as far as there are no others
        bool to_the_last = false;
        const auto look = [&](address_range part, region_id) {
            some = true;
            if (seen < part.start()) others = true;
            seen = part.end();
            to_the_last = part.last() == here->last();
            return true;
        };
        for_each_match(tree, *here, query, look, e);
        if (!to_the_last) others = true;
    }
    if (!some) return relation::disjoint;
    return others ? relation::mixed : relation::intersects;
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
    result<address_range> found = fail(errc::no_space);
    result<address_range> rest = tree[within].range.intersection(want.window);
    region_id e = tree.first_child(within);
    while (rest && (want.from_above || !found)) {
        result<address_range> gap = rest; // all of it behind the last entry, else up to the next
        if (!e) {
            rest = fail(errc::no_space);
        } else {
            const address_range taken = tree[e].range;
            gap = address_range::make(rest->start(), taken.start());
            if (gap) gap = gap->intersection(*rest);
            if (taken.last() >= rest->last())
                rest = fail(errc::no_space);
            else if (taken.last() >= rest->start())
                rest = address_range::inclusive(taken.end(), rest->last());
            e = tree.next(e);
        }
        if (!gap) continue;
        if (const auto fits = detail::fit(*gap, want)) found = fits;
    }
    return found;
}

} // namespace zonal::inline v0
