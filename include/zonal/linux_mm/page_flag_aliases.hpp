// SPDX-License-Identifier: BSL-1.0
#pragma once

// Second names of page flags: the same bit means something else for a page of another kind.
//
// A kernel never prints them; they are what its code tests for. Kept apart from page_flags.hpp,
// because neither the page word nor a decoder needs them.

#include <zonal/linux_mm/page_flags.hpp>

namespace zonal::linux_mm {

struct page_flag_alias_row {
    text name;
    text of; ///< the flag whose bit it borrows
    validity when = ever;
    condition on = condition::always;
};

/// Models: include/linux/page-flags.h enum pageflags, after __NR_PAGEFLAGS.
inline constexpr page_flag_alias_row page_flag_alias_rows[] = {
    {"readahead", "reclaim", since({5, 16})},
    {"anon_exclusive", "mappedtodisk", {{5, 19}, {6, 12}}},
    {"anon_exclusive", "owner_2", since({6, 12})},
    {"mappedtodisk", "owner_2", since({6, 12})},
    {"checked", "owner_priv_1"},
    {"swapcache", "owner_priv_1", since({4, 10})},
    {"fscache", "private_2"},
    {"pinned", "owner_priv_1"},
    {"savepinned", "dirty"},
    {"foreign", "owner_priv_1"},
    {"xen_remapped", "owner_priv_1", since({5, 3})},
    {"slob_free", "private", until({6, 4})},
    {"double_map", "private_2", {{4, 5}, {5, 9}}},
    {"double_map", "workingset", {{5, 9}, {6, 2}}},
    {"isolated", "reclaim", {{4, 8}, {6, 17}}},
    {"movable_ops_isolated", "reclaim", since({6, 17})},
    {"movable_ops", "uptodate", since({6, 17})},
    {"reported", "uptodate", since({5, 7})},
    {"vmemmap_self_hosted", "owner_priv_1", since({6, 0}), condition::memory_hotplug},
    {"has_hwpoisoned", "mappedtodisk", {{5, 15}, {5, 19}}, condition::memory_failure},
    {"has_hwpoisoned", "error", {{5, 19}, {6, 6}}, condition::memory_failure},
    {"has_hwpoisoned", "error", {{6, 6}, {6, 12}}},
    {"has_hwpoisoned", "active", since({6, 12})},
    {"large_rmappable", "workingset", since({6, 6})},
    {"partially_mapped", "reclaim", since({6, 12})},
};

struct page_flag_alias {
    text name;
    text of;
    unsigned bit = 0;
};

struct page_flag_aliases {
    page_flag_alias list[32];
    unsigned count = 0;
};

/// The aliases under a configuration, each with the bit of its flag.
[[nodiscard]] constexpr page_flag_aliases page_flag_aliases_of(const config& c) noexcept {
    const flag_names flags = page_flags_of(c);
    page_flag_aliases aliases;
    for (const page_flag_alias_row& row : page_flag_alias_rows) {
        if (!row.when.contains(c.kernel) || !holds(row.on, c)) continue;
        if (const result<unsigned> bit = flags.bit_of(row.of))
            aliases.list[aliases.count++] = {row.name, row.of, *bit};
    }
    return aliases;
}

} // namespace zonal::linux_mm
