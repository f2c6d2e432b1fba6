// SPDX-License-Identifier: BSL-1.0
#pragma once

// The pages of one zone of one node that nobody uses: blocks of 2^order pages, each at a multiple
// of its size. A block that comes back joins its buddy, the one beside it that would make both one.
//
//     buddy free(pages, {node_id{0}, zones::id_of<normal>});
//     free.add({pfn{0x100}, pfn{0x180}});
//     const pfn block = free.allocate(3).value();       // eight pages
//     free.release(block, 3);
//
// What a block is stands in the page word of its first page, and the lists go through the pages'
// own structs: nothing is allocated to allocate.

#include "zones.hpp"

namespace kernel {

/// From a pfn to its page: an array of structs a section, wherever the caller has put it.
class page_map {
    static constexpr std::uint64_t sections = end_of_memory.value >> 12 >> geometry.section_order;
    page* first_[sections] = {}; ///< of the section's pages; null if it does not exist

public:
    /// Null if there is none.
    [[nodiscard]] page* find(pfn p) const {
        const std::uint64_t section = geometry.index_of(p, unit::section);
        if (section >= sections || first_[section] == nullptr) return nullptr;
        return first_[section] + (p - geometry.align_down(p, unit::section)).value();
    }
    /// Requires: it exists.
    [[nodiscard]] page& operator[](pfn p) const {
        page* const found = find(p);
        expects(found != nullptr, "page_map: no such page");
        return *found;
    }
    /// Requires: the kernel reaches the section that begins at p; `first` has a struct for each of
    /// its pages, or is null: there is no such section any more.
    void set(pfn p, page* first) {
        const std::uint64_t section = geometry.index_of(p, unit::section);
        expects(section < sections, "page_map: memory beyond what the kernel reaches");
        first_[section] = first;
    }
};

/// Calls f(its first pfn) for each section that r has a page of.
template <class F>
void each_section(pfn_range r, F f) {
    const pfn_range all = geometry.align_out(r, unit::section);
    for (pfn p = all.start(); p < all.end(); p += geometry.pages_of(unit::section)) f(p);
}

class buddy {
public:
    static constexpr unsigned max_order = 10;

    constexpr buddy() = default;
    constexpr buddy(page_map& pages, page_owner who) : pages_(&pages), who_(who) {}

    /// Pages that were nobody's: of this zone, none of them here yet.
    /// Requires: without page 0, which ends the lists.
    void add(pfn_range r) {
        expects(!r.contains(pfn{0}), "buddy: page 0 is nobody's");
        for (pfn p = r.start(); p < r.end();) {
            unsigned order = max_order;
            while (!is_aligned(p, order) || r.end() - p < pages_in(order)) --order;
            put(p, order);
            p += pages_in(order);
        }
    }
    /// Takes pages out, all or none.
    /// Requires: r is in blocks of the largest order.
    /// Fails:    busy  one is in use, or not of this zone.
    result<done> remove(pfn_range r) {
        expects(is_aligned(r.start(), max_order) && is_aligned(r.end(), max_order),
                "buddy: not in whole blocks");
        for (pfn p = r.start(); p < r.end(); p += pages_in(max_order))
            if (!is_free(p, max_order)) return fail(errc::busy);
        for (pfn p = r.start(); p < r.end(); p += pages_in(max_order)) unlink(p, max_order);
        return done{};
    }

    /// Fails: bad_range  larger than the largest block; no_space  no such block.
    result<pfn> allocate(unsigned order) {
        if (order > max_order) return fail(errc::bad_range);
        unsigned from = order;
        while (first_[from] == nothing)
            if (++from > max_order) return fail(errc::no_space);
        const pfn first{first_[from]};
        unlink(first, from);
        while (from > order) {
            --from;
            link(first + pages_in(from), from);
        }
        mark(first, used_block, order);
        return first;
    }
    /// Requires: allocated with this order from this zone.
    void release(pfn first, unsigned order) {
        expects(is_a(first, used_block, order), "buddy: no block of that order is in use there");
        put(first, order);
    }

    [[nodiscard]] page_count free_pages() const { return free_; }
    [[nodiscard]] std::uint32_t free_blocks(unsigned order) const { return blocks_[order]; }

    [[nodiscard]] static constexpr page_count pages_in(unsigned order) {
        return page_count{std::uint64_t{1} << order};
    }
    [[nodiscard]] static constexpr bool is_aligned(pfn p, unsigned order) {
        return (p.value() & (pages_in(order).value() - 1)) == 0;
    }

private:
    static constexpr std::uint32_t nothing = 0;

    bool is_a(pfn p, page_use use, unsigned order) const {
        const page* const at = pages_->find(p);
        return at != nullptr && at->as_block() == block{who_, use, order};
    }
    bool is_free(pfn p, unsigned order) const { return is_a(p, free_block, order); }
    void mark(pfn p, page_use use, unsigned order) { (*pages_)[p].set({who_, use, order}); }

    void put(pfn first, unsigned order) {
        for (mark(first, none, 0); order < max_order; ++order) {
            const pfn other{first.value() ^ pages_in(order).value()};
            if (!is_free(other, order)) break;
            unlink(other, order);
            if (other < first) first = other;
        }
        link(first, order);
    }
    void link(pfn first, unsigned order) {
        mark(first, free_block, order);
        page& p = (*pages_)[first];
        p.previous = nothing;
        p.next = first_[order];
        const auto number = static_cast<std::uint32_t>(first.value());
        if (p.next != nothing) (*pages_)[pfn{p.next}].previous = number;
        first_[order] = number;
        ++blocks_[order];
        free_ += pages_in(order);
    }
    void unlink(pfn first, unsigned order) {
        mark(first, none, 0);
        const page& p = (*pages_)[first];
        if (p.next != nothing) (*pages_)[pfn{p.next}].previous = p.previous;
        (p.previous == nothing ? first_[order] : (*pages_)[pfn{p.previous}].next) = p.next;
        --blocks_[order];
        free_ -= pages_in(order);
    }

    page_map* pages_ = nullptr;
    page_owner who_{};
    page_count free_{};
    std::uint32_t blocks_[max_order + 1] = {};
    std::uint32_t first_[max_order + 1] = {};
};

} // namespace kernel
