// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which layouts explain words that a kernel printed both raw and decoded.
//
//     const report lines[] = {{0x57ffffc0010200, "slab|head|node=1|zone=2|lastcpupid=0x1fffff"}};
//     infer(lines, 1, [](const epoch& e, const config& c) { ... });
//
// Every layout that Linux can make is tried: versions in which nothing changes are one epoch, found
// from the tables themselves, and a layout explains a word when printing the word under it gives
// the same characters.

#include <zonal/linux_mm/decode.hpp>

#include "layout_name.hpp"

namespace page_flags {

using namespace zonal;
using namespace zonal::linux_mm;

/// A word as a report shows it: raw, and what stood in the brackets.
struct report {
    std::uint64_t raw = 0;
    text printed;
};

/// Versions [since, until) with the same tables.
struct epoch_list {
    version since[64] = {};
    unsigned size = 0;

    [[nodiscard]] constexpr validity operator[](unsigned i) const noexcept {
        return {since[i], i + 1 < size ? since[i + 1] : never};
    }
    constexpr void add(version v) noexcept {
        unsigned i = size;
        while (i != 0 && v < since[i - 1]) --i;
        if (v < oldest || v == never || (i != 0 && since[i - 1] == v)) return;
        for (unsigned j = size++; j > i; --j) since[j] = since[j - 1];
        since[i] = v;
    }
};

/// The versions at which a page word or its printed form changed.
[[nodiscard]] constexpr epoch_list epochs() noexcept {
    epoch_list list;
    const auto add = [&](const auto& rows) {
        for (const auto& row : rows) {
            list.add(row.when.since);
            list.add(row.when.until);
        }
    };
    add(page_flag_rows);
    add(printed_names);
    add(most_zones);
    add(kasan_sw_tag_bits);
    add(kasan_hw_tag_bits);
    add(lru_gen_bits);
    add(prints_fields);
    return list;
}

namespace detail {

[[nodiscard]] constexpr bool fit(const report* lines, unsigned count, unsigned bits) noexcept {
    for (unsigned i = 0; i < count; ++i)
        if (bits < 64 && lines[i].raw >> bits != 0) return false;
    return true;
}

/// The part of a printed word before its fields.
[[nodiscard]] constexpr text flags_part(text printed) noexcept {
    std::size_t end = 0;
    for (std::size_t i = 0; i <= printed.size; ++i) {
        if (i < printed.size && printed[i] == '=') return printed.sub(0, end);
        if (i == printed.size || printed[i] == '|') end = i;
    }
    return printed;
}

/// The flags of all lines are explained by these names, wherever the fields are.
[[nodiscard]] constexpr bool names_agree(const config& c, const report* lines, unsigned count) {
    word_format format{};
    format.names = page_flags_of(c);
    format.flags.width = format.names.count;
    format.silent = ~std::uint64_t{0};
    for (unsigned i = 0; i < count; ++i)
        if (!explains(format, lines[i].raw, flags_part(lines[i].printed))) return false;
    return true;
}

[[nodiscard]] constexpr bool mentions(text line, text word) noexcept {
    for (std::size_t i = 0; i + word.size <= line.size; ++i)
        if (line.sub(i, word.size) == word) return true;
    return false;
}

/// The line holds "field=value" somewhere.
[[nodiscard]] constexpr bool shows(text line, const printed_row& row,
                                   std::uint64_t value) noexcept {
    const text name = field_shapes[row.field].name;
    bool found = false;
    print_number(value, row.base, [&](text number) {
        for (; line.size > name.size; line = line.sub(1))
            found = found || (line.starts_with(name) && line[name.size] == '=' &&
                              line.sub(name.size + 1).starts_with(number));
    });
    return found;
}

/// The widths of the printed fields, counted through like an odometer.
struct width_search {
    static constexpr unsigned fields = sizeof(printed_rows) / sizeof(printed_row);
    unsigned least[fields] = {}, most[fields] = {}, now[fields] = {};

    /// A field that no line prints has no bits; others are tried up to what any kernel gives them.
    constexpr width_search(const report* lines, unsigned count) noexcept {
        for (unsigned i = 0; i < fields; ++i) {
            for (unsigned line = 0; line < count; ++line)
                if (mentions(lines[line].printed, field_shapes[printed_rows[i].field].name)) {
                    least[i] = printed_rows[i].least;
                    most[i] = printed_rows[i].most;
                }
            now[i] = least[i];
        }
    }
    /// The first field whose printed value is not in every line, wherever the fields after it are.
    [[nodiscard]] constexpr unsigned first_wrong(const report* lines, unsigned count,
                                                 unsigned bits) const noexcept {
        for (unsigned i = 0; i < fields; ++i) {
            if (now[i] == 0) continue;
            if (now[i] > bits) return i;
            bits -= now[i];
            const std::uint64_t ones = ~std::uint64_t{0} >> (64 - now[i]);
            for (unsigned line = 0; line < count; ++line)
                if (!shows(lines[line].printed, printed_rows[i], lines[line].raw >> bits & ones))
                    return i;
        }
        return fields;
    }
    /// The next widths that differ in field `at` or before it.
    constexpr bool next(unsigned at) noexcept {
        for (unsigned i = at + 1; i < fields; ++i) now[i] = least[i];
        for (unsigned i = at + 1; i-- != 0;) {
            if (now[i]++ < most[i]) return true;
            now[i] = least[i];
        }
        return false;
    }
};

/// Turns on those flag options whose bits are set in `chosen`; false if one of them adds no flag to
/// that kernel.
constexpr bool choose_flags(config& c, unsigned chosen) noexcept {
    for (const named_option& o : named_options) {
        if ((chosen & 1) != 0) {
            const unsigned before = nr_pageflags(c);
            o.apply_to(c);
            if (nr_pageflags(c) == before) return false;
        }
        chosen >>= 1;
    }
    return true;
}

} // namespace detail

/// Calls found(versions, config) for each different place of the printed fields that explains all
/// lines, oldest version first; stops when it returns false. The configuration has the fewest flag
/// options that do. Kernels that print no fields explain any; for them the configuration says
/// nothing about fields.
/// Cost: up to some hundred thousand layouts, when every field is printed.
template <class Found>
constexpr void infer(const report* lines, unsigned count, Found&& found) {
    const auto explains_all = [&](const config& c, const unsigned* width) {
        const page_layout l = page_layout_of(c);
        if (!l.fits() || (pick(prints_fields, c.kernel) && !has_widths(l, width))) return false;
        word_format format = format_of(c);
        if (!pick(prints_fields, c.kernel)) format.silent = ~std::uint64_t{0};
        for (unsigned i = 0; i < count; ++i)
            if (!explains(format, lines[i].raw, lines[i].printed)) return false;
        return true;
    };
    constexpr unsigned choices = 1u << (sizeof(named_options) / sizeof(named_option));
    const epoch_list all = epochs();
    for (unsigned e = 0; e < all.size; ++e)
        for (const unsigned bits : {64u, 32u}) {
            if (!detail::fit(lines, count, bits)) continue;
            config base{.kernel = all.since[e], .bits_per_long = bits};
            bool agreed = false;
            for (unsigned chosen = 0; chosen < choices && !agreed; ++chosen) {
                base = {.kernel = all.since[e], .bits_per_long = bits};
                agreed =
                    detail::choose_flags(base, chosen) && detail::names_agree(base, lines, count);
            }
            if (!agreed) continue;
            detail::width_search width(lines, count);
            constexpr unsigned last = detail::width_search::fields - 1;
            unsigned turned = last;
            do {
                // Fields are placed from the top: a wrong one rules out all widths of those below.
                const unsigned wrong = width.first_wrong(lines, count, bits);
                turned = wrong < last ? wrong : last;
                if (wrong <= last) continue;
                config c = with_widths(base, width.now);
                bool good = explains_all(c, width.now);
                // Bits that belong to nobody may be those of the LRU, which are never printed.
                if (!good && (c.lru_gen = pick(lru_gen_bits, c.kernel) != 0))
                    good = explains_all(c, width.now);
                if (good && !found(all[e], c)) return;
            } while (width.next(turned));
        }
}

} // namespace page_flags
