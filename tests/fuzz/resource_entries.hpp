// SPDX-License-Identifier: BSL-1.0
#pragma once

// What must hold of the resource tree for any bytes: as the text of a map, and as a list of calls.

#include <zonal/linux_mm/resource_quirks.hpp>
#include <zonal/resource.hpp>

#include "fuzz/entries.hpp"

namespace zonal_test {

/// Siblings ascend and are disjoint, an entry lies in its parent, and every id is live.
template <class S>
void check_tree(const zonal::resource_tree<S>& tree) {
    unsigned count = 0;
    for (auto e = tree.after(tree.root()); e; e = tree.after(e)) {
        ++count;
        must(tree.is_live(e), "a walk meets an entry that is gone");
        const zonal::address_range range = tree[e].range;
        must(tree[tree.parent(e)].range.contains(range), "an entry sticks out of its parent");
        if (const auto next = tree.next(e)) {
            must(range.last() < tree[next].range.start(), "siblings overlap or do not ascend");
            must(tree.parent(next) == tree.parent(e), "siblings have different parents");
        }
    }
    must(count == tree.size(), "the tree has lost count");
}

template <class S>
std::string map_printed(const zonal::resource_tree<S>& tree) {
    return printed_by([&](auto out) { zonal::print_iomem(tree, out); });
}

/// Any text as /proc/iomem: read, and printed so that it reads the same, or refused with a line
/// that exists.
inline void any_iomem(const std::uint8_t* data, std::size_t size) {
    using namespace zonal;
    const exact_bytes bytes(data, size);
    const text file = bytes;
    resource_tree<in_place<32>> tree;
    const auto read = read_iomem(file, tree);
    check_tree(tree);
    if (!read) {
        unsigned long lines = 1;
        for (char c : file) lines += c == '\n' ? 1 : 0;
        must(read.error().line >= 1 && read.error().line <= lines, "an error on no line");
        must(!read.error().why.empty(), "an unknown error");
        must(tree.size() == 0, "a map is refused, and in the tree");
        return;
    }
    const std::string printed = map_printed(tree);
    resource_tree<in_place<32>> again;
    must(read_iomem(text(printed.data(), printed.size()), again).has_value(),
         "a printed map is no map");
    must(map_printed(again) == printed, "a printed map reads differently");
}

/// Any list of calls: the tree stays a tree, and a refused call changes nothing.
inline void any_resource_calls(const std::uint8_t* data, std::size_t size) {
    using namespace zonal;
    byte_reader bytes(data, size);
    resource_tree<in_place<6>> tree;
    const auto owner = [&](std::uint64_t n) {
        return n % 4 == 3 ? anyone : owner_id{static_cast<std::uint32_t>(n % 2)};
    };
    while (bytes.size() != 0) {
        const std::uint64_t what = bytes.take(1);
        const std::uint64_t flags = bytes.take(1);
        // Some at the bottom of the address space, some at its top.
        const std::uint64_t first =
            (what & 0x80) != 0 ? ~std::uint64_t{0} - 255 + bytes.take(1) : bytes.take(1);
        const std::uint64_t length = bytes.take(1) % 32;
        const auto range = address_range::make(phys_addr{first}, length + 1);
        if (!range) continue;
        region_id id = tree.root();
        for (auto n = flags >> 4; n != 0; --n)
            if (const auto next = tree.after(id)) id = next;
        const owner_id who = owner(flags);
        const region entry{*range,
                           "x",
                           {.memory = (flags & 1) != 0,
                            .system_ram = (flags & 2) != 0,
                            .busy = (flags & 4) != 0,
                            .mergeable = (flags & 8) != 0},
                           {},
                           owner(flags >> 1)};
        const std::string before = map_printed(tree);
        bool refused = false;
        const auto note = [&](const auto& r) { refused = !r.has_value(); };
        switch ((what & 0x7f) % 10) {
        case 0: note(tree.insert(entry, static_cast<insert_mode>(flags % 3), id)); break;
        case 1: note(tree.request(*range, "y", who, {}, id)); break;
        case 2: note(tree.release(id, who, static_cast<children>(length % 3))); break;
        case 3: note(tree.adjust(id, *range, who)); break;
        case 4: note(tree.split(id, range->last(), who)); break;
        case 5: note(tree.merge(id, who)); break;
        case 6: note(release_region(tree, *range, who)); break;
        case 7: note(release_adjustable(tree, *range, who)); break;
        case 8:
            note(release_adjustable(tree, *range, who,
                                    lm::resource_quirks{.no_owners = (length & 1) != 0,
                                                        .first_busy_only = (length & 2) != 0,
                                                        .drops_children = (length & 4) != 0,
                                                        .children_stay_below = (length & 8) != 0,
                                                        .misses_first_byte = (length & 16) != 0}));
            break;
        case 9:
            if (const auto hole =
                    find_free(tree, {.bytes = length, .alignment = flags, .window = *range}))
                for (auto e = tree.after(tree.root()); e; e = tree.after(e))
                    must(!tree[e].range.overlaps(*hole) && range->contains(*hole),
                         "a free range that is not");
            break;
        }
        check_tree(tree);
        if (refused) must(map_printed(tree) == before, "a refused call has changed the tree");
        static_cast<void>(relation_to(tree, *range, {entry.flags}));
        static_cast<void>(find(tree, range->last()));
    }
}

} // namespace zonal_test
