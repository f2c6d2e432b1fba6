// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which page flag is which bit, under which name, and in which order a kernel prints them.
//
//     constexpr config c{.kernel = {6, 1}, .memory_failure = true};
//     static_assert(page_flags_of(c).name[22] == text("hwpoison"));
//     static_assert(nr_pageflags(c) == 24);
//
// Why a table in bit order instead of one enumeration a version: a flag that is absent moves all
// later ones, so the position is a result, not a fact. Facts are the order and the versions and
// options of each row. Between proven versions (see version.hpp) rows rest on the recorded epochs
// and on public patches.

#include <zonal/core/text.hpp>
#include <zonal/flags/flag_names.hpp>
#include <zonal/linux_mm/config.hpp>

namespace zonal::inline v0::linux_mm {

// clang-format off
/// Names as printed (PG_ left out), in bit order. A flag that moved has two rows.
/// Models: include/linux/page-flags.h enum pageflags, up to __NR_PAGEFLAGS.
inline constexpr name_row page_flag_rows[] = {
    {"locked"},
    {"writeback", since({6, 7})},
    {"error", until({4, 20})},
    {"referenced"}, {"uptodate"}, {"dirty"}, {"lru"},
    {"head", since({6, 7})},
    {"active", until({6, 7})},
    {"workingset", {{4, 20}, {6, 7}}},
    {"waiters", since({4, 10})},
    {"active", since({6, 7})},
    {"workingset", since({6, 7})},
    {"error", {{4, 20}, {6, 12}}},
    {"slab", until({6, 10})},
    {"owner_priv_1"},
    {"owner_2", since({6, 12})},
    {"arch_1"}, {"reserved"}, {"private"}, {"private_2"},
    {"writeback", until({6, 7})},
    {"compound", until({4, 4}), {&config::extended, false}},
    {"head", until({4, 4}), {&config::extended}},
    {"tail", until({4, 4}), {&config::extended}},
    {"head", {{4, 4}, {6, 7}}},
    {"swapcache", until({4, 10})},
    {"mappedtodisk", until({6, 12})},
    {"reclaim"}, {"swapbacked"}, {"unevictable"},
    {"dropbehind", since({6, 14})},
    {"mlocked", ever, {&config::mmu}},
    {"uncached", until({6, 12}), {&config::uncached}},
    {"hwpoison", ever, {&config::memory_failure}},
    {"compound_lock", until({4, 5}), {&config::thp}},
    {"young", ever, {&config::idle, true, true}},
    {"idle", ever, {&config::idle, true, true}},
    {"arch_2", {{5, 10}, {6, 2}}, {.needs_64_bits = true}},
    {"arch_2", since({6, 2}), {&config::arch_2}},
    {"arch_3", since({6, 2}), {&config::arch_3}},
    {"skip_kasan_poison", {{5, 14}, {6, 4}}, {.needs_64_bits = true, .needs_hw_tags = true}},
};

/// In printing order; printed only where the flag exists.
/// Models: include/trace/events/mmflags.h __def_pageflag_names (mm/debug.c in 4.3), in which a flag
/// keeps its place when its bit moves.
inline constexpr name_row printed_names[] = {
    {"locked"}, {"waiters"}, {"error"}, {"referenced"}, {"uptodate"}, {"dirty"}, {"lru"}, {"active"},
    {"workingset"}, {"slab"}, {"owner_priv_1"}, {"owner_2"}, {"arch_1"}, {"reserved"}, {"private"},
    {"private_2"}, {"writeback"}, {"compound"}, {"head"}, {"tail"}, {"swapcache"}, {"mappedtodisk"},
    {"reclaim"}, {"swapbacked"}, {"unevictable"}, {"dropbehind"}, {"mlocked"}, {"uncached"},
    {"hwpoison"}, {"compound_lock"},
    {"idle", since({6, 6})}, {"young"}, {"idle", until({6, 6})},
    {"arch_2"}, {"arch_3"}, {"skip_kasan_poison"},
};
// clang-format on

/// Bits, names and printing order under a configuration; `given_pageflags` plays no part.
/// Cost: linear in the tables, a few thousand steps in a constant expression.
[[nodiscard]] constexpr flag_names page_flags_of(const config& c) noexcept {
    flag_names flags;
    for (const name_row& row : page_flag_rows)
        if (applies(row, c)) flags.name[flags.count++] = row.name;

    unsigned place = 0;
    for (const name_row& row : printed_names)
        if (const result<unsigned> bit = flags.bit_of(row.name); bit && applies(row, c))
            flags.printed[place++] = static_cast<unsigned char>(*bit);
    return flags;
}

/// A second name, which a kernel tests for but never prints: the same bit means something else for
/// a page of another kind.
struct page_flag_alias_row {
    text name;
    text of; ///< the flag whose bit it borrows
    validity when = ever;
    condition on{};
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
    {"vmemmap_self_hosted", "owner_priv_1", since({6, 0}), {&config::memory_hotplug}},
    {"has_hwpoisoned", "mappedtodisk", {{5, 15}, {5, 19}}, {&config::memory_failure}},
    {"has_hwpoisoned", "error", {{5, 19}, {6, 6}}, {&config::memory_failure}},
    {"has_hwpoisoned", "error", {{6, 6}, {6, 12}}},
    {"has_hwpoisoned", "active", since({6, 12})},
    {"large_rmappable", "workingset", since({6, 6})},
    {"partially_mapped", "reclaim", since({6, 12})},
};

/// Calls use(row, bit) for each alias under a configuration.
template <class F>
constexpr void for_each_alias(const config& c, F use) {
    const flag_names flags = page_flags_of(c);
    for (const page_flag_alias_row& row : page_flag_alias_rows)
        if (const result<unsigned> bit = flags.bit_of(row.of); bit && applies(row, c))
            use(row, *bit);
}

/// How many of the word's bits are flags: `given_pageflags` where that is known, else what the
/// options make.
[[nodiscard]] constexpr unsigned nr_pageflags(const config& c) noexcept {
    if (c.given_pageflags != 0) return c.given_pageflags;
    unsigned count = 0;
    for (const name_row& row : page_flag_rows) count += applies(row, c) ? 1 : 0;
    return count;
}

} // namespace zonal::inline v0::linux_mm
