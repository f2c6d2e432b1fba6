// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory that exists: in sections, blocks, nodes and zones.
//
//     zoned_memory<in_place<8>> memory(zones::list, geometry);
//     memory.boot(low, {node_id{0}, zones::id_of<normal>});          // there from the beginning
//     memory.add(dimm, {node_id{0}});                                // exists, is not used
//     memory.online(dimm, zones::id_of<movable>);                    // present in a zone
//     memory.offline(dimm);
//     memory.remove(dimm);
//     memory.map_device(pmem, {node_id{0}, zones::id_of<device>});   // has page words, is no memory
//
// System memory comes in whole blocks, which are offline or online; device memory in smaller units
// that are neither. Which zone a block goes to is the caller's choice (placement/). Handles,
// references and what happens to a range that has left are another container's matter.

#include <zonal/hotplug/page_owners.hpp>
#include <zonal/hotplug/section_map.hpp>
#include <zonal/hotplug/zone_accounts.hpp>

namespace zonal::inline v0 {

/// What is so of a section as a whole.
struct section_state {
    bool online = false;
    bool early = false; ///< there since boot
    /// A device has, or had, a part of it: whether a page is online must be asked of the page.
    bool tainted = false;
    friend constexpr bool operator==(section_state, section_state) = default;
};

/// What all pages of a memory block have in common.
struct block_state {
    node_id node;
    bool online = false;
    bool early = false;    ///< there since boot
    page_count metadata{}; ///< its first pages: they keep the page words of the block itself
    std::uint32_t tag = 0; ///< the caller's own: of which device, of which group
    friend constexpr bool operator==(const block_state&, const block_state&) = default;
};

/// What is there since boot.
enum class early_memory : unsigned char {
    present,
    holes, ///< the pages are none, but their words say the owner as if they were
};

/// Sections, blocks and pages, and what nodes and zones have of them. A page_view.
///
/// A page has one owner or none; a zone spans what it owns, and its present pages are the present
/// ones of these. A section exists where a subsection does; a block's sections all do, except that
/// one of the boot may have holes. Pages of offline blocks have an owner only by
/// memory_rules::zone_when_added.
/// On failure of a call nothing has changed. no_space: a map might need more ranges than it has
/// room for; growing calls say so before the last range is taken, shrinking ones only if it is.
/// Every call that takes a range fails with bad_range if that is empty, with out_of_reach if it, the
/// node or the zone is beyond what there can be, and with misaligned if it is not in whole units.
/// Models: mm/memory_hotplug.c, drivers/base/memory.c.
template <storage_policy Storage, unsigned MaxNodes = 8, back_end_policy BackEnd = sorted_array>
class zoned_memory : zone_accounts<MaxNodes> {
    using accounts = zone_accounts<MaxNodes>;

public:
    using section_sets = section_map<Storage, BackEnd>;
    using block_map = pfn_range_map<block_state, Storage, BackEnd>;
    using page_map = pfn_range_map<page_state, Storage, BackEnd>;
    static constexpr unsigned max_nodes = MaxNodes;

    /// Requires: the list and the geometry are valid.
    constexpr zoned_memory(const zone_list& list, const page_geometry& geometry,
                           const memory_rules& rules = {})
        : accounts(list), rules_(rules), sections_(geometry) {}
    /// From what the storage policy is made of, for each map: tainted sections, subsections,
    /// blocks, pages.
    template <class T, class S, class B, class P>
    constexpr zoned_memory(const zone_list& list, const page_geometry& geometry,
                           const memory_rules& rules, T&& tainted, S&& subsections, B&& blocks,
                           P&& pages)
        : accounts(list), rules_(rules),
          sections_(geometry, std::forward<T>(tainted), std::forward<S>(subsections)),
          blocks_(std::forward<B>(blocks)), pages_(std::forward<P>(pages)) {}

    // ---- what there is ----

    using accounts::zones, accounts::pages_of, accounts::node_span, accounts::present_in;
    [[nodiscard]] constexpr const page_geometry& geometry() const noexcept {
        return sections_.geometry();
    }
    [[nodiscard]] constexpr const memory_rules& rules() const noexcept { return rules_; }
    [[nodiscard]] constexpr const section_sets& sections() const noexcept { return sections_; }
    [[nodiscard]] constexpr const block_map& blocks() const noexcept { return blocks_; }
    [[nodiscard]] constexpr const page_map& pages() const noexcept { return pages_; }

    /// The section that a page lies in: online and early as its block, unless a device alone has
    /// what there is of it.
    /// Fails: not_found  no part of it exists.
    [[nodiscard]] constexpr result<section_state> section_of(pfn p) const noexcept {
        const pfn_range section = geometry().align_out({p, page_count{1}}, unit::section);
        if (!sections_.existing().overlaps(section)) return fail(errc::not_found);
        section_state is{.tainted = sections_.tainted().contains(p)};
        const auto b = blocks_.find(p);
        if (!b) return is;
        bool is_of_block = !b->value.online || !b->value.early; // then it has all of its pages
        for (const auto& e : pages_.overlapping(section))
            is_of_block = is_of_block || !is_device(e.value.owner.zone);
        is.online = is_of_block && b->value.online;
        is.early = is_of_block && b->value.early;
        return is;
    }
    /// Fails: not_found  no node and zone own the page.
    [[nodiscard]] constexpr result<page_owner> owner_of(pfn p) const noexcept {
        const auto e = pages_.find(p);
        if (!e) return fail(errc::not_found);
        return e->value.owner;
    }
    /// The present pages of an owner that keep the page words of their own block: nobody can
    /// allocate them.
    /// Cost: O(blocks' ranges * pages' ranges in them).
    [[nodiscard]] constexpr page_count metadata_of(page_owner who) const {
        page_count sum;
        const page_count block = geometry().pages_of(unit::memory_block);
        for (const auto& b : blocks_) {
            if (!b.value.online || b.value.metadata.is_zero()) continue;
            for (const auto& p : pages_.overlapping(b.range))
                if (p.value.owner == who)
                    sum += page_count{p.range.intersection(b.range).size().value() / block.value() *
                                      b.value.metadata.value()};
        }
        return sum;
    }

    [[nodiscard]] constexpr result<pfn> first_in(pfn_range in, page_count step,
                                                 page_owner who) const {
        return owned_in(pages_, in, step, who);
    }
    [[nodiscard]] constexpr result<pfn> last_in(pfn_range in, page_count step,
                                                page_owner who) const {
        return owned_in(pages_, in, step, who, true);
    }

    // ---- at boot ----

    /// Memory that is there already: its pages, and with them their subsections and blocks. A block
    /// of several nodes counts for the highest.
    /// Fails: exists     pages have an owner;
    ///        bad_state  a block was added later, or is offline, or it is a device zone.
    constexpr result<done> boot(pfn_range r, page_owner who, early_memory what = {}) {
        if (const auto bad = check(r, unit::page, who); !bad) return bad;
        if (is_device(who.zone)) return fail(errc::bad_state);
        const pfn_range blocks = geometry().align_out(r, unit::memory_block);
        if (pages_.overlaps(r)) return fail(errc::exists);
        for (const auto& b : blocks_.overlapping(blocks))
            if (!b.value.early || !b.value.online) return fail(errc::bad_state);
        const bool present = what == early_memory::present;
        const block_state block{.node = who.node, .online = true, .early = true};
        const auto highest =
            overlap::combine([present](const block_state& a, const block_state& b) {
                return a.node < b.node && present ? b : a;
            });
        const page_state page{who, present};
        if (!blocks_.reserve_insert(blocks, block, highest) || !pages_.reserve_insert(r, page) ||
            !sections_.insert(geometry().align_out(r, unit::subsection)))
            return fail(errc::no_space);
        certain(blocks_.insert(blocks, block, highest));
        certain(pages_.insert(r, page));
        accounts::grow(who, r);
        if (present) (*this)[who].online(r.size(), true);
        return done{};
    }
    /// What a zone and its node span, where that is more than their pages: firmware may say so.
    using accounts::set_spans;

    // ---- system memory ----

    /// Page words that no block and no owner has yet: the first half of `add` and `map_device`.
    /// Fails: exists  a subsection does.
    constexpr result<done> add_sections(pfn_range r) {
        if (const auto bad = check(r, unit::subsection); !bad) return bad;
        if (sections_.existing().overlaps(r)) return fail(errc::exists);
        if (!sections_.insert(r)) return fail(errc::no_space);
        return done{};
    }
    /// Takes away those subsections of r that exist; nobody has them.
    /// Fails: busy  a block or an owner has some.
    constexpr result<done> remove_sections(pfn_range r) {
        if (const auto bad = check(r, unit::subsection); !bad) return bad;
        if (blocks_.overlaps(r) || pages_.overlaps(r)) return fail(errc::busy);
        if (!sections_.room_to_erase(r)) return fail(errc::no_space);
        sections_.erase(r);
        return done{};
    }

    /// Adds memory in whole blocks, offline whatever `block` says. Its zone matters only with
    /// zone_when_added.
    /// Fails: exists     a subsection does;
    ///        bad_range  a block has not so many pages for metadata;
    ///        bad_state  with zone_when_added, it is a device zone.
    /// Models: add_memory(), arch_add_memory(), create_memory_block_devices().
    constexpr result<done> add(pfn_range r, block_state block, zone_id zone = {}) {
        block.online = false;
        const page_owner who{block.node, rules_.zone_when_added ? zone : zone_id{}};
        if (const auto bad = check(r, unit::memory_block, who); !bad) return bad;
        if (rules_.zone_when_added && is_device(zone)) return fail(errc::bad_state);
        if (geometry().pages_of(unit::memory_block) < block.metadata) return fail(errc::bad_range);
        if (sections_.existing().overlaps(r) || blocks_.overlaps(r)) return fail(errc::exists);
        if (!blocks_.reserve_insert(r, block) ||
            (rules_.zone_when_added && !pages_.reserve_insert(r, page_state{who})) ||
            !sections_.insert(r))
            return fail(errc::no_space);
        certain(blocks_.insert(r, block));
        if (rules_.zone_when_added) take(r, who);
        return done{};
    }
    /// Puts offline blocks of one node into a zone of it; from there, its pages can be allocated.
    /// With zone_when_added this can be another zone than so far, which they then leave.
    /// Fails: not_found  there are no such blocks;
    ///        bad_state  one is online, they are of several nodes, or it is a device zone.
    constexpr result<done> online(pfn_range r, zone_id zone) {
        if (const auto bad = check_blocks(r, false, zone); !bad) return bad;
        const page_owner who{blocks_.find(r.start())->value.node, zone};
        for (const auto& b : blocks_.overlapping(r))
            if (b.value.node != who.node) return fail(errc::bad_state);
        bool moves = false;
        for (const auto& p : pages_.overlapping(r)) moves = moves || p.value.owner != who;
        if (!blocks_.reserve_update(r, setting(true)) ||
            !pages_.reserve_insert(r, page_state{who, true}) ||
            (moves && !pages_.reserve(pages_.size() + 2)))
            return fail(errc::no_space);
        leave(r, who);
        accounts::grow(who, r);
        for (const auto& b : blocks_.overlapping(r))
            (*this)[who].online(b.range.intersection(r).size(), b.value.early);
        certain(pages_.insert(r, page_state{who, true}, overlap::replace));
        certain(blocks_.update(r, setting(true)));
        return done{};
    }
    /// Takes blocks out of use.
    /// Fails: not_found  there are no such blocks; bad_state  one is offline or has holes.
    constexpr result<done> offline(pfn_range r) {
        if (const auto bad = check_blocks(r, true, {}); !bad) return bad;
        for (const auto& e : pages_.overlapping(r))
            if (!e.value.present) return fail(errc::bad_state);
        if (!pages_.contains(r)) return fail(errc::bad_state);
        const auto absent = [](page_state p) { return page_state{p.owner}; };
        if (!blocks_.reserve_update(r, setting(false)) ||
            !(rules_.zone_when_added ? pages_.reserve_update(r, absent).has_value()
                                     : room_to_leave(r)))
            return fail(errc::no_space);
        certain(blocks_.update(r, setting(false)));
        for (const auto& b : blocks_.overlapping(r))
            for (const auto& p : pages_.overlapping(b.range.intersection(r)))
                (*this)[p.value.owner].offline(p.range.intersection(b.range).intersection(r).size(),
                                               b.value.early);
        if (rules_.zone_when_added)
            certain(pages_.update(r, absent));
        else
            leave(r);
        return done{};
    }
    /// Fails: not_found  there are no such blocks; busy  one is online.
    constexpr result<done> remove(pfn_range r) {
        if (const auto bad = check_blocks(r, false, {}); !bad)
            return bad == fail(errc::bad_state) ? result<done>(fail(errc::busy)) : bad;
        if (!sections_.room_to_erase(r) || !blocks_.reserve_erase(r) || !room_to_leave(r))
            return fail(errc::no_space);
        leave(r);
        certain(blocks_.erase(r));
        sections_.erase(r);
        return done{};
    }

    // ---- device memory ----

    /// Gives a driver's pages words of a device zone; sections can be shared with other memory.
    /// Fails: exists  a subsection does; bad_state  it is no device zone.
    /// Models: mm/memremap.c pagemap_range(), move_pfn_range_to_zone().
    constexpr result<done> map_device(pfn_range r, page_owner who) {
        if (const auto bad = check(r, rules_.device_unit, who); !bad) return bad;
        if (!is_device(who.zone)) return fail(errc::bad_state);
        if (sections_.existing().overlaps(r)) return fail(errc::exists);
        if (!pages_.reserve_insert(r, page_state{who}) || !sections_.insert(r, true))
            return fail(errc::no_space);
        take(r, who);
        return done{};
    }
    /// Fails: not_found  a page is no device's.
    constexpr result<done> unmap_device(pfn_range r) {
        if (const auto bad = check(r, rules_.device_unit); !bad) return bad;
        for (const auto& e : pages_.overlapping(r))
            if (!is_device(e.value.owner.zone)) return fail(errc::not_found);
        if (!pages_.contains(r)) return fail(errc::not_found);
        if (!sections_.room_to_erase(r) || !room_to_leave(r)) return fail(errc::no_space);
        leave(r);
        sections_.erase(r);
        return done{};
    }

private:
    [[nodiscard]] constexpr bool is_device(zone_id z) const { return zones()[z].traits.device; }
    static constexpr void certain(const auto& changed) {
        expects(changed.has_value(), "zoned_memory: no room was made");
    }

    constexpr result<done> check(pfn_range r, unit u, page_owner who = {{}, {}}) const {
        if (r.empty()) return fail(errc::bad_range);
        if (rules_.limit < r.end() || !accounts::contains(who)) return fail(errc::out_of_reach);
        if (!geometry().is_aligned(r, u)) return fail(errc::misaligned);
        return done{};
    }
    constexpr result<done> check_blocks(pfn_range r, bool online, zone_id zone) const {
        if (const auto bad = check(r, unit::memory_block, {{}, zone}); !bad) return bad;
        if (!blocks_.contains(r)) return fail(errc::not_found);
        for (const auto& b : blocks_.overlapping(r))
            if (b.value.online != online) return fail(errc::bad_state);
        if (is_device(zone)) return fail(errc::bad_state);
        return done{};
    }
    /// Room for the pages of r to leave their owners: piece by piece where leftovers are searched.
    constexpr bool room_to_leave(pfn_range r) {
        const auto first = pages_.find(r.start());
        const bool cuts =
            rules_.shrink.rescans_for_leftovers && first && first->range.start() < r.start();
        return pages_.reserve_erase(r) && (!cuts || pages_.reserve(pages_.size() + 1));
    }
    static constexpr auto setting(bool online) {
        return [online](block_state b) {
            b.online = online;
            return b;
        };
    }
    /// Gives pages that nobody has to an owner; they are not present.
    constexpr void take(pfn_range r, page_owner who) {
        certain(pages_.insert(r, page_state{who}));
        accounts::grow(who, r);
    }
    /// Takes pages from their owners, but for one that keeps its own. A search for leftovers takes
    /// them one unit after the other, and they are still there while it looks.
    constexpr void leave(pfn_range r, page_owner but = {}) {
        const shrink_rules& rules = rules_.shrink;
        for (;;) {
            const auto left = pages_.overlapping(r);
            if (left.empty()) return;
            const auto e = *left.begin();
            pfn_range part = e.range.intersection(r);
            if (rules.rescans_for_leftovers)
                part = part.intersection({geometry().align_down(part.start(), rules.step),
                                          geometry().pages_of(rules.step)});
            r = {part.end(), r.end()};
            if (e.value.owner == but) continue;
            const spans now = shrunk(*this, e.value.owner, part, rules);
            certain(pages_.erase(part));
            set_spans(e.value.owner, now);
        }
    }

    memory_rules rules_;
    section_sets sections_;
    block_map blocks_;
    page_map pages_;
};

} // namespace zonal::inline v0
