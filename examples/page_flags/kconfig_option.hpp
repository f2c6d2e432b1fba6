// SPDX-License-Identifier: BSL-1.0
#pragma once

// The Kconfig options that this library looks at, and the values that a configuration gives them.

#include <zonal/core/text.hpp>

namespace page_flags {

using namespace zonal;

// clang-format off
/// An option, without its CONFIG_. The options from `nr_cpus` on are numbers, those before are on
/// or off.
enum class option : unsigned char {
    bits_64, x86_64, x86_32, arm64, arm, ppc64, ppc32, mips, s390, riscv, loongarch,
    x86_pae, x86_5level, arm_lpae, arm64_64k_pages,
    zone_dma, zone_dma32, highmem, zone_device,
    flatmem, discontigmem, sparsemem, sparsemem_vmemmap, sparsemem_extreme,
    memory_hotplug, memory_hotremove, arch_has_zone_device, arch_has_pte_devmap, expert,
    smp, numa, numa_balancing, preempt_rt,
    kasan, kasan_generic, kasan_sw_tags, kasan_hw_tags,
    mmu, lru_gen, memory_failure, transparent_hugepage, pageflags_extended,
    arch_uses_pg_uncached, arch_uses_pg_arch_x, arch_uses_pg_arch_2, arch_uses_pg_arch_3,
    idle_page_tracking, page_idle_flag, lockdep, slab_obj_ext,
    hugetlb_page, hugetlb_page_size_variable,
    arm64_4k_pages, arm64_16k_pages, ppc_4k_pages, ppc_16k_pages, ppc_64k_pages,
    page_size_4kb, page_size_16kb, page_size_64kb,
    nr_cpus, nodes_shift, pgtable_levels, arm64_pa_bits, max_physmem_bits, page_shift,
    arch_force_max_order, force_max_zoneorder, page_block_max_order,
    none, ///< no option; also their number
};
// clang-format on

inline constexpr unsigned option_count = static_cast<unsigned>(option::none);

/// An option's name, and the numbers it may take.
struct option_row {
    text name;
    unsigned least = 0;
    unsigned greatest = 1;
};

// clang-format off
/// In the order of `option`. The limits are generous; they keep a corrupt file from becoming a
/// strange layout.
inline constexpr option_row option_rows[] = {
    {"64BIT"}, {"X86_64"}, {"X86_32"}, {"ARM64"}, {"ARM"}, {"PPC64"}, {"PPC32"}, {"MIPS"}, {"S390"},
    {"RISCV"}, {"LOONGARCH"},
    {"X86_PAE"}, {"X86_5LEVEL"}, {"ARM_LPAE"}, {"ARM64_64K_PAGES"},
    {"ZONE_DMA"}, {"ZONE_DMA32"}, {"HIGHMEM"}, {"ZONE_DEVICE"},
    {"FLATMEM"}, {"DISCONTIGMEM"}, {"SPARSEMEM"}, {"SPARSEMEM_VMEMMAP"}, {"SPARSEMEM_EXTREME"},
    {"MEMORY_HOTPLUG"}, {"MEMORY_HOTREMOVE"}, {"ARCH_HAS_ZONE_DEVICE"}, {"ARCH_HAS_PTE_DEVMAP"},
    {"EXPERT"},
    {"SMP"}, {"NUMA"}, {"NUMA_BALANCING"}, {"PREEMPT_RT"},
    {"KASAN"}, {"KASAN_GENERIC"}, {"KASAN_SW_TAGS"}, {"KASAN_HW_TAGS"},
    {"MMU"}, {"LRU_GEN"}, {"MEMORY_FAILURE"}, {"TRANSPARENT_HUGEPAGE"}, {"PAGEFLAGS_EXTENDED"},
    {"ARCH_USES_PG_UNCACHED"}, {"ARCH_USES_PG_ARCH_X"}, {"ARCH_USES_PG_ARCH_2"},
    {"ARCH_USES_PG_ARCH_3"},
    {"IDLE_PAGE_TRACKING"}, {"PAGE_IDLE_FLAG"}, {"LOCKDEP"}, {"SLAB_OBJ_EXT"},
    {"HUGETLB_PAGE"}, {"HUGETLB_PAGE_SIZE_VARIABLE"},
    {"ARM64_4K_PAGES"}, {"ARM64_16K_PAGES"}, {"PPC_4K_PAGES"}, {"PPC_16K_PAGES"}, {"PPC_64K_PAGES"},
    {"PAGE_SIZE_4KB"}, {"PAGE_SIZE_16KB"}, {"PAGE_SIZE_64KB"},
    {"NR_CPUS", 1, 1u << 20}, {"NODES_SHIFT", 1, 16}, {"PGTABLE_LEVELS", 1, 5},
    {"ARM64_PA_BITS", 32, 64}, {"MAX_PHYSMEM_BITS", 32, 64}, {"PAGE_SHIFT", 8, 24},
    {"ARCH_FORCE_MAX_ORDER", 1, 63}, {"FORCE_MAX_ZONEORDER", 1, 63}, {"PAGE_BLOCK_MAX_ORDER", 1, 63},
};
// clang-format on
static_assert(sizeof(option_rows) == option_count * sizeof(option_row));

[[nodiscard]] constexpr const option_row& row_of(option o) noexcept {
    return option_rows[static_cast<unsigned>(o)];
}
[[nodiscard]] constexpr bool is_number(option o) noexcept { return o >= option::nr_cpus; }

/// The option of that name (without CONFIG_), or `none`.
[[nodiscard]] constexpr option option_named(text name) noexcept {
    for (unsigned i = 0; i < option_count; ++i)
        if (option_rows[i].name == name) return static_cast<option>(i);
    return option::none;
}

/// What a configuration says about each option; 0 is off, or a number that is not there.
struct option_values {
    unsigned value[option_count] = {};

    [[nodiscard]] constexpr unsigned number(option o) const noexcept {
        return o == option::none ? 0 : value[static_cast<unsigned>(o)];
    }
    [[nodiscard]] constexpr bool on(option o) const noexcept { return number(o) != 0; }
    constexpr void set(option o, unsigned to) noexcept { value[static_cast<unsigned>(o)] = to; }

    friend constexpr bool operator==(const option_values&, const option_values&) = default;
};

} // namespace page_flags
