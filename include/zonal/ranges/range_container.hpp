// SPDX-License-Identifier: BSL-1.0
#pragma once

// What pfn_range_map and pfn_range_set have in common: policies, every question, and what takes
// pages away.

#include <cstddef>
#include <type_traits>
#include <utility>

#include <zonal/ranges/apply.hpp>
#include <zonal/ranges/hole.hpp>
#include <zonal/ranges/modes.hpp>
#include <zonal/ranges/range_policies.hpp>
#include <zonal/ranges/views.hpp>

namespace zonal::inline v0 {

/// Ranges of pages with values T: ascending, disjoint, non-empty, and, unless the coalescing policy
/// keeps them apart, maximal: of two ranges that touch, the values differ.
/// An item is what iteration and searches hand out: a range_entry<T>; of a set, a pfn_range.
/// Every call that takes a window accepts an empty one: it contains nothing and is no change.
/// Cost: searches as the back end's seek, O(log n); others say so.
template <class T, class... Policies>
class range_container {
protected:
    using policies = range_policies<T, Policies...>;
    static_assert(std::is_void_v<typename policies::mistake::named>);
    using coalescing = typename policies::coalescing;
    using back_end = typename policies::back_end;
    using entry = range_entry<T>;

    // Runs no code of the user's.
    template <class Observer>
    static constexpr bool is_quiet = detail::is_silent<Observer>;
    template <class Observer>
    static constexpr bool is_quiet_merging =
        is_quiet<Observer> &&
        noexcept(coalescing::merges(std::declval<const T&>(), std::declval<const T&>()));

public:
    using item = range_item<T>;
    using iterator = range_iterator<back_end>;
    /// What a storage policy keeps, and how many of it n ranges need: an array for caller_storage.
    using slot = typename back_end::slot;
    [[nodiscard]] static constexpr std::size_t slots_for(std::size_t ranges) noexcept {
        return back_end::slots_for(ranges);
    }

    constexpr range_container() = default;
    /// From what the storage policy is made of: the caller's slots, an allocator.
    template <class... Args>
        requires(sizeof...(Args) != 0 && std::is_constructible_v<back_end, Args...>)
    explicit constexpr range_container(Args&&... args) : ranges_(std::forward<Args>(args)...) {}

    // ---- how much ----

    /// How many ranges.
    [[nodiscard]] constexpr std::size_t size() const noexcept { return ranges_.size(); }
    [[nodiscard]] constexpr bool empty() const noexcept { return ranges_.size() == 0; }
    /// How many ranges there is room for without asking the storage for more.
    [[nodiscard]] constexpr std::size_t capacity() const noexcept { return ranges_.capacity(); }
    /// How many pages, in O(1).
    [[nodiscard]] constexpr page_count pages() const noexcept { return ranges_.pages(); }
    /// How many pages of the window.
    /// Cost: O(k) for k ranges there.
    [[nodiscard]] constexpr page_count pages_in(pfn_range window) const noexcept {
        page_count pages{};
        for (auto at = ranges_.seek(window.start()); at != ranges_.end(); at = ranges_.next(at)) {
            const pfn_range part = range_at(at).intersection(window);
            if (part.empty()) break;
            pages += part.size();
        }
        return pages;
    }
    /// From the first page to the last, gaps included.
    [[nodiscard]] constexpr pfn_range envelope() const noexcept {
        if (empty()) return {};
        return {range_at(ranges_.begin()).start(), range_at(ranges_.previous(ranges_.end())).end()};
    }

    // ---- which ----

    [[nodiscard]] constexpr iterator begin() const noexcept { return {ranges_, ranges_.begin()}; }
    [[nodiscard]] constexpr iterator end() const noexcept { return {ranges_, ranges_.end()}; }

    /// The range that p lies in.
    /// Fails: not_found  p is in none.
    [[nodiscard]] constexpr result<item> find(pfn p) const noexcept {
        if constexpr (std::is_same_v<item, entry> && requires { ranges_.find(p); }) {
            return ranges_.find(p);
        } else {
            const auto at = ranges_.seek(p);
            if (at == ranges_.end()) return fail(errc::not_found);
            const entry& e = ranges_.at(at);
            if (p < e.range.start()) return fail(errc::not_found);
            return detail::item_of<T>(e);
        }
    }
    /// The lowest range, and the highest.
    /// Fails: not_found  there is none.
    [[nodiscard]] constexpr result<item> first() const noexcept { return item_at(ranges_.begin()); }
    [[nodiscard]] constexpr result<item> last() const noexcept {
        return item_before(ranges_.end());
    }
    /// The neighbours of the range, or of the gap, that p lies in.
    /// Fails: not_found  there is none on that side.
    [[nodiscard]] constexpr result<item> lower_neighbour(pfn p) const noexcept {
        return item_before(ranges_.seek(p));
    }
    [[nodiscard]] constexpr result<item> upper_neighbour(pfn p) const noexcept {
        auto at = ranges_.seek(p);
        if (at != ranges_.end() && range_at(at).start() <= p) at = ranges_.next(at);
        return item_at(at);
    }
    /// Those that have a page in the window, each as a whole.
    [[nodiscard]] constexpr range_view<back_end> overlapping(pfn_range window) const noexcept {
        auto first = ranges_.seek(window.start());
        auto last = first;
        while (last != ranges_.end() && range_at(last).overlaps(window)) last = ranges_.next(last);
        return {{ranges_, first}, {ranges_, last}};
    }

    [[nodiscard]] constexpr bool contains(pfn p) const noexcept { return find(p).has_value(); }
    /// Every page of the window is in a range.
    /// Cost: O(k) for k ranges there.
    [[nodiscard]] constexpr bool contains(pfn_range window) const noexcept {
        pfn from = window.start(); // everything below is
        for (auto at = ranges_.seek(from); from.value() < window.end().value();
             at = ranges_.next(at)) {
            if (at == ranges_.end() || range_at(at).start().value() > from.value()) return false;
            from = range_at(at).end();
        }
        return true;
    }
    [[nodiscard]] constexpr bool overlaps(pfn_range window) const noexcept {
        if constexpr (requires { ranges_.overlaps(window); }) {
            return ranges_.overlaps(window);
        } else {
            const auto at = ranges_.seek(window.start());
            return at != ranges_.end() && range_at(at).overlaps(window);
        }
    }

    // ---- where not ----

    /// The largest ranges within the window without a page of the container.
    [[nodiscard]] constexpr gap_view<back_end> gaps(pfn_range window = {
                                                        pfn{0}, pfn{pfn::limit}}) const noexcept {
        return {ranges_, window};
    }
    /// The first place, from below or from above, where the request fits; nothing is inserted.
    /// Fails: bad_range   the request has no pages;
    ///        misaligned  its alignment is zero;
    ///        no_space    it fits nowhere.
    /// Cost:  O(k) for k ranges in the window.
    [[nodiscard]] constexpr result<pfn_range> find_hole(const hole_request& what) const noexcept {
        return detail::find_hole(ranges_, what);
    }

    // ---- taking away ----

    /// Erases the pages of the window; ranges that stick out shrink or split. Returns how many pages
    /// that were.
    /// Fails: misaligned  the window is not one of whole blocks;
    ///        not_found   a page of the window is in no range (only with missing::refuse);
    ///        no_space    there is no room for one range more.
    /// On failure nothing has changed.
    template <missing::mode Missing = missing::refuse_t, range_observer<T> Observer = no_observer>
    constexpr result<page_count> erase(pfn_range window, Missing = {},
                                       Observer&& observe = {}) noexcept(is_quiet<Observer>) {
        if (!in_blocks(window)) return fail(errc::misaligned);
        if (std::is_same_v<Missing, missing::refuse_t> && !contains(window))
            return fail(errc::not_found);
        const page_count before = pages();
        if (!detail::apply<coalescing>(ranges_, window, detail::erase_edit{}, observe))
            return fail(errc::no_space);
        return before - pages();
    }
    /// Gets the room that erasing the window needs, so that it cannot fail for want of it as long as
    /// nothing else changes.
    /// Fails: no_space.
    constexpr result<done> reserve_erase(pfn_range window) noexcept {
        return detail::make_room_for<coalescing>(ranges_, window, detail::erase_edit{});
    }
    template <range_observer<T> Observer = no_observer>
    constexpr void clear(Observer&& observe = {}) noexcept(is_quiet<Observer>) {
        detail::report<coalescing>(ranges_, envelope(), detail::erase_edit{}, observe);
        ranges_.clear();
    }

    // ---- as a whole ----

    /// Gets room for so many ranges, so that changes which need no more cannot fail for want of it.
    /// Fails: no_space.
    constexpr result<done> reserve(std::size_t ranges) noexcept {
        if (!ranges_.make_room(ranges)) return fail(errc::no_space);
        return done{};
    }
    /// The same ranges as `other` has, which can be kept elsewhere.
    /// Fails: misaligned, no_space; nothing has changed.
    /// Cost:  O(n) insertions at the end.
    template <class... Others>
        requires std::is_same_v<coalescing, typename range_policies<T, Others...>::coalescing>
    constexpr result<done> assign(const range_container<T, Others...>& other) noexcept {
        if (static_cast<const void*>(this) == &other) return done{};
        {
            auto plan = detail::plan_of(ranges_); // ends before the ranges that it speaks of do
            for (const item& i : other) {
                const entry e = entry_of(i);
                if (!in_blocks(e.range)) return fail(errc::misaligned);
                plan.change(e.range);
                plan.give(e.range, e.value);
            }
            if (!plan.make_room(other.size())) return fail(errc::no_space);
        }
        ranges_.clear();
        for (const item& i : other) {
            const entry e = entry_of(i);
            ranges_.replace(ranges_.end(), ranges_.end(), &e, 1);
        }
        return done{};
    }

protected:
    /// The back end can keep ranges that begin and end where this one does.
    [[nodiscard]] static constexpr bool in_blocks(pfn_range r) noexcept {
        if constexpr (requires { back_end::granularity; })
            return ((r.start().value() | r.end().value()) &
                    (page_count{back_end::granularity}.value() - 1)) == 0;
        else
            return true;
    }
    template <class Mode, class Observer>
    constexpr result<done> put(pfn_range r, const T& value, const Mode& mode, Observer& observe) {
        if (!in_blocks(r)) return fail(errc::misaligned);
        if (r.empty()) return done{};
        const auto edit = detail::edit_for(mode, value);
        if constexpr (std::is_same_v<Mode, overlap::refuse_t> && is_quiet<Observer>)
            return detail::insert<coalescing>(ranges_, r, edit.value);
        if (std::is_same_v<Mode, overlap::refuse_t> && overlaps(r)) return fail(errc::overlap);
        if (!detail::apply<coalescing>(ranges_, r, edit, observe)) return fail(errc::no_space);
        return done{};
    }
    [[nodiscard]] static constexpr entry entry_of(const entry& e) noexcept { return e; }
    [[nodiscard]] static constexpr entry entry_of(pfn_range r) noexcept { return {r, {}}; }
    [[nodiscard]] constexpr pfn_range range_at(typename back_end::cursor at) const noexcept {
        return entry(ranges_.at(at)).range;
    }
    [[nodiscard]] constexpr result<item> item_at(typename back_end::cursor at) const noexcept {
        if (at == ranges_.end()) return fail(errc::not_found);
        return detail::item_of<T>(ranges_.at(at));
    }
    [[nodiscard]] constexpr result<item> item_before(typename back_end::cursor at) const noexcept {
        if (at == ranges_.begin()) return fail(errc::not_found);
        return item_at(ranges_.previous(at));
    }

    back_end ranges_;
};

/// The same ranges, starts and ends, with the same values, wherever they are kept.
template <class T, class... Policies, class... Others>
[[nodiscard]] constexpr bool operator==(const range_container<T, Policies...>& a,
                                        const range_container<T, Others...>& b) {
    if (a.size() != b.size() || a.pages() != b.pages()) return false;
    auto other = b.begin();
    for (const auto& item : a)
        if (!(item == *other++)) return false;
    return true;
}

} // namespace zonal::inline v0
