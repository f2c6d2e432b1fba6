// SPDX-License-Identifier: BSL-1.0
#pragma once

// Values of the library as characters. Opt-in: no other header includes this one, and <iostream>,
// {fmt} and std::format are reached by headers of their own, which add nothing to what is here.
//
//     pfn_range r{pfn{0x1000}, pfn{0x2000}};
//     print_value(r, [](text part) { put(part.data, part.size); });      // [0x1000, 0x2000)
//     auto s = printed<std::string>(zone_name{zones::list, zone_id{2}});  // Movable
//     s = printed<std::string>(printed_word{format, 0xfffffc0000200});
//     // 0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)
//
// pfns and addresses are hexadecimal, counts and ids decimal, ranges half-open. A value that needs
// to know more to be printed, of which set a zone is, in which format a word, is named with it:
// what is printed depends on no state.

#include <zonal/flags/print.hpp>
#include <zonal/resource/iomem_print.hpp>
#include <zonal/zone/zone_list.hpp>

namespace zonal::inline v0 {

/// A zone of a list; printed as its name, or, if it is none of the list's, as its number.
struct zone_name {
    const zone_list& zones;
    zone_id id;
};

/// A page word; printed as the system prints it that the format is of.
struct printed_word {
    const word_format& format;
    std::uint64_t raw;
};

/// Prints a value; `out` is called with each piece as a text.
template <class Out>
constexpr void print_value(pfn p, Out&& out) {
    print_number(p.value(), 16, out);
}
template <class Out>
constexpr void print_value(phys_addr a, Out&& out) {
    print_number(a.value, 16, out);
}
template <class Out>
constexpr void print_value(page_count n, Out&& out) {
    print_number(n.value(), 10, out);
}
template <field_value Id, class Out>
constexpr void print_value(Id id, Out&& out) {
    print_number(id.value, 10, out);
}
template <class Out>
constexpr void print_value(errc e, Out&& out) {
    out(name_of(e));
}
template <class Out>
constexpr void print_value(pfn_range r, Out&& out) {
    out(text("["));
    print_value(r.start(), out);
    out(text(", "));
    print_value(r.end(), out);
    out(text(")"));
}
template <class Out>
constexpr void print_value(address_range r, Out&& out) {
    out(text("["));
    print_value(r.start(), out);
    out(text(", "));
    if (r.reaches_top())
        out(text("0x10000000000000000")); // is no phys_addr
    else
        print_value(r.end(), out);
    out(text(")"));
}
template <class Out>
constexpr void print_value(const zone_name& z, Out&& out) {
    if (z.zones.contains(z.id))
        out(z.zones[z.id].name);
    else
        print_value(z.id, out);
}
template <class Out>
constexpr void print_value(const printed_word& w, Out&& out) {
    print_word(w.format, w.raw, out);
}
/// As a line of /proc/iomem, without its end.
template <class Out>
constexpr void print_value(const region& r, Out&& out) {
    print_iomem_line(r, 0, 8, out);
}
/// As /proc/iomem.
template <class S, class Out>
constexpr void print_value(const resource_tree<S>& tree, Out&& out) {
    print_iomem(tree, out);
}

/// There is a print_value for it.
template <class T>
concept printable = requires(const T& v, void (&out)(text)) { print_value(v, out); };

/// The characters in a string of any type that has append(const char*, size).
template <class String, printable T>
[[nodiscard]] constexpr String printed(const T& v) {
    String s;
    print_value(v, [&](text part) { s.append(part.data, part.size); });
    return s;
}

} // namespace zonal::inline v0
