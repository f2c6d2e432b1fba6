// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory blocks that belong together: a DIMM, which leaves as a whole (static), or a device that
// hands out units (dynamic). The auto-movable policy decides for a group as one.

#include <zonal/core/bounded_list.hpp>
#include <zonal/core/ids.hpp>
#include <zonal/core/pfn.hpp>
#include <zonal/linux_mm/errno.hpp>

namespace zonal::inline v0::linux_mm {

/// Models: include/linux/memory.h struct memory_group.
struct memory_group {
    node_id node{};
    bool is_dynamic = false;
    page_count pages{};   ///< static: of the whole device; dynamic: of one unit
    page_count kernel{};  ///< present in kernel zones
    page_count movable{}; ///< present in the movable zone
    unsigned blocks = 0;

    /// Counts n pages that went online.
    /// Models: mm/memory_hotplug.c adjust_present_page_count(), the group's part.
    constexpr void online(page_count n, bool to_movable) { (to_movable ? movable : kernel) += n; }
    /// Requires: as many are present.
    constexpr void offline(page_count n, bool from_movable) {
        (from_movable ? movable : kernel) -= n;
    }
};

/// Position of a group in its view.
struct group_id {
    std::uint64_t value = 0;
    friend constexpr bool operator==(group_id, group_id) = default;
};
inline constexpr group_id no_group{~std::uint64_t{0}};

/// Groups by their ids; the id of one that was removed is given again.
template <unsigned Max>
class memory_groups {
public:
    /// How many ids were given at most; one that was removed reads as a group without pages.
    [[nodiscard]] constexpr unsigned size() const noexcept { return list_.size; }
    [[nodiscard]] constexpr bool has(group_id g) const {
        return g.value < size() && !(*this)[g].pages.is_zero();
    }
    /// Requires: g is below size().
    [[nodiscard]] constexpr memory_group& operator[](group_id g) {
        expects(g.value < size(), "memory_groups: no such group");
        return list_.items[g.value];
    }
    [[nodiscard]] constexpr const memory_group& operator[](group_id g) const {
        expects(g.value < size(), "memory_groups: no such group");
        return list_.items[g.value];
    }

    /// Fails: invalid    static without pages; dynamic with a unit that is smaller than a block, or
    ///                   no power of two;
    ///        no_memory  there are Max.
    /// Models: drivers/base/memory.c memory_group_register_static() and _dynamic().
    constexpr result<group_id, kernel_error> add(const memory_group& g, page_count block) {
        const std::uint64_t pages = g.pages.value();
        const bool is_unit = g.pages >= block && (pages & (pages - 1)) == 0;
        if (!(g.is_dynamic ? is_unit : pages != 0)) return fail(kernel_error::invalid);
        group_id id{};
        while (has(id)) ++id.value;
        if (id.value == size() && !list_.add({})) return fail(kernel_error::no_memory);
        (*this)[id] = {g.node, g.is_dynamic, g.pages}; // its counts begin
        return id;
    }
    /// Fails: invalid  there is none; busy  it has blocks.
    /// Models: memory_group_unregister().
    constexpr answer remove(group_id g) {
        if (!has(g)) return fail(kernel_error::invalid);
        if ((*this)[g].blocks != 0) return fail(kernel_error::busy);
        (*this)[g] = {};
        return done{};
    }

private:
    bounded_list<memory_group, Max> list_; // free where its pages are zero
};

} // namespace zonal::inline v0::linux_mm
