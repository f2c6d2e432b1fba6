// SPDX-License-Identifier: BSL-1.0
#pragma once

// What an architecture adds to a kernel's options: address width, section size, page size, huge
// page order.
//
// Rows, first match wins. A new architecture is new rows; an architecture without a row of
// addresses can still be read as long as its memory model is flat, where addresses play no part.

#include <zonal/core/text.hpp>
#include <zonal/linux_mm/version.hpp>

#include "kconfig_option.hpp"

namespace page_flags {

using namespace zonal;
using namespace zonal::linux_mm;

enum class architecture : unsigned char {
    unknown, ///< not said; take what the options say
    x86_64,
    x86_32,
    arm64,
    arm,
    powerpc64,
    powerpc32,
    mips,
    s390,
    riscv64,
    riscv32,
    loong64,
    other, ///< one that has no rows here
};

/// How the options name an architecture.
struct architecture_row {
    architecture arch;
    text name;
    option selected_by;
    bool wide;           ///< needs 64BIT …
    bool either = false; ///< … or is one architecture in both widths
};

// clang-format off
inline constexpr architecture_row architecture_rows[] = {
    {architecture::x86_64, "x86_64", option::x86_64, true},
    {architecture::x86_32, "x86_32", option::x86_32, false},
    {architecture::arm64, "arm64", option::arm64, true},
    {architecture::arm, "arm", option::arm, false},
    {architecture::powerpc64, "powerpc64", option::ppc64, true},
    {architecture::powerpc32, "powerpc32", option::ppc32, false},
    {architecture::mips, "mips", option::mips, true, true},
    {architecture::s390, "s390", option::s390, true},
    {architecture::riscv64, "riscv64", option::riscv, true},
    {architecture::riscv32, "riscv32", option::riscv, false},
    {architecture::loong64, "loong64", option::loongarch, true},
};
// clang-format on

/// The architecture of that name ("x86_64", "arm64" …); `unknown` if there is none.
[[nodiscard]] constexpr architecture architecture_named(text name) noexcept {
    for (const architecture_row& row : architecture_rows)
        if (row.name == name) return row.arch;
    return architecture::unknown;
}

/// The architecture that these options select; `other` if it has no row.
[[nodiscard]] constexpr architecture architecture_of(const option_values& values) noexcept {
    for (const architecture_row& row : architecture_rows)
        if (values.on(row.selected_by) && (row.either || row.wide == values.on(option::bits_64)))
            return row.arch;
    return architecture::other;
}

/// An option that must have a value for a row to match; `none` always matches.
struct option_is {
    option what = option::none;
    unsigned value = 0;

    [[nodiscard]] constexpr bool in(const option_values& values) const noexcept {
        return values.number(what) == value;
    }
};

/// Physical addresses under a sparse memory model.
/// Units: bits.
struct address_row {
    architecture arch;
    validity when;
    option_is needs;
    unsigned max_physmem_bits;
    option max_physmem_from; ///< replaces the number where the configuration has it
    unsigned section_size_bits;
    bool at_run_time = false; ///< decided while booting; max_physmem_bits is the most it can be
};

// clang-format off
/// Models: arch/*/include/asm/sparsemem.h MAX_PHYSMEM_BITS and SECTION_SIZE_BITS. Recorded from
/// 5.10 on; between records: arm, x86_32, riscv32, arm64 with 64 KiB pages, and the turning points
/// 5.12 and 6.13.
inline constexpr address_row address_rows[] = {
    {architecture::x86_64, ever, {option::pgtable_levels, 5}, 52, option::none, 27, true},
    {architecture::x86_64, ever, {}, 46, option::none, 27},
    {architecture::x86_32, ever, {option::x86_pae, 1}, 36, option::none, 29},
    {architecture::x86_32, ever, {}, 32, option::none, 26},
    {architecture::arm64, until({5, 12}), {}, 48, option::arm64_pa_bits, 30},
    {architecture::arm64, since({5, 12}), {option::arm64_64k_pages, 1}, 48, option::arm64_pa_bits, 29},
    {architecture::arm64, since({5, 12}), {option::arm64_pa_bits, 52}, 52, option::none, 27, true},
    {architecture::arm64, since({5, 12}), {}, 48, option::arm64_pa_bits, 27},
    {architecture::arm, ever, {}, 36, option::none, 28},
    {architecture::powerpc64, ever, {}, 51, option::none, 24},
    {architecture::mips, ever, {option::bits_64, 1}, 48, option::none, 28},
    {architecture::s390, until({6, 13}), {}, 46, option::max_physmem_bits, 28},
    {architecture::s390, since({6, 13}), {}, 46, option::max_physmem_bits, 27},
    {architecture::riscv64, ever, {}, 56, option::none, 27},
    {architecture::riscv32, ever, {}, 34, option::none, 27},
    {architecture::loong64, ever, {}, 48, option::none, 29},
};

/// A page size option and its log2; where none is set, pages have 2^12 bytes.
struct page_size_row { option set; unsigned shift; };
inline constexpr page_size_row page_size_rows[] = {
    {option::arm64_4k_pages, 12}, {option::arm64_16k_pages, 14}, {option::arm64_64k_pages, 16},
    {option::ppc_4k_pages, 12},   {option::ppc_16k_pages, 14},   {option::ppc_64k_pages, 16},
    {option::page_size_4kb, 12},  {option::page_size_16kb, 14},  {option::page_size_64kb, 16},
};

/// Huge pages whose order is not page_shift − 3, one page of 8-byte entries.
struct huge_page_row { architecture arch; option_is needs; unsigned order; };
inline constexpr huge_page_row huge_page_rows[] = {
    {architecture::x86_32, {option::x86_pae, 0}, 10},
    {architecture::s390, {}, 8},
};
// clang-format on

} // namespace page_flags
