// SPDX-License-Identifier: BSL-1.0
#pragma once

// The resource tree: who uses which bytes of the physical address space, entries within entries.
//
//     resource_tree<in_place<8>> tree;
//     const auto pmem = tree.insert({nvdimm, "Persistent Memory", {.memory = true}});
//     const auto mine = tree.request(nvdimm, "namespace0.0", driver);  // inside, and busy
//     bool ok = tree.release(*mine) == fail(errc::busy);               // only the driver can
//     ok = ok && tree.release(*pmem) == fail(errc::busy);              // an entry lies in it
//     ok = ok && tree.release(*mine, driver).has_value();
//
// Siblings are ascending and disjoint, each entry lies within its parent, no range is empty.
// Entries are slots of the storage, linked by number; a tree that keeps them in place is a value.
//
// When not to use it: for pages that carry a value, singly or in runs, take a map of pfn ranges;
// every call here walks past the siblings below.

#include <type_traits>
#include <utility>

#include <zonal/resource/entries.hpp>

namespace zonal::inline v0 {

/// What happens to the entries in one that leaves.
enum class children : unsigned char {
    refuse,     ///< nothing leaves while there are any
    move_up,    ///< they go to the parent
    take_along, ///< they leave too
};

/// Two entries can be one, as far as their descriptions go.
/// Models: kernel/resource.c system_ram_resources_mergeable(); differs: compares the characters of
///         the names, and the owners.
struct alike {
    [[nodiscard]] constexpr bool operator()(const region& a, const region& b) const noexcept {
        return a.name == b.name && a.flags == b.flags && a.kind == b.kind && a.owner == b.owner;
    }
};

/// Entries below a root that never changes. On failure of a call nothing has changed.
/// Every call that takes an id fails with `stale` when that entry is gone; those that change an
/// entry fail with `busy` when it is not who's, and with `bad_state` when it is the root.
template <storage_policy Storage>
class resource_tree : detail::linked_entries<Storage> {
    using entries = detail::linked_entries<Storage>;
    using entries::at, entries::range, entries::before, entries::none;
    using typename entries::place;

public:
    /// What a storage policy keeps: an array of these for caller_storage.
    using slot = region_slot;

    /// From what the storage policy is made of. The root is all addresses, of memory.
    template <class... Args>
        requires std::is_constructible_v<typename Storage::template slots<slot>, Args...>
    explicit(sizeof...(Args) != 0) constexpr resource_tree(Args&&... args)
        : entries(std::forward<Args>(args)...) {}
    /// With a root of one's own, such as the ports of a processor, or a part of the addresses.
    template <class... Args>
        requires std::is_constructible_v<typename Storage::template slots<slot>, Args...>
    explicit constexpr resource_tree(const region& root, Args&&... args)
        : entries(std::forward<Args>(args)...) {
        at(entries::root).what = root;
    }

    // ---- looking ----

    [[nodiscard]] static constexpr region_id root() noexcept { return {entries::root, 0}; }
    [[nodiscard]] constexpr bool is_live(region_id id) const noexcept {
        return entries::in_use(id.slot) && at(id.slot).generation == id.generation;
    }
    /// Requires: is_live(id), here and below. No entry: an id that is false.
    [[nodiscard]] constexpr const region& operator[](region_id id) const { return node(id).what; }
    [[nodiscard]] constexpr region_id parent(region_id id) const { return id_of(node(id).parent); }
    [[nodiscard]] constexpr region_id first_child(region_id id) const {
        return id_of(node(id).child);
    }
    [[nodiscard]] constexpr region_id next(region_id id) const { return id_of(node(id).next); }
    /// The next entry in a walk of `top` and all in it, in the order of addresses, parents first.
    [[nodiscard]] constexpr region_id after(region_id id, region_id top = root(),
                                            bool into_children = true) const {
        expects(is_live(id) && is_live(top), "resource_tree: no such entry, or not any more");
        return id_of(entries::after(id.slot, top.slot, into_children));
    }
    /// How many entries there are. The root does not count.
    using entries::size;

    /// The entry that keeps r from being inserted; `within` itself if r does not lie in it.
    /// Requires: is_live(within).
    /// Models:   kernel/resource.c insert_resource_conflict(), request_resource_conflict().
    [[nodiscard]] constexpr region_id conflict(address_range r, insert_mode mode,
                                               region_id within = root()) const {
        if (!node(within).what.range.contains(r)) return within;
        if (mode == insert_mode::expand) return {};
        return id_of(entries::place_for(r, mode, within.slot).conflict);
    }

    // ---- entries come ----

    /// Puts an entry into `within`, whoever owns that.
    /// Fails:  out_of_reach  the range does not lie within `within`;
    ///         exists        exactly this range is there (mode conflict);
    ///         overlap       entries overlap it: at all (conflict), or in part (adopt);
    ///         no_space      all slots are taken.
    /// Cost:   the siblings below, on each level.
    /// Models: kernel/resource.c request_resource(), insert_resource() and
    ///         insert_resource_expand_to_fit(); differs: nothing is adopted unasked.
    constexpr result<region_id> insert(region what, insert_mode mode = insert_mode::conflict,
                                       region_id within = root()) {
        if (!is_live(within)) return fail(errc::stale);
        if (!range(within.slot).contains(what.range)) return fail(errc::out_of_reach);
        place to = entries::place_for(what.range, mode, within.slot);
        while (to.conflict != none) {
            const address_range other = range(to.conflict);
            if (mode != insert_mode::expand)
                return fail(other == what.range ? errc::exists : errc::overlap);
            what.range = what.range.envelope(other); // which lies in `within` like both of them
            to = entries::place_for(what.range, mode, within.slot);
        }
        return link(what, to);
    }

    /// Claims a range: a busy entry in the deepest entry around it, through entries that are not
    /// busy; of the memory and kind of the one it lies in.
    /// Fails:  out_of_reach  the range does not lie within `within`;
    ///         busy          a part of it is claimed;
    ///         overlap       an entry overlaps it in part;
    ///         no_space      all slots are taken.
    /// Models: kernel/resource.c __request_region(); differs: never waits for a region that
    ///         drivers take in turn (muxed); the caller tries again.
    constexpr result<region_id> request(address_range r, text name, owner_id who = the_system,
                                        region_flags more = {}, region_id within = root()) {
        if (!is_live(within)) return fail(errc::stale);
        if (!range(within.slot).contains(r)) return fail(errc::out_of_reach);
        place to = entries::place_for(r, insert_mode::conflict, within.slot);
        while (to.conflict != none) {
            const region& other = at(to.conflict).what;
            if (other.flags.busy) return fail(errc::busy);
            if (!other.range.contains(r)) return fail(errc::overlap);
            to = entries::place_for(r, insert_mode::conflict, to.conflict);
        }
        const region& in = at(to.parent).what;
        const region_flags claimed{
            .memory = in.flags.memory, .system_ram = in.flags.system_ram, .busy = true};
        return link({r, name, claimed | more, in.kind, who}, to);
    }

    // ---- entries change ----

    constexpr result<done> set_flags(region_id id, region_flags flags, owner_id who = the_system) {
        if (const auto may = may_change(id, who); !may) return may;
        at(id.slot).what.flags = flags;
        return done{};
    }

    /// Moves or resizes an entry between its neighbours.
    /// Fails:  out_of_reach  the range does not lie within its parent;
    ///         overlap       the range reaches or passes a neighbour;
    ///         busy          an entry in it would stick out.
    /// Models: kernel/resource.c adjust_resource().
    constexpr result<done> adjust(region_id id, address_range to, owner_id who = the_system) {
        if (const auto may = may_change(id, who); !may) return may;
        if (!range(at(id.slot).parent).contains(to)) return fail(errc::out_of_reach);
        const auto below = before(id.slot);
        const auto above = at(id.slot).next;
        if ((below != none && range(below).last() >= to.start()) ||
            (above != none && range(above).start() <= to.last()))
            return fail(errc::overlap);
        for (auto c = at(id.slot).child; c != none; c = at(c).next)
            if (!to.contains(range(c))) return fail(errc::busy);
        at(id.slot).what.range = to;
        return done{};
    }

    /// Whether there is room for one entry more: then the next one does not fail with no_space.
    using entries::make_room;

    /// Cuts an entry in two, alike but for their ranges; entries in it go to the side they lie in.
    /// Returns the upper one.
    /// Fails: bad_range  neither side may be empty;
    ///        busy       an entry in it lies on both sides;
    ///        no_space   all slots are taken.
    constexpr result<region_id> split(region_id id, phys_addr cut, owner_id who = the_system) {
        if (const auto may = may_change(id, who); !may) return fail(may.error());
        const address_range whole = range(id.slot);
        if (cut <= whole.start() || !whole.contains(cut)) return fail(errc::bad_range);
        std::uint32_t below = none; // the highest child of the lower half
        std::uint32_t above = at(id.slot).child;
        for (; above != none && range(above).start() < cut; above = at(above).next) {
            if (range(above).last() >= cut) return fail(errc::busy);
            below = above;
        }
        region what = at(id.slot).what;
        what.range = *address_range::inclusive(cut, whole.last());
        const auto upper = entries::link(what, {.parent = at(id.slot).parent, .before = id.slot});
        if (!upper) return fail(upper.error());
        at(id.slot).what.range = {whole.start(), cut};
        (below == none ? at(id.slot).child : at(below).next) = none;
        at(*upper).child = above;
        for (; above != none; above = at(above).next) at(above).parent = *upper;
        return id_of(*upper);
    }

    /// Marks busy system RAM as mergeable and joins it with its neighbours where these are too, are
    /// adjacent and alike, and nothing lies in either. Returns the lowest of what was joined; the
    /// other ids are stale.
    /// Fails:  bad_state  it is not busy system RAM.
    /// Models: kernel/resource.c merge_system_ram_resource().
    template <class Alike = alike>
    constexpr result<region_id> merge(region_id id, owner_id who = the_system, Alike same = {}) {
        if (const auto may = may_change(id, who); !may) return fail(may.error());
        region& what = at(id.slot).what;
        if (!what.flags.includes({.memory = true, .system_ram = true, .busy = true}))
            return fail(errc::bad_state);
        what.flags.mergeable = true;
        join(id.slot, at(id.slot).next, same);
        const auto below = before(id.slot);
        return below != none && join(below, id.slot, same) ? id_of(below) : id;
    }

    // ---- entries leave ----

    /// Takes an entry out.
    /// Fails:  busy  there are entries in it and they should neither move nor leave; or what should
    ///               leave with it is not who's.
    /// Models: kernel/resource.c remove_resource() (move_up), release_resource() (take_along);
    ///         differs: what is taken along is gone, not kept below the released entry.
    constexpr result<done> release(region_id id, owner_id who = the_system,
                                   children inside = children::refuse) {
        if (const auto may = may_change(id, who); !may) return may;
        if (at(id.slot).child != none && inside == children::refuse) return fail(errc::busy);
        if (inside == children::take_along)
            for (auto s = id.slot; s != none; s = entries::after(s, id.slot))
                if (!at(s).what.belongs_to(who)) return fail(errc::busy);
        entries::unlink(id.slot, inside == children::move_up);
        return done{};
    }

private:
    [[nodiscard]] constexpr const region_slot& node(region_id id) const {
        expects(is_live(id), "resource_tree: no such entry, or not any more");
        return at(id.slot);
    }
    [[nodiscard]] constexpr region_id id_of(std::uint32_t s) const {
        return s == none ? region_id{} : region_id{s, at(s).generation};
    }
    [[nodiscard]] constexpr result<done> may_change(region_id id, owner_id who) const {
        if (!is_live(id)) return fail(errc::stale);
        if (id == root()) return fail(errc::bad_state);
        if (!at(id.slot).what.belongs_to(who)) return fail(errc::busy);
        return done{};
    }
    constexpr result<region_id> link(const region& what, const place& to) {
        const auto entry = entries::link(what, to);
        if (!entry) return fail(entry.error());
        return id_of(*entry);
    }
    template <class Alike>
    constexpr bool join(std::uint32_t a, std::uint32_t b, Alike& same) {
        if (b == none || !range(a).is_followed_by(range(b))) return false;
        if (at(a).child != none || at(b).child != none) return false;
        if (!same(at(a).what, at(b).what)) return false;
        const address_range whole = range(a).envelope(range(b));
        entries::unlink(b);
        at(a).what.range = whole;
        return true;
    }
};

} // namespace zonal::inline v0
