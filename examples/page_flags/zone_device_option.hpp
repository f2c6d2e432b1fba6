// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a kernel of some version needs before ZONE_DEVICE can be switched on.
//
//     constexpr auto check = can_have_zone_device(k.options, k.mm.kernel);
//     if (!check) say(row_of(check.missing[0].what).name, check.missing[0].wanted);
//
// In 4.3 the zone was bought with ZONE_DMA, because five zones did not fit the layout; since 4.7 it
// is not.

#include <zonal/linux_mm/rules.hpp>

#include "kconfig_option.hpp"

namespace page_flags {

using namespace zonal;
using namespace zonal::linux_mm;

/// One thing the option depends on: another option, on or (wanted = false) off.
struct option_need {
    option what = option::none;
    bool wanted = true;
    friend constexpr bool operator==(const option_need&, const option_need&) = default;
};

/// ZONE_DEVICE as a question to whoever configures the kernel.
struct zone_device_option {
    bool prompt_needs_expert; ///< without EXPERT nobody is asked, the default counts
    bool on_by_default;       ///< where the needs are met
    option_need needs[4];     ///< `none` is no need
};

// clang-format off
/// Models: mm/Kconfig ZONE_DEVICE. Compared with real configurations of 5.10, 6.1, 6.12, 7.2 and
/// 7.3 and with what is recorded of 4.3, 4.7 and 5.4; the turning points 4.13, 5.3 and 6.17 come
/// from public patches.
inline constexpr rule<zone_device_option> zone_device_options[] = {
    {until({4, 7}), {true, true, {{option::memory_hotplug}, {option::memory_hotremove},
                                  {option::x86_64}, {option::zone_dma, false}}}},
    {{{4, 7}, {4, 13}}, {false, false, {{option::memory_hotplug}, {option::memory_hotremove},
                                        {option::sparsemem_vmemmap}, {option::x86_64}}}},
    {{{4, 13}, {5, 3}}, {false, false, {{option::memory_hotplug}, {option::memory_hotremove},
                                        {option::sparsemem_vmemmap}, {option::arch_has_zone_device}}}},
    {{{5, 3}, {6, 17}}, {false, false, {{option::memory_hotplug}, {option::memory_hotremove},
                                        {option::sparsemem_vmemmap}, {option::arch_has_pte_devmap}}}},
    {since({6, 17}), {false, false, {{option::memory_hotplug}, {option::memory_hotremove},
                                     {option::sparsemem_vmemmap}, {}}}},
};
// clang-format on

/// The rule of a version.
[[nodiscard]] constexpr zone_device_option option_of(version v) noexcept {
    return pick(zone_device_options, v);
}

/// Whether ZONE_DEVICE can be on, and which needs are missing.
struct zone_device_check {
    option_need missing[4];
    unsigned missing_count = 0;
    bool asked = false; ///< the prompt is visible, so that it can be switched by hand

    [[nodiscard]] constexpr explicit operator bool() const noexcept { return missing_count == 0; }
};

[[nodiscard]] constexpr zone_device_check can_have_zone_device(const option_values& values,
                                                               version v) noexcept {
    const zone_device_option device = option_of(v);
    zone_device_check check;
    for (option_need need : device.needs)
        if (need.what != option::none && values.on(need.what) != need.wanted)
            check.missing[check.missing_count++] = need;
    check.asked = check && (!device.prompt_needs_expert || values.on(option::expert));
    return check;
}

} // namespace page_flags
