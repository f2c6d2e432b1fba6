// SPDX-License-Identifier: BSL-1.0
#pragma once

// Linux's page word as a type, for a configuration that is known at compile time.
//
//     namespace lm = zonal::linux_mm;
//     inline constexpr lm::config mine{.kernel = {6, 1}, .numa = true, .nodes_shift = 10};
//     struct page_flags_word : lm::page_word<mine> {};
//     static_assert(page_flags_word::width<zonal::node_id> == 10);
//
// A configuration that its kernel refuses does not compile; the message names the cause and what to
// give up.

#include <zonal/flags/page_word.hpp>
#include <zonal/linux_mm/page_layout.hpp>
#include <zonal/zone/algebra.hpp>

namespace zonal::inline v0::linux_mm {

/// The value of a field that only Linux has.
template <page_field F>
struct page_value {
    static constexpr text field_name = field_shapes[F].name;
    std::uint64_t value = 0;
    friend constexpr auto operator<=>(page_value, page_value) = default;
};
/// Who touched the page last: CPU number and the low bits of the process id.
using last_cpupid = page_value<page_field::last_cpupid>;
/// The tag that pointers to the page carry; stored inverted.
using kasan_tag = page_value<page_field::kasan_tag>;
/// Generation of the page in the multi-generational LRU, plus one; 0 is "on no list".
using lru_gen = page_value<page_field::lru_gen>;
/// Accesses through file descriptors, as far as bits are left for them.
using lru_refs = page_value<page_field::lru_refs>;

template <page_field F, unsigned Width, bool CountsLostNode = false>
struct page_value_field {
    using value_type = page_value<F>;
    static constexpr field_spec spec = [] {
        field_spec sized = field_shapes[F];
        sized.width = Width;
        sized.counts_left_out = CountsLostNode;
        return sized;
    }();
};
// Named one by one, because a word's fields stand in every message about it.
template <unsigned Width, bool CountsLostNode>
struct last_cpupid_field : page_value_field<page_field::last_cpupid, Width, CountsLostNode> {};
template <unsigned Width>
struct kasan_tag_field : page_value_field<page_field::kasan_tag, Width> {};
template <unsigned Width>
struct lru_gen_field : page_value_field<page_field::lru_gen, Width> {};
template <unsigned Width>
struct lru_refs_field : page_value_field<page_field::lru_refs, Width> {};

/// No option would help: a message shows this where it would name a zone.
struct no_zone_helps {};

template <class Zones, unsigned BitsNeeded, unsigned BitsThere, class GiveUp>
consteval bool too_many_zones() {
    static_assert(BitsNeeded <= BitsThere,
                  "linux_mm: too many zones for this kernel (arguments: the zones, bits needed, "
                  "bits there, the zone to give up); give that one up, or take 4.7 or later");
    return true;
}
template <refusal Why, unsigned BitsShort>
consteval bool refused() {
    static_assert(BitsShort > 64,
                  "linux_mm: this kernel refuses the configuration (arguments: why, bits short); "
                  "changes_for(config) names options that help");
    return true;
}

namespace detail {

template <config C>
struct is_configured {
    constexpr bool operator()(const zone_info& zone) const {
        return zones_of(C).find(zone.name).has_value();
    }
};

/// The first zone whose option, switched off, makes room for the others.
template <config C>
[[nodiscard]] consteval auto zone_to_give_up() {
    constexpr zone_id which = [] {
        for (const zone_option& option : zone_options) {
            config without = C;
            without.*option.on = false;
            if (C.*option.on && page_layout_of(without).fits())
                return all_zones::list.find(option.zone).value();
        }
        return zone_id{all_zones::size};
    }();
    if constexpr (which.value == all_zones::size)
        return no_zone_helps{};
    else
        return typename zonal::detail::nth_listed<which.value, all_zones::listed>::type{};
}

} // namespace detail

/// The zones of a configuration, as types.
template <config C>
using configured_zones = only<all_zones, detail::is_configured<C>{}>;

namespace detail {

// Nothing behind a refused configuration is instantiated.
template <config C, bool = page_layout_of(C).fits()>
struct page_word_of {
    static constexpr page_layout l = page_layout_of(C);
    static constexpr bool crowded = l.is_refused_for(refusal::too_many_zones);
    static constexpr refusal why =
        l.word.fits() ? static_cast<refusal>(l.refused) : refusal::not_enough_bits;
    static_assert([] {
        if constexpr (crowded)
            return too_many_zones<
                typename configured_zones<C>::listed, bits_for(configured_zones<C>::size),
                bits_for(pick(most_zones, C.kernel)), decltype(zone_to_give_up<C>())>();
        else
            return refused<why, l.word.fits() ? l[page_field::node].short_by : l.word.short_by()>();
    }());
    struct type {};
};
template <config C>
struct page_word_of<C, true> {
    static constexpr page_field_list f = fields_of(C);
    static constexpr unsigned width(page_field which) { return f[which].width; }
    using type = zonal::page_word<
        C.bits_per_long, section_field<width(page_field::section)>,
        node_field<width(page_field::node)>, zone_field<width(page_field::zone)>,
        last_cpupid_field<width(page_field::last_cpupid),
                          f[page_field::last_cpupid].counts_left_out>,
        kasan_tag_field<width(page_field::kasan_tag)>, lru_gen_field<width(page_field::lru_gen)>,
        lru_refs_field<width(page_field::lru_refs)>, flag_field<width(page_field::flags)>>;
};

} // namespace detail

/// The page word of a configuration; see zonal::page_word for what it can do.
/// Requires (checked at compile time): the kernel of that version accepts the configuration.
template <config C>
struct page_word : detail::page_word_of<C>::type {
    using zones = configured_zones<C>;
};

} // namespace zonal::inline v0::linux_mm
