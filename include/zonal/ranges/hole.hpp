// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where a range of a given size fits: the first hole, from below or from above.
//
//     auto at = map.find_hole({.size = page_count{0x8000}, .alignment = page_count{0x8000},
//                              .window = pool, .from = search_from::above});
//     if (at) map.insert(*at, value);

#include <zonal/ranges/views.hpp>

namespace zonal::inline v0 {

enum class search_from : unsigned char { below, above };

/// A hole of `size` pages in `window` that starts at a multiple of `alignment`, which need not be a
/// power of two.
struct hole_request {
    page_count size;
    page_count alignment{1};
    pfn_range window{pfn{0}, pfn{pfn::limit}};
    search_from from = search_from::below;
};

/// Where the request fits in one gap.
/// Requires: size and alignment are not zero.
/// Fails:    no_space  nowhere.
[[nodiscard]] constexpr result<pfn_range> place_in(pfn_range gap,
                                                   const hole_request& what) noexcept {
    gap = gap.intersection(what.window);
    if (gap.size() < what.size) return fail(errc::no_space);
    const auto step = what.alignment.value();
    auto start = gap.start().value() + (step - 1);
    if (what.from == search_from::above) start = gap.end().value() - what.size.value();
    start -= start % step;
    if (start < gap.start().value() || gap.end().value() < start) return fail(errc::no_space);
    if (gap.end().value() - start < what.size.value()) return fail(errc::no_space);
    return pfn_range{pfn{start}, what.size};
}

namespace detail {

template <range_back_end B>
[[nodiscard]] constexpr result<pfn_range> highest_hole(const B& b,
                                                       const hole_request& what) noexcept {
    using entry = range_entry<typename B::value_type>;
    const pfn_range window = what.window;
    pfn top = window.end(); // of the next gap
    auto at = b.seek(top);
    if (at != b.end())
        if (const pfn start = entry(b.at(at)).range.start(); start < top) top = start;
    while (at != b.begin()) {
        at = b.previous(at);
        const pfn_range below = entry(b.at(at)).range;
        if (const auto hole = place_in({below.end(), top}, what)) return hole;
        if (below.start() <= window.start()) return fail(errc::no_space);
        top = below.start();
    }
    return place_in({pfn{}, top}, what);
}

template <range_back_end B>
[[nodiscard]] constexpr result<pfn_range> find_hole(const B& b, const hole_request& what) noexcept {
    if (what.size.is_zero()) return fail(errc::bad_range);
    if (what.alignment.is_zero()) return fail(errc::misaligned);
    if (what.from == search_from::above) return highest_hole(b, what);
    for (const pfn_range gap : gap_view(b, what.window))
        if (const auto hole = place_in(gap, what)) return hole;
    return fail(errc::no_space);
}

} // namespace detail

} // namespace zonal::inline v0
