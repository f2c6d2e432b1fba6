// SPDX-License-Identifier: BSL-1.0
#pragma once

// What must hold of the map and the allocator at any time, tried out on all pages.

#include "map.hpp"

namespace kernel {

inline constinit bool all_well = true;
inline void check(text what, bool holds) {
    say(holds ? text("  ok     ") : text("  WRONG  "), what, "\n");
    all_well &= holds;
}

template <class F>
void each_populated(F f) {
    for (node_id n{}; n.value < max_nodes; ++n.value)
        for (zone_id z{}; z.value < zones::size; ++z.value)
            if (map.memory().pages_of(n, z).is_populated()) f(page_owner{n, z});
}

/// What is free: equal before and after, unless a block is missing or two were not joined again.
struct free_memory {
    page_count pages{};
    std::uint64_t blocks = 0;
    friend bool operator==(const free_memory&, const free_memory&) = default;

    static free_memory now() {
        free_memory sum;
        each_populated([&](page_owner who) {
            sum.pages += allocator().free_in(who).free_pages();
            for (unsigned order = 0; order <= buddy::max_order; ++order)
                sum.blocks += allocator().free_in(who).free_blocks(order);
        });
        return sum;
    }
};

/// Every page lies in one block or in none, and its word says what the map says.
inline bool each_page_has_one_owner() {
    bool holds = true;
    each_populated([&](page_owner who) {
        page_count present, free, in_no_block;
        for (const auto& [range, state] : map.memory().pages()) {
            if (state.owner != who || !state.present) continue;
            for (pfn p = range.start(); p < range.end();) {
                const block b = allocator().pages[p].as_block();
                holds &= b.owner == who;
                if (b.use == free_block) free += b.size();
                if (b.use == none) in_no_block += b.size();
                present += b.size();
                p += b.size();
            }
        }
        holds &= present == map.memory().pages_of(who.node, who.zone).present &&
                 free == allocator().free_in(who).free_pages() &&
                 in_no_block == present - allocator().managed(who);
    });
    return holds;
}

/// Blocks that somebody holds, in a list through their pages.
class holding {
public:
    page_count pages{};
    bool has_device_pages = false;

    /// Everything that this request can get, in blocks of up to this order.
    void take_all(unsigned modifiers, unsigned order) {
        for (;; --order) {
            while (const auto block = allocator().allocate(modifiers, order)) {
                page& p = allocator().pages[*block];
                p.next = last_;
                last_ = static_cast<std::uint32_t>(block->value());
                pages += buddy::pages_in(order);
                has_device_pages |= zones::traits_of(p.as_block().owner.zone).device;
            }
            if (order == 0) return;
        }
    }
    void release_all() {
        while (last_ != 0) {
            const pfn block{last_};
            last_ = allocator().pages[block].next;
            allocator().release(block);
        }
    }

private:
    std::uint32_t last_ = 0; // page 0 is nobody's
};

inline bool no_request_gets_device_pages() {
    bool holds = true;
    for (unsigned m = 0; m < requests.combinations(); ++m) {
        holding all;
        all.take_all(m, buddy::max_order);
        holds &= !all.has_device_pages && requests.is_bad(m) == all.pages.is_zero();
        all.release_all();
    }
    return holds;
}

inline bool holds_what_is_written(pfn p) {
    auto* const at = reinterpret_cast<volatile std::uint64_t*>(p.value() << 12);
    *at = p.value();
    return *at == p.value();
}

inline void check_allocator() {
    const auto before = free_memory::now();
    check("every page has one owner", each_page_has_one_owner());
    holding all;
    all.take_all(can_move, 0);
    check("all pages can be allocated, one by one, until none is left",
          all.pages == before.pages && allocator().allocate(0) == fail(errc::no_space));
    check("and then each still has one owner", each_page_has_one_owner());
    all.release_all();
    check("freed, they join to the blocks that there were", free_memory::now() == before);
    check("no request of any kind is served from Device",
          no_request_gets_device_pages() && free_memory::now() == before);
}

} // namespace kernel
