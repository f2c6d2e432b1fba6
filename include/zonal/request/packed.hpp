// SPDX-License-Identifier: BSL-1.0
#pragma once

// A request table in one machine word: the answer is a shift and a mask.
//
//     inline constexpr packed_requests packed = pack(table, 64).value();
//     zone_id z = packed.zone_for(modifiers);                       // 5 instructions
//     constexpr zone_id d = zone_for<packed, gfp_dma>;              // checked at compile time
//
// Why not an array: the word is an immediate in the instruction stream, so no cache line is
// touched.

#include <zonal/core/bits.hpp>
#include <zonal/request/rules.hpp>

namespace zonal::inline v0 {

/// Entries of entry_bits bits, indexed by the combination of modifiers. A bad combination reads as
/// entry 0.
struct packed_requests {
    std::uint64_t table = 0;
    std::uint64_t bad = 0;
    unsigned entry_bits = 0;
    unsigned modifier_bits = 0;

    /// Requires: modifiers is a combination of the table; a bad one gives the zone of entry 0 bits,
    /// as the kernel does without debugging. Cost: a shift and a mask.
    [[nodiscard]] constexpr zone_id zone_for(std::uint64_t modifiers) const noexcept {
        const std::uint64_t m = modifiers & low_ones(modifier_bits);
        return zone_id{table >> m * entry_bits & low_ones(entry_bits)};
    }
    [[nodiscard]] constexpr bool is_bad(std::uint64_t modifiers) const noexcept {
        return (bad >> (modifiers & low_ones(modifier_bits)) & 1) != 0;
    }
    /// Fails: not_found  a bad combination, or modifiers beyond the table.
    [[nodiscard]] constexpr result<zone_id>
    checked_zone_for(std::uint64_t modifiers) const noexcept {
        if (modifiers >= std::uint64_t{1} << modifier_bits || is_bad(modifiers)) [[unlikely]]
            return fail(errc::not_found);
        return zone_for(modifiers);
    }
};

/// Packs a table into a word of word_bits bits, with entries of entry_bits (0: as many as the
/// answers need).
/// Fails: no_space      the table is larger than the word;
///        out_of_reach  an answer does not fit an entry.
[[nodiscard]] constexpr result<packed_requests> pack(const request_table& from, unsigned word_bits,
                                                     unsigned entry_bits = 0) noexcept {
    const unsigned needed = bits_for(from.highest().value + 1);
    if (entry_bits == 0) entry_bits = needed;
    if (word_bits > 64 || std::uint64_t{from.combinations()} * entry_bits > word_bits)
        return fail(errc::no_space);
    if (needed > entry_bits) return fail(errc::out_of_reach);
    packed_requests packed{
        .bad = from.bad, .entry_bits = entry_bits, .modifier_bits = from.modifier_bits};
    for (unsigned m = 0; m < from.combinations(); ++m)
        if (!from.is_bad(m)) packed.table |= from.answers[m].value << m * entry_bits;
    return packed;
}

/// The zone of a constant request. An impossible one does not compile.
template <const auto& Requests, std::uint64_t Modifiers>
inline constexpr zone_id zone_for = [] {
    static_assert(!Requests.is_bad(Modifiers) && Modifiers >> Requests.modifier_bits == 0,
                  "request: no rule serves this combination of modifiers (template argument); "
                  "leave one out");
    return Requests.zone_for(Modifiers);
}();

} // namespace zonal::inline v0
