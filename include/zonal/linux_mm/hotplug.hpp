// SPDX-License-Identifier: BSL-1.0
#pragma once

// What Linux's calls do with memory: the core's steps in Linux's order, with its checks, its errnos
// and, as far as its quirks say, its warts.
//
//     hotplug<in_place<64>> linux_6_12(hotplug_rules_for({6, 12}).value(), zones::list, geometry);
//     linux_6_12.node[0].possible = true;
//     linux_6_12.add_memory(node_id{0}, phys_addr{1ull << 32}, 1 << 27);
//     linux_6_12.online(32, online_type::movable);
//     linux_6_12.remove_memory(phys_addr{1ull << 32}, 1 << 27);          // kernel_error::busy
//
// Why not in the core: the order of checks, what a refusal leaves behind and what is forgotten on
// the way are history, not rules.

#include <zonal/device/metadata.hpp>
#include <zonal/hotplug/zoned_memory.hpp>
#include <zonal/linux_mm/errno.hpp>
#include <zonal/linux_mm/hotplug_rules.hpp>
#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/linux_mm/online_policy.hpp>
#include <zonal/linux_mm/placement_4_3.hpp>
#include <zonal/resource/search.hpp>
#include <zonal/resource/tree.hpp>

namespace zonal::inline v0::linux_mm {

/// What add_memory() is told besides the range. The name outlives the memory.
struct memory_wishes {
    text name = "System RAM";
    bool driver_managed = false;     ///< the name says which driver: "System RAM (kmem)"
    bool merge = false;              ///< MHP_MERGE_RESOURCE
    bool metadata_on_memory = false; ///< MHP_MEMMAP_ON_MEMORY
    group_id group = no_group;
};

/// A Linux system as far as its memory is concerned: an online_view, with nodes, groups and settings.
/// The data is as read from the system, and no call depends on more. On failure of a call nothing
/// has changed, but for what its quirks leave behind. All can fail with no_memory: no room.
template <storage_policy Storage, unsigned MaxNodes = 8, unsigned MaxGroups = 64>
struct hotplug {
    struct node_state {
        bool possible = false, online = false, has_cpu = false;
    };

    hotplug_quirks quirks;
    resource_quirks tree_quirks;
    zoned_memory<Storage, MaxNodes> memory; ///< a block's tag is its group's id + 1; 0: no group
    resource_tree<Storage> tree;
    online_settings settings{};
    bool metadata_on_memory = false; ///< memory_hotplug.memmap_on_memory
    bool auto_online = false;        ///< auto_online_blocks, with this type
    online_type auto_online_type = online_type::online;
    node_state node[MaxNodes] = {};

    /// `addresses` is all that the processor can send.
    constexpr hotplug(const hotplug_rules& rules, const zone_list& zones,
                      const page_geometry& geometry,
                      address_range addresses = address_range::up_from({}))
        : quirks(rules.quirks), tree_quirks(rules.tree), memory(zones, geometry, rules.memory),
          tree(region{.range = addresses, .flags = {.memory = true}}) {}

    [[nodiscard]] constexpr const zone_list& zones() const noexcept { return memory.zones(); }
    [[nodiscard]] constexpr page_geometry geometry() const noexcept { return memory.geometry(); }
    [[nodiscard]] constexpr zone_pages pages_of(node_id n, zone_id z) const noexcept {
        return memory.pages_of(n, z);
    }
    [[nodiscard]] static constexpr std::uint64_t nodes() noexcept { return MaxNodes; }
    [[nodiscard]] constexpr std::uint64_t groups() const noexcept { return groups_.size(); }
    [[nodiscard]] constexpr memory_group group(group_id g) const { return groups_[g]; }
    [[nodiscard]] constexpr result<zone_id> online_zone_of(section_id s) const noexcept {
        const auto page = memory.pages().find(pfn{s.value << geometry().section_order});
        if (!page || !page->value.present) return fail(errc::not_found);
        return page->value.owner.zone;
    }

    // ---- blocks by their numbers ----

    /// Requires: it is in reach of a pfn.
    [[nodiscard]] constexpr pfn_range block(std::uint64_t number) const noexcept {
        const page_count one = geometry().pages_of(unit::memory_block);
        return {pfn{number * one.value()}, one};
    }
    /// Fails: not_found
    [[nodiscard]] constexpr result<block_state> state_of(std::uint64_t number) const noexcept {
        if (number >= geometry().index_of(memory.rules().limit, unit::memory_block))
            return fail(errc::not_found);
        const auto b = memory.blocks().find(block(number).start());
        if (!b) return fail(errc::not_found);
        return b->value;
    }
    /// What decides which zones an offline block can go to: see online_policy.hpp.
    /// Requires: there is such a block.
    [[nodiscard]] constexpr auto query(std::uint64_t number, online_type type = {}) const {
        const block_state b = *state_of(number);
        return online_query<hotplug>{*this, settings, type, b.node, block(number), group_id_of(b)};
    }
    /// The zone of an online block.
    /// Fails: not_found  shown as "none": its memory is of several zones or nodes.
    [[nodiscard]] constexpr result<zone_id> zone_of(std::uint64_t number) const {
        result<page_owner> found = fail(errc::not_found);
        for (const auto& p : memory.pages().overlapping(block(number))) {
            if (!p.value.present) continue;
            if (found && p.value.owner != *found) return fail(errc::not_found);
            found = p.value.owner;
        }
        if (!found) return fail(errc::not_found);
        return found->zone;
    }

    // ---- groups ----

    /// The one that a block belongs to, or null.
    [[nodiscard]] constexpr memory_group* group_of(const block_state& b) {
        return group_id_of(b) == no_group ? nullptr : &groups_[group_id_of(b)];
    }
    /// Fails: as memory_groups::add; invalid  its node is not possible.
    constexpr result<group_id, kernel_error> add_group(const memory_group& g) {
        if (g.node.value >= MaxNodes || !node[g.node.value].possible)
            return fail(kernel_error::invalid);
        return groups_.add(g, geometry().pages_of(unit::memory_block));
    }
    /// Fails: as memory_groups::remove.
    constexpr answer remove_group(group_id g) { return groups_.remove(g); }

    // ---- calls ----

    /// Fails: invalid  a driver's name of no such form; not in whole blocks; an impossible node; no
    ///                 such group;
    ///        too_big  no bytes, or beyond what is mapped;
    ///        exists   a busy entry, or a section, is there.
    /// Models: mm/memory_hotplug.c __add_memory(), add_memory_driver_managed().
    constexpr answer add_memory(node_id on, phys_addr start, std::uint64_t bytes,
                                const memory_wishes& how = {}) {
        const bool is_driver =
            how.name.starts_with("System RAM (") && how.name[how.name.size - 1] == ')';
        if (how.driver_managed && !is_driver) return fail(kernel_error::invalid);
        const auto range = address_range::make(start, bytes);
        if (!range || !is_in_reach(*range)) return fail(kernel_error::too_big);
        const auto entry = tree.request(*range, how.name, the_system,
                                        {.system_ram = true, .driver_managed = how.driver_managed});
        if (!entry)
            return fail(entry.error() == errc::no_space ? kernel_error::no_memory
                                                        : kernel_error::exists);
        if (const auto added = add_blocks(on, *range, how); !added) {
            static_cast<void>(tree.release(*entry));
            return added;
        }
        if (how.merge) static_cast<void>(merge(tree, *entry, the_system, tree_quirks));
        if (auto_online)
            for_each_block(
                *range, [&](std::uint64_t b) { static_cast<void>(online(b, auto_online_type)); });
        return done{};
    }

    /// Fails: no_entry  no such block;
    ///        invalid   it is online, or not at the edge that it would cross (4.3).
    /// Models: drivers/base/memory.c memory_block_online(), mm/memory_hotplug.c online_pages().
    constexpr answer online(std::uint64_t number, online_type type) {
        const auto b = state_of(number);
        if (!b) return fail(kernel_error::no_entry);
        if (b->online) return fail(kernel_error::invalid);
        const auto move = where_to(number, b->node, type);
        if (!move) return fail(kernel_error::invalid);
        const pfn_range node_span = memory.node_span(b->node);
        if (const auto ok = memory.online(block(number), move->zone); !ok)
            return refused(ok.error());
        if (memory.rules().zone_when_added) {
            const zone_id high = *zones().find(movable::name), below{high.value - 1};
            memory.set_spans({b->node, below}, {move->below, node_span});
            memory.set_spans({b->node, high}, {move->movable, node_span});
        }
        if (memory_group* g = group_of(*b))
            g->online(block(number).size(), zones()[move->zone].traits.movable);
        return done{};
    }
    /// That pages cannot be moved away is outside of this model.
    /// Fails: no_entry  no such block;
    ///        invalid   it is offline, has holes or several zones, or not all of it is in the tree.
    /// Models: memory_block_offline(), offline_pages().
    constexpr answer offline(std::uint64_t number) {
        const auto b = state_of(number);
        if (!b) return fail(kernel_error::no_entry);
        const auto zone = zone_of(number);
        page_count ram;
        for_each_match(tree, *bytes_of(block(number), geometry()), system_ram,
                       [&](address_range part, region_id) {
                           ram += whole_pages_in(part, geometry())->size();
                           return true;
                       });
        if (!zone || ram != block(number).size()) return fail(kernel_error::invalid);
        if (const auto ok = memory.offline(block(number)); !ok) return refused(ok.error());
        if (memory_group* g = group_of(*b))
            g->offline(block(number).size(), zones()[*zone].traits.movable);
        return done{};
    }

    /// What was never added is removed without complaint. The tree's entry stays if the range has
    /// several (as quirk of the tree).
    /// Fails: kernel_bug  no bytes, or not in whole blocks (as quirk; else invalid);
    ///        busy        a block is online;
    ///        invalid     several blocks that keep their own page words (as quirk).
    /// Models: mm/memory_hotplug.c try_remove_memory().
    constexpr answer remove_memory(phys_addr start, std::uint64_t bytes) {
        const auto range = address_range::make(start, bytes);
        const auto pages = whole_blocks(range);
        if (!pages)
            return fail(quirks.misaligned_removal_is_bug ? kernel_error::kernel_bug
                                                         : kernel_error::invalid);
        const page_count one = geometry().pages_of(unit::memory_block);
        bool together = true;
        for (const auto& b : memory.blocks().overlapping(*pages)) {
            if (b.value.online) return fail(kernel_error::busy);
            together = together && (b.value.metadata.is_zero() || pages->size() == one);
        }
        if (!together && quirks.metadata_for_one_block_only) return fail(kernel_error::invalid);
        const auto entry =
            zonal::detail::busy_memory_at(tree, range->start(), acting(the_system, tree_quirks));
        const bool cuts = entry && tree[*entry].range.start() < range->start() &&
                          range->last() < tree[*entry].range.last();
        if (cuts && !tree.make_room()) return fail(kernel_error::no_memory);
        while (memory.blocks().overlaps(*pages)) {
            const auto b = *memory.blocks().overlapping(*pages).begin();
            const pfn_range part = b.range.intersection(*pages);
            if (const auto ok = memory.remove(part); !ok) return refused(ok.error());
            if (memory_group* g = group_of(b.value)) g->blocks -= blocks_in(part);
            stop_node(b.value.node);
        }
        static_cast<void>(memory.remove_sections(*pages)); // what a refusal left behind
        static_cast<void>(release_adjustable(tree, *range, the_system, tree_quirks));
        return done{};
    }

    // ---- for those that build on it ----

    /// Fails: as `range` did; misaligned
    [[nodiscard]] constexpr result<pfn_range> whole_blocks(result<address_range> range) const {
        if (!range) return fail(range.error());
        const auto pages = whole_pages_in(*range, geometry());
        if (!pages || bytes_of(*pages, geometry()) != range ||
            !geometry().is_aligned(*pages, unit::memory_block))
            return fail(errc::misaligned);
        return pages;
    }
    /// f(number), for each block that the range has addresses of.
    template <class F>
    constexpr void for_each_block(address_range r, F f) const {
        const auto number = [&](phys_addr a) {
            return geometry().index_of(*geometry().pfn_of(a), unit::memory_block);
        };
        for (auto b = number(r.start()); b <= number(r.last()); ++b) f(b);
    }
    [[nodiscard]] constexpr bool is_in_reach(address_range r) const {
        return *geometry().pfn_of(r.last()) < memory.rules().limit;
    }
    [[nodiscard]] static constexpr failure<kernel_error> refused(errc e) noexcept {
        return fail(static_cast<kernel_error>(errno_of(e)));
    }
    /// The pages that the page words of so many pages take, at 64 bytes each.
    [[nodiscard]] constexpr page_count words_of(page_count pages) const {
        return words_take(pages, 64, geometry());
    }
    /// The wart of a range that was taken section by section, until one of them was there.
    constexpr void leave_sections(pfn_range pages, errc why) {
        if (!quirks.refusal_leaves_sections || why != errc::exists) return;
        const pfn_range taken = *memory.sections().existing().overlapping(pages).begin();
        const pfn end = geometry().align_down(taken.start(), unit::section);
        if (pages.start() < end) static_cast<void>(memory.add_sections({pages.start(), end}));
    }

private:
    [[nodiscard]] static constexpr group_id group_id_of(const block_state& b) noexcept {
        return {std::uint64_t{b.tag} - 1};
    }
    [[nodiscard]] constexpr unsigned blocks_in(pfn_range r) const {
        return static_cast<unsigned>(r.size().value() >> geometry().memory_block_order);
    }

    /// Where memory has its zone already, onlining moves a border; else only the zone is chosen.
    constexpr result<online_move> where_to(std::uint64_t number, node_id on,
                                           online_type type) const {
        if (memory.rules().zone_when_added)
            return online_4_3(hot_add{memory, on, block(number)},
                              memory.owner_of(block(number).start())->zone, type, true);
        return online_move{zone_for_pfn_range(query(number, type)), {}, {}};
    }
    constexpr answer add_blocks(node_id on, address_range range, const memory_wishes& how) {
        const auto pages = whole_blocks(range);
        if (!pages || on.value >= MaxNodes || !node[on.value].possible ||
            (how.group != no_group && !groups_.has(how.group)))
            return fail(kernel_error::invalid);
        start_node(on);
        zone_id zone;
        if (memory.rules().zone_when_added)
            zone = zone_for_memory(
                hot_add{memory, on, *pages, false, zones().find(normal::name).value()});
        const page_count one = geometry().pages_of(unit::memory_block);
        const bool own = metadata_on_memory && how.metadata_on_memory &&
                         (!quirks.metadata_for_one_block_only || pages->size() == one);
        const auto added = memory.add(*pages,
                                      {.node = on,
                                       .metadata = own ? words_of(one) : page_count{},
                                       .tag = static_cast<std::uint32_t>(how.group.value + 1)},
                                      zone);
        if (!added) {
            leave_sections(*pages, added.error());
            return refused(added.error());
        }
        if (how.group != no_group) groups_[how.group].blocks += blocks_in(*pages);
        node[on.value].online = true;
        return done{};
    }

    constexpr void start_node(node_id n) {
        if (node[n.value].online || !quirks.new_node_starts_at_zero) return;
        const pfn_range from_zero{pfn{}, memory.node_span(n).size()};
        memory.set_spans({n, {}}, {memory.pages_of(n, {}).span, from_zero});
    }
    /// Models: mm/memory_hotplug.c try_offline_node().
    constexpr void stop_node(node_id n) {
        if (!memory.node_span(n).empty() || node[n.value].has_cpu) return;
        for (const auto& b : memory.blocks())
            if (b.value.node == n) return;
        node[n.value].online = false;
    }

    memory_groups<MaxGroups> groups_;
};

} // namespace zonal::inline v0::linux_mm
