// SPDX-License-Identifier: BSL-1.0
#pragma once

// Page frame numbers, counts of pages, physical addresses: three numbers that must not be mixed up.
//
//     constexpr pfn first{0x100000};
//     constexpr page_count size{0x40000};
//     static_assert(first + size == pfn{0x140000});
//     static_assert(pfn{0x140000} - first == size);
//     // first + first;   error: no operator+ for two pfns
//
// Why not plain unsigned long: NetBSD's uvm_physseg passes a pfn where an address is meant and the
// compiler agrees. Pages become bytes only where a page size is named (`page_geometry`).

#include <compare>
#include <cstdint>

#include <zonal/core/result.hpp>

namespace zonal::inline v0 {

/// The number of bits of a page frame number. 52 bits of 4 KiB pages are 2^64 bytes, more than any
/// architecture addresses; one past the last pfn is representable, so every half-open range has an
/// end.
inline constexpr unsigned pfn_bits = 52;

/// How many pages: [0, 2^52].
class page_count {
public:
    using rep = std::uint64_t;
    static constexpr rep limit = rep{1} << pfn_bits;

    constexpr page_count() = default;
    /// Requires: pages <= 2^52.
    explicit constexpr page_count(rep pages) : value_(pages) {
        expects(pages <= limit, "page_count: more than 2^52 pages");
    }
    /// Fails: out_of_reach  pages > 2^52.
    [[nodiscard]] static constexpr result<page_count> make(rep pages) noexcept {
        if (pages > limit) return fail(errc::out_of_reach);
        return page_count{pages};
    }

    [[nodiscard]] constexpr rep value() const noexcept { return value_; }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return value_ == 0; }

    friend constexpr auto operator<=>(page_count, page_count) = default;

    /// Requires: the sum is at most 2^52.
    friend constexpr page_count operator+(page_count a, page_count b) {
        return page_count{a.value_ + b.value_};
    }
    /// Requires: b <= a.
    friend constexpr page_count operator-(page_count a, page_count b) {
        expects(b <= a, "page_count: fewer than zero pages");
        return {a.value_ - b.value_, in_range{}};
    }
    constexpr page_count& operator+=(page_count b) { return *this = *this + b; }
    constexpr page_count& operator-=(page_count b) { return *this = *this - b; }

private:
    friend class pfn_range; // the size of a range cannot be out of range, so it is not checked
    struct in_range {};
    constexpr page_count(rep pages, in_range) noexcept : value_(pages) {}

    rep value_ = 0;
};

/// A page frame number in [0, 2^52); 2^52 itself occurs only as the end of a range.
/// Models: the pfn of a struct page; differs: not convertible to or from an integer.
class pfn {
public:
    using rep = std::uint64_t;
    static constexpr rep limit = page_count::limit;

    constexpr pfn() = default;
    /// Requires: number <= 2^52.
    explicit constexpr pfn(rep number) : value_(number) {
        expects(number <= limit, "pfn: beyond 2^52");
    }
    /// Fails: out_of_reach  number > 2^52.
    [[nodiscard]] static constexpr result<pfn> make(rep number) noexcept {
        if (number > limit) return fail(errc::out_of_reach);
        return pfn{number};
    }

    [[nodiscard]] constexpr rep value() const noexcept { return value_; }

    friend constexpr auto operator<=>(pfn, pfn) = default;

    /// Requires: the result is at most 2^52.
    friend constexpr pfn operator+(pfn a, page_count n) { return pfn{a.value_ + n.value()}; }
    friend constexpr pfn operator+(page_count n, pfn a) { return a + n; }
    /// Requires: n pages lie below a.
    friend constexpr pfn operator-(pfn a, page_count n) {
        expects(n.value() <= a.value_, "pfn: below zero");
        return pfn{a.value_ - n.value()};
    }
    /// Requires: b <= a.
    friend constexpr page_count operator-(pfn a, pfn b) {
        expects(b <= a, "pfn: the distance would be negative");
        return page_count{a.value_ - b.value_};
    }
    constexpr pfn& operator+=(page_count n) { return *this = *this + n; }
    constexpr pfn& operator-=(page_count n) { return *this = *this - n; }
    constexpr pfn& operator++() { return *this += page_count{1}; }

private:
    rep value_ = 0;
};

/// A physical address in bytes, the full 64 bits.
struct phys_addr {
    std::uint64_t value = 0;

    constexpr phys_addr() = default;
    explicit constexpr phys_addr(std::uint64_t bytes) noexcept : value(bytes) {}
    friend constexpr auto operator<=>(phys_addr, phys_addr) = default;
};

} // namespace zonal::inline v0
