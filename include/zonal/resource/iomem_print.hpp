// SPDX-License-Identifier: BSL-1.0
#pragma once

// A resource tree as text, the way systems show it in /proc/iomem.
//
//     print_iomem(tree, [](text part) { put(part.data, part.size); });
//     // 00100000-1ffdefff : System RAM
//     //   01000000-01e01d31 : Kernel code
//
// Ends are inclusive here and nowhere else. Levels below the sixth are not indented further.

#include <zonal/resource/tree.hpp>

namespace zonal::inline v0 {

inline constexpr std::size_t iomem_indent = 2;   ///< blanks a level
inline constexpr unsigned iomem_max_indents = 5; ///< deeper entries look like this depth
inline constexpr text iomem_nameless = "<BAD>";

/// An address in hexadecimal digits, with zeros in front up to a width.
/// Requires: width <= 16.
template <class Out>
constexpr void print_address(phys_addr at, unsigned width, Out&& out) {
    char digits[16] = {};
    expects(width <= sizeof(digits), "print_address: an address has at most 16 digits");
    unsigned size = 0;
    for (std::uint64_t rest = at.value; size < width || rest != 0; rest >>= 4)
        digits[sizeof(digits) - ++size] = "0123456789abcdef"[rest & 0xf];
    out(text(digits + (sizeof(digits) - size), size));
}

/// One line, without its end.
template <class Out>
constexpr void print_iomem_line(const region& entry, unsigned depth, unsigned width, Out&& out) {
    for (unsigned i = 0; i < depth && i < iomem_max_indents; ++i)
        out(text("  ").sub(0, iomem_indent));
    print_address(entry.range.start(), width, out);
    out(text("-"));
    print_address(entry.range.last(), width, out);
    out(text(" : "));
    out(entry.name.empty() ? iomem_nameless : entry.name);
}

/// All entries in `within`, a line each; `out` is called with the pieces.
/// Models: kernel/resource.c r_show(), as root sees it.
template <class S, class Out>
constexpr void print_iomem(const resource_tree<S>& tree, Out&& out,
                           region_id within = resource_tree<S>::root()) {
    const unsigned width = tree[tree.root()].range.last() < phys_addr{0x10000} ? 4 : 8;
    for (region_id e = tree.first_child(within); e; e = tree.after(e, within)) {
        unsigned depth = 0;
        for (region_id up = tree.parent(e); up != within; up = tree.parent(up)) ++depth;
        print_iomem_line(tree[e], depth, width, out);
        out(text("\n"));
    }
}

} // namespace zonal::inline v0
