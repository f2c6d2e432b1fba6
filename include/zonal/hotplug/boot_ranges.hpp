// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which pages a system starts with, and which node has them.
//
//     const auto usable = boot_ranges<>::make({}, firmware, nodes).value();
//     usable.present_in({pfn{0x1000}, pfn{0x2000}});    // how many of these pages are memory
//
// Pages are whole: where kinds or nodes meet inside a page, nobody has it.

#include <zonal/core/geometry.hpp>
#include <zonal/hotplug/firmware_map.hpp>

namespace zonal::inline v0 {

/// Usable pages of one node.
struct boot_range {
    pfn_range pages{};
    node_id node{};
    bool hot_pluggable = false;
    friend constexpr bool operator==(const boot_range&, const boot_range&) = default;
};

/// Ranges of usable pages: ascending, disjoint, not empty; adjacent ones differ in their node or in
/// whether they are hot-pluggable, or share a page that nobody has.
template <unsigned Capacity = 64>
class boot_ranges {
public:
    /// The usable bytes of `firmware`, cut where nodes meet and rounded inwards to pages. Bytes
    /// that no node owns are left out, but an empty list of owners gives all to node 0.
    /// Requires: geometry.is_valid().
    /// Fails: overlap       usable bytes that two nodes own;
    ///        no_space      more ranges than there is room for;
    ///        out_of_reach  memory beyond 2^52 pages.
    /// Models: arch/x86/kernel/e820.c e820__memblock_setup(), mm/numa_memblks.c; differs: memory
    /// that no node owns is no reason to ignore the nodes.
    template <unsigned Entries, unsigned Owners>
    [[nodiscard]] static constexpr result<boot_ranges> make(const page_geometry& geometry,
                                                            const firmware_map<Entries>& firmware,
                                                            const node_map<Owners>& owners) {
        boot_ranges made;
        made.geometry_ = geometry;
        for (auto run = firmware.run_from({}); run; run = firmware.run_from(run->bytes.end)) {
            if (run->kind != firmware_kind::usable) continue;
            if (const auto cut = made.add_usable(run->bytes, owners); !cut)
                return fail(cut.error());
        }
        return made;
    }

    [[nodiscard]] constexpr const page_geometry& geometry() const noexcept { return geometry_; }
    [[nodiscard]] constexpr const boot_range* begin() const noexcept { return list_.begin(); }
    [[nodiscard]] constexpr const boot_range* end() const noexcept { return list_.end(); }
    [[nodiscard]] constexpr bool empty() const noexcept { return list_.size == 0; }

    /// From the first page to one past the last.
    [[nodiscard]] constexpr pfn_range span() const noexcept {
        return empty() ? pfn_range{} : begin()->pages.envelope((end() - 1)->pages);
    }

    /// How many pages of `in` are memory: of any node, or of one.
    [[nodiscard]] constexpr page_count present_in(pfn_range in) const {
        page_count sum;
        for (const boot_range& r : list_) sum += r.pages.intersection(in).size();
        return sum;
    }
    [[nodiscard]] constexpr page_count present_in(pfn_range in, node_id node) const {
        page_count sum;
        for (const boot_range& r : list_)
            if (r.node == node) sum += r.pages.intersection(in).size();
        return sum;
    }

private:
    /// What one owner has from `from` on, up to `end` or to where an entry of `owners` begins or
    /// ends.
    template <unsigned Owners>
    static constexpr result<node_range> owned_from(phys_addr from, phys_addr end,
                                                   const node_map<Owners>& owners) {
        node_range owned{{from, end}, owners.size == 0 ? node_id{} : nobody};
        for (const node_range& o : owners) {
            for (const phys_addr boundary : {o.bytes.start, o.bytes.end})
                if (from < boundary && boundary < owned.bytes.end) owned.bytes.end = boundary;
            if (!o.bytes.contains(from)) continue;
            if (owned.node != nobody && owned.node != o.node) return fail(errc::overlap);
            owned.node = o.node;
            owned.hot_pluggable |= o.hot_pluggable;
        }
        return owned;
    }

    template <unsigned Owners>
    constexpr result<done> add_usable(byte_range bytes, const node_map<Owners>& owners) {
        // Entries of one owner that meet inside a page do not cost it: they are joined first.
        node_range whole{{bytes.start, bytes.start}, nobody};
        while (whole.bytes.end != bytes.end) {
            const auto next = owned_from(whole.bytes.end, bytes.end, owners);
            if (!next) return fail(next.error());
            if (next->node != whole.node || next->hot_pluggable != whole.hot_pluggable) {
                if (const auto added = add_pages(whole); !added) return added;
                whole = *next;
            }
            whole.bytes.end = next->bytes.end;
        }
        return add_pages(whole);
    }

    constexpr result<done> add_pages(const node_range& r) {
        if (r.node == nobody) return done{};
        const auto first = geometry_.pfn_of(r.bytes.start);
        const auto end = geometry_.pfn_of(r.bytes.end);
        if (!first || !end) return fail(errc::out_of_reach);
        if (!(*first < *end)) return done{};
        const bool is_whole = geometry_.address_of(*first) == result<phys_addr>{r.bytes.start};
        const pfn start = is_whole ? *first : *first + page_count{1};
        if (start == *end) return done{};
        return list_.add({{start, *end}, r.node, r.hot_pluggable});
    }

    static constexpr node_id nobody{~std::uint64_t{0}};

    page_geometry geometry_;
    bounded_list<boot_range, Capacity> list_;
};

} // namespace zonal::inline v0
