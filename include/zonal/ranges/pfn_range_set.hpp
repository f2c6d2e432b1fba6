// SPDX-License-Identifier: BSL-1.0
#pragma once

// Pages that have something in common: present, reserved, free.
//
//     pfn_range_set<in_place<8>> free;
//     free.insert({pfn{0x100}, pfn{0x200}});
//     free.insert({pfn{0x180}, pfn{0x280}}, overlap::keep);    // [0x100, 0x280)
//     free.subtract(reserved);                                 // whatever is in the other set
//     auto at = free.gaps({pfn{0}, pfn{0x1000}});              // for (pfn_range gap : at) ...
//
// The policies are those of a map (range_policies.hpp). Algebra takes any range container as a set
// of pages, with whatever values and policies.

#include <zonal/ranges/range_container.hpp>

namespace zonal::inline v0 {

/// Iteration is ascending, disjoint, non-empty and maximal: no two ranges touch, or, with
/// keep_apart, they were inserted apart.
/// A change is made completely or, on failure, not at all; an observer hears of all that it did.
template <class... Policies>
class pfn_range_set : public range_container<no_value, Policies...> {
    using base = range_container<no_value, Policies...>;
    using base::ranges_;
    using typename base::coalescing;

public:
    using base::base;

    /// Inserts the pages of r. Pages that are there are refused, kept, or, where ranges stay apart,
    /// replaced by one range r.
    /// Fails: misaligned  r is not one of whole blocks, and the back end keeps blocks;
    ///        overlap     a page of r is in the set (only with overlap::refuse);
    ///        no_space    there is no room for the ranges there would be.
    /// On failure nothing has changed.
    template <overlap::mode_for<no_value> Mode = overlap::refuse_t,
              range_observer<no_value> Observer = no_observer>
    constexpr result<done>
    insert(pfn_range r, Mode mode = {},
           Observer&& observe = {}) noexcept(base::template is_quiet<Observer>) {
        return base::put(r, {}, mode, observe);
    }

    /// Gets the room that inserting r needs; see reserve_erase.
    /// Fails: no_space.
    constexpr result<done> reserve_insert(pfn_range r) noexcept {
        return detail::make_room_for<coalescing>(ranges_, r, detail::keep_edit<no_value>{});
    }

    /// Inserts the pages of `other` that are missing.
    /// Fails: misaligned, no_space; nothing has changed.
    /// Cost:  O(m) searches and changes for m ranges of `other`; so for the next two.
    template <class U, class... Others, range_observer<no_value> Observer = no_observer>
    constexpr result<done>
    unite(const range_container<U, Others...>& other,
          Observer&& observe = {}) noexcept(base::template is_quiet<Observer>) {
        const auto each_window = [&](auto f) { each_run(other, f); };
        return change_all(detail::keep_edit<no_value>{}, each_window, observe);
    }
    /// Erases the pages of `other`. Fails as unite.
    template <class U, class... Others, range_observer<no_value> Observer = no_observer>
    constexpr result<done>
    subtract(const range_container<U, Others...>& other,
             Observer&& observe = {}) noexcept(base::template is_quiet<Observer>) {
        if constexpr (std::is_same_v<range_container<U, Others...>, base>)
            if (&other == this) return base::clear(observe), done{};
        const auto each_window = [&](auto f) { each_run(other, f); };
        return change_all(detail::erase_edit{}, each_window, observe);
    }
    /// Erases the pages that are not in `other`. Fails as unite.
    template <class U, class... Others, range_observer<no_value> Observer = no_observer>
    constexpr result<done>
    intersect(const range_container<U, Others...>& other,
              Observer&& observe = {}) noexcept(base::template is_quiet<Observer>) {
        const auto each_window = [&](auto f) {
            for (const pfn_range gap : other.gaps()) f(gap);
        };
        return change_all(detail::erase_edit{}, each_window, observe);
    }

private:
    /// Calls f for the pages of a container, without the borders between ranges that touch.
    template <class Container, class F>
    static constexpr void each_run(const Container& container, F f) {
        pfn_range run;
        for (const auto& item : container) {
            const pfn_range r = detail::range_of(item);
            if (!run.adjoins(r)) {
                if (!run.empty()) f(run);
                run = r;
            }
            run = run.envelope(r);
        }
        if (!run.empty()) f(run);
    }

    template <class Edit, class Each, class Observer>
    constexpr result<done> change_all(const Edit& edit, const Each& each_window,
                                      Observer& observe) {
        detail::room_plan<coalescing, typename base::back_end> plan(ranges_);
        bool whole = true;
        each_window([&](pfn_range r) {
            whole = whole && base::in_blocks(r);
            if (whole) plan.add(r, edit);
        });
        if (!whole) return fail(errc::misaligned);
        if (!plan.make_room()) return fail(errc::no_space);
        const auto take_steps = [&](bool last) {
            each_window([&](pfn_range r) {
                detail::take_step<coalescing>(ranges_, r, edit, last, observe);
            });
        };
        take_steps(false); // what leaves fewer ranges comes first: see apply.hpp
        take_steps(true);
        return done{};
    }
};

} // namespace zonal::inline v0
