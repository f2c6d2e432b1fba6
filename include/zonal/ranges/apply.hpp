// SPDX-License-Identifier: BSL-1.0
#pragma once

// Making a change: plan it, get room for the result, tell the observer, and only then touch the
// back end. From there on nothing can fail.
//
// A back end replaces ranges by at most three at a time. An edit that needs more steps takes those
// first that leave fewer ranges, so that on the way there never are more than before or than
// afterwards, whichever is more: a map with room for the result has room for every step.

#include <zonal/ranges/edit.hpp>
#include <zonal/ranges/views.hpp>

namespace zonal::inline v0::detail {

/// Makes the pages of r one range with this value, together with neighbours it merges with; or no
/// range, without a value.
/// Fails: overlap   a page of r is in a range, and that is refused;
///        no_space  nothing has changed.
template <class Coalescing, class B>
[[nodiscard]] constexpr result<done> splice(B& b, pfn_range r, const typename B::value_type* value,
                                            bool refuse = false) {
    using entry = range_entry<typename B::value_type>;
    const auto joins = [&](const entry& e) {
        return value != nullptr && Coalescing::merges(e.value, *value);
    };
    for (bool room = false;; room = true) {
        auto first = b.seek(r.start()), last = first;
        pfn from = r.start(), to = r.end(); // of the one range
        entry piece[3]{}, high{};
        std::size_t met = 0, n = 0; // ranges before and after
        if (Coalescing::merges_any && first != b.begin()) {
            const auto before = b.previous(first);
            const entry& below = b.at(before);
            if (below.range.end() == r.start() && joins(below)) {
                first = before;
                from = below.range.start();
                met = 1;
            }
        }
        for (; last != b.end(); last = b.next(last), ++met) {
            const entry& e = b.at(last);
            if (e.range.start() >= r.end()) {
                if (e.range.start() == r.end() && joins(e)) {
                    to = e.range.end();
                    last = b.next(last);
                    ++met;
                }
                break;
            }
            if (refuse) return fail(errc::overlap);
            const bool below = e.range.start() < r.start(), above = r.end() < e.range.end();
            const bool join = (below || above) && joins(e);
            if (below && join) from = e.range.start();
            if (above && join) to = e.range.end();
            if (below && !join) piece[n++] = {{e.range.start(), r.start()}, e.value};
            if (above && !join) high = {{r.end(), e.range.end()}, e.value};
        }
        if (value != nullptr) piece[n++] = {{from, to}, *value};
        if (!high.range.empty()) piece[n++] = high;
        const std::size_t size = b.size() - met + n;
        if (room || size <= b.capacity()) {
            b.replace(first, last, piece, n);
            return done{};
        }
        if (!b.make_room(size)) return fail(errc::no_space);
        // Look again: the ranges may have moved.
    }
}

/// Makes the pages of r one range with this value, together with neighbours it merges with; or no
/// range, without a value. Answers false and changes nothing: there is no room.
template <class Coalescing, class B>
constexpr bool write(B& b, pfn_range r, const typename B::value_type* value) {
    if constexpr (requires { b.template write<Coalescing>(r, value); })
        return b.template write<Coalescing>(r, value);
    else
        return splice<Coalescing>(b, r, value).has_value();
}
/// As write, if no page of r is in a range.
/// Fails: overlap, no_space; nothing has changed.
template <class Coalescing, class B>
[[nodiscard]] constexpr result<done> insert(B& b, pfn_range r,
                                            const typename B::value_type& value) {
    if constexpr (requires { b.template insert<Coalescing>(r, value); })
        return b.template insert<Coalescing>(r, value);
    else
        return splice<Coalescing>(b, r, &value, true);
}

/// One of several steps, for which there is room: at first only if it leaves fewer ranges.
template <class Coalescing, class B, class E, class Observer>
constexpr void take_step(B& b, pfn_range r, const E& edit, bool last, Observer& observe,
                         const typename B::value_type* value = nullptr) {
    if (!last && growth<Coalescing>(b, r, edit) >= 0) return;
    report<Coalescing>(b, r, edit, observe);
    write<Coalescing>(b, r, value);
}

/// Those that fill the gaps of r.
template <class Coalescing, class B, class T, class Observer>
constexpr void take_step(B& b, pfn_range r, const keep_edit<T>& edit, bool last,
                         Observer& observe) {
    while (!r.empty())
        if (const pfn_range gap = take_gap(b, b.seek(r.start()), r); !gap.empty())
            take_step<Coalescing>(b, gap, edit, last, observe, &edit.value);
}

/// Gives each part of a range in r, and each gap if the edit fills them, its new value.
/// Requires: there is room for the result; r is not a part of one range.
template <class Coalescing, class B, class E>
constexpr void take_steps(B& b, pfn_range r, const E& edit) {
    using entry = range_entry<typename B::value_type>;
    entry low{}, high{}; // parts of ranges that stick out of r; their steps can add ranges
    if constexpr (E::covered == covered_pages::change) {
        const auto sticks_out = [&](pfn p) -> entry {
            const auto at = b.seek(p);
            if (at == b.end() || entry(b.at(at)).range.start() >= p) return {};
            return {entry(b.at(at)).range.intersection(r), edit(entry(b.at(at)).value)};
        };
        low = sticks_out(r.start());
        high = sticks_out(r.end());
        const pfn to = high.range.empty() ? r.end() : high.range.start();
        // What comes next may have merged with the last step's range, because it had that value; so
        // the next part begins where the last one ended, whatever the range does.
        for (pfn from = low.range.empty() ? r.start() : low.range.end(); from < to;) {
            const auto at = b.seek(from);
            if (at == b.end()) break;
            const entry e = b.at(at);
            const pfn_range part = e.range.intersection({from, to});
            if (part.empty()) break;
            const auto value = edit(e.value);
            write<Coalescing>(b, part, &value);
            from = part.end();
        }
    }
    if constexpr (E::fills) {
        no_observer nobody; // the whole edit was reported before
        const keep_edit<typename B::value_type> gaps{edit.value};
        take_step<Coalescing>(b, r, gaps, false, nobody);
        take_step<Coalescing>(b, r, gaps, true, nobody);
    }
    if (!low.range.empty()) write<Coalescing>(b, low.range, &low.value);
    if (!high.range.empty()) write<Coalescing>(b, high.range, &high.value);
}

/// A plan for back ends in which the room there is for ranges is all that a change needs.
template <class B>
class plain_plan {
public:
    explicit constexpr plain_plan(B& b) noexcept : b_(b) {}
    static constexpr void change(pfn_range) noexcept {}
    static constexpr void give(pfn_range, const typename B::value_type&) noexcept {}
    [[nodiscard]] constexpr bool make_room(std::size_t n) noexcept { return b_.make_room(n); }

private:
    B& b_;
};
template <class B>
[[nodiscard]] constexpr auto plan_of(B& b) noexcept {
    if constexpr (requires { typename B::plan; })
        return typename B::plan(b);
    else
        return plain_plan<B>(b);
}

/// The room that a change needs, if it has several steps or is observed: for how many ranges more,
/// and where.
template <class Coalescing, class B>
class room_plan {
public:
    explicit constexpr room_plan(B& b) noexcept : b_(b), plan_(plan_of(b)) {}

    /// The windows of a plan ascend.
    template <class E>
    constexpr void add(pfn_range r, const E& edit) {
        plan_.change(r);
        const auto give = [&](const range_event<typename B::value_type>& e) {
            if (e.what == range_change::added) plan_.give(e.after, e.value);
        };
        more_ += growth<Coalescing>(b_, r, edit, give);
    }
    [[nodiscard]] constexpr bool make_room() noexcept {
        return plan_.make_room(b_.size() + static_cast<std::size_t>(more_)); // or fewer
    }

private:
    B& b_;
    decltype(plan_of(std::declval<B&>())) plan_;
    std::ptrdiff_t more_ = 0;
};

/// Makes the change, or answers false and changes nothing: there is no room.
template <class Coalescing, class B, class E, class Observer>
[[nodiscard]] constexpr bool apply(B& b, pfn_range r, const E& edit, Observer& observe) {
    using T = typename B::value_type;
    if (r.empty()) return true;
    const T* value = nullptr;
    if constexpr (E::fills) value = &edit.value;
    if constexpr (!E::one_range) {
        // All of r in one range, or in one gap: no steps to plan.
        const auto at = b.seek(r.start());
        if (at == b.end() || range_entry<T>(b.at(at)).range.start() >= r.end()) {
            return !E::fills || apply<Coalescing>(b, r, replace_edit<T>{*value}, observe);
        }
        if (range_entry<T>(b.at(at)).range.contains(r)) {
            if constexpr (E::covered == covered_pages::stay)
                return true;
            else
                return apply<Coalescing>(
                    b, r, replace_edit<T>{edit(range_entry<T>(b.at(at)).value)}, observe);
        }
    } else if constexpr (is_silent<Observer>) {
        return write<Coalescing>(b, r, value);
    }
    room_plan<Coalescing, B> plan(b);
    plan.add(r, edit);
    if (!plan.make_room()) return false;
    report<Coalescing>(b, r, edit, observe);
    if constexpr (E::one_range)
        write<Coalescing>(b, r, value);
    else
        take_steps<Coalescing>(b, r, edit);
    return true;
}

/// Makes room for the change.
/// Fails: no_space; nothing changes.
template <class Coalescing, class B, class E>
[[nodiscard]] constexpr result<done> make_room_for(B& b, pfn_range r, const E& edit) {
    room_plan<Coalescing, B> plan(b);
    if (!r.empty()) plan.add(r, edit);
    if (!plan.make_room()) return fail(errc::no_space);
    return done{};
}

} // namespace zonal::inline v0::detail
