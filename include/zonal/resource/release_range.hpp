// SPDX-License-Identifier: BSL-1.0
#pragma once

// Giving back a range instead of an entry, as memory that leaves is given back: the caller knows
// the addresses, not how many entries they have become.
//
//     const auto exact = release_region(tree, bar, driver);     // the busy entry of this range
//     const auto covered = release_adjustable(tree, dimm_half); // trims, cuts, takes out entries
//
// Both look for what belongs to the one who asks, through entries that do not, and say so when the
// range is only others'. That is the difference to a tree without owners, where the system gives
// back a device's range and the driver's entry is gone (see linux_mm/resource_quirks.hpp).

#include <zonal/resource/search.hpp>

namespace zonal::inline v0 {

namespace detail {

/// The outermost entry of who's around a range of which is_it(entry) is true.
/// Fails: busy       there are such entries, of others;
///        not_found  there are none.
template <class S, class F>
[[nodiscard]] constexpr result<region_id> outermost_of(const resource_tree<S>& tree, owner_id who,
                                                       address_range range, F is_it) {
    const auto own =
        outermost(tree, range, [&](const region& r) { return r.belongs_to(who) && is_it(r); });
    return !own && outermost(tree, range, is_it) ? fail(errc::busy) : own;
}

} // namespace detail

/// Takes out the outermost busy entry of exactly this range that is who's.
/// Fails:  not_found  there is no busy entry of this range;
///         busy       it belongs to somebody else, or entries lie in it.
/// Models: kernel/resource.c __release_region(); differs: finds entries below busy ones as well.
template <class S>
constexpr result<done> release_region(resource_tree<S>& tree, address_range range,
                                      owner_id who = the_system) {
    const auto e = detail::outermost_of(
        tree, who, range, [&](const region& r) { return r.flags.busy && r.range == range; });
    return e ? tree.release(*e, who) : result<done>(fail(e.error()));
}

namespace detail {

/// The outermost busy memory entry of who at an address. Fails as outermost_of.
template <class S>
[[nodiscard]] constexpr result<region_id> busy_memory_at(const resource_tree<S>& tree, phys_addr at,
                                                         owner_id who) {
    return outermost_of(tree, who, *address_range::inclusive(at, at),
                        [](const region& r) { return r.flags.busy && r.flags.memory; });
}

/// Calls f(entry, part) for the busy memory entries of who that cover a range, in the order of
/// addresses, until it fails or one is missing.
template <class S, class F>
constexpr result<done> for_each_part(const resource_tree<S>& tree, address_range range,
                                     owner_id who, F f) {
    for (;;) {
        const auto e = busy_memory_at(tree, range.start(), who);
        if (!e) return fail(e.error());
        const address_range part = *tree[*e].range.intersection(range);
        const result<done> ok = f(*e, part);
        if (!ok || part.last() == range.last()) return ok;
        range = *address_range::inclusive(part.end(), range.last());
    }
}

/// Fails: busy  an entry in this one has some of the range.
template <class S>
[[nodiscard]] constexpr result<done> is_free(const resource_tree<S>& tree, region_id e,
                                             address_range range) {
    for (region_id c = tree.first_child(e); c; c = tree.next(c))
        if (tree[c].range.overlaps(range)) return fail(errc::busy);
    return done{};
}

/// Takes `part` out of an entry.
/// Fails: no_space  it lies in the middle, and all slots are taken.
template <class S>
constexpr result<done> take_out(resource_tree<S>& tree, region_id e, address_range part,
                                owner_id who) {
    const address_range whole = tree[e].range;
    if (part == whole) return tree.release(e, who);
    if (part.start() == whole.start())
        return tree.adjust(e, *address_range::inclusive(part.end(), whole.last()), who);
    if (part.last() != whole.last())
        if (const auto upper = tree.split(e, part.end(), who); !upper) return fail(upper.error());
    return tree.adjust(e, {whole.start(), part.start()}, who);
}

} // namespace detail

/// Takes a range out of the busy memory entries of who that cover it, side by side or at different
/// depths: whole entries leave, others are trimmed or cut in two. Entries within one that is
/// trimmed or cut stay on the side they lie in.
/// Fails:  not_found  a part of the range is no busy memory;
///         busy       a part of it belongs to others, or an entry within one of who's reaches into
///                    the range;
///         no_space   an entry would be cut in two, and all slots are taken.
/// Models: kernel/resource.c release_mem_region_adjustable(); differs: not limited to one entry,
///         the upper half of a cut keeps what lies in it, and every refusal is said.
template <class S>
constexpr result<done> release_adjustable(resource_tree<S>& tree, address_range range,
                                          owner_id who = the_system) {
    // Nothing is touched before all of the range has been looked at. From there only a cut can
    // fail, and a range that lies in the middle of one entry is in no other.
    const auto look = [&](region_id e, address_range part) {
        return detail::is_free(tree, e, part);
    };
    const auto take = [&](region_id e, address_range part) {
        return detail::take_out(tree, e, part, who);
    };
    const auto all = detail::for_each_part(tree, range, who, look);
    return all ? detail::for_each_part(tree, range, who, take) : all;
}

} // namespace zonal::inline v0
