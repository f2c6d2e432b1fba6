// SPDX-License-Identifier: BSL-1.0
#pragma once

// How large a page is, and the larger units in which memory is described, plugged and onlined.
//
//     constexpr page_geometry x86_64{};                          // 4 KiB, 2 MiB, 128 MiB, 128 MiB
//     static_assert(x86_64.pages_of(unit::section) == page_count{0x8000});
//     static_assert(x86_64.align_down(pfn{0x8001}, unit::section) == pfn{0x8000});
//
// One value instead of constants, so that a test can use sections of four pages and run a whole
// hot-plug life in a static_assert.

#include <zonal/core/pfn_range.hpp>

namespace zonal::inline v0 {

/// The units of a geometry, from small to large.
enum class unit : unsigned char { page, subsection, section, memory_block };

/// Sizes as powers of two: bytes of a page, pages of the larger units.
/// Requires (see `is_valid`): each unit is at least as large as the one before.
/// Models: PAGE_SHIFT, SUBSECTION_SHIFT, SECTION_SIZE_BITS and the memory block size; differs:
/// orders count pages, so that nothing but `page_bytes_log2` is in bytes.
struct page_geometry {
    unsigned page_bytes_log2 = 12;
    unsigned subsection_order = 9;
    unsigned section_order = 15;
    unsigned memory_block_order = 15;

    [[nodiscard]] constexpr bool is_valid() const noexcept {
        return page_bytes_log2 < 64 && subsection_order <= section_order &&
               section_order <= memory_block_order && memory_block_order < pfn_bits;
    }

    [[nodiscard]] constexpr unsigned order_of(unit u) const noexcept {
        switch (u) {
        case unit::page: return 0;
        case unit::subsection: return subsection_order;
        case unit::section: return section_order;
        case unit::memory_block: return memory_block_order;
        }
        return 0;
    }
    [[nodiscard]] constexpr page_count pages_of(unit u) const noexcept {
        return page_count{std::uint64_t{1} << order_of(u)};
    }

    /// Which unit a page lies in, counted from pfn 0.
    [[nodiscard]] constexpr std::uint64_t index_of(pfn p, unit u) const noexcept {
        return p.value() >> order_of(u);
    }
    [[nodiscard]] constexpr bool is_aligned(pfn p, unit u) const noexcept {
        return align_down(p, u) == p;
    }
    [[nodiscard]] constexpr bool is_aligned(pfn_range r, unit u) const noexcept {
        return is_aligned(r.start(), u) && is_aligned(r.end(), u);
    }
    [[nodiscard]] constexpr pfn align_down(pfn p, unit u) const noexcept {
        return pfn{index_of(p, u) << order_of(u)};
    }
    /// 2^52 is a multiple of every unit, so rounding up never leaves the pfns.
    [[nodiscard]] constexpr pfn align_up(pfn p, unit u) const noexcept {
        const pfn down = align_down(p, u);
        return down == p ? p : down + pages_of(u);
    }
    /// The smallest aligned range that contains r; empty for an empty r.
    [[nodiscard]] constexpr pfn_range align_out(pfn_range r, unit u) const noexcept {
        if (r.empty()) return {};
        return {align_down(r.start(), u), align_up(r.end(), u)};
    }

    /// The page that a byte lies in.
    /// Fails: out_of_reach  pages smaller than 4 KiB can number more than 2^52.
    [[nodiscard]] constexpr result<pfn> pfn_of(phys_addr a) const noexcept {
        return pfn::make(a.value >> page_bytes_log2);
    }
    /// The first byte of a page.
    /// Fails: out_of_reach  the address does not fit 64 bits (one past the last page, of 4 KiB).
    [[nodiscard]] constexpr result<phys_addr> address_of(pfn p) const noexcept {
        const std::uint64_t bytes = p.value() << page_bytes_log2;
        if (bytes >> page_bytes_log2 != p.value()) return fail(errc::out_of_reach);
        return phys_addr{bytes};
    }
    /// How many whole pages a number of bytes is.
    /// Fails: misaligned    not a multiple of the page size;
    ///        out_of_reach  more than 2^52 pages.
    [[nodiscard]] constexpr result<page_count> pages_in(std::uint64_t bytes) const noexcept {
        const std::uint64_t pages = bytes >> page_bytes_log2;
        if (pages << page_bytes_log2 != bytes) return fail(errc::misaligned);
        return page_count::make(pages);
    }

    friend constexpr bool operator==(const page_geometry&, const page_geometry&) = default;
};

} // namespace zonal::inline v0
