// SPDX-License-Identifier: BSL-1.0
#pragma once

// `first_in` and `last_in` of zone/span.hpp for views that can only tell about one page at a time.

#include <concepts>

#include <zonal/core/pfn_range.hpp>
#include <zonal/core/result.hpp>

namespace zonal_test {

/// The first page that belongs, of in.start(), in.start() + step, ...
template <std::predicate<zonal::pfn> P>
constexpr zonal::result<zonal::pfn> first_probed(zonal::pfn_range in, zonal::page_count step,
                                                 P belongs) {
    for (auto p = in.start().value(); p < in.end().value(); p += step.value())
        if (belongs(zonal::pfn{p})) return zonal::pfn{p};
    return zonal::fail(zonal::errc::not_found);
}
/// The first one of in.end() - 1, in.end() - 1 - step, ...
template <std::predicate<zonal::pfn> P>
constexpr zonal::result<zonal::pfn> last_probed(zonal::pfn_range in, zonal::page_count step,
                                                P belongs) {
    for (zonal::page_count left = in.size(); !left.is_zero(); left -= step < left ? step : left)
        if (const zonal::pfn p = in.start() + left - zonal::page_count{1}; belongs(p)) return p;
    return zonal::fail(zonal::errc::not_found);
}

} // namespace zonal_test
