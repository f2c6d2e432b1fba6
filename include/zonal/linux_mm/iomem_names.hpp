// SPDX-License-Identifier: BSL-1.0
#pragma once

// What Linux's names in /proc/iomem say about the regions: flags and kinds are not printed there.
//
//     read_iomem(file, tree, linux_mm::describe_by_name);
//     relation_to(tree, range, linux_mm::system_ram);

#include <zonal/resource/region.hpp>

namespace zonal::inline v0::linux_mm {

/// Models: include/linux/ioport.h enum of IORES_DESC_.
inline constexpr region_kind persistent_memory{4};
inline constexpr region_kind legacy_persistent_memory{5};
inline constexpr region_kind reserved{7};

/// What walk_system_ram_range() looks for.
inline constexpr region_query system_ram{{.memory = true, .system_ram = true, .busy = true}};

struct name_rule {
    text name;
    bool is_prefix;
    region_flags flags;
    region_kind kind;
};
/// As recorded from 6.1 and 6.12. The first one that fits counts.
inline constexpr name_rule name_rules[] = {
    {"System RAM", false, system_ram.flags, {}},
    {"System RAM (", true, system_ram.flags | region_flags{.driver_managed = true}, {}},
    {"Kernel ", true, system_ram.flags, {}},
    {"Persistent Memory", false, {.memory = true}, persistent_memory},
    {"Persistent Memory (legacy)", false, {.memory = true}, legacy_persistent_memory},
    {"Reserved", false, {.memory = true}, reserved},
};

/// The flags and the kind that regions of this name have; for read_iomem.
[[nodiscard]] constexpr region describe_by_name(text name) noexcept {
    for (const name_rule& rule : name_rules)
        if (rule.is_prefix ? name.starts_with(rule.name) : name == rule.name)
            return {.flags = rule.flags, .kind = rule.kind};
    return {.flags = {.memory = true}};
}

} // namespace zonal::inline v0::linux_mm
