// SPDX-License-Identifier: BSL-1.0
#pragma once

// From the text of a `.config` to the configuration that the rest of this folder computes with.
//
//     const auto k = page_flags::read_kconfig(file);
//     if (!k) return complain(k.error().line, describe(k.error().why));
//     const flag_names flags = page_flags_of(k->mm);

#include <zonal/linux_mm/config.hpp>
#include <zonal/linux_mm/rules.hpp>

#include "architecture.hpp"
#include "kconfig_text.hpp"

namespace page_flags {

using namespace zonal;
using namespace zonal::linux_mm;

/// What the caller knows better than the file; empty members are taken from the file.
struct kconfig_given {
    version kernel{};
    architecture arch = architecture::unknown;
};

/// A kernel as its `.config` describes it.
struct kernel_config {
    config mm;
    architecture arch = architecture::other;
    unsigned page_shift = 12;
    unsigned max_page_order = 0;          ///< the greatest order of an allocation, in every version
    unsigned pageblock_order = 0;         ///< 0: chosen at boot
    bool max_physmem_at_run_time = false; ///< mm.max_physmem_bits is the most it can be
    option_values options;
};

/// A yes-or-no member of `config` and the option that decides it.
struct switch_row {
    bool config::* to;
    option from;
    validity when = ever;
};

inline constexpr switch_row switch_rows[] = {
    {&config::zone_dma, option::zone_dma},
    {&config::zone_dma32, option::zone_dma32},
    {&config::highmem, option::highmem},
    {&config::zone_device, option::zone_device},
    {&config::numa, option::numa},
    {&config::numa_balancing, option::numa_balancing},
    {&config::lru_gen, option::lru_gen},
    {&config::mmu, option::mmu},
    {&config::memory_failure, option::memory_failure},
    {&config::memory_hotplug, option::memory_hotplug},
    {&config::lockdep, option::lockdep},
    {&config::slab_obj_ext, option::slab_obj_ext},
    {&config::thp, option::transparent_hugepage},
    {&config::extended, option::pageflags_extended, until({4, 4})},
    {&config::uncached, option::arch_uses_pg_uncached, until({6, 12})},
    {&config::idle, option::idle_page_tracking, until({5, 15})},
    {&config::idle, option::page_idle_flag, since({5, 15})},
    {&config::arch_2, option::arch_uses_pg_arch_x, {{6, 2}, {6, 12}}},
    {&config::arch_3, option::arch_uses_pg_arch_x, {{6, 2}, {6, 12}}},
    {&config::arch_2, option::arch_uses_pg_arch_2, since({6, 12})},
    {&config::arch_3, option::arch_uses_pg_arch_3, since({6, 12})},
};

/// What a forced maximal order is: the number of orders up to 6.3, the greatest order from 6.4 on.
struct max_order_option {
    unsigned without_option;
    unsigned above_greatest;
};
inline constexpr rule<max_order_option> max_orders[] = {{until({6, 4}), {11, 1}},
                                                        {since({6, 4}), {10, 0}}};

namespace detail {

[[nodiscard]] constexpr unsigned first_set(unsigned a, unsigned b) noexcept {
    return a != 0 ? a : b;
}
[[nodiscard]] constexpr unsigned lesser(unsigned a, unsigned b) noexcept { return a < b ? a : b; }

[[nodiscard]] constexpr kasan_mode kasan_of(const option_values& o) noexcept {
    if (!o.on(option::kasan)) return kasan_mode::none;
    if (o.on(option::kasan_hw_tags)) return kasan_mode::hw_tags;
    return o.on(option::kasan_sw_tags) ? kasan_mode::sw_tags : kasan_mode::generic;
}

[[nodiscard]] constexpr memory_model memory_of(const option_values& o) noexcept {
    if (!o.on(option::sparsemem)) return memory_model::flat;
    return o.on(option::sparsemem_vmemmap) ? memory_model::sparse_vmemmap : memory_model::sparse;
}

[[nodiscard]] constexpr unsigned page_shift_of(const option_values& o) noexcept {
    if (o.on(option::page_shift)) return o.number(option::page_shift);
    for (const page_size_row& row : page_size_rows)
        if (o.on(row.set)) return row.shift;
    return 12;
}

[[nodiscard]] constexpr unsigned max_page_order_of(const option_values& o, version v) noexcept {
    const unsigned forced =
        first_set(o.number(option::arch_force_max_order), o.number(option::force_max_zoneorder));
    const max_order_option meaning = pick(max_orders, v);
    return first_set(forced, meaning.without_option) - meaning.above_greatest;
}

/// Models: include/linux/pageblock-flags.h pageblock_order; differs: without HUGETLB_PAGE, kernels
/// from 6.14 on also look at transparent huge pages, which is not modelled.
[[nodiscard]] constexpr unsigned pageblock_order_of(const kernel_config& k) noexcept {
    if (!k.options.on(option::hugetlb_page)) return k.max_page_order;
    if (k.options.on(option::hugetlb_page_size_variable)) return 0;
    unsigned huge = k.page_shift - 3;
    for (const huge_page_row& row : huge_page_rows)
        if (row.arch == k.arch && row.needs.in(k.options)) huge = row.order;
    const unsigned cap = first_set(k.options.number(option::page_block_max_order), huge);
    return lesser(lesser(huge, cap), k.max_page_order);
}

} // namespace detail

/// Reads a `.config`. Its header ("# Linux/x86 6.1.192 Kernel Configuration") names the version,
/// its options the architecture, unless they are `given`.
/// Fails: as read_kconfig_text, and
///        bad_version, no_version, too_old  neither file nor caller names a usable version;
///        no_memory_model    none is set, so the file is incomplete;
///        missing_number     SMP without NR_CPUS, NUMA without NODES_SHIFT;
///        unknown_addresses  a sparse memory model on an architecture without a row.
/// Cost:  linear in the text; never allocates.
[[nodiscard]] constexpr result<kernel_config, kconfig_error>
read_kconfig(text file, kconfig_given given = {}) noexcept {
    const auto read = read_kconfig_text(file);
    if (!read) return fail(read.error());
    const option_values& o = read->options;
    const auto refuse = [&](kconfig_reason why, unsigned long line, text name = {}) {
        const unsigned long last = read->lines != 0 ? read->lines : 1;
        return fail(kconfig_error{line != 0 ? line : last, why, name});
    };
    const auto needs_number = [&](option on, option number) { return o.on(on) && !o.on(number); };
    const auto line_of = [&](option what) { return read->line_of[static_cast<unsigned>(what)]; };

    kernel_config k;
    k.options = o;
    k.mm.kernel = given.kernel == version{} ? read->kernel : given.kernel;
    if (k.mm.kernel == version{})
        return refuse(read->kernel_line != 0 ? kconfig_reason::bad_version
                                             : kconfig_reason::no_version,
                      read->kernel_line);
    if (k.mm.kernel < oldest)
        return refuse(kconfig_reason::too_old, given.kernel == version{} ? read->kernel_line : 0);
    if (!o.on(option::flatmem) && !o.on(option::sparsemem) && !o.on(option::discontigmem))
        return refuse(kconfig_reason::no_memory_model, 0);
    if (needs_number(option::smp, option::nr_cpus))
        return refuse(kconfig_reason::missing_number, line_of(option::smp), "NR_CPUS");
    if (needs_number(option::numa, option::nodes_shift))
        return refuse(kconfig_reason::missing_number, line_of(option::numa), "NODES_SHIFT");

    for (const switch_row& row : switch_rows)
        if (row.when.contains(k.mm.kernel)) k.mm.*row.to = o.on(row.from);
    k.mm.bits_per_long = o.on(option::bits_64) ? 64 : 32;
    k.mm.memory = detail::memory_of(o);
    k.mm.nodes_shift = k.mm.numa ? o.number(option::nodes_shift) : 0;
    k.mm.nr_cpus = o.on(option::smp) ? o.number(option::nr_cpus) : 1;
    k.mm.kasan = detail::kasan_of(o);
    k.arch = given.arch == architecture::unknown ? architecture_of(o) : given.arch;
    k.page_shift = detail::page_shift_of(o);
    k.max_page_order = detail::max_page_order_of(o, k.mm.kernel);
    k.pageblock_order = detail::pageblock_order_of(k);
    if (k.mm.memory == memory_model::flat) return k;

    for (const address_row& row : address_rows) {
        if (row.arch != k.arch || !row.when.contains(k.mm.kernel) || !row.needs.in(o)) continue;
        k.mm.max_physmem_bits =
            detail::first_set(o.number(row.max_physmem_from), row.max_physmem_bits);
        k.mm.section_size_bits = row.section_size_bits;
        k.max_physmem_at_run_time = row.at_run_time;
        return k;
    }
    return refuse(kconfig_reason::unknown_addresses, line_of(option::sparsemem));
}

} // namespace page_flags
