// SPDX-License-Identifier: BSL-1.0
#pragma once

// The one range type: pfns [start, end), half-open.
//
//     constexpr pfn_range dimm{pfn{0x100000}, pfn{0x108000}};     // [0x100000, 0x108000)
//     static_assert(dimm.size() == page_count{0x8000});
//     static_assert(dimm.contains(pfn{0x107fff}) && !dimm.contains(pfn{0x108000}));
//
// Why not first and last page: an empty range has no last page, and every inclusive end in the
// kernel's resource code is a place where somebody was off by one.

#include <zonal/core/pfn.hpp>

namespace zonal::inline v0 {

/// Pages [start, end). Empty when start == end; an empty range contains and overlaps nothing.
class pfn_range {
public:
    constexpr pfn_range() = default;
    /// Numbers may as well be addresses: write pfn{...}.
    pfn_range(std::uint64_t, std::uint64_t) = delete;
    /// Requires: start <= end.
    constexpr pfn_range(pfn start, pfn end) : start_(start), end_(end) {
        expects(start <= end, "pfn_range: the end lies before the start");
    }
    /// Requires: start + size is at most 2^52.
    constexpr pfn_range(pfn start, page_count size) : start_(start), end_(start + size) {}

    /// Fails: bad_range  end < start.
    [[nodiscard]] static constexpr result<pfn_range> make(pfn start, pfn end) noexcept {
        if (end < start) return fail(errc::bad_range);
        return pfn_range{start, end};
    }
    /// Fails: bad_range  start + size lies beyond 2^52.
    [[nodiscard]] static constexpr result<pfn_range> make(pfn start, page_count size) noexcept {
        if (size.value() > pfn::limit - start.value()) return fail(errc::bad_range);
        return pfn_range{start, size};
    }

    [[nodiscard]] constexpr pfn start() const noexcept { return start_; }
    [[nodiscard]] constexpr pfn end() const noexcept { return end_; }
    [[nodiscard]] constexpr page_count size() const noexcept {
        return {end_.value() - start_.value(), page_count::in_range{}};
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return start_ == end_; }

    [[nodiscard]] constexpr bool contains(pfn p) const noexcept { return start_ <= p && p < end_; }
    /// Every page of `other` lies in this range; true for an empty `other`.
    [[nodiscard]] constexpr bool contains(pfn_range other) const noexcept {
        return other.empty() || (start_ <= other.start_ && other.end_ <= end_);
    }
    [[nodiscard]] constexpr bool overlaps(pfn_range other) const noexcept {
        // The later start lies before the earlier end; for an empty range it never does.
        return (start_ < other.start_ ? other.start_ : start_).value() <
               (end_ < other.end_ ? end_ : other.end_).value();
    }
    /// One begins where the other ends, and neither is empty.
    [[nodiscard]] constexpr bool adjoins(pfn_range other) const noexcept {
        return !empty() && !other.empty() && (end_ == other.start_ || other.end_ == start_);
    }
    /// The common pages; empty when there are none.
    [[nodiscard]] constexpr pfn_range intersection(pfn_range other) const noexcept {
        const pfn from = start_ < other.start_ ? other.start_ : start_;
        const pfn to = end_ < other.end_ ? end_ : other.end_;
        return from < to ? pfn_range{from, to} : pfn_range{};
    }
    /// The smallest range that contains both; the other one when one is empty.
    [[nodiscard]] constexpr pfn_range envelope(pfn_range other) const noexcept {
        if (empty()) return other;
        if (other.empty()) return *this;
        return {start_ < other.start_ ? start_ : other.start_,
                end_ < other.end_ ? other.end_ : end_};
    }

    friend constexpr bool operator==(pfn_range, pfn_range) = default;

private:
    pfn start_;
    pfn end_;
};

} // namespace zonal::inline v0
