// SPDX-License-Identifier: BSL-1.0
#pragma once

// Ranges of pages with a value each: which zone, which driver, which state.
//
//     pfn_range_map<char, in_place<8>> map;
//     map.insert({pfn{0x100}, pfn{0x200}}, 'a');                        // [0x100, 0x200) a
//     map.insert({pfn{0x200}, pfn{0x300}}, 'a');                        // [0x100, 0x300) a: merged
//     map.erase({pfn{0x180}, pfn{0x280}});                              // split in two
//     map.update({pfn{0x100}, pfn{0x120}}, [](char) { return 'b'; });   // [0x100, 0x120) b, ...
//     auto entry = map.find(pfn{0x110});                                // *entry: the range and 'b'
//
// Why not std::map by start: merging, splitting and what to do about overlaps would be everybody's
// own, it has no place to be before there is a heap, and it cannot say that it is full. The policies
// are in range_policies.hpp. When not to use it: handles to what was inserted are the hot-plug
// container's; ranges within ranges the resource tree's.

#include <concepts>

#include <zonal/ranges/range_container.hpp>

namespace zonal::inline v0 {

/// Iteration is ascending, disjoint, non-empty and maximal: of two ranges that touch, the values
/// differ, or, with keep_apart, they were inserted apart.
/// A change is made completely or, on failure, not at all; an observer hears of all that it did.
template <class T, class... Policies>
class pfn_range_map : public range_container<T, Policies...> {
    using base = range_container<T, Policies...>;
    using base::ranges_;
    using typename base::coalescing;

public:
    using base::base;

    /// The value of the range that p lies in. Some back ends answer this faster than find.
    /// Fails: not_found  p is in none.
    [[nodiscard]] constexpr result<T> value_at(pfn p) const noexcept {
        if constexpr (requires { ranges_.value_at(p); }) {
            return ranges_.value_at(p);
        } else {
            const auto found = base::find(p);
            if (!found) return fail(found.error());
            return found->value;
        }
    }

    /// Gives the pages of r a value. Pages that have one are refused, replaced, kept, or combined.
    /// Fails: misaligned  r is not one of whole blocks, and the back end keeps blocks;
    ///        overlap     a page of r is in the map (only with overlap::refuse);
    ///        no_space    there is no room for the ranges there would be.
    /// On failure nothing has changed.
    template <overlap::mode_for<T> Mode = overlap::refuse_t,
              range_observer<T> Observer = no_observer>
    constexpr result<done>
    insert(pfn_range r, const T& value, const Mode& mode = {},
           Observer&& observe = {}) noexcept(base::template is_quiet_merging<Observer> &&
                                             !requires { mode.f; }) {
        return base::put(r, value, mode, observe);
    }

    /// Gets the room that this insertion needs; see reserve_erase.
    /// Fails: no_space.
    template <overlap::mode_for<T> Mode = overlap::replace_t>
    constexpr result<done> reserve_insert(pfn_range r, const T& value, const Mode& mode = {}) {
        return detail::make_room_for<coalescing>(ranges_, r, detail::edit_for(mode, value));
    }

    /// Gives each page of r the value f(its value). Returns how many pages that were.
    /// Requires: f gives equal answers for equal values; it is called more than once for a range.
    /// Fails:    misaligned  r is not one of whole blocks, and the back end keeps blocks;
    ///           not_found   a page of r is not in the map (only with missing::refuse);
    ///           no_space    there is no room for the ranges there would be.
    /// On failure nothing has changed.
    template <std::regular_invocable<const T&> F, missing::mode Missing = missing::refuse_t,
              range_observer<T> Observer = no_observer>
        requires std::convertible_to<std::invoke_result_t<F&, const T&>, T>
    constexpr result<page_count> update(pfn_range r, F f, Missing = {}, Observer&& observe = {}) {
        if (!base::in_blocks(r)) return fail(errc::misaligned);
        if (std::is_same_v<Missing, missing::refuse_t> && !base::contains(r))
            return fail(errc::not_found);
        const detail::update_edit<T, F> edit{{}, f};
        if (!detail::apply<coalescing>(ranges_, r, edit, observe)) return fail(errc::no_space);
        return base::pages_in(r);
    }
    /// Gets the room that this update needs; see reserve_erase.
    /// Fails: no_space.
    template <std::regular_invocable<const T&> F>
        requires std::convertible_to<std::invoke_result_t<F&, const T&>, T>
    constexpr result<done> reserve_update(pfn_range r, F f) {
        return detail::make_room_for<coalescing>(ranges_, r, detail::update_edit<T, F>{{}, f});
    }
};

} // namespace zonal::inline v0
