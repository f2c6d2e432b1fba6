// SPDX-License-Identifier: BSL-1.0
#pragma once

// A Linux system as far as its memory is concerned: the core's memory and resource tree, nodes,
// groups and settings. What decides about zones asks it; hotplug.hpp changes it.

#include <zonal/core/bounded_list.hpp>
#include <zonal/hotplug/zoned_memory.hpp>
#include <zonal/linux_mm/hotplug_rules.hpp>
#include <zonal/linux_mm/online_policy.hpp>
#include <zonal/resource/tree.hpp>

namespace zonal::inline v0::linux_mm {

/// An online_view. The data is as read from the system, and no call depends on more.
template <storage_policy Storage, unsigned MaxNodes = 8, unsigned MaxGroups = 64>
struct hotplug_system {
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
    bounded_list<memory_group, MaxGroups> group_list; ///< free where its pages are zero

    /// `addresses` is all that the processor can send.
    constexpr hotplug_system(const hotplug_rules& rules, const zone_list& zones,
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
    [[nodiscard]] constexpr std::uint64_t groups() const noexcept { return group_list.size; }
    [[nodiscard]] constexpr memory_group group(group_id g) const {
        return group_list[static_cast<unsigned>(g.value)];
    }
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
        const group_id g = b.tag == 0 ? no_group : group_id{b.tag - 1};
        return online_query<hotplug_system>{*this, settings, type, b.node, block(number), g};
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
    [[nodiscard]] constexpr memory_group* group_of(const block_state& b) noexcept {
        return b.tag == 0 ? nullptr : &group_list.items[b.tag - 1];
    }
    /// Fails: invalid    as check_registration refuses;
    ///        no_memory  there are MaxGroups.
    constexpr result<group_id, kernel_error> add_group(const memory_group& g) {
        const bool possible = g.node.value < MaxNodes && node[g.node.value].possible;
        if (!check_registration(g, possible, geometry())) return fail(kernel_error::invalid);
        unsigned i = 0;
        while (i < group_list.size && !group_list[i].pages.is_zero()) ++i;
        if (i == group_list.size && !group_list.add({})) return fail(kernel_error::no_memory);
        group_list.items[i] = g;
        return group_id{i};
    }
    [[nodiscard]] constexpr bool has_group(group_id g) const noexcept {
        return g.value < group_list.size && !group(g).pages.is_zero();
    }
    /// Fails: invalid  there is none; busy  it has blocks.
    constexpr answer remove_group(group_id g) {
        if (!has_group(g)) return fail(kernel_error::invalid);
        memory_group& group = group_list.items[g.value];
        if (!check_unregistration(&group)) return fail(kernel_error::busy);
        group = {};
        return done{};
    }
};

} // namespace zonal::inline v0::linux_mm
