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

namespace detail {

[[nodiscard]] constexpr bool is_of(page_owner a, page_owner who) noexcept {
    return a.node == who.node && (who.zone == any_zone || a.zone == who.zone);
}
[[nodiscard]] constexpr page_count rounded_up(page_count n, page_count step) {
    return page_count{(n.value() + step.value() - 1) / step.value() * step.value()};
}

} // namespace detail

/// What a page_view answers as `first_in` and `last_in`, from a map of owners.
/// Requires: step is not zero.
/// Cost:     O(k) for k ranges of the map there.
template <class... Policies>
[[nodiscard]] constexpr result<pfn> first_owned(const pfn_range_map<page_state, Policies...>& pages,
                                                pfn_range in, page_count step, page_owner who) {
    for (const auto& e : pages.overlapping(in)) {
        const pfn_range part = e.range.intersection(in);
        const page_count skipped = detail::rounded_up(part.start() - in.start(), step);
        if (detail::is_of(e.value.owner, who) && skipped < part.end() - in.start())
            return in.start() + skipped;
    }
    return fail(errc::not_found);
}
template <class... Policies>
[[nodiscard]] constexpr result<pfn> last_owned(const pfn_range_map<page_state, Policies...>& pages,
                                               pfn_range in, page_count step, page_owner who) {
    const auto all = pages.overlapping(in);
    for (auto at = all.end(); at != all.begin();) {
        const auto e = *--at;
        const pfn_range part = e.range.intersection(in);
        const page_count skipped = detail::rounded_up(in.end() - part.end(), step);
        if (detail::is_of(e.value.owner, who) && skipped < in.end() - part.start())
            return in.end() - skipped - page_count{1};
    }
    return fail(errc::not_found);
}

} // namespace zonal::inline v0
