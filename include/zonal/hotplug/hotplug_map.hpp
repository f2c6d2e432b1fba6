// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory that comes and goes: ranges that are plugged, used, drained and unplugged, and then given
// back by the policy of their zone.
//
//     hotplug_map<zones, rules, in_place<16>> map;
//     auto dimm = map.plug({pfn{0x100}, pfn{0x200}}).value();       // there, and in no zone
//     map.online(dimm, zones::id_of<lm::movable>);                  // in use
//     auto pmem = map.plug<lm::device>({pfn{0x200}, pfn{0x300}}, {.owner = nvdimm}).value();
//     map.pin(pmem);                                                // somebody uses it
//     map.drain(pmem);                                              // busy
//     map.unpin(pmem);
//     map.unplug(map.drain(pmem).value());                          // the driver has it back
//
// At each instant a page has one owner: it is in a zone, or plugged and in none, or in whatever its
// policy gave it to; and a plugged range has an entry in the resource tree, unless its owner takes
// that out.
//
// When not to use it: for ranges that nobody references, a pfn_range_map has all the searches.

#include <zonal/hotplug/boot.hpp>
#include <zonal/hotplug/hotplug_policies.hpp>
#include <zonal/placement/strategies.hpp>

namespace zonal::inline v0 {

/// About a range that is to be plugged.
struct plug_options {
    node_id node{};
    /// The driver that the range stays with. If it has claimed the range in the resource tree
    /// before, that entry is the range's. `anyone` is nobody.
    owner_id owner{};
    /// What the range's entry in the resource tree is called, if it has none.
    text name{};
    /// So many pages at the start of each memory block keep the page words of the block; not for
    /// device zones, see device/metadata.hpp.
    page_count metadata{};
};

/// Policies: a storage policy, whose room each table of the map has: in_place<N> is N ranges and N
/// entries in the tree, fewer where ranges begin or end inside sections; optionally hooks<...>,
/// named_holders<N>, nodes_up_to<N> (else 8) and, for hundreds of ranges, the back end
/// sorted_leaves.
/// Looking, references and the steps of a removal are range_table's. On failure of a call nothing
/// has changed, and a token that was handed in is still what it was.
/// Models: mm/memory_hotplug.c and mm/memremap.c as one; differs: a range leaves drained or not at
///         all, and who gets it back is a type.
template <zone_set_type Zones, class Release, class... Policies>
class hotplug_map : public hotplug_policies<Zones, Release, Policies...>::table {
    using policies = hotplug_policies<Zones, Release, Policies...>;
    static_assert(std::is_void_v<typename policies::mistake::named>);
    using table = typename policies::table;
    using table::at, table::is_live;
    using typename table::slot;

public:
    using zones = Zones;
    using memory_type = typename policies::memory;
    using tree_type = resource_tree<typename policies::storage>;
    using typename table::closed_type, typename table::drained_type;

    /// A section, a memory block and a subsection are a page each, unless said otherwise. Where the
    /// rules give pages their zone when they are added, only plug<Zone> does that.
    explicit constexpr hotplug_map(page_geometry geometry = {12, 0, 0, 0},
                                   const memory_rules& how = {})
        : memory_(Zones::list, geometry, how) {}

    // ---- looking ----

    /// Zones and nodes with what they span and have, blocks and sections.
    [[nodiscard]] constexpr const memory_type& memory() const noexcept { return memory_; }
    /// Who uses which addresses; drivers claim and release theirs here.
    [[nodiscard]] constexpr tree_type& resources() noexcept { return tree_; }
    [[nodiscard]] constexpr const tree_type& resources() const noexcept { return tree_; }
    /// The policy object of a zone; of `void`, that of ranges in no zone.
    template <class Zone>
    [[nodiscard]] constexpr auto& policy_of() noexcept {
        return release_.template policy_of<Zone>();
    }
    template <class Hook>
    [[nodiscard]] constexpr Hook& hook() noexcept {
        return hooks_.template get<Hook>();
    }
    /// What the hook said that refused last.
    [[nodiscard]] constexpr veto last_veto() const noexcept { return last_veto_; }

    // ---- memory comes ----

    /// Memory that is there already: all of a boot_map, a range for each part of a zone.
    /// Requires: nothing is plugged.
    /// Fails:    as boot_from, busy, no_space; then the map is good for nothing.
    template <class BootMap>
    constexpr result<done> boot(const BootMap& map) {
        if (const auto booted = boot_from(memory_, map); !booted) return booted;
        for (const auto& r : map.ranges())
            for (zone_id z{}; z.value < Zones::size; ++z.value) {
                const pfn_range part = map.pages_of(r.node, z).span.intersection(r.pages);
                if (part.empty()) continue;
                const auto h =
                    plug_with(part, z, {.node = r.node}, [] { return result<done>{done{}}; });
                if (!h) return fail(h.error());
            }
        return done{};
    }

    /// Adds memory of the system's, which is in no zone until it is onlined.
    /// Fails: bad_range, misaligned, out_of_reach  as zoned_memory::add;
    ///        overlap   a page is plugged;
    ///        busy      somebody else has claimed the addresses, or something lies in the owner's
    ///                  entry there, such as a quarantine;
    ///        bad_state the owner is `anyone` or `in_quarantine`, or called by a hook or a policy
    ///                  that is being asked;
    ///        vetoed    a hook refused;
    ///        no_space  the storage has no room.
    constexpr result<range_handle> plug(pfn_range r, const plug_options& how = {}) {
        static_assert(Release::has_otherwise,
                      "hotplug_map: memory that is plugged offline is in no zone, and no rule says "
                      "who gets it back from there; add otherwise<policy> to the release rules");
        return plug_with(r, no_zone, how, [&] { return memory_.add(r, block_of(how), no_zone); });
    }
    /// Adds memory that is in its zone at once: a device's, or the system's.
    /// Fails: as plug, and as zoned_memory::map_device or online; bad_range  a device with metadata.
    template <class Zone>
    constexpr result<plugged<Zone>> plug(pfn_range r, const plug_options& how = {}) {
        constexpr zone_id zone = Zones::template id_of<Zone>;
        const auto h = plug_with(r, zone, how, [&] { return put_in_zone(r, block_of(how), zone); });
        if (!h) return fail(h.error());
        return plugged<Zone>{*h};
    }

    /// Gives offline memory a zone.
    /// Fails: bad_state  it is online, or of a device, or the zone is a device's or none of the set;
    ///        vetoed, no_space.
    constexpr result<done> online(range_handle h, zone_id zone) {
        if (!is_live(h)) return fail(errc::stale);
        slot& s = at(h.slot);
        plugged_range& r = s.what;
        if (r.online || s.leaving || !Zones::list.contains(zone) || is_device(zone))
            return fail(errc::bad_state);
        const hotplug_event e{hotplug_change::online, r.range, r.node, zone};
        const auto done = carry_out(e, [&] { return memory_.online(r.range, zone); });
        if (done) {
            r.zone = zone;
            r.online = true;
            s.references.open();
            hooks_.after(e);
        }
        return done;
    }
    /// Gives it the zone that a list of strategies answers (see placement/strategy.hpp).
    template <class Strategies>
        requires requires(const Strategies& list, const hot_add<memory_type>& q) {
            { list.zone_for(q) } -> std::same_as<result<zone_id>>;
        }
    constexpr result<zone_id> online(range_handle h, const Strategies& strategies) {
        if (!is_live(h)) return fail(errc::stale);
        const plugged_range& r = at(h.slot).what;
        const auto zone = strategies.zone_for(hot_add<memory_type>{memory_, r.node, r.range});
        if (!zone) return zone;
        if (const auto done = online(h, *zone); !done) return fail(done.error());
        return zone;
    }
    /// Takes memory out of its zone; it stays plugged.
    /// Fails: busy       it is referenced;
    ///        bad_state  it is offline, or of a device, or has holes;
    ///        misaligned memory of the boot that is not in whole blocks;
    ///        vetoed, no_space.
    constexpr result<done> offline(range_handle h) {
        if (!is_live(h)) return fail(errc::stale);
        slot& s = at(h.slot);
        plugged_range& r = s.what;
        if (!r.online || s.leaving || is_device(r.zone) || table::is_changing())
            return fail(errc::bad_state);
        s.references.close();
        const hotplug_event e{hotplug_change::offline, r.range, r.node, r.zone};
        const auto done = s.references.count() != 0
                              ? result<zonal::done>(fail(errc::busy))
                              : carry_out(e, [&] { return memory_.offline(r.range); });
        if (!done) {
            s.references.open();
            return done;
        }
        r.online = false;
        hooks_.after(e);
        return done;
    }

    // ---- memory goes ----

    /// Takes a drained range out of its zone and of the map, and has the policy of the zone that it
    /// is, or was last, in give it back.
    /// Fails: stale      the token is empty, or another map's;
    ///        bad_state  called by a hook or a policy that is being asked, or memory of the boot
    ///                   has holes;
    ///        misaligned memory of the boot that is not in whole blocks;
    ///        vetoed, no_space, or why the policy refuses: not_found if the owner took its entry,
    ///        or a part of it, out of the tree; claimed again, the range can leave.
    constexpr result<done> unplug(drained_type&& token) {
        if (!table::is_ours(token)) return fail(errc::stale);
        drained_type mine = std::move(token); // whoever is asked cannot cancel it
        const plugged_range r = at(mine.handle().slot).what;
        const hotplug_event e = leaves(r);
        const auto gone = carry_out(e, [&] {
            return take_out(r, [&](const leaving& l) {
                return release_.visit(r.zone,
                                      [&](auto& policy) { return policy.give_back(l, tree_); });
            });
        });
        if (!gone) {
            token = std::move(mine);
            return gone;
        }
        table::forget(mine);
        hooks_.after(e);
        return gone;
    }
    result<done> unplug(const closed_type&) = delete; // drain it: unplug(drain(token).value())
    result<done> unplug(drained_type&) = delete;      // give it up: unplug(std::move(token))
    /// In one step, for zones whose policy does not ask for a drained token.
    /// Fails: busy       it is referenced;
    ///        bad_state  its zone's policy does ask for one.
    template <class Zone>
    constexpr result<done> unplug(plugged<Zone> h) {
        if constexpr (Release::template drains<Zone>)
            return std::is_void_v<typename zone_must_be_drained_first<Zone>::named>, done{};
        else
            return unplug(static_cast<range_handle>(h));
    }
    constexpr result<done> unplug(range_handle h) {
        if (!is_live(h)) return fail(errc::stale);
        const bool asks =
            release_.visit(at(h.slot).what.zone, []<class P>(P&) { return drains<P>; });
        if (asks) return fail(errc::bad_state);
        auto token = table::drain(h);
        if (!token) return fail(token.error());
        return unplug(*std::move(token));
    }

    /// Takes back a plug, as if it had not been: no policy and no hook is asked, hooks hear that it
    /// is gone, and the entry in the tree that came with the range leaves.
    /// Fails: busy       it is referenced, or entries lie in its own;
    ///        misaligned as zoned_memory::remove;
    ///        bad_state  as unplug, or somebody is removing it;
    ///        no_space   others' entries would be cut;
    ///        not_found  its entry, or a part of it, is gone.
    constexpr result<done> undo_plug(range_handle h) {
        auto token = table::drain(h);
        if (!token) return fail(token.error());
        const slot& s = at(h.slot);
        const bool claimed = s.claimed;
        const hotplug_event e = leaves(s.what);
        const auto gone = [&] {
            const auto until_done = table::changing();
            return take_out(s.what, [&](const leaving& l) {
                return claimed ? release_adjustable(tree_, l.bytes, l.owner) : result<done>{done{}};
            });
        }();
        if (!gone) return gone;
        table::forget(*token);
        hooks_.after(e);
        return gone;
    }

private:
    static constexpr zone_id no_zone{Zones::size};

    /// Does what the event announces, if no hook refuses. Who is asked meanwhile, a hook or a
    /// policy, changes nothing itself.
    template <class F>
    constexpr result<done> carry_out(const hotplug_event& e, F f) {
        if (table::is_changing()) return fail(errc::bad_state);
        const auto until_done = table::changing();
        if (const veto said = hooks_.before(e)) {
            last_veto_ = said;
            return fail(errc::vetoed);
        }
        const result<done> carried_out = f();
        if (!carried_out) hooks_.undo(e);
        return carried_out;
    }

    static constexpr block_state block_of(const plug_options& how) {
        return {.node = how.node, .metadata = how.metadata};
    }
    constexpr result<done> put_in_zone(pfn_range r, const block_state& block, zone_id zone) {
        const bool device = is_device(zone);
        if (device && !block.metadata.is_zero()) return fail(errc::bad_range);
        const page_owner who{block.node, zone};
        if (device) return memory_.map_device(r, who);
        const spans before{memory_.pages_of(who.node, zone).span, memory_.node_span(who.node)};
        if (const auto added = memory_.add(r, block, zone); !added) return added;
        const auto online = memory_.online(r, zone);
        if (!online) {
            must(memory_.remove(r));
            memory_.set_spans(who, before);
        }
        return online;
    }
    static constexpr bool is_device(zone_id zone) {
        return zone != no_zone && Zones::traits_of(zone).device;
    }
    constexpr result<done> take_from_zone(const plugged_range& s) {
        if (is_device(s.zone)) return memory_.unmap_device(s.range);
        if (s.online)
            if (const auto offline = memory_.offline(s.range); !offline) return offline;
        const auto removed = memory_.remove(s.range);
        if (!removed && s.online) must(memory_.online(s.range, s.zone));
        return removed;
    }
    /// Undoes what succeeded before, in room that was there before.
    static constexpr void must(result<done> undone) {
        expects(undone.has_value(), "hotplug_map: what was done could not be undone");
    }

    /// The entry of the range in the tree; false if the owner has one already. The system's own is
    /// one that a device left to it, of exactly this range.
    constexpr result<region_id> claim(address_range bytes, const plug_options& how, zone_id zone) {
        if (const auto e = detail::busy_memory_at(tree_, bytes.start(), how.owner)) {
            const region& own = tree_[*e];
            const bool is_left = own.range == bytes && !own.flags.system_ram;
            if (how.owner == the_system ? is_left : own.range.contains(bytes)) {
                for (region_id c = tree_.first_child(*e); c; c = tree_.next(c))
                    if (tree_[c].range.overlaps(bytes)) return fail(errc::busy);
                return region_id{};
            }
        }
        const text name = is_device(zone) ? Zones::name_of(zone) : text{"System RAM"};
        return tree_.request(bytes, how.name.size != 0 ? how.name : name, how.owner,
                             is_device(zone) ? region_flags{}
                                             : region_flags{.memory = true, .system_ram = true});
    }

    template <class Add>
    constexpr result<range_handle> plug_with(pfn_range r, zone_id zone, const plug_options& how,
                                             Add add) {
        const auto bytes = bytes_of(r, memory_.geometry());
        if (!bytes) return fail(bytes.error());
        if (table::is_changing()) return fail(errc::bad_state);
        if (table::overlaps(r)) return fail(errc::overlap);
        if (how.owner == anyone || how.owner == in_quarantine) return fail(errc::bad_state);
        const auto i = table::reserve_slot();
        if (!i) return fail(i.error());
        const hotplug_event e{hotplug_change::plug, r, how.node, zone};
        bool claimed = false;
        const auto plugged = carry_out(e, [&]() -> result<done> {
            const auto entry = claim(*bytes, how, zone);
            if (!entry) return fail(entry.error());
            claimed = static_cast<bool>(*entry);
            const auto added = add();
            if (!added && claimed) must(tree_.release(*entry, how.owner));
            return added;
        });
        if (!plugged) return fail(plugged.error());
        const auto h = table::enter(*i, {r, how.node, zone, zone != no_zone, how.owner, {}});
        at(*i).claimed = claimed;
        hooks_.after(e);
        return h;
    }

    [[nodiscard]] constexpr hotplug_event leaves(const plugged_range& r) const {
        return {hotplug_change::unplug, r.range, r.node, r.online ? r.zone : no_zone};
    }
    /// Takes a range out of its zone and has it given back; if that fails, everything is as before.
    template <class GiveBack>
    constexpr result<done> take_out(const plugged_range& r, GiveBack give_back) {
        const page_owner who{r.node, r.zone};
        const auto found = memory_.blocks().find(r.range.start());
        const block_state block =
            found && !is_device(r.zone) ? found->value : block_state{.node = r.node};
        const spans before{memory_.pages_of(r.node, r.zone).span, memory_.node_span(r.node)};
        if (const auto taken = take_from_zone(r); !taken) {
            if (r.zone != no_zone) memory_.set_spans(who, before);
            return taken;
        }
        const auto given = give_back(
            leaving{r.range, *bytes_of(r.range, memory_.geometry()), r.node, r.zone, r.owner});
        if (given) return given;
        must(r.online ? put_in_zone(r.range, block, r.zone) : memory_.add(r.range, block, r.zone));
        if (r.zone != no_zone) memory_.set_spans(who, before);
        return given;
    }

    memory_type memory_;
    tree_type tree_{};
    // These do not share a place with memory_: in constant expressions GCC 12 loses one of two.
    Release release_{};
    typename policies::hooks hooks_{};
    veto last_veto_{};
};

} // namespace zonal::inline v0
