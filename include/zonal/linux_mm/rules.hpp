// SPDX-License-Identifier: BSL-1.0
#pragma once

// What differs between kernels in the page word and the request table: one table a rule, the first
// row whose versions match wins, so that a backport is a row before the others.

#include <zonal/linux_mm/version.hpp>

namespace zonal::inline v0::linux_mm {

template <class T>
struct rule {
    validity when;
    T value;
};

/// The value of the first rule that holds for `kernel`; T{} when none does.
template <class T, unsigned N>
[[nodiscard]] constexpr T pick(const rule<T> (&rows)[N], version kernel) noexcept {
    for (const rule<T>& row : rows)
        if (row.when.contains(kernel)) return row.value;
    return {};
}

/// How many zones the zone field can tell apart; more are refused.
inline constexpr rule<unsigned> most_zones[] = {{until({4, 7}), 4}, {since({4, 7}), 8}};

/// The KASAN tag's bits, where that mode has one. Narrower hardware tags: seen in 7.2, not in 6.12.
inline constexpr rule<unsigned> kasan_sw_tag_bits[] = {{since({5, 0}), 8}};
inline constexpr rule<unsigned> kasan_hw_tag_bits[] = {{since({7, 2}), 4}, {since({5, 11}), 8}};

/// The LRU generation and, from what is left, references.
inline constexpr rule<unsigned> lru_gen_bits[] = {{since({6, 1}), 3}};
inline constexpr rule<unsigned> lru_refs_bits[] = {{since({6, 1}), 2}};

/// The process part of the last CPU and process.
inline constexpr unsigned last_pid_bits = 8;

/// Whether NR_CPUS rounds up to a whole bit. 5.10 has it from a stable backport, 5.15 does not.
inline constexpr rule<bool> cpus_round_up[] = {{{{5, 10}, {5, 11}}, true}, {since({6, 1}), true}};

/// Whether the last CPU and process still make room for a node that was left out.
inline constexpr rule<bool> cpupid_counts_lost_node[] = {{until({5, 15}), true}};

/// Whether the section number's width is defined where there are no sections; without it, a node
/// that falls out of the word leaves a name undefined.
inline constexpr rule<bool> flat_has_section_width[] = {{since({5, 15}), true}};

/// Whether the fields (section=, node=, zone= …) are printed after the names; else they are masked
/// off.
inline constexpr rule<bool> prints_fields[] = {{since({5, 12}), true}};

/// Whether the request table makes its entries as narrow as the zones below the device zone allow.
inline constexpr rule<bool> device_needs_no_entry[] = {{since({4, 7}), true}};

} // namespace zonal::inline v0::linux_mm
