// SPDX-License-Identifier: BSL-1.0
#pragma once

// What Linux's resource tree does where resource/ does better: the calls of release_range.hpp,
// search.hpp and the tree, with each wart as a switch. Without any they are those calls.
//
//     constexpr auto as_linux = lm::resource_quirks_for(lm::version{6, 1}).value();
//     const auto given = release_adjustable(tree, nvdimm, the_system, as_linux);  // done, and
//     const auto late = release_region(tree, nvdimm, driver, as_linux);           // not_found
//
// For replaying what a real system did, and for showing what it cost.

#include <zonal/linux_mm/rules.hpp>
#include <zonal/resource/release_range.hpp>

namespace zonal::inline v0::linux_mm {

struct resource_quirks {
    /// Anybody takes out and changes anything. A range of a device that is given back through the
    /// tree takes the entry of its driver along, and the driver later finds nothing.
    bool no_owners = false;
    /// Only the outermost busy entry at the start of a range is looked at. A range that goes on in
    /// the next entry is not released, so that both stay for ever; nor is one that lies in a busy
    /// entry below.
    bool first_busy_only = false;
    /// Entries within one of exactly the released range vanish with it.
    bool drops_children = false;
    /// The upper half of a cut gets no entries, so that one with entries up there cannot be cut.
    bool children_stay_below = false;
    /// One byte at the very start of an entry is not found.
    bool misses_first_byte = false;
    /// Names are the same if they are at the same place, not if they read the same.
    bool same_name_is_same_place = false;
    /// Whether a range is of some kind is asked of the entries at the top only.
    bool asks_top_level_only = false;

    friend constexpr bool operator==(const resource_quirks&, const resource_quirks&) = default;
};

/// Models: kernel/resource.c of 6.12, 6.1 and, as far as its functions were there, 4.3.
inline constexpr resource_quirks resource_tree_quirks{.no_owners = true,
                                                      .first_busy_only = true,
                                                      .drops_children = true,
                                                      .children_stay_below = true,
                                                      .misses_first_byte = true,
                                                      .same_name_is_same_place = true};

/// Whether region_intersects() misses RAM below a device's entry. Compared call by call with 6.1;
/// 6.12 answered the recorded calls alike. Stable kernels may have been given the fix earlier.
inline constexpr rule<bool> resource_tree_asks_top_only[] = {{until({6, 12}), true}};

/// Fails: not_found  older than `oldest`.
[[nodiscard]] constexpr result<resource_quirks> resource_quirks_for(version v) noexcept {
    if (v < oldest) return fail(errc::not_found);
    resource_quirks quirks = resource_tree_quirks;
    quirks.asks_top_level_only = pick(resource_tree_asks_top_only, v);
    return quirks;
}

/// Who acts when `who` calls.
[[nodiscard]] constexpr owner_id acting(owner_id who, const resource_quirks& quirks) noexcept {
    return quirks.no_owners ? anyone : who;
}

/// Models: kernel/resource.c __release_region().
template <class S>
constexpr result<done> release_region(resource_tree<S>& tree, address_range range, owner_id who,
                                      const resource_quirks& quirks) {
    who = acting(who, quirks);
    auto e = find_exact(tree, range, {{.busy = true}});
    if (quirks.first_busy_only && e)
        for (region_id up = tree.parent(*e); up != tree.root(); up = tree.parent(up))
            if (tree[up].flags.busy) return fail(errc::not_found);
    if (quirks.drops_children && e) return tree.release(*e, who, children::take_along);
    return release_region(tree, range, who);
}

/// Models: kernel/resource.c release_mem_region_adjustable(), which tells nobody how it went.
template <class S>
constexpr result<done> release_adjustable(resource_tree<S>& tree, address_range range, owner_id who,
                                          const resource_quirks& quirks) {
    who = acting(who, quirks);
    const auto first = zonal::detail::busy_memory_at(tree, range.start(), anyone);
    if (!first) return fail(first.error());
    const address_range whole = tree[*first].range;
    if (quirks.first_busy_only && !whole.contains(range)) return fail(errc::not_found);
    if (quirks.misses_first_byte && range.bytes() == 1 && range.start() == whole.start())
        return fail(errc::not_found);
    if (quirks.drops_children && range == whole)
        return tree.release(*first, who, children::take_along);
    const bool cuts = whole.start() < range.start() && range.last() < whole.last();
    if (quirks.children_stay_below && cuts)
        for (region_id c = tree.first_child(*first); c; c = tree.next(c))
            if (tree[c].range.start() > range.last()) return fail(errc::busy);
    return release_adjustable(tree, range, who);
}

/// Models: kernel/resource.c merge_system_ram_resource().
template <class S>
constexpr result<region_id> merge(resource_tree<S>& tree, region_id id, owner_id who,
                                  const resource_quirks& quirks) {
    return tree.merge(id, acting(who, quirks), [&](const region& a, const region& b) {
        if (quirks.same_name_is_same_place && a.name.data != b.name.data) return false;
        return alike{}(a, b);
    });
}

/// Models: kernel/resource.c region_intersects() before 6.12.
template <class S>
[[nodiscard]] constexpr relation relation_to(const resource_tree<S>& tree, address_range range,
                                             region_query query, const resource_quirks& quirks) {
    if (!quirks.asks_top_level_only) return relation_to(tree, range, query);
    bool some = false;
    bool others = false;
    for (region_id e = tree.first_child(tree.root()); e; e = tree.next(e))
        if (tree[e].range.overlaps(range)) (query.matches(tree[e]) ? some : others) = true;
    if (!some) return relation::disjoint;
    return others ? relation::mixed : relation::intersects;
}

} // namespace zonal::inline v0::linux_mm
