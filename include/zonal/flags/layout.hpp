// SPDX-License-Identifier: BSL-1.0
#pragma once

// Packs fields into a word. One pass decides who gets room (in the order of claims), one pass
// places them (in the order of the list, from both ends), and the result answers every question
// about each field.
//
//     constexpr auto word =
//         pack(64, {{.name = "node", .width = 10, .otherwise = no_room::side_table},
//                   {.name = "zone", .width = 3},
//                   {.name = "flags", .width = 24, .from = anchor::low}});
//     static_assert(word.fits() && word[0].shift() == 54 && word[1].max() == 7);
//
// Why not C++ bit-fields: their order is the compiler's, they cannot be dropped when the word is
// full, and no mask of theirs can be asked for.

#include <zonal/config.hpp>
#include <zonal/flags/field.hpp>

namespace zonal::inline v0 {

/// What became of a field.
enum class fate : unsigned char {
    kept,     ///< as wide as it asked to be
    shrunk,   ///< took what was left, less than it asked for
    left_out, ///< no room: side table or member
    refused,  ///< no room, and it cannot do without
};

/// A field in a word.
/// Units: bits, counted from bit 0 upwards.
struct placed_field {
    field_spec asked;
    unsigned width = 0;
    unsigned offset = 0; ///< where it begins, or would begin
    fate outcome = fate::kept;
    unsigned short_by = 0; ///< the bits that were missing when it claimed; 0 when there was room

    [[nodiscard]] constexpr bool is_present() const noexcept { return width != 0; }
    /// The bits it would have needed not to be left out; 0 unless it was.
    [[nodiscard]] constexpr unsigned missing() const noexcept {
        return outcome == fate::left_out ? short_by : 0;
    }
    /// The position of its lowest bit; 0 for a field without bits, whose shift is then harmless.
    [[nodiscard]] constexpr unsigned shift() const noexcept { return width != 0 ? offset : 0; }
    /// All ones, as wide as the field, at bit 0.
    [[nodiscard]] constexpr std::uint64_t max() const noexcept { return low_ones(width); }
    /// The field's bits in the word.
    [[nodiscard]] constexpr std::uint64_t mask() const noexcept { return max() << shift(); }
    [[nodiscard]] constexpr bool holds(std::uint64_t value) const noexcept {
        return value <= max();
    }

    /// The value in a word; 0 for a field without bits.
    [[nodiscard]] constexpr std::uint64_t get(std::uint64_t word) const noexcept {
        const std::uint64_t bits = (word >> shift()) & max();
        return asked.stored == encoding::inverted ? bits ^ max() : bits;
    }
    /// The value at its place in an otherwise empty word; bits beyond the field's width are lost.
    [[nodiscard]] constexpr std::uint64_t put(std::uint64_t value) const noexcept {
        const std::uint64_t bits = value & max();
        return (asked.stored == encoding::inverted ? bits ^ max() : bits) << shift();
    }

    friend constexpr bool operator==(const placed_field&, const placed_field&) = default;
};

/// N fields in a word, in the order in which they were listed.
template <unsigned N>
struct layout {
    unsigned word_bits = 0;
    placed_field fields[N] = {};

    [[nodiscard]] constexpr const placed_field* begin() const noexcept { return fields; }
    [[nodiscard]] constexpr const placed_field* end() const noexcept { return fields + N; }
    [[nodiscard]] constexpr const placed_field& operator[](unsigned i) const {
        expects(i < N, "layout: no field of that number");
        return fields[i];
    }

    /// No field was refused. A layout that does not fit has fates, but no positions.
    [[nodiscard]] constexpr bool fits() const noexcept { return short_by() == 0; }
    /// How many bits the word would need more for every field that cannot do without.
    [[nodiscard]] constexpr unsigned short_by() const noexcept {
        unsigned bits = 0;
        for (const placed_field& f : fields)
            if (f.outcome == fate::refused && f.short_by > bits) bits = f.short_by;
        return bits;
    }
    /// Bits that belong to a field.
    [[nodiscard]] constexpr unsigned used() const noexcept {
        unsigned bits = 0;
        for (const placed_field& f : fields) bits += f.width;
        return bits;
    }
    /// Bits that belong to nobody.
    [[nodiscard]] constexpr unsigned unused() const noexcept {
        return fits() ? word_bits - used() : 0;
    }
};

/// Lays out the fields in a word of word_bits bits.
/// Requires: word_bits is 1 to 64.
/// Cost: O(N^2); a constant expression for constant fields.
/// Models: include/linux/page-flags-layout.h; differs: an algorithm over a list instead of an #if
/// ladder, and every field that does not fit is reported, not the first.
template <unsigned N>
[[nodiscard]] constexpr layout<N> pack(unsigned word_bits, const field_spec (&specs)[N]) {
    expects(word_bits >= 1 && word_bits <= 64, "pack: a word has 1 to 64 bits");
    layout<N> result{.word_bits = word_bits};
    for (unsigned i = 0; i < N; ++i) result.fields[i].asked = specs[i];

    unsigned charged = 0;
    unsigned left_out = 0;
    bool decided[N] = {};
    for (unsigned n = 0; n < N; ++n) {
        unsigned next = N;
        for (unsigned i = 0; i < N; ++i)
            if (!decided[i] && (next == N || specs[i].claims_before(specs[next]))) next = i;
        decided[next] = true;

        placed_field& f = result.fields[next];
        const unsigned before = charged + (f.asked.counts_left_out ? left_out : 0);
        const unsigned room = before < word_bits ? word_bits - before : 0;
        // Widths beyond any word are cut here, so that no sum of them can wrap.
        const unsigned asked = f.asked.width < 0x10000 ? f.asked.width : 0x10000;
        f.width = asked;
        if (before + asked > word_bits) f.short_by = before + asked - word_bits;
        if (f.short_by != 0 && asked != 0) {
            const no_room then = f.asked.otherwise;
            f.outcome = then == no_room::refuse      ? fate::refused
                        : then == no_room::take_rest ? fate::shrunk
                                                     : fate::left_out;
            if (then != no_room::refuse) f.width = then == no_room::take_rest ? room : 0;
            if (f.outcome == fate::left_out) left_out += asked;
        }
        charged += f.width;
    }
    if (!result.fits()) return result;

    unsigned low = 0;
    unsigned high = word_bits;
    for (placed_field& f : result.fields) {
        if (f.asked.from == anchor::low) {
            f.offset = low;
            low += f.width;
        } else {
            high -= f.width;
            f.offset = high;
        }
    }
    return result;
}

} // namespace zonal::inline v0
