// SPDX-License-Identifier: BSL-1.0
#pragma once

// Linux's page word: a configuration becomes eight fields for the packing engine, and what the
// engine answers becomes a layout or a refusal.
//
//     constexpr page_layout debian = page_layout_of(config);
//     static_assert(debian.fits() && debian[page_field::node].width == 10);
//
// Why the ladder of #ifs in the kernel is a list here: it places fields from the top, but decides
// about them in another order. Both orders are columns of the list below.

#include <zonal/flags/layout.hpp>
#include <zonal/linux_mm/page_flags.hpp>
#include <zonal/linux_mm/rules.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace zonal::inline v0::linux_mm {

/// The fields from the top of the word down; the flags stand at its low end.
enum class page_field { section, node, zone, last_cpupid, kasan_tag, lru_gen, lru_refs, flags };
inline constexpr unsigned page_fields = 8;

/// Why a kernel refuses a configuration; several can hold at once. See `describe`.
enum class refusal : unsigned char {
    too_many_zones = 1,
    node_without_table = 2,
    not_enough_bits = 4,
    undefined_name = 8,
    table_too_large = 16,
};

[[nodiscard]] constexpr text describe(refusal r) noexcept {
    switch (r) {
    case refusal::too_many_zones: return "too many zones for the zone field of this version";
    case refusal::node_without_table:
        return "node does not fit, and a virtual memory map has no section table for it";
    case refusal::not_enough_bits: return "not enough bits in the page word";
    case refusal::undefined_name:
        return "undefined name: this kernel has no section width without sections";
    case refusal::table_too_large: return "request table too large for a word";
    }
    return "";
}
inline constexpr refusal refusals[] = {refusal::too_many_zones, refusal::node_without_table,
                                       refusal::not_enough_bits, refusal::undefined_name,
                                       refusal::table_too_large};

/// Bits of a CPU number.
[[nodiscard]] constexpr unsigned cpu_bits(const config& c) noexcept {
    const unsigned up = bits_for(c.nr_cpus);
    const bool exact = c.nr_cpus == 0 || (std::uint64_t{1} << up) == c.nr_cpus;
    return exact || pick(cpus_round_up, c.kernel) ? up : up - 1;
}

/// Bits of a section number; 0 without sections.
[[nodiscard]] constexpr unsigned section_bits(const config& c) noexcept {
    if (c.memory == memory_model::flat || c.max_physmem_bits < c.section_size_bits) return 0;
    return c.max_physmem_bits - c.section_size_bits;
}

struct page_field_list {
    field_spec list[page_fields] = {};
    [[nodiscard]] constexpr const field_spec& operator[](page_field f) const noexcept {
        return list[static_cast<unsigned>(f)];
    }
};

/// What each field is, and the bits that it asks for.
/// Models: include/linux/page-flags-layout.h.
[[nodiscard]] constexpr page_field_list fields_of(const config& c) noexcept {
    const unsigned zones = zones_of(c).size;
    const unsigned kasan = c.kasan == kasan_mode::sw_tags   ? pick(kasan_sw_tag_bits, c.kernel)
                           : c.kasan == kasan_mode::hw_tags ? pick(kasan_hw_tag_bits, c.kernel)
                                                            : 0;
    return {{
        {.name = "section", .width = c.memory == memory_model::sparse ? section_bits(c) : 0},
        {.name = "node", .width = c.numa ? c.nodes_shift : 0, .otherwise = no_room::side_table},
        {.name = "zone", .width = zones <= pick(most_zones, c.kernel) ? bits_for(zones) : 0},
        {.name = "lastcpupid",
         .width = c.numa_balancing ? last_pid_bits + cpu_bits(c) : 0,
         .otherwise = no_room::member,
         .claim = 2,
         .counts_left_out = pick(cpupid_counts_lost_node, c.kernel)},
        {.name = "kasantag", .width = kasan, .stored = encoding::inverted, .claim = 1},
        {.name = "lru_gen", .width = c.lru_gen ? pick(lru_gen_bits, c.kernel) : 0},
        {.name = "lru_refs",
         .width = c.lru_gen ? pick(lru_refs_bits, c.kernel) : 0,
         .otherwise = no_room::take_rest,
         .claim = 3},
        {.name = "flags", .width = nr_pageflags(c), .from = anchor::low},
    }};
}

/// What the fields are in every configuration; their widths are the configuration's.
inline constexpr page_field_list field_shapes = fields_of({});

/// The layout of one configuration.
struct page_layout {
    layout<page_fields> word;
    unsigned refused = 0; ///< the refusals of the layout, or'ed; see also refusals_of

    [[nodiscard]] constexpr bool fits() const noexcept { return refused == 0; }
    [[nodiscard]] constexpr bool is_refused_for(refusal r) const noexcept {
        return (refused & static_cast<unsigned>(r)) != 0;
    }
    [[nodiscard]] constexpr const placed_field& operator[](page_field f) const noexcept {
        return word.fields[static_cast<unsigned>(f)];
    }
    /// The node number is not in the word, although there are nodes.
    [[nodiscard]] constexpr bool node_left_out() const noexcept {
        return (*this)[page_field::node].outcome == fate::left_out;
    }
};

[[nodiscard]] constexpr page_layout page_layout_of(const config& c) {
    page_layout result{pack(c.bits_per_long, fields_of(c).list)};
    const auto refuse_if = [&](bool holds, refusal why) {
        if (holds) result.refused |= static_cast<unsigned>(why);
    };
    refuse_if(zones_of(c).size > pick(most_zones, c.kernel), refusal::too_many_zones);
    refuse_if(c.memory == memory_model::sparse_vmemmap && result[page_field::node].short_by != 0,
              refusal::node_without_table);
    refuse_if(!result.word.fits(), refusal::not_enough_bits);
    refuse_if(result.fits() && result.node_left_out() && c.memory == memory_model::flat &&
                  !pick(flat_has_section_width, c.kernel),
              refusal::undefined_name);
    return result;
}

} // namespace zonal::inline v0::linux_mm
