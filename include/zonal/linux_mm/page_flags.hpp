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
#include <zonal/linux_mm/condition.hpp>

namespace zonal::linux_mm {

/// One flag: its name as printed (PG_ left out), and when it takes a bit.
struct page_flag_row {
    text name;
    validity when = ever;
    condition on = condition::always;

    [[nodiscard]] constexpr bool is_flag_of(const config& c) const noexcept {
        return when.contains(c.kernel) && holds(on, c);
    }
};

// clang-format off
/// In bit order. A flag that moved has two rows.
/// Models: include/linux/page-flags.h enum pageflags, up to __NR_PAGEFLAGS.
inline constexpr page_flag_row page_flag_rows[] = {
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
    {"compound", until({4, 4}), condition::not_extended},
    {"head", until({4, 4}), condition::extended},
    {"tail", until({4, 4}), condition::extended},
    {"head", {{4, 4}, {6, 7}}},
    {"swapcache", until({4, 10})},
    {"mappedtodisk", until({6, 12})},
    {"reclaim"}, {"swapbacked"}, {"unevictable"},
    {"dropbehind", since({6, 14})},
    {"mlocked", ever, condition::mmu},
    {"uncached", until({6, 12}), condition::uncached},
    {"hwpoison", ever, condition::memory_failure},
    {"compound_lock", until({4, 5}), condition::thp},
    {"young", ever, condition::idle_64},
    {"idle", ever, condition::idle_64},
    {"arch_2", {{5, 10}, {6, 2}}, condition::bits_64},
    {"arch_2", since({6, 2}), condition::arch_2},
    {"arch_3", since({6, 2}), condition::arch_3},
    {"skip_kasan_poison", {{5, 14}, {6, 4}}, condition::hw_tags_64},
};
// clang-format on

/// One name in the order of printing; printed only where the flag exists.
struct printed_name {
    text name;
    validity when = ever;
};

// clang-format off
/// In printing order.
/// Models: include/trace/events/mmflags.h __def_pageflag_names (mm/debug.c in 4.3), in which a flag
/// keeps its place when its bit moves.
inline constexpr printed_name printed_names[] = {
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
    for (const page_flag_row& row : page_flag_rows)
        if (row.is_flag_of(c)) flags.name[flags.count++] = row.name;

    unsigned place = 0;
    for (const printed_name& row : printed_names) {
        const result<unsigned> bit = flags.bit_of(row.name);
        if (bit && row.when.contains(c.kernel))
            flags.printed[place++] = static_cast<unsigned char>(*bit);
    }
    return flags;
}

/// How many of the word's bits are flags: `given_pageflags` where that is known, else what the
/// options make.
[[nodiscard]] constexpr unsigned nr_pageflags(const config& c) noexcept {
    if (c.given_pageflags != 0) return c.given_pageflags;
    unsigned count = 0;
    for (const page_flag_row& row : page_flag_rows) count += row.is_flag_of(c) ? 1 : 0;
    return count;
}

/// From here on the fields (section=, node=, zone= …) are printed after the names; before, they are
/// masked off.
inline constexpr version prints_fields_since{5, 12};

[[nodiscard]] constexpr bool prints_fields(version v) noexcept { return v >= prints_fields_since; }

} // namespace zonal::linux_mm
