// SPDX-License-Identifier: BSL-1.0
#pragma once

// The text of /proc/iomem as a resource tree.
//
//     resource_tree<in_place<256>> tree;
//     const auto read = read_iomem(file, tree);
//     if (!read) say("line", read.error().line, read.error().why);
//
// The text may be anything: a wrong file, a cut one, random bytes, or what users without privileges
// see, which is the names with every address zero. Nothing is guessed; either all of it is in the
// tree, or the tree is empty and the error says where to look.

#include <zonal/resource/iomem_print.hpp>

namespace zonal::inline v0 {

/// Why a text is no map, as one clear line to follow "FILE:LINE: ".
struct iomem_reason {
    static constexpr text not_text = "a control character; is the file binary?";
    static constexpr text not_an_entry = "not an entry: START-END : NAME, in hexadecimal";
    static constexpr text address_too_large = "an address of more than 64 bits";
    static constexpr text end_before_start = "the range ends before it starts";
    static constexpr text bad_indentation =
        "indented by other than two blanks a level, or more than a level at once";
    static constexpr text outside_parent = "the range reaches beyond the entry that it lies in";
    static constexpr text not_ascending = "the range starts before the entry above it ends";
    static constexpr text masked =
        "all addresses are zero: this was read without the privilege to see them";
    static constexpr text no_space = "more entries than the tree has room for";
};

struct iomem_error {
    unsigned long line = 0; ///< counted from 1
    text why{};             ///< one of the iomem_reasons
    friend constexpr bool operator==(iomem_error, iomem_error) = default;
};

/// One line, taken apart.
struct iomem_line {
    unsigned depth = 0;
    address_range range;
    text name;
};

/// All that a name says about a region is that it is memory.
struct plain_memory {
    [[nodiscard]] constexpr region operator()(text) const noexcept {
        return {.flags = {.memory = true}};
    }
};

namespace detail {

/// The line at the front of `file`, which loses it; a '\r' before the end does not count.
[[nodiscard]] constexpr text take_line(text& file) noexcept {
    std::size_t size = 0;
    while (size < file.size && file[size] != '\n') ++size;
    text line = file.sub(0, size);
    file = file.sub(size + 1);
    return !line.empty() && line[size - 1] == '\r' ? line.sub(0, size - 1) : line;
}

/// The address at the front of `from`, which loses its digits.
[[nodiscard]] constexpr result<phys_addr, text> take_address(text& from) noexcept {
    std::uint64_t value = 0;
    std::size_t i = 0;
    for (; i < from.size; ++i) {
        const char c = from[i];
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) break;
        if (value >> 60 != 0) return fail(iomem_reason::address_too_large);
        value = value << 4 | static_cast<unsigned>(digit);
    }
    if (i == 0) return fail(iomem_reason::not_an_entry);
    from = from.sub(i);
    return phys_addr{value};
}

[[nodiscard]] constexpr result<iomem_line, text> read_iomem_line(text line) noexcept {
    for (char c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return fail(iomem_reason::not_text);
    std::size_t blanks = 0;
    while (blanks < line.size && line[blanks] == ' ') ++blanks;
    line = line.sub(blanks);
    const auto first = take_address(line);
    if (!first) return fail(first.error());
    if (!line.starts_with("-")) return fail(iomem_reason::not_an_entry);
    line = line.sub(1);
    const auto last = take_address(line);
    if (!last) return fail(last.error());
    if (!line.starts_with(" : ") || line.size == 3) return fail(iomem_reason::not_an_entry);
    const auto range = address_range::inclusive(*first, *last);
    if (!range) return fail(iomem_reason::end_before_start);
    if (blanks % iomem_indent != 0 || blanks > iomem_indent * iomem_max_indents)
        return fail(iomem_reason::bad_indentation);
    return iomem_line{static_cast<unsigned>(blanks / iomem_indent), *range, line.sub(3)};
}

} // namespace detail

/// The text has entries, and all of their addresses are zero. A true map with nothing but one byte
/// at address 0 reads the same.
[[nodiscard]] constexpr bool is_masked_iomem(text file) noexcept {
    bool entries = false;
    while (!file.empty()) {
        const text line = detail::take_line(file);
        if (line.empty()) continue;
        const auto read = detail::read_iomem_line(line);
        if (!read || read->range.last() != phys_addr{}) return false;
        entries = true;
    }
    return entries;
}

/// Reads the text into an empty tree. What the text does not say about an entry (flags, kind,
/// owner), `describe_name` says: a callable from its name to a region.
/// Requires: into is empty; the characters of the text outlive the entries.
/// Fails:    as the iomem_reasons say; the tree is empty then.
/// Cost:     quadratic in the number of siblings; never allocates.
template <class S, class Describe = plain_memory>
constexpr result<done, iomem_error> read_iomem(text file, resource_tree<S>& into,
                                               Describe describe_name = {}) {
    expects(into.size() == 0, "read_iomem: the tree is not empty");
    if (is_masked_iomem(file)) return fail(iomem_error{1, iomem_reason::masked});
    const auto refuse = [&](unsigned long line, text why) {
        while (const region_id e = into.first_child(into.root()))
            static_cast<void>(into.release(e, anyone, children::take_along));
        return fail(iomem_error{line, why});
    };
    region_id in = into.root(); // the entry above, or one that it lies in
    unsigned level = 0;         // of the entries in it
    for (unsigned long line = 1; !file.empty(); ++line) {
        const text characters = detail::take_line(file);
        if (characters.empty()) continue;
        const auto read = detail::read_iomem_line(characters);
        if (!read) return refuse(line, read.error());
        // At the greatest indentation, what lies in the entry above is deeper than it looks.
        while (level > read->depth &&
               (read->depth < iomem_max_indents || !into[in].range.contains(read->range))) {
            in = into.parent(in);
            --level;
        }
        if (level < read->depth) return refuse(line, iomem_reason::bad_indentation);
        if (!into[in].range.contains(read->range))
            return refuse(line, iomem_reason::outside_parent);
        for (region_id c = into.first_child(in); c; c = into.next(c))
            if (into[c].range.last() >= read->range.start())
                return refuse(line, iomem_reason::not_ascending);
        region entry = describe_name(read->name);
        entry.range = read->range;
        entry.name = read->name;
        const auto made = into.insert(entry, insert_mode::conflict, in);
        if (!made) return refuse(line, iomem_reason::no_space);
        in = *made;
        ++level;
    }
    return done{};
}

} // namespace zonal::inline v0
