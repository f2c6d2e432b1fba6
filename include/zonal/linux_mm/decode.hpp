// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a configuration's kernel prints its page words.
//
//     print_word(format_of(config), 0xfffffc0000200, out);
//     // 0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)

#include <zonal/flags/print.hpp>
#include <zonal/linux_mm/page_layout.hpp>

namespace zonal::inline v0::linux_mm {

/// The printed fields, in order, with the widths that kernels give them when they have them. The
/// LRU fields are never printed.
struct printed_row {
    page_field field;
    unsigned base;
    unsigned least, most;
};
inline constexpr printed_row printed_rows[] = {
    {page_field::section, 10, 1, 40},
    {page_field::node, 10, 1, 10},
    {page_field::zone, 10, 1, 3},
    {page_field::last_cpupid, 16, last_pid_bits + 1, last_pid_bits + 14},
    {page_field::kasan_tag, 16, 4, 8},
};

/// Requires: the kernel accepts the configuration; the fields of a refused one have no place.
/// Models: lib/vsprintf.c format_page_flags(), mm/debug.c dump_page() before 5.12.
[[nodiscard]] constexpr word_format format_of(const config& c) {
    const page_layout l = page_layout_of(c);
    expects(l.fits(), "format_of: the kernel refuses this configuration");
    word_format format{.flags = l[page_field::flags], .names = page_flags_of(c)};
    for (const printed_row& row : printed_rows) {
        if (pick(prints_fields, c.kernel))
            format.fields[format.field_count++] = {l[row.field], row.base};
        else
            format.silent |= l[row.field].mask();
    }
    format.silent |= l[page_field::lru_gen].mask() | l[page_field::lru_refs].mask();
    return format;
}

} // namespace zonal::inline v0::linux_mm
