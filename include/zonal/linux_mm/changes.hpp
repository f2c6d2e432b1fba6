// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which option to turn for a field to come back into the page word, or for a refused configuration
// to be accepted: every candidate is tried on the real layout, none is computed.
//
//     for (const change& c : changes_for(config, page_field::last_cpupid))
//         say(c.option, c.from, c.to);           // CONFIG_NODES_SHIFT 10 -> 6

#include <zonal/core/bounded_list.hpp>
#include <zonal/linux_mm/page_layout.hpp>
#include <zonal/linux_mm/requests.hpp>

namespace zonal::inline v0::linux_mm {

/// An option that can be turned to save bits, in steps.
struct knob {
    text option;
    bool (*turn)(config&);              ///< to the next smaller step; false when there is none
    unsigned (*setting)(const config&); ///< 1 and 0 for an option that is on or off
    validity when = ever;
};

namespace detail {

template <bool config::* Flag>
constexpr knob to_turn_off(text option, validity when = ever) noexcept {
    return {option, [](config& c) { return c.*Flag && !(c.*Flag = false); },
            [](const config& c) { return unsigned{c.*Flag}; }, when};
}

constexpr bool fewer_nodes(config& c) noexcept {
    if (c.nodes_shift <= 1) return false;
    --c.nodes_shift;
    return true;
}
/// To the most CPUs whose numbers have one bit less.
constexpr bool fewer_cpus(config& c) noexcept {
    const unsigned bits = cpu_bits(c);
    if (bits < 2) return false;
    c.nr_cpus = pick(cpus_round_up, c.kernel) ? 1u << (bits - 1) : (1u << bits) - 1;
    return true;
}
constexpr bool to_vmemmap(config& c) noexcept {
    if (c.memory != memory_model::sparse || c.bits_per_long != 64) return false;
    c.memory = memory_model::sparse_vmemmap;
    return true;
}
constexpr bool no_tags(config& c) noexcept {
    if (c.kasan != kasan_mode::sw_tags && c.kasan != kasan_mode::hw_tags) return false;
    c.kasan = kasan_mode::none;
    return true;
}

} // namespace detail

/// In the order in which a user would rather try them.
inline constexpr knob knobs[] = {
    {"CONFIG_NODES_SHIFT", detail::fewer_nodes, [](const config& c) { return c.nodes_shift; }},
    {"CONFIG_NR_CPUS", detail::fewer_cpus, [](const config& c) { return c.nr_cpus; }},
    detail::to_turn_off<zone_options[0].on>(zone_options[0].option),
    detail::to_turn_off<zone_options[1].on>(zone_options[1].option),
    detail::to_turn_off<zone_options[2].on>(zone_options[2].option),
    detail::to_turn_off<zone_options[3].on>(zone_options[3].option),
    {"CONFIG_SPARSEMEM_VMEMMAP", detail::to_vmemmap,
     [](const config& c) { return unsigned{c.memory == memory_model::sparse_vmemmap}; }},
    {"CONFIG_KASAN", detail::no_tags,
     [](const config& c) { return unsigned{c.kasan != kasan_mode::none}; }},
    detail::to_turn_off<&config::lru_gen>("CONFIG_LRU_GEN"),
    detail::to_turn_off<&config::numa_balancing>("CONFIG_NUMA_BALANCING"),
    detail::to_turn_off<&config::memory_failure>("CONFIG_MEMORY_FAILURE"),
    detail::to_turn_off<&config::idle>("CONFIG_IDLE_PAGE_TRACKING", until({5, 15})),
    detail::to_turn_off<&config::idle>("CONFIG_PAGE_IDLE_FLAG", since({5, 15})),
};

/// One turn of one option, and the configuration after it.
struct change {
    text option;
    unsigned from = 0; ///< 1 and 0 for an option that is on or off
    unsigned to = 0;
    config after;
};

using change_list = bounded_list<change, sizeof(knobs) / sizeof(knob)>;

namespace detail {

/// For each knob, the smallest turn after which `good` holds.
template <class Good>
[[nodiscard]] constexpr change_list smallest_turns(const config& c, Good good) {
    change_list found;
    for (const knob& k : knobs) {
        if (!k.when.contains(c.kernel)) continue;
        config trial = c;
        while (k.turn(trial))
            if (good(trial)) {
                found.items[found.size++] = {k.option, k.setting(c), k.setting(trial), trial};
                break;
            }
    }
    return found;
}

} // namespace detail

/// The single turns that make a refused configuration acceptable.
[[nodiscard]] constexpr change_list changes_for(const config& c) {
    return detail::smallest_turns(c, [](const config& trial) { return refusals_of(trial) == 0; });
}

/// The single turns that give `wanted` all the bits it asks for, without any other field losing
/// bits, except by asking for fewer. A field that is missing because nobody asked for it has none.
/// Cost: a layout for each step of each option, some hundred in all.
[[nodiscard]] constexpr change_list changes_for(const config& c, page_field wanted) {
    const page_layout before = page_layout_of(c);
    return detail::smallest_turns(c, [&](const config& trial) {
        const page_layout after = page_layout_of(trial);
        if (refusals_of(trial) != 0 || after[wanted].outcome != fate::kept ||
            !after[wanted].is_present())
            return false;
        for (unsigned i = 0; i < page_fields; ++i) {
            const placed_field& was = before.word.fields[i];
            const placed_field& is = after.word.fields[i];
            if (is.width < was.width && is.asked.width >= was.asked.width) return false;
        }
        return true;
    });
}

} // namespace zonal::inline v0::linux_mm
