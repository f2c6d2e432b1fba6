// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the number of a zone can mean when the layout is known, but not which zones are configured.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <zonal/linux_mm/page_layout.hpp>

namespace page_flags {

/// For each zone that `number` can mean: the zone sets in which it does, of those whose numbers have the width
/// that `layout` gives them.
inline std::map<std::string, std::vector<std::string>>
zone_meanings(const zonal::linux_mm::config& layout, std::uint64_t number) {
    namespace lm = zonal::linux_mm;
    std::map<std::string, std::vector<std::string>> found;
    const unsigned width = lm::page_layout_of(layout)[lm::page_field::zone].width;
    for (unsigned chosen = 0; chosen < 16; ++chosen) {
        lm::config c = layout;
        for (unsigned i = 0; i < 4; ++i) c.*lm::zone_options[i].on = (chosen >> i & 1) != 0;
        // HighMem is for 32 bits, DMA32 for more.
        if (c.bits_per_long == 32 ? c.zone_dma32 : c.highmem) continue;
        const zonal::zone_list zones = lm::zones_of(c);
        if (lm::page_layout_of(c)[lm::page_field::zone].width != width || !zones.contains({number}))
            continue;
        std::string names;
        for (const zonal::zone_info& z : zones)
            names += (names.empty() ? "" : " ") + z.name.as<std::string>();
        found[zones[{number}].name.as<std::string>()].push_back(names);
    }
    return found;
}

} // namespace page_flags
