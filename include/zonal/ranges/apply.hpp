// SPDX-License-Identifier: BSL-1.0
#pragma once

// Making a change: plan it, get room for the result, tell the observer, and only then touch the
// back end. From there on nothing can fail.
//
// A back end replaces ranges by at most three at a time. An edit that needs more steps takes those
// first that leave fewer ranges, so that on the way there never are more than before or than
// afterwards, whichever is more: a map with room for the result has room for every step.

#include <zonal/ranges/edit.hpp>

namespace zonal::inline v0::detail {

/// The ranges [first, last) of a back end, `replaced` many, give way to the first `count` pieces.
template <class B>
struct splice {
    typename B::cursor first;
    typename B::cursor last = first;
    std::size_t replaced = 0;
    std::size_t count = 0;
    range_entry<typename B::value_type> piece[3]{};
};

/// Makes the pages of r one range with this value, together with neighbours it merges with; or no
/// range, without a value.
template <class Coalescing, class B>
[[nodiscard]] constexpr splice<B> cut(const B& b, pfn_range r,
                                      const typename B::value_type* value) {
    using entry = range_entry<typename B::value_type>;
    splice<B> s{b.seek(r.start())};
    pfn from = r.start(), to = r.end(); // of the one range
    if (Coalescing::merges_any && value != nullptr && s.first != b.begin()) {
        const auto before = b.previous(s.first);
        const entry& below = b.at(before);
        if (below.range.end() == from && Coalescing::merges(below.value, *value)) {
            from = below.range.start();
            s.first = before;
            s.replaced = 1;
        }
    }
    entry high{}; // sticks out
    const pfn::rep window_end = r.end().value();
    while (s.last != b.end()) {
        const entry& e = b.at(s.last);
        const pfn start = e.range.start(), end = e.range.end();
        if (start.value() > window_end) break;
        if (value != nullptr && Coalescing::merges(e.value, *value)) {
            if (start.value() < from.value()) from = start;
            if (end.value() > window_end) to = end;
        } else {
            if (start.value() == window_end) break;
            if (start.value() < r.start().value())
                s.piece[s.count++] = {{start, r.start()}, e.value};
            if (end.value() > window_end) high = {{r.end(), end}, e.value};
        }
        ++s.replaced;
        s.last = b.next(s.last);
        if (end.value() > window_end) break;
    }
    if (value != nullptr) s.piece[s.count++] = {{from, to}, *value};
    if (!high.range.empty()) s.piece[s.count++] = high;
    return s;
}

/// Requires: there is room for the result.
template <class Coalescing, class B>
constexpr void put(B& b, pfn_range r, const typename B::value_type& value) {
    if constexpr (writing_back_end<B, Coalescing>) {
        static_cast<void>(b.template write<Coalescing>(r, &value));
    } else {
        const splice<B> s = cut<Coalescing>(b, r, &value);
        b.replace(s.first, s.last, s.piece, s.count);
    }
}

/// Fills the gaps of r, or only those whose filling makes one range of two.
/// Requires: there is room for the result.
template <class Coalescing, class B, class Observer>
constexpr void fill_gaps(B& b, pfn_range r, const typename B::value_type& value, bool all,
                         Observer& observe) {
    const keep_edit<typename B::value_type> edit{value};
    for (pfn from = r.start(); from < r.end();) {
        const auto at = b.seek(from);
        pfn_range above{r.end(), r.end()};
        if (at != b.end()) above = range_entry<typename B::value_type>(b.at(at)).range;
        const pfn to = above.start() < r.end() ? above.start() : r.end();
        if (from < to && (all || growth<Coalescing>(b, {from, to}, edit) < 0)) {
            report<Coalescing>(b, {from, to}, edit, observe);
            put<Coalescing>(b, {from, to}, value);
        }
        from = above.end();
    }
}

/// Gives each part of a range in r, and each gap if the edit fills them, its new value.
/// Requires: there is room for the result.
template <class Coalescing, class B, class E>
constexpr void take_steps(B& b, pfn_range r, const E& edit) {
    using entry = range_entry<typename B::value_type>;
    // The parts of ranges that stick out of r; their steps can add ranges. (GCC 12 takes `out[2]{}`
    // for uninitialized in constant expressions.)
    entry out[2]{{}, {}};
    if constexpr (E::covered == covered_pages::change) {
        pfn_range in = r;
        if (const auto at = b.seek(r.start()); at != b.end())
            if (const entry e = b.at(at); e.range.start() < r.start()) {
                out[0] = {e.range.intersection(r), edit(e.value)};
                in = {out[0].range.end(), r.end()};
            }
        if (const auto at = b.seek(r.end()); !in.empty() && at != b.end())
            if (const entry e = b.at(at); e.range.start() < r.end()) {
                out[1] = {e.range.intersection(in), edit(e.value)};
                in = {in.start(), out[1].range.start()};
            }
        // What comes next may have merged with the last step's range, because it had that value; so
        // the next part begins where the last one ended, whatever the range does.
        for (pfn from = in.start(); from < in.end();) {
            const auto at = b.seek(from);
            if (at == b.end()) break;
            const entry e = b.at(at);
            const pfn_range part = e.range.intersection({from, in.end()});
            if (part.empty()) break;
            put<Coalescing>(b, part, edit(e.value));
            from = part.end();
        }
    }
    if constexpr (E::fills) {
        no_observer nobody; // the whole edit was reported before
        fill_gaps<Coalescing>(b, r, edit.value, false, nobody);
        fill_gaps<Coalescing>(b, r, edit.value, true, nobody);
    }
    for (const entry& e : out)
        if (!e.range.empty()) put<Coalescing>(b, e.range, e.value);
}

/// The room that a change needs, if it has several steps or is observed: for how many ranges more,
/// and where.
template <class Coalescing, class B>
class room_plan {
    struct without {
        explicit constexpr without(B& b) noexcept : b_(b) {}
        [[nodiscard]] constexpr bool make_room(std::size_t n) noexcept { return b_.make_room(n); }
        B& b_;
    };
    static constexpr auto kind() {
        if constexpr (writing_back_end<B, Coalescing>)
            return std::type_identity<typename B::plan>{};
        else
            return std::type_identity<without>{};
    }

public:
    explicit constexpr room_plan(B& b) noexcept : b_(b), plan_(b) {}

    /// The windows of a plan ascend.
    template <class E>
    constexpr void add(pfn_range r, const E& edit) {
        more_ += growth<Coalescing>(b_, r, edit);
        if constexpr (writing_back_end<B, Coalescing>) {
            plan_.change(r);
            walk<Coalescing>(b_, r, edit, *this);
        }
    }
    [[nodiscard]] constexpr bool make_room() noexcept {
        return plan_.make_room(b_.size() + static_cast<std::size_t>(more_)); // or fewer
    }

    // What a walk tells.
    using entry = range_entry<typename B::value_type>;
    static constexpr void loses(const entry&, pfn_range) noexcept {}
    static constexpr void stays(const entry&) noexcept {}
    static constexpr void left(pfn_range, const typename B::value_type&) noexcept {}
    constexpr void gets(pfn_range r, const typename B::value_type& value) noexcept {
        plan_.give(r, value);
    }

private:
    B& b_;
    typename decltype(kind())::type plan_;
    std::ptrdiff_t more_ = 0;
};

/// Makes the pages of r one range with this value, or no range.
template <class Coalescing, class B, class E, class Observer>
[[nodiscard]] constexpr bool apply_at_once(B& b, pfn_range r, const typename B::value_type* value,
                                           const E& edit, Observer& observe) {
    if constexpr (!writing_back_end<B, Coalescing>) {
        const splice<B> s = cut<Coalescing>(b, r, value);
        if (!b.make_room(b.size() - s.replaced + s.count)) return false;
        report<Coalescing>(b, r, edit, observe);
        b.replace(s.first, s.last, s.piece, s.count);
        return true;
    } else if constexpr (std::is_same_v<std::remove_cv_t<Observer>, no_observer>) {
        return b.template write<Coalescing>(r, value);
    } else {
        room_plan<Coalescing, B> plan(b);
        plan.add(r, edit);
        if (!plan.make_room()) return false;
        report<Coalescing>(b, r, edit, observe);
        return b.template write<Coalescing>(r, value);
    }
}

/// Makes the change, or answers false and changes nothing: there is no room.
template <class Coalescing, class B, class E, class Observer>
[[nodiscard]] constexpr bool apply(B& b, pfn_range r, const E& edit, Observer& observe) {
    using entry = range_entry<typename B::value_type>;
    if (r.empty()) return true;
    if constexpr (E::covered == covered_pages::go) {
        return apply_at_once<Coalescing>(b, r, nullptr, edit, observe);
    } else if constexpr (E::one_range) {
        return apply_at_once<Coalescing>(b, r, &edit.value, edit, observe);
    } else {
        // All of r in one range, or in one gap: no steps to plan.
        const auto at = b.seek(r.start());
        const bool in_gap = at == b.end() || entry(b.at(at)).range.start() >= r.end();
        if (!in_gap && entry(b.at(at)).range.contains(r)) {
            if constexpr (E::covered == covered_pages::stay) return true;
            if constexpr (E::covered == covered_pages::change) {
                const auto value = edit(entry(b.at(at)).value);
                return apply_at_once<Coalescing>(b, r, &value, edit, observe);
            }
        }
        if constexpr (E::fills)
            if (in_gap) return apply_at_once<Coalescing>(b, r, &edit.value, edit, observe);

        room_plan<Coalescing, B> plan(b);
        plan.add(r, edit);
        if (!plan.make_room()) return false;
        report<Coalescing>(b, r, edit, observe);
        take_steps<Coalescing>(b, r, edit);
        return true;
    }
}

/// Makes room for the change, or answers false; nothing changes.
template <class Coalescing, class B, class E>
[[nodiscard]] constexpr bool make_room_for(B& b, pfn_range r, const E& edit) {
    if (r.empty()) return true;
    room_plan<Coalescing, B> plan(b);
    plan.add(r, edit);
    return plan.make_room();
}

} // namespace zonal::inline v0::detail
