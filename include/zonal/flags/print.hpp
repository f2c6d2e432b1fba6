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

namespace zonal {

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

/// A number in characters: decimal, or hexadecimal with 0x before it.
class number_text {
public:
    constexpr number_text(std::uint64_t value, unsigned base) noexcept {
        do {
            buffer_[--start_] = "0123456789abcdef"[value % base];
            value /= base;
        } while (value != 0);
        if (base == 16) {
            buffer_[--start_] = 'x';
            buffer_[--start_] = '0';
        }
    }
    [[nodiscard]] constexpr operator text() const noexcept {
        return {buffer_ + start_, sizeof(buffer_) - start_};
    }

private:
    char buffer_[24] = {};
    unsigned start_ = sizeof(buffer_);
};

/// Prints what stands in the brackets: the names of the flags that are set, flag bits without a
/// name as one number, then the fields. `out` is called with each piece as a text. Field values are
/// printed as stored.
template <class Out>
constexpr void print_flags(const word_format& format, std::uint64_t raw, Out&& out) {
    bool first = true;
    const auto piece = [&](text part) {
        if (!first) out(text("|"));
        first = false;
        out(part);
    };
    std::uint64_t nameless = raw & format.flags.mask();
    for (unsigned i = 0; i < format.names.count; ++i) {
        const unsigned bit = format.names.printed[i];
        if ((nameless >> bit & 1) == 0) continue;
        piece(format.names.name[bit]);
        nameless &= ~(std::uint64_t{1} << bit);
    }
    if (nameless != 0) piece(number_text{nameless, 16});
    for (unsigned i = 0; i < format.field_count; ++i) {
        const placed_field& f = format.fields[i].field;
        if (!f.is_present()) continue;
        piece(f.asked.name);
        out(text("="));
        out(number_text{raw >> f.shift() & f.max(), format.fields[i].base});
    }
}

/// Prints the word and, in brackets, its flags and fields.
template <class Out>
constexpr void print_word(const word_format& format, std::uint64_t raw, Out&& out) {
    out(number_text{raw, 16});
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

} // namespace zonal
