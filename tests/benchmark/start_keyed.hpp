// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>

#include <boost/container/flat_map.hpp>

#include "work.hpp"

namespace zonal_benchmark {

struct rest {
    page end;
    tag value;
};

/// Over any ordered map from a start to the rest of the range.
template <class Map>
struct start_keyed {
    Map map;

    bool plug(const range& r) {
        auto above = map.upper_bound(r.start), below = above;
        if (above != map.end() && above->first < r.end) return false;
        bool joins_below = false;
        if (above != map.begin()) {
            if ((--below)->second.end > r.start) return false;
            joins_below = below->second.end == r.start && below->second.value == r.value;
        }
        if (above != map.end() && above->first == r.end && above->second.value == r.value) {
            if (!joins_below) return start_of(above) = r.start, true;
            below->second.end = above->second.end;
            map.erase(above);
        } else if (joins_below) {
            below->second.end = r.end;
        } else {
            map.emplace_hint(above, r.start, rest{r.end, r.value});
        }
        return true;
    }
    bool unplug(const range& r) {
        bool any = false;
        auto at = map.upper_bound(r.start);
        if (at != map.begin())
            if (auto below = at; (--below)->second.end > r.start) at = below;
        for (; at != map.end() && at->first < r.end; any = true) {
            const page start = at->first;
            const rest old = at->second;
            if (start < r.start) {
                at->second.end = r.start;
                ++at;
                if (old.end > r.end) return map.emplace_hint(at, r.end, old), true;
            } else if (old.end > r.end) {
                start_of(at) = r.end;
            } else {
                at = map.erase(at);
            }
        }
        return any;
    }
    range find(page p) const {
        auto at = map.upper_bound(p);
        if (at == map.begin() || (--at)->second.end <= p) return {};
        return {at->first, at->second.end, at->second.value};
    }
    void for_each(auto f) const {
        for (const auto& [start, more] : map) f(range{start, more.end, more.value});
    }
    // The order stays, and no node is made again: the best case for the peer.
    static page& start_of(auto at) { return const_cast<page&>(at->first); }
};
template <class... Where>
using flat_map = start_keyed<boost::container::flat_map<page, rest, std::less<>, Where...>>;

} // namespace zonal_benchmark
