// SPDX-License-Identifier: BSL-1.0
#pragma once

// Bytes [start, end) of the physical address space, up to the very last one.
//
//     constexpr address_range bar{phys_addr{0xfebf8000}, phys_addr{0xfebfc000}};
//     static_assert(bar.last() == phys_addr{0xfebfbfff} && bar.bytes() == 0x4000);
//     constexpr auto rom = address_range::inclusive(phys_addr{0xffff0000}, phys_addr{0xffffffff});
//     static_assert(rom->end() == phys_addr{0x100000000});
//
// Why not pfn_range: a region of the resource tree can be a few bytes long. The end of a range that
// holds the last address is 2^64, which is no phys_addr; such a range is made by `inclusive` or
// `up_from`, and its end() wraps to 0. To keep that unambiguous no range is empty, and every
// comparison is made with last(), never with end().

#include <compare>
#include <cstdint>

#include <zonal/core/geometry.hpp>

namespace zonal::inline v0 {

/// Bytes [start, end), at least one.
class address_range {
public:
    /// The whole address space.
    constexpr address_range() = default;
    /// Requires: start < end.
    constexpr address_range(phys_addr start, phys_addr end)
        : address_range(start.value, end.value - 1) {
        expects(start < end, "address_range: the end does not lie behind the start");
    }

    /// Fails: bad_range  end <= start.
    [[nodiscard]] static constexpr result<address_range> make(phys_addr start,
                                                              phys_addr end) noexcept {
        if (end <= start) return fail(errc::bad_range);
        return address_range{start.value, end.value - 1};
    }
    /// Fails: bad_range  no bytes, or some of them lie beyond the address space.
    [[nodiscard]] static constexpr result<address_range> make(phys_addr start,
                                                              std::uint64_t bytes) noexcept {
        if (bytes == 0 || bytes - 1 > ~start.value) return fail(errc::bad_range);
        return address_range{start.value, start.value + (bytes - 1)};
    }
    /// The range as systems print it, with the address of its last byte.
    /// Fails: bad_range  last < first.
    [[nodiscard]] static constexpr result<address_range> inclusive(phys_addr first,
                                                                   phys_addr last) noexcept {
        if (last < first) return fail(errc::bad_range);
        return address_range{first.value, last.value};
    }
    /// [start, 2^64).
    [[nodiscard]] static constexpr address_range up_from(phys_addr start) noexcept {
        return {start.value, ~std::uint64_t{0}};
    }

    [[nodiscard]] constexpr phys_addr start() const noexcept { return phys_addr{start_}; }
    [[nodiscard]] constexpr phys_addr last() const noexcept { return phys_addr{last_}; }
    /// One past the last byte; 0 when the range reaches the top of the address space.
    [[nodiscard]] constexpr phys_addr end() const noexcept { return phys_addr{last_ + 1}; }
    [[nodiscard]] constexpr bool reaches_top() const noexcept { return last_ + 1 == 0; }
    /// How many bytes, modulo 2^64: 0 is the whole address space.
    [[nodiscard]] constexpr std::uint64_t bytes() const noexcept { return last_ - start_ + 1; }

    [[nodiscard]] constexpr bool contains(phys_addr a) const noexcept {
        return start_ <= a.value && a.value <= last_;
    }
    [[nodiscard]] constexpr bool contains(address_range r) const noexcept {
        return start_ <= r.start_ && r.last_ <= last_;
    }
    [[nodiscard]] constexpr bool overlaps(address_range r) const noexcept {
        return start_ <= r.last_ && r.start_ <= last_;
    }
    /// The other range begins where this one ends.
    [[nodiscard]] constexpr bool is_followed_by(address_range r) const noexcept {
        return !reaches_top() && last_ + 1 == r.start_;
    }

    /// Fails:  not_found  they have no byte in common.
    /// Models: include/linux/ioport.h resource_intersection().
    [[nodiscard]] constexpr result<address_range> intersection(address_range r) const noexcept {
        if (!overlaps(r)) return fail(errc::not_found);
        return address_range{start_ < r.start_ ? r.start_ : start_,
                             last_ < r.last_ ? last_ : r.last_};
    }
    /// The smallest range that contains both.
    [[nodiscard]] constexpr address_range envelope(address_range r) const noexcept {
        return {start_ < r.start_ ? start_ : r.start_, last_ < r.last_ ? r.last_ : last_};
    }

    friend constexpr bool operator==(address_range, address_range) = default;

private:
    constexpr address_range(std::uint64_t start, std::uint64_t last) noexcept
        : start_(start), last_(last) {}

    std::uint64_t start_ = 0;
    std::uint64_t last_ = ~std::uint64_t{0};
};

/// The bytes of some pages.
/// Fails: bad_range     no pages;
///        out_of_reach  the bytes do not fit the address space.
[[nodiscard]] constexpr result<address_range> bytes_of(pfn_range pages,
                                                       const page_geometry& geometry) noexcept {
    if (pages.empty()) return fail(errc::bad_range);
    const auto start = geometry.address_of(pages.start());
    const auto last = geometry.address_of(pages.end() - page_count{1});
    if (!start || !last) return fail(errc::out_of_reach);
    const std::uint64_t in_page = (std::uint64_t{1} << geometry.page_bytes_log2) - 1;
    return address_range::inclusive(*start, phys_addr{last->value | in_page});
}

/// The pages that lie in r as a whole; empty if none does.
/// Fails:  out_of_reach  their numbers do not fit a pfn.
[[nodiscard]] constexpr result<pfn_range> whole_pages_in(address_range r,
                                                         const page_geometry& geometry) noexcept {
    const unsigned log2 = geometry.page_bytes_log2;
    const std::uint64_t in_page = (std::uint64_t{1} << log2) - 1;
    const std::uint64_t start = r.start().value;
    const std::uint64_t last = r.last().value;
    if (last >> log2 >= pfn::limit) return fail(errc::out_of_reach);
    const pfn from{(start >> log2) + ((start & in_page) != 0 ? 1 : 0)};
    const pfn to{(last >> log2) + ((last & in_page) == in_page ? 1 : 0)};
    return from < to ? pfn_range{from, to} : pfn_range{};
}

} // namespace zonal::inline v0
