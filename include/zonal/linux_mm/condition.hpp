// SPDX-License-Identifier: BSL-1.0
#pragma once

// When a row of a table applies: in which versions, and under which options.
//
// The tables of this folder (page flags, gfp bits, Kconfig rules) are rows with a validity and a
// condition. A fact that changed has two rows, with disjoint validities; no algorithm asks for a
// version.

#include <zonal/linux_mm/config.hpp>

namespace zonal::linux_mm {

inline constexpr validity ever{};

[[nodiscard]] constexpr validity since(version v) noexcept { return {v, never}; }
[[nodiscard]] constexpr validity until(version v) noexcept { return {oldest, v}; }

/// What has to be configured for a flag or a bit to exist.
/// Models: the #ifdef around an enumerator or a definition; names in _64 also need 64 bits.
enum class condition : unsigned char {
    always,
    extended,
    not_extended,
    mmu,
    uncached,
    memory_failure,
    thp,
    idle_64,
    bits_64,
    arch_2,
    arch_3,
    hw_tags,
    hw_tags_64,
    memory_hotplug,
    lockdep,
    slab_obj_ext,
};

[[nodiscard]] constexpr bool holds(condition what, const config& c) noexcept {
    const bool wide = c.bits_per_long == 64;
    switch (what) {
    case condition::always: return true;
    case condition::extended: return c.extended;
    case condition::not_extended: return !c.extended;
    case condition::mmu: return c.mmu;
    case condition::uncached: return c.uncached;
    case condition::memory_failure: return c.memory_failure;
    case condition::thp: return c.thp;
    case condition::idle_64: return wide && c.idle;
    case condition::bits_64: return wide;
    case condition::arch_2: return c.arch_2;
    case condition::arch_3: return c.arch_3;
    case condition::hw_tags: return c.kasan == kasan_mode::hw_tags;
    case condition::hw_tags_64: return wide && c.kasan == kasan_mode::hw_tags;
    case condition::memory_hotplug: return c.memory_hotplug;
    case condition::lockdep: return c.lockdep;
    case condition::slab_obj_ext: return c.slab_obj_ext;
    }
    return false;
}

} // namespace zonal::linux_mm
