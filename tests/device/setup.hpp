// SPDX-License-Identifier: BSL-1.0
#pragma once

// A small machine with device memory, and drivers that write down what they are told.

#include <zonal/device.hpp>
#include <zonal/linux_mm/zones.hpp>

namespace zonal_test {

using namespace zonal;
namespace lm = zonal::linux_mm;

struct zones : zone_set<lm::dma32, lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, section_field<16>, node_field<2>, zone_of<zones>, flag_field<24>> {};

using rules =
    release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>>;
using machine = hotplug_map<zones, rules, in_place<16>>;

inline constexpr owner_id nvdimm{7};

/// Hears of pages, and remembers the last.
struct driver {
    unsigned told = 0;
    pfn last{};
    result<done> migrated = done{};

    constexpr void page_free(pfn p) { page_idle(p); }
    constexpr void page_idle(pfn p) {
        ++told;
        last = p;
    }
    constexpr result<done> migrate_to_ram(pfn p) {
        last = p;
        return migrated;
    }
};
struct no_duties {};

using page = device_page<word>;

template <class Kind, class Driver = driver, class Words = words_in<word>, class Map = machine>
using memory = device_memory<Map, lm::device, Kind, Driver, Words>;

/// [start, end)
constexpr pfn_range pages(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }

} // namespace zonal_test
