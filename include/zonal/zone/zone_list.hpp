// SPDX-License-Identifier: BSL-1.0
#pragma once

// An ordered list of zones as a value: what every algorithm of the library works on.
//
// `zone_set<...>` names such a list in the type system and checks it; a program that has just read
// a `.config` makes one at run time. Both go through the same functions.

#include <zonal/core/ids.hpp>
#include <zonal/core/result.hpp>
#include <zonal/zone/traits.hpp>

namespace zonal::inline v0 {

/// Room for the zones of one set; a page word rarely spares more than four bits for them.
inline constexpr unsigned max_zones = 16;

struct zone_info {
    text name;
    zone_traits traits;
};

/// What is wrong with a list, if anything.
enum class zone_list_fault : unsigned char {
    none,
    empty,
    unnamed,            ///< a zone without a name
    duplicate,          ///< two zones of one name
    out_of_order,       ///< a zone stands before one that it must follow (zone_traits::rank)
    allocatable_device, ///< requests could be served from a driver's memory
};

/// Zones in ascending order of their ids.
struct zone_list {
    zone_info zones[max_zones] = {};
    unsigned size = 0;

    /// Fails: no_space  the list is full.
    constexpr result<zone_id> add(zone_info z) noexcept {
        if (size == max_zones) return fail(errc::no_space);
        zones[size] = z;
        return zone_id{size++};
    }

    [[nodiscard]] constexpr const zone_info* begin() const noexcept { return zones; }
    [[nodiscard]] constexpr const zone_info* end() const noexcept { return zones + size; }
    [[nodiscard]] constexpr bool contains(zone_id id) const noexcept { return id.value < size; }

    /// Requires: contains(id).
    [[nodiscard]] constexpr const zone_info& operator[](zone_id id) const {
        expects(contains(id), "zone_list: no zone of that id");
        return zones[id.value];
    }
    /// Fails: not_found  no zone of that name.
    [[nodiscard]] constexpr result<zone_id> find(text name) const noexcept {
        for (unsigned i = 0; i < size; ++i)
            if (zones[i].name == name) return zone_id{i};
        return fail(errc::not_found);
    }

    struct finding {
        zone_list_fault fault = zone_list_fault::none;
        unsigned first = 0;  ///< the zone at fault
        unsigned second = 0; ///< the zone it collides with
    };
    /// The first thing that is wrong with this list.
    [[nodiscard]] constexpr finding check() const noexcept {
        if (size == 0) return {zone_list_fault::empty};
        for (unsigned i = 0; i < size; ++i) {
            const zone_info& z = zones[i];
            if (z.name.empty()) return {zone_list_fault::unnamed, i, i};
            if (z.traits.device && z.traits.allocatable)
                return {zone_list_fault::allocatable_device, i, i};
            for (unsigned j = 0; j < i; ++j)
                if (zones[j].name == z.name) return {zone_list_fault::duplicate, i, j};
            if (i > 0 && z.traits.rank() < zones[i - 1].traits.rank())
                return {zone_list_fault::out_of_order, i, i - 1};
        }
        return {};
    }
};

} // namespace zonal::inline v0
