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

namespace zonal::linux_mm {

/// How an option can be turned to save bits.
enum class turn : unsigned char { off, fewer_nodes, fewer_cpus, to_vmemmap, no_tags };

struct knob {
    text option;
    turn how;
    bool config::* flag = nullptr; ///< to be turned off
    validity when = ever;
};

/// In the order in which a user would rather try them.
inline constexpr knob knobs[] = {
    {"CONFIG_NODES_SHIFT", turn::fewer_nodes},
    {"CONFIG_NR_CPUS", turn::fewer_cpus},
    {zone_options[0].option, turn::off, zone_options[0].on},
    {zone_options[1].option, turn::off, zone_options[1].on},
    {zone_options[2].option, turn::off, zone_options[2].on},
    {zone_options[3].option, turn::off, zone_options[3].on},
    {"CONFIG_SPARSEMEM_VMEMMAP", turn::to_vmemmap},
    {"CONFIG_KASAN", turn::no_tags},
    {"CONFIG_LRU_GEN", turn::off, &config::lru_gen},
    {"CONFIG_NUMA_BALANCING", turn::off, &config::numa_balancing},
    {"CONFIG_MEMORY_FAILURE", turn::off, &config::memory_failure},
    {"CONFIG_IDLE_PAGE_TRACKING", turn::off, &config::idle, until({5, 15})},
    {"CONFIG_PAGE_IDLE_FLAG", turn::off, &config::idle, since({5, 15})},
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

/// The next smaller step of a knob; false when it cannot be turned further.
constexpr bool turn_once(const knob& k, config& c) noexcept {
    switch (k.how) {
    case turn::off: return c.*k.flag && !(c.*k.flag = false);
    case turn::fewer_nodes:
        if (c.nodes_shift <= 1) return false;
        --c.nodes_shift;
        return true;
    case turn::fewer_cpus: {
        const unsigned bits = cpu_bits(c);
        if (bits < 2) return false;
        // The most CPUs whose numbers have one bit less.
        c.nr_cpus = pick(cpus_round_up, c.kernel) ? 1u << (bits - 1) : (1u << bits) - 1;
        return true;
    }
    case turn::to_vmemmap:
        if (c.memory != memory_model::sparse || c.bits_per_long != 64) return false;
        c.memory = memory_model::sparse_vmemmap;
        return true;
    case turn::no_tags:
        if (c.kasan != kasan_mode::sw_tags && c.kasan != kasan_mode::hw_tags) return false;
        c.kasan = kasan_mode::none;
        return true;
    }
    return false;
}

[[nodiscard]] constexpr unsigned setting(const knob& k, const config& c) noexcept {
    switch (k.how) {
    case turn::off: return c.*k.flag;
    case turn::fewer_nodes: return c.nodes_shift;
    case turn::fewer_cpus: return c.nr_cpus;
    case turn::to_vmemmap: return c.memory == memory_model::sparse_vmemmap;
    case turn::no_tags: return c.kasan != kasan_mode::none;
    }
    return 0;
}

/// For each knob, the smallest turn after which `good` holds.
template <class Good>
[[nodiscard]] constexpr change_list smallest_turns(const config& c, Good good) {
    change_list found;
    for (const knob& k : knobs) {
        if (!k.when.contains(c.kernel)) continue;
        config trial = c;
        while (turn_once(k, trial))
            if (good(trial)) {
                found.items[found.size++] = {k.option, setting(k, c), setting(k, trial), trial};
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

} // namespace zonal::linux_mm
