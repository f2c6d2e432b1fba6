// SPDX-License-Identifier: BSL-1.0
#pragma once

// The map of the machine's memory, in storage of fixed size, and how it comes about: from what the
// firmware says to pages that can be allocated.

#include "machine.hpp"

#include "allocator.hpp"
#include "dimm_slots.hpp"
#include "firmware.hpp"

#include <zonal/hotplug/boot_map.hpp>

extern "C" char image_start[], image_end[]; // see kernel.ld

namespace kernel {

/// The last step of a DIMM's removal: its slot is emptied.
struct eject {
    void operator()(const leaving& l) const {
        for (unsigned slot = 0; slot < dimm_slots::count; ++slot)
            if (dimm_slots::look(slot).bytes.contains(l.bytes.start()))
                dimm_slots::write(slot, dimm_slots::eject_it);
    }
};
// RAM returns to the tree and is ejected. A device is drained first, and left to its driver.
struct rules : release<zones, otherwise<then<return_to_tree, notify<eject>>>,
                       on<device, drain_then<leave_to_driver>>> {};
using memory_map = hotplug_map<zones, rules, in_place<48>, hooks<page_allocator>>;

inline constinit machine_description machine;
inline constinit memory_map map{geometry};
inline page_allocator& allocator() { return map.hook<page_allocator>(); }

constexpr digits mebibytes(page_count n) { return {n.value() >> 8, 0, 10, 'M'}; }

/// For what cannot fail, unless the machine is too large for the map.
template <class T>
T must(result<T> r) {
    if (!r) say("\nerror: ", name_of(r.error()), "\n"), leave(failed);
    return *std::move(r);
}

class boot {
public:
    boot() {
        machine.memory.end_usable_at(end_of_memory);
        must(machine.memory.add({{phys_addr{0}, phys_addr{0x1000}}, firmware_kind::reserved}));
        const auto usable = must(boot_ranges<>::make(geometry, machine.memory, machine.nodes));
        must(map.boot(must(boot_map<>::make(usable, zones::list))));

        for (const boot_range& r : usable) must(unused_.insert(r.pages));
        const auto page_at = [](const char* p) {
            return pfn{reinterpret_cast<std::uintptr_t>(p) >> 12};
        };
        must(unused_.erase({page_at(image_start), page_at(image_end + 4095)}));
        for (const boot_range& r : usable) make_page_structs(r);
        for (const auto& [range, state] : map.memory().pages()) {
            allocator().write_words(range, state.owner);
            if (!state.present) continue;
            for (const pfn_range part : unused_.overlapping(range))
                allocator().add(part.intersection(range), state.owner);
        }
    }

private:
    /// From the top of the node's memory; there is no allocator yet.
    void make_page_structs(const boot_range& r) {
        each_section(r.pages, [&](pfn start) {
            if (allocator().pages.find(start) != nullptr) return;
            result<pfn_range> place = fail(errc::no_space);
            for (const pfn_range u : unused_)
                if (const auto fits = place_in(u, {.size = page_allocator::structs_of_section,
                                                   .window = map.memory().node_span(r.node),
                                                   .from = search_from::above}))
                    place = fits;
            must(unused_.erase(must(place)));
            page* const structs = allocator().at(place->start());
            for (std::uint64_t i = 0; i < geometry.pages_of(unit::section).value(); ++i)
                structs[i] = {};
            allocator().pages.set(start, structs);
        });
    }

    pfn_range_set<in_place<64>> unused_; ///< pages that are memory and not used yet
};

} // namespace kernel
