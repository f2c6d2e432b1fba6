// SPDX-License-Identifier: BSL-1.0
#pragma once

// How ranges are kept and found: what a map asks of its back end.
//
//     sorted_array   one array, sorted by start: a slot a range, for a few dozen ranges
//     sorted_leaves  leaves of sixteen, found through a table: quicker, for a few or for millions
//     block_table<>  a byte a block, for ranges of whole blocks: no search
//
// A back end keeps any ascending, disjoint, non-empty ranges; which of them merge, what overlaps
// and what is reported is decided above it, once for all back ends. So another structure is one more
// type with the calls below.

#include <concepts>
#include <cstddef>

#include <zonal/core/policy.hpp>
#include <zonal/core/storage.hpp>
#include <zonal/ranges/range_entry.hpp>

namespace zonal::inline v0 {

/// The slot of policies that say how ranges are searched.
struct back_end_slot {};

/// B keeps ranges with values of type B::value_type in slots of type B::slot.
///     seek(p)                the first range that ends after p, else end()
///     at(c)                  the entry; a reference or a value. Requires: c != end()
///     previous(c), next(c)   the neighbours. Requires: there is one
///     size(), pages()        how many ranges, how many pages; O(1)
///     capacity()             for how many ranges there is room; make_room can know of more
///     slots_for(n)           how many slots n ranges need at most
///     make_room(n)           whether up to n ranges can be kept now. If not, nothing has changed.
///                            Cursors may become invalid
///     replace(f, l, e, n)    the entries [f, l) give way to the entries e[0], ..., e[n - 1], which lie
///                            between those before f and those from l on; n is at most 3. Requires:
///                            room was made for the ranges there are afterwards. Cursors become
///                            invalid
///     clear()                no ranges
/// No call fails otherwise, and none calls anything of the value but copies, the destructor and
/// ==, none of which throws.
/// A back end that needs no list of ranges to change pages, or mostly has them at hand, may have
///     write<Coalescing>(r, v)  the pages of r become one range with the value *v, or no range if v
///                              is null, and what then touches and merges is one. Without room it
///                              answers false and nothing has changed; room that was made for the
///                              result is enough. Requires: r is not empty
/// If the room it needs depends on where a change is made, it has a type
///     plan(b)                  what a change of several steps needs. In ascending order it is told
///                              change(r): pages of r change; give(r, v): some get this value. Then
///                              make_room(n); if that succeeds, no step fails as long as the plan is
/// If ranges begin and end at multiples of a power of two only, it has that, as its `granularity`.
/// Any back end may have, where that is faster than a seek: value_at(p), result<value_type>; find(p),
/// the entry that has p, if one does; overlaps(r), whether a page of r is in a range;
/// insert<Coalescing>(r, v), which is write, but fails with overlap or no_space; r is not empty.
template <class B>
concept range_back_end =
    std::movable<B> && range_value<typename B::value_type> && std::copyable<typename B::cursor> &&
    requires(B& b, const B& c, typename B::cursor at, pfn p, std::size_t n,
             const range_entry<typename B::value_type>* entries) {
        { c.begin() } noexcept -> std::same_as<typename B::cursor>;
        { c.end() } noexcept -> std::same_as<typename B::cursor>;
        { c.seek(p) } noexcept -> std::same_as<typename B::cursor>;
        { c.next(at) } noexcept -> std::same_as<typename B::cursor>;
        { c.previous(at) } noexcept -> std::same_as<typename B::cursor>;
        { c.at(at) } noexcept -> std::convertible_to<range_entry<typename B::value_type>>;
        { at == at } noexcept -> std::same_as<bool>;
        { c.size() } noexcept -> std::same_as<std::size_t>;
        { c.pages() } noexcept -> std::same_as<page_count>;
        { c.capacity() } noexcept -> std::same_as<std::size_t>;
        { B::slots_for(n) } noexcept -> std::same_as<std::size_t>;
        { b.make_room(n) } noexcept -> std::same_as<bool>;
        { b.replace(at, at, entries, n) } noexcept;
        { b.clear() } noexcept;
    };

/// `template <class T, class Storage> class of` is the back end for values T in a storage policy.
template <class P>
concept back_end_policy = std::same_as<typename P::policy_slot, back_end_slot> &&
                          range_back_end<typename P::template of<int, in_place<1>>>;

// What a compile error names.
template <class Policy>
struct back_end_lacks_a_call {
    static_assert(back_end_policy<Policy>,
                  "back ends: this one lacks a call that range_back_end lists");
    using named = void;
};

} // namespace zonal::inline v0
