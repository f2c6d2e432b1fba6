// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a change to a window of pages means for the ranges that lie in it: parts of them leave, gaps
// are filled, neighbours merge. The outcome of an edit says that, for any edit and any back end: how
// many ranges more there will be, and what an observer is told.

#include <cstddef>

#include <zonal/ranges/back_end.hpp>
#include <zonal/ranges/modes.hpp>
#include <zonal/ranges/observer.hpp>

namespace zonal::inline v0::detail {

/// What becomes of the pages of the window that are in the map.
enum class covered_pages : unsigned char { stay, change, go };

/// An edit of a window. Fills: its gaps get `value`, a copy, because the caller's may lie in a slot of
/// the map. OneRange: all of it becomes one range, or none.
template <covered_pages Covered, bool Fills, bool OneRange, class T, class F = no_value>
struct edit_of {
    static constexpr covered_pages covered = Covered;
    static constexpr bool fills = Fills, one_range = OneRange;
    T value{};
    [[no_unique_address]] F f{};

    /// What covered pages with this value get, if they change.
    constexpr T operator()(const T& old) const {
        if constexpr (OneRange)
            return value;
        else if constexpr (Fills)
            return f(old, value);
        else
            return f(old);
    }
};
using erase_edit = edit_of<covered_pages::go, false, true, no_value>;
template <class T>
using replace_edit = edit_of<covered_pages::change, true, true, T>;
template <class T>
using keep_edit = edit_of<covered_pages::stay, true, false, T>;
template <class T, class F>
using combine_edit = edit_of<covered_pages::change, true, false, T, const F&>;
template <class T, class F>
using update_edit = edit_of<covered_pages::change, false, false, T, F&>;

template <class Mode, class T> // refuse and replace
constexpr replace_edit<T> edit_for(const Mode&, const T& value) noexcept {
    return {value};
}
template <class T>
constexpr keep_edit<T> edit_for(const overlap::keep_t&, const T& value) noexcept {
    return {value};
}
template <class T, class F>
constexpr combine_edit<T, F> edit_for(const overlap::combine_t<F>& mode, const T& value) noexcept {
    return {value, mode.f};
}

/// What an edit of the window r leaves of the ranges that lie in it, or touch it and may merge; an
/// observer is told what it changes, in ascending order.
template <class Coalescing, class B, class E, class Observer>
class outcome {
    using T = typename B::value_type;
    using entry = range_entry<T>;
    static constexpr bool reports = !is_silent<Observer>;
    // Pages that get a value are told, and counted, together.
    static constexpr bool collects = reports || E::one_range;

public:
    constexpr outcome(const B& b, pfn_range r, const E& edit, Observer& observe)
        : edit_(edit), observe_(observe) {
        auto at = b.seek(r.start());
        if (Coalescing::merges_any && at != b.begin()) {
            const entry& below = b.at(b.previous(at));
            if (below.range.end() == r.start() && may_merge(below)) meets(below);
        }
        pfn from = r.start(); // below, everything is told
        for (; at != b.end(); at = b.next(at)) {
            const entry& e = b.at(at);
            if (e.range.start().value() >= r.end().value()) break;
            const pfn_range part = e.range.intersection(r);
            fills(from, part.start());
            meets(e, part);
            from = part.end();
        }
        fills(from, r.end());
        if (Coalescing::merges_any && at != b.end()) {
            const entry& above = b.at(at);
            if (above.range.start() == r.end() && may_merge(above)) meets(above);
        }
        if constexpr (collects) finish();
    }

    std::ptrdiff_t growth = 0; // how many ranges more there will be

private:
    [[nodiscard]] constexpr bool may_merge(const entry& neighbour) const {
        if constexpr (E::one_range && E::fills)
            return Coalescing::merges(neighbour.value, edit_.value);
        return !E::one_range;
    }
    /// The range stays as it is.
    constexpr void meets(const entry& e) {
        --growth;
        keeps(e.range, e.value);
    }
    /// The part of the range lies in the window.
    constexpr void meets(const entry& e, pfn_range part) {
        if constexpr (E::covered == covered_pages::stay) return meets(e);
        T value{};
        if constexpr (E::covered == covered_pages::change) {
            value = edit_(e.value);
            if (Coalescing::merges(e.value, value)) return meets(e);
        }
        --growth;
        const pfn_range low{e.range.start(), part.start()}, high{part.end(), e.range.end()};
        if constexpr (reports) {
            if (low.empty() && high.empty())
                tell(range_change::removed, e.range, {}, {}, e.value);
            else if (low.empty() || high.empty())
                tell(range_change::shrank, e.range, low.empty() ? high : low, {}, e.value);
            else
                tell(range_change::split, e.range, low, high, e.value);
        }
        if (!low.empty()) keeps(low, e.value);
        if constexpr (E::covered == covered_pages::change) gets(part, value);
        if (!high.empty()) keeps(high, e.value);
    }
    constexpr void fills(pfn from, pfn to) {
        if constexpr (E::fills)
            if (from.value() < to.value()) gets({from, to}, edit_.value);
    }
    constexpr void gets(pfn_range r, const T& value) {
        if constexpr (!collects) return join(r, value);
        if (fresh_.range.adjoins(r) && (E::one_range || Coalescing::merges(fresh_.value, value))) {
            fresh_.range = fresh_.range.envelope(r);
        } else {
            finish();
            fresh_ = {r, value};
        }
    }
    constexpr void keeps(pfn_range r, const T& value) {
        if constexpr (collects) finish();
        join(r, value);
    }
    constexpr void finish() {
        if (fresh_.range.empty()) return;
        tell(range_change::added, {}, fresh_.range, {}, fresh_.value);
        join(fresh_.range, fresh_.value);
        fresh_ = {};
    }
    constexpr void join(pfn_range r, const T& value) {
        if (below_.range.adjoins(r) && Coalescing::merges(below_.value, value)) {
            const pfn_range both{below_.range.start(), r.end()};
            if constexpr (reports) tell(range_change::joined, below_.range, both, r, value);
            below_.range = both;
        } else {
            ++growth;
            below_ = {r, value};
        }
    }
    constexpr void tell(range_change what, pfn_range before, pfn_range after, pfn_range upper,
                        const T& value) {
        if constexpr (reports)
            static_cast<void>(observe_(range_event<T>{what, before, after, upper, value}));
    }

    const E& edit_;
    Observer& observe_;
    entry below_{}; // the last range, as it is by now
    entry fresh_{}; // pages that got a value and are not told yet
};

/// How many ranges more there will be; fewer, if negative. Tells the observer what will change.
template <class Coalescing, class B, class E, class Observer = const no_observer>
constexpr std::ptrdiff_t growth(const B& b, pfn_range r, const E& edit, Observer&& observe = {}) {
    using observer = std::remove_reference_t<Observer>;
    return outcome<Coalescing, B, E, observer>(b, r, edit, observe).growth;
}

/// Tells the observer what the edit is going to change.
template <class Coalescing, class B, class E, class Observer>
constexpr void report(const B& b, pfn_range r, const E& edit, Observer& observe) {
    if constexpr (!is_silent<Observer>) growth<Coalescing>(b, r, edit, observe);
}

} // namespace zonal::inline v0::detail
