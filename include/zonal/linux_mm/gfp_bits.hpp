// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which allocation modifier (___GFP_…) is which bit of a request, and how many bits requests have.
//
//     constexpr gfp_bits bits = gfp_bits_of({.kernel = {6, 12}, .lockdep = true});
//     static_assert(bits.mask_of("NOLOCKDEP").value() == 0x1000000);
//     static_assert(bits.shift == 25);
//
// As with page flags the table is in bit order and positions are counted; but a modifier whose
// option is off still exists, with mask 0.

#include <zonal/core/bounded_list.hpp>
#include <zonal/linux_mm/config.hpp>
#include <zonal/linux_mm/rules.hpp>

namespace zonal::inline v0::linux_mm {

/// Whether modifiers of hardware tags keep their bits where there are none.
inline constexpr rule<bool> tag_modifiers_keep_bits[] = {{until({6, 10}), true}};

inline constexpr condition hw_tags_on{.needs_hw_tags = true};

// clang-format off
/// In bit order, ___GFP_ left out; an empty name is a bit that these versions leave unused. DMA,
/// HIGHMEM, DMA32 and MOVABLE, which choose the zone, are bits 0 to 3 in every version.
/// Models: include/linux/gfp.h, later gfp_types.h; an enumeration since 6.10, numbers before.
inline constexpr name_row gfp_rows[] = {
    {"DMA"}, {"HIGHMEM"}, {"DMA32"}, {"MOVABLE"},
    {"WAIT", until({4, 4})},
    {"RECLAIMABLE", since({4, 4})},
    {"HIGH"}, {"IO"}, {"FS"},
    // The order up to 5.0; two bits lay idle until 4.18 closed the gaps.
    {"COLD", until({4, 15})},
    {"", {{4, 15}, {4, 18}}},
    {"WRITE", {{4, 18}, {5, 1}}},
    {"NOWARN", until({5, 1})},
    {"REPEAT", until({4, 13})},
    {"RETRY_MAYFAIL", {{4, 13}, {5, 1}}},
    {"NOFAIL", until({5, 1})}, {"NORETRY", until({5, 1})}, {"MEMALLOC", until({5, 1})},
    {"COMP", until({5, 1})}, {"ZERO", until({5, 1})}, {"NOMEMALLOC", until({5, 1})},
    {"HARDWALL", until({5, 1})}, {"THISNODE", until({5, 1})},
    {"RECLAIMABLE", until({4, 4})},
    {"ATOMIC", {{4, 4}, {5, 1}}},
    {"NOACCOUNT", until({4, 5})},
    {"ACCOUNT", {{4, 5}, {5, 1}}},
    {"NOTRACK", until({4, 15})},
    {"", {{4, 15}, {4, 18}}},
    {"NO_KSWAPD", until({4, 4})},
    {"DIRECT_RECLAIM", {{4, 4}, {5, 1}}},
    {"OTHER_NODE", until({4, 10})},
    {"WRITE", until({4, 18})},
    {"KSWAPD_RECLAIM", {{4, 4}, {5, 1}}},
    // The order from 5.1 on, in which the bits of GFP_KERNEL are neighbours.
    {"ZERO", since({5, 1})},
    {"ATOMIC", {{5, 1}, {6, 3}}},
    {"", since({6, 3})},
    {"DIRECT_RECLAIM", since({5, 1})}, {"KSWAPD_RECLAIM", since({5, 1})}, {"WRITE", since({5, 1})},
    {"NOWARN", since({5, 1})}, {"RETRY_MAYFAIL", since({5, 1})}, {"NOFAIL", since({5, 1})},
    {"NORETRY", since({5, 1})}, {"MEMALLOC", since({5, 1})}, {"COMP", since({5, 1})},
    {"NOMEMALLOC", since({5, 1})}, {"HARDWALL", since({5, 1})}, {"THISNODE", since({5, 1})},
    {"ACCOUNT", since({5, 1})},
    {"ZEROTAGS", since({5, 14})},
    {"SKIP_KASAN_POISON", {{5, 14}, {5, 18}}},
    {"SKIP_ZERO", since({5, 18}), hw_tags_on},
    {"SKIP_KASAN_UNPOISON", {{5, 18}, {6, 4}}, hw_tags_on},
    {"SKIP_KASAN_POISON", {{5, 18}, {6, 4}}, hw_tags_on},
    {"SKIP_KASAN", since({6, 4}), hw_tags_on},
    {"NOLOCKDEP", since({4, 12}), {&config::lockdep}},
    {"NO_OBJ_EXT", {{6, 10}, {7, 3}}, {&config::slab_obj_ext}},
};
// clang-format on

struct gfp_modifier {
    text name;
    unsigned mask = 0; ///< 0: the option that gives it a meaning is off
};

/// The modifiers of one kernel.
struct gfp_bits {
    bounded_list<gfp_modifier, 40> list;
    unsigned shift = 0; ///< __GFP_BITS_SHIFT, ___GFP_LAST_BIT: bits in use or kept

    /// The mask of a modifier, by its name without ___GFP_.
    /// Fails: not_found  this version has no such modifier.
    [[nodiscard]] constexpr result<unsigned> mask_of(text modifier) const noexcept {
        for (const gfp_modifier& m : list)
            if (m.name == modifier) return m.mask;
        return fail(errc::not_found);
    }
};

[[nodiscard]] constexpr gfp_bits gfp_bits_of(const config& c) noexcept {
    gfp_bits bits;
    for (const name_row& row : gfp_rows) {
        if (!row.when.contains(c.kernel)) continue;
        const bool present = row.on.holds(c);
        if (!row.name.empty())
            static_cast<void>(bits.list.add({row.name, present ? 1u << bits.shift : 0u}));
        if (present || (row.on.needs_hw_tags && pick(tag_modifiers_keep_bits, c.kernel)))
            ++bits.shift;
    }
    return bits;
}

} // namespace zonal::inline v0::linux_mm
