// SPDX-License-Identifier: BSL-1.0
#pragma once

// From what a caller asks for to the zone that may serve it.
//
//     inline constexpr request_rule my_rules[] = {
//         {0, "DRAM"}, {fast, "HBM", "DRAM"}, {big, "CXL", "DRAM"}}; // other combinations are bad
//     constexpr request_table table = requests_of(my_zones::list, my_rules, 2);
//     static_assert(table.zone_for(fast).value() == my_zones::id_of<hbm>);
//
// Requests are small numbers whose bits are modifiers ("for this device", "movable"). Why rules
// instead of a table written by hand: the table depends on which zones there are, and a combination
// that nobody thought of must be bad, not the first zone.

#include <zonal/zone/zone_list.hpp>

namespace zonal::inline v0 {

/// The most modifier bits a request has; 2^bits combinations are tabled.
inline constexpr unsigned max_modifier_bits = 6;

/// This combination of modifiers is served from `wanted`, or from `otherwise` where there is no
/// such zone.
struct request_rule {
    unsigned modifiers = 0;
    text wanted;
    text otherwise = {};
};

/// For every combination of modifiers: a zone, or bad.
struct request_table {
    unsigned modifier_bits = 0;
    zone_id answers[1u << max_modifier_bits] = {};
    std::uint64_t bad = 0; ///< bit m: combination m is nobody's request

    [[nodiscard]] constexpr unsigned combinations() const noexcept { return 1u << modifier_bits; }
    [[nodiscard]] constexpr bool is_bad(unsigned modifiers) const noexcept {
        return modifiers >= combinations() || (bad >> modifiers & 1) != 0;
    }
    /// The zone that serves a request first; see fallback_order for the rest.
    /// Fails: not_found  a combination without a rule.
    [[nodiscard]] constexpr result<zone_id> zone_for(unsigned modifiers) const noexcept {
        if (is_bad(modifiers)) return fail(errc::not_found);
        return answers[modifiers];
    }
    /// The highest zone that answers any good combination.
    [[nodiscard]] constexpr zone_id highest() const noexcept {
        zone_id high{};
        for (unsigned m = 0; m < combinations(); ++m)
            if (!is_bad(m) && high < answers[m]) high = answers[m];
        return high;
    }
};

/// The table of these rules for these zones. Where both zones of a rule are missing, its
/// combination is bad.
/// Requires: modifier_bits <= max_modifier_bits, and every rule's modifiers fit.
/// Models: include/linux/gfp.h, GFP_ZONE_TABLE and GFP_ZONE_BAD; differs: made from rules, for any
/// zones.
template <unsigned N>
[[nodiscard]] constexpr request_table
requests_of(const zone_list& zones, const request_rule (&rules)[N], unsigned modifier_bits) {
    expects(modifier_bits <= max_modifier_bits,
            "requests_of: more modifier bits than max_modifier_bits");
    request_table table{.modifier_bits = modifier_bits};
    table.bad = ~std::uint64_t{0} >> (64 - table.combinations());
    for (const request_rule& rule : rules) {
        expects(rule.modifiers < table.combinations(),
                "requests_of: a rule uses a modifier beyond modifier_bits");
        auto zone = zones.find(rule.wanted);
        if (!zone) zone = zones.find(rule.otherwise);
        if (!zone) continue;
        table.answers[rule.modifiers] = *zone;
        table.bad &= ~(std::uint64_t{1} << rule.modifiers);
    }
    return table;
}

} // namespace zonal::inline v0
