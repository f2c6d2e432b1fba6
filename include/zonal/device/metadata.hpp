// SPDX-License-Identifier: BSL-1.0
#pragma once

// Page words that live in the device range itself, and cost no RAM: those of 1 TiB take 16 GiB.
//
//     words_in_range place(range, words_take(range.size(), sizeof(page)));
//     const pfn_range words = place.take(words_take(range.size(), sizeof(page))).value();
//     memory.map({{range, place.metadata()}});            // the device's data begins behind them

#include <zonal/core/geometry.hpp>

namespace zonal::inline v0 {

/// The pages that `pages` words of `bytes` bytes each take.
/// Requires: the answer is at most 2^52.
[[nodiscard]] constexpr page_count words_take(page_count pages, std::uint64_t bytes,
                                              const page_geometry& geometry = {}) {
    const unsigned log2 = geometry.page_bytes_log2;
    const std::uint64_t in_page = (std::uint64_t{1} << log2) - 1;
    return page_count{(pages.value() >> log2) * bytes +
                      (((pages.value() & in_page) * bytes + in_page) >> log2)};
}

/// Hands out pages for page words: `room` pages behind the `reserve` first ones, which are kept.
/// Models: include/linux/memremap.h struct vmem_altmap, mm/sparse-vmemmap.c
///         altmap_alloc_block_buf(); differs: what comes back is handed out again when all has.
class words_in_range {
public:
    /// Requires: the range has reserve + room pages.
    constexpr words_in_range(pfn_range range, page_count room, page_count reserve = {})
        : next_(range.start() + reserve), first_(next_), end_(next_ + room),
          metadata_(reserve + room) {
        expects(metadata_ <= range.size(), "words_in_range: more pages than the range has");
    }

    /// n pages, at a multiple of the largest power of two that divides n.
    /// Fails: bad_range  n is 0;
    ///        no_space   there are not so many left behind that boundary.
    constexpr result<pfn_range> take(page_count n) {
        if (n.is_zero()) return fail(errc::bad_range);
        const std::uint64_t boundary = n.value() & (~n.value() + 1);
        const page_count skip{(~next_.value() + 1) & (boundary - 1)};
        const page_count left = end_ - next_;
        if (left < skip || left - skip < n) return fail(errc::no_space);
        const pfn_range taken{next_ + skip, n};
        next_ = taken.end();
        in_use_ += n;
        return taken;
    }
    /// Requires: so many are in use.
    constexpr void give_back(page_count n) {
        in_use_ -= n;
        if (in_use_.is_zero()) next_ = first_;
    }

    [[nodiscard]] constexpr page_count in_use() const noexcept { return in_use_; }
    /// Pages that alignment left unused between those in use.
    [[nodiscard]] constexpr page_count skipped() const noexcept { return next_ - first_ - in_use_; }
    /// All that is not the device's data.
    [[nodiscard]] constexpr page_count metadata() const noexcept { return metadata_; }

private:
    pfn next_, first_, end_;
    page_count metadata_, in_use_{};
};

} // namespace zonal::inline v0
