// SPDX-License-Identifier: BSL-1.0
#pragma once

// The same maps, questions and changes for all, drawn from a seed, with the right answers.
//
// n ranges of whole 128 MiB blocks, half of them behind a hole, with one of 16 values; the more,
// the shorter. Nine of ten questions are about a page that is there.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace zonal_benchmark {

using page = std::uint64_t;
using tag = std::uint16_t; // 0: none

struct range {
    page start, end;
    tag value;
    friend bool operator==(const range&, const range&) = default;
};
struct change {
    range what;
    bool plug;
};

inline constexpr unsigned block_order = 15; // of 4 KiB pages
inline constexpr page block = page{1} << block_order;

inline std::uint64_t digest(const range& r) { return (r.start ^ r.end) + r.value; }

struct work {
    std::vector<range> ascending, shuffled; // the same
    std::vector<page> questions;
    std::uint64_t values = 0, found = 0, all = 0; // answers; digests of found and of all ranges
    // After a chunk of changes the map is as it was before.
    static constexpr std::size_t churn_chunk = 256, split_chunk = 64;
    std::vector<change> churn, splits;

    explicit work(std::size_t n) {
        std::mt19937_64 random(n);
        const auto below = [&](std::uint64_t limit) { return random() % limit; };
        const std::uint64_t mean = std::max<std::uint64_t>(8, 65536 / n);
        std::vector<range> holes;
        for (page at = 0; ascending.size() != n; at = ascending.back().end) {
            tag last = ascending.empty() ? tag{0} : ascending.back().value;
            if (at == 0 || below(2) == 0) {
                holes.push_back({at, at + (1 + below(mean)) * block, 0});
                at = holes.back().end;
                last = 0;
            }
            tag value = last;
            while (value == last) value = static_cast<tag>(1 + below(16));
            ascending.push_back({at, at + (1 + below(2 * mean - 1)) * block, value});
            all += digest(ascending.back());
        }
        shuffled = ascending;
        std::shuffle(shuffled.begin(), shuffled.end(), random);

        questions.resize(n < 32768 ? 1u << 16 : 1u << 18);
        for (page& p : questions) {
            const range& r = below(10) != 0 ? ascending[below(n)] : holes[below(holes.size())];
            p = r.start + below(r.end - r.start);
            values += r.value;
            if (r.value != 0) found += digest(r);
        }

        for (int chunk = 0; chunk != 64; ++chunk) {
            std::vector<range> out; // 32 blocks at most; they come back in any order
            const auto plug_one = [&] {
                std::swap(out[below(out.size())], out.back());
                churn.push_back({out.back(), true});
                out.pop_back();
            };
            for (std::size_t unplugs = 0; unplugs != churn_chunk / 2;) {
                const range& r = ascending[below(n)];
                const page start = r.start + below((r.end - r.start) / block) * block;
                const range one{start, start + block, r.value};
                if (out.size() == std::clamp<std::size_t>(n / 2, 4, 32) ||
                    (!out.empty() && below(2) == 0)) {
                    plug_one();
                } else if (std::find(out.begin(), out.end(), one) == out.end()) {
                    churn.push_back({one, false});
                    out.push_back(one);
                    ++unplugs;
                }
            }
            while (!out.empty()) plug_one();
        }
        while (splits.size() != 64 * split_chunk) {
            const range& r = ascending[below(n)];
            const std::uint64_t blocks = (r.end - r.start) / block;
            if (blocks < 3) continue;
            const page start = r.start + (1 + below(blocks - 2)) * block;
            splits.push_back({{start, start + block, r.value}, false});
            splits.push_back({{start, start + block, r.value}, true});
        }
    }
};

} // namespace zonal_benchmark
