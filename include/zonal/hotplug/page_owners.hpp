// SPDX-License-Identifier: BSL-1.0
#pragma once

// Whose pages are whose, and the searches that spans ask for: run by run instead of page by page.

#include <zonal/ranges/pfn_range_map.hpp>
#include <zonal/zone/span.hpp>

namespace zonal::inline v0 {

/// What a page word says.
struct page_state {
    page_owner owner;
    /// In use or free, but memory: neither a device's, nor a hole, nor offline.
    bool present = false;
    friend constexpr bool operator==(const page_state&, const page_state&) = default;
};

/// What a page_view answers as `first_in` or, from above, as `last_in`, from a map of owners.
/// Requires: step is not zero.
/// Cost:     O(k) for k ranges of the map there.
template <class... Policies>
[[nodiscard]] constexpr result<pfn> owned_in(const pfn_range_map<page_state, Policies...>& pages,
                                             pfn_range in, page_count step, page_owner who,
                                             bool from_above = false) {
    const auto all = pages.overlapping(in);
    for (auto low = all.begin(), high = all.end(); low != high;) {
        const auto e = from_above ? *--high : *low++;
        const page_owner owner = e.value.owner;
        if (owner.node != who.node || (who.zone != any_zone && owner.zone != who.zone)) continue;
        const pfn_range part = e.range.intersection(in);
        const page_count before = from_above ? in.end() - part.end() : part.start() - in.start();
        const page_count skipped{(before.value() + step.value() - 1) / step.value() * step.value()};
        if (skipped < before + part.size())
            return from_above ? in.end() - skipped - page_count{1} : in.start() + skipped;
    }
    return fail(errc::not_found);
}

} // namespace zonal::inline v0
