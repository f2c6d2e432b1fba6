// SPDX-License-Identifier: BSL-1.0
#pragma once

// A page word as a system prints it: names and fields with bars between them, and back again by
// comparison.
//
//     print_word(format, 0xfffffc0000200, [](text part) { put(part.data, part.size); });
//     // 0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)
//
// Why no parser for the printed form: whether a layout explains a report is asked by printing the
// raw word under that layout and comparing, so there is one description of the format, not two.

#include <zonal/flags/flag_names.hpp>
#include <zonal/flags/layout.hpp>

namespace zonal::inline v0 {

/// A field in the printed form.
struct printed_field {
    placed_field field;
    unsigned base = 10; ///< 10, or 16 with 0x before it
};

/// How the words of one system are printed.
struct word_format {
    placed_field flags;
    flag_names names;
    printed_field fields[8] = {}; ///< in printing order; those without bits are not printed
    unsigned field_count = 0;
    std::uint64_t silent = 0; ///< bits that belong to fields which are never printed
};

/// Prints a number: decimal, or hexadecimal with 0x before it.
template <class Out>
constexpr void print_number(std::uint64_t value, unsigned base, Out&& out) {
    char buffer[24] = {};
    unsigned start = sizeof(buffer);
    do {
        buffer[--start] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    if (base == 16) {
        buffer[--start] = 'x';
        buffer[--start] = '0';
    }
    out(text(buffer + start, sizeof(buffer) - start));
}

/// Prints what stands in the brackets: the names of the flags that are set, flag bits without a
/// name as one number, then the fields. `out` is called with each piece as a text. Field values are
/// printed as stored.
template <class Out>
constexpr void print_flags(const word_format& format, std::uint64_t raw, Out&& out) {
    bool first = true;
    const auto separate = [&] {
        if (!first) out(text("|"));
        first = false;
    };
    std::uint64_t nameless = raw & format.flags.mask();
    for (unsigned i = 0; i < format.names.count; ++i) {
        const unsigned bit = format.names.printed[i];
        if ((nameless >> bit & 1) == 0) continue;
        separate();
        out(format.names.name[bit]);
        nameless &= ~(std::uint64_t{1} << bit);
    }
    if (nameless != 0) {
        separate();
        print_number(nameless, 16, out);
    }
    for (unsigned i = 0; i < format.field_count; ++i) {
        const placed_field& f = format.fields[i].field;
        if (!f.is_present()) continue;
        separate();
        out(f.asked.name);
        out(text("="));
        print_number(raw >> f.shift() & f.max(), format.fields[i].base, out);
    }
}

/// Prints the word and, in brackets, its flags and fields.
template <class Out>
constexpr void print_word(const word_format& format, std::uint64_t raw, Out&& out) {
    print_number(raw, 16, out);
    out(text("("));
    print_flags(format, raw, out);
    out(text(")"));
}

/// The word printed under this format is `printed` (without brackets), and none of its bits belongs
/// to nobody.
[[nodiscard]] constexpr bool explains(const word_format& format, std::uint64_t raw, text printed) {
    std::size_t at = 0;
    bool same = true;
    print_flags(format, raw, [&](text part) {
        same = same && printed.sub(at, part.size) == part;
        at += part.size;
    });
    std::uint64_t known = format.flags.mask() | format.silent;
    for (unsigned i = 0; i < format.field_count; ++i) known |= format.fields[i].field.mask();
    return same && at == printed.size && (raw & ~known) == 0;
}

} // namespace zonal::inline v0
