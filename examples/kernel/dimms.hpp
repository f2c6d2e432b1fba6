// SPDX-License-Identifier: BSL-1.0
#pragma once

// DIMMs that are plugged and unplugged while the kernel runs.

#include "map.hpp"
#include "picture.hpp"

namespace kernel {

class dimms {
public:
    unsigned refusals = 0; ///< of requests to give one back

    /// Takes what is there and gives what is wanted back. How many DIMMs there are now.
    unsigned poll() {
        unsigned there = 0;
        for (unsigned slot = 0; slot < dimm_slots::count; ++slot) {
            const auto d = dimm_slots::look(slot);
            if (d.bytes.empty())
                known_[slot] = false;
            else if (!known_[slot])
                take(slot, d);
            else if ((d.events & dimm_slots::removal) != 0)
                give_back(slot);
            there += known_[slot] ? 1 : 0;
        }
        return there;
    }

private:
    void take(unsigned slot, const dimm_slots::dimm& d) {
        known_[slot] = true;
        range_[slot] = {};
        dimm_slots::write(slot, dimm_slots::inserted);
        const pfn_range r{pfn{d.bytes.start.value >> 12}, pfn{d.bytes.end.value >> 12}};
        const node_id node = machine.node_of(d.proximity);
        say("slot ", slot, ": a DIMM of ", mebibytes(r.size()), " at pfn ", hex(r.start().value()));
        const auto range = map.plug(r, {.node = node, .name = "DIMM"});
        if (!range) return say(" is refused: ", name_of(range.error()), "\n");
        range_[slot] = *range;
        const auto zone = map.online(*range, where_it_goes);
        if (!zone) return say(" stays offline: ", name_of(zone.error()), "\n");
        say(" goes to ", zones::name_of(*zone), " of node ", node.value, "\n");
    }

    void give_back(unsigned slot) {
        dimm_slots::write(slot, dimm_slots::removal);
        const auto plugged = map.about(range_[slot]);
        if (plugged && plugged->online && !map.offline(range_[slot])) {
            say("slot ", slot, ": the DIMM stays, its pages are in use\n");
            ++refusals;
            return dimm_slots::report_removal(slot, dimm_slots::in_use);
        }
        if (plugged)
            must(map.unplug(range_[slot])); // the release policy ejects it
        else
            dimm_slots::write(slot, dimm_slots::eject_it);
        dimm_slots::report_removal(slot, dimm_slots::success);
        known_[slot] = false;
        say("slot ", slot, ": the DIMM is unplugged\n");
    }

    bool known_[dimm_slots::count] = {};
    range_handle range_[dimm_slots::count] = {};
};

} // namespace kernel
