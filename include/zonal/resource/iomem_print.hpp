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
class address_text {
public:
    /// Requires: width <= 16.
    constexpr address_text(phys_addr at, unsigned width) {
        expects(width <= sizeof(digits_), "address_text: an address has at most 16 digits");
        for (std::uint64_t rest = at.value; size_ < width || rest != 0; rest >>= 4)
            digits_[sizeof(digits_) - ++size_] = "0123456789abcdef"[rest & 0xf];
    }
    [[nodiscard]] constexpr operator text() const noexcept {
        return {digits_ + (sizeof(digits_) - size_), size_};
    }

private:
    char digits_[16] = {};
    unsigned size_ = 0;
};

/// One line, with its end.
template <class Out>
constexpr void print_iomem_line(const region& entry, unsigned depth, unsigned width, Out&& out) {
    for (unsigned i = 0; i < depth && i < iomem_max_indents; ++i)
        out(text("  ").sub(0, iomem_indent));
    out(address_text{entry.range.start(), width});
    out(text("-"));
    out(address_text{entry.range.last(), width});
    out(text(" : "));
    out(entry.name.empty() ? iomem_nameless : entry.name);
    out(text("\n"));
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
    }
}

} // namespace zonal::inline v0
