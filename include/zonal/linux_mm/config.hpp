// SPDX-License-Identifier: BSL-1.0
#pragma once

// The part of a kernel's configuration that decides its zones, its page word and its request table.
//
// A plain value of integers, enumerators and bools: a template argument in a user's build, and the
// result of reading a `.config` in a program. Everything else in this folder is a function of it:
// tables (page flags, gfp bits) are rows with a validity and a condition, and a fact that changed
// has two rows, so that no algorithm asks for a version.

#include <zonal/linux_mm/version.hpp>

namespace zonal::inline v0::linux_mm {

enum class memory_model : unsigned char { flat, sparse, sparse_vmemmap };
enum class kasan_mode : unsigned char { none, generic, sw_tags, hw_tags };

/// What the page word, the zones and the request table depend on.
/// Units: bits for every `*_bits` and `*_shift`.
/// Models: the CONFIG_ options of the same names; `extended` is PAGEFLAGS_EXTENDED, `thp`
/// TRANSPARENT_HUGEPAGE, `idle` PAGE_IDLE_FLAG (IDLE_PAGE_TRACKING before 5.15).
struct config {
    version kernel{6, 12};
    unsigned bits_per_long = 64;

    bool zone_dma = false;
    bool zone_dma32 = false;
    bool highmem = false;
    bool zone_device = false;

    memory_model memory = memory_model::flat;
    unsigned max_physmem_bits = 0;  ///< sparse models only
    unsigned section_size_bits = 0; ///< sparse models only

    bool numa = false;
    unsigned nodes_shift = 0; ///< 0 without NUMA
    bool numa_balancing = false;
    unsigned nr_cpus = 1; ///< 1 without SMP

    kasan_mode kasan = kasan_mode::none;
    bool lru_gen = false;

    bool mmu = true;
    bool uncached = false;
    bool memory_failure = false;
    bool thp = false;
    bool extended = false;
    bool idle = false;
    bool arch_2 = false; ///< asked for by the architecture; from 6.2 on
    bool arch_3 = false;
    bool memory_hotplug = true; ///< decides one alias only, PG_vmemmap_self_hosted

    bool lockdep = false;
    bool slab_obj_ext = false;

    /// The number of page flags, when it is known otherwise than by the options above; 0 = count
    /// them.
    unsigned given_pageflags = 0;

    friend constexpr bool operator==(const config&, const config&) = default;
};

/// What has to be configured for a flag or a bit to exist; by default, nothing.
/// Models: the #ifdef around an enumerator or a definition.
struct condition {
    bool config::* option = nullptr;
    bool value = true; ///< of the option
    bool needs_64_bits = false;
    bool needs_hw_tags = false;

    [[nodiscard]] constexpr bool holds(const config& c) const noexcept {
        return (option == nullptr || c.*option == value) &&
               (!needs_64_bits || c.bits_per_long == 64) &&
               (!needs_hw_tags || c.kasan == kasan_mode::hw_tags);
    }
};

/// A name that a kernel has under a condition, in the versions of `when`.
struct name_row {
    text name;
    validity when = ever;
    condition on{};
};

/// The row is one of this kernel's.
template <class Row>
[[nodiscard]] constexpr bool applies(const Row& row, const config& c) noexcept {
    return row.when.contains(c.kernel) && row.on.holds(c);
}

} // namespace zonal::inline v0::linux_mm
