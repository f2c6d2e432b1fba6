// SPDX-License-Identifier: BSL-1.0
#pragma once

// What would have to be narrower for a field to come back: found by making the change, not by
// arithmetic about it.

#include <zonal/core/bounded_list.hpp>
#include <zonal/flags/layout.hpp>

namespace zonal::inline v0 {

/// One change that brings a field back: field `narrow` asks for `to` bits instead of `from`.
struct remedy {
    unsigned narrow = 0;
    unsigned from = 0;
    unsigned to = 0;
};

/// For each other field, the smallest cut after which field `wanted` is kept and nothing that was
/// kept is lost. A field that is kept already has no remedies, nor has one that no single cut can
/// bring back.
/// Cost: O(N * word_bits) layouts.
template <unsigned N>
[[nodiscard]] constexpr bounded_list<remedy, N>
remedies_for(unsigned word_bits, const field_spec (&specs)[N], unsigned wanted) {
    expects(wanted < N, "remedies_for: no field of that number");
    const layout<N> before = pack(word_bits, specs);
    bounded_list<remedy, N> found;
    if (before[wanted].outcome == fate::kept) return found;
    for (unsigned i = 0; i < N; ++i) {
        field_spec trial[N] = {};
        for (unsigned j = 0; j < N; ++j) trial[j] = specs[j];
        while (i != wanted && trial[i].width != 0) {
            --trial[i].width;
            const layout<N> after = pack(word_bits, trial);
            bool better = after[wanted].outcome == fate::kept;
            for (unsigned j = 0; j < N; ++j)
                better =
                    better && (before[j].outcome != fate::kept || after[j].outcome == fate::kept);
            if (better) {
                found.items[found.size++] = {i, specs[i].width, trial[i].width};
                break;
            }
        }
    }
    return found;
}

} // namespace zonal::inline v0
