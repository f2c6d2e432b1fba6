// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a change to a window of pages means for the ranges that lie in it: parts of them leave, gaps
// are filled, neighbours merge. `walk` finds that out for any edit and any back end; counting the
// ranges there will be, and telling an observer, are two listeners of the same walk.

#include <cstddef>

#include <zonal/ranges/back_end.hpp>
#include <zonal/ranges/modes.hpp>
#include <zonal/ranges/observer.hpp>

namespace zonal::inline v0::detail {

/// What becomes of the pages of the window that are in the map.
enum class covered_pages : unsigned char { stay, change, go };

// Edits. `fills`: gaps of the window get `value`. `one_range`: so does all of it, as one range. The
// value is a copy, because the caller's may lie in a slot of the map.
struct erase_edit {
    static constexpr covered_pages covered = covered_pages::go;
    static constexpr bool fills = false, one_range = false;
};
template <class T>
struct replace_edit {
    static constexpr covered_pages covered = covered_pages::change;
    static constexpr bool fills = true, one_range = true;
    T value;
    constexpr T operator()(const T&) const noexcept { return value; }
};
template <class T>
struct keep_edit {
    static constexpr covered_pages covered = covered_pages::stay;
    static constexpr bool fills = true, one_range = false;
    T value;
};
template <class T, class F>
struct combine_edit {
    static constexpr covered_pages covered = covered_pages::change;
    static constexpr bool fills = true, one_range = false;
    T value;
    const F& f;
    constexpr T operator()(const T& old) const { return f(old, value); }
};
template <class T, class F>
struct update_edit {
    static constexpr covered_pages covered = covered_pages::change;
    static constexpr bool fills = false, one_range = false;
    F& f;
    constexpr T operator()(const T& old) const { return f(old); }
};

template <class T>
constexpr replace_edit<T> edit_for(overlap::refuse_t, const T& value) noexcept {
    return {value};
}
template <class T>
constexpr replace_edit<T> edit_for(overlap::replace_t, const T& value) noexcept {
    return {value};
}
template <class T>
constexpr keep_edit<T> edit_for(overlap::keep_t, const T& value) noexcept {
    return {value};
}
template <class T, class F>
constexpr combine_edit<T, F> edit_for(const overlap::combine_t<F>& mode, const T& value) noexcept {
    return {value, mode.f};
}

/// Tells `sink` what the edit means for `part` of the range e.
template <class Coalescing, class T, class E, class Sink>
constexpr void walk_part(const range_entry<T>& e, pfn_range part, const E& edit, Sink& sink) {
    if constexpr (E::covered == covered_pages::stay) {
        sink.stays(e);
    } else {
        constexpr bool changes =
            E::covered == covered_pages::change && (!E::one_range || Coalescing::merges_any);
        T value{};
        if constexpr (changes) {
            value = edit(e.value);
            if (Coalescing::merges(e.value, value)) return sink.stays(e);
        }
        sink.loses(e, part);
        if (e.range.start() < part.start()) sink.left({e.range.start(), part.start()}, e.value);
        if constexpr (changes) sink.gets(part, value);
        if (part.end() < e.range.end()) sink.left({part.end(), e.range.end()}, e.value);
    }
}

/// Tells `sink` what the edit means for the window r:
///     stays(e)          the range e stays as it is; it lies in r, or touches it and may merge
///     loses(e, part)    the range e loses these pages, and
///     left(r, value)    this is what is left of it
///     gets(r, value)    these pages get this value
/// What stays, is left and is got comes in ascending order, but for the one range of an edit that
/// makes one where ranges stay apart.
template <class Coalescing, class B, class E, class Sink>
constexpr void walk(const B& b, pfn_range r, const E& edit, Sink& sink) {
    constexpr bool in_one_piece = E::one_range && !Coalescing::merges_any;
    using entry = range_entry<typename B::value_type>;
    auto at = b.seek(r.start());
    if constexpr (Coalescing::merges_any)
        if (at != b.begin())
            if (const entry below = b.at(b.previous(at)); below.range.end() == r.start())
                sink.stays(below);

    pfn from = r.start(); // below, everything is told
    bool above = false;
    for (; at != b.end(); at = b.next(at)) {
        const entry e = b.at(at);
        above = e.range.start() == r.end();
        if (e.range.start() >= r.end()) break;
        const pfn_range part = e.range.intersection(r);
        if constexpr (E::fills && !in_one_piece)
            if (from < part.start()) sink.gets({from, part.start()}, edit.value);
        walk_part<Coalescing>(e, part, edit, sink);
        from = part.end();
    }
    if constexpr (in_one_piece)
        sink.gets(r, edit.value);
    else if constexpr (E::fills)
        if (from < r.end()) sink.gets({from, r.end()}, edit.value);
    if (Coalescing::merges_any && above) sink.stays(b.at(at));
}

/// Counts the ranges that a walk leaves, minus those it met.
template <class Coalescing, class T>
class range_counter {
public:
    constexpr void loses(const range_entry<T>&, pfn_range) noexcept { --growth; }
    constexpr void stays(const range_entry<T>& e) {
        --growth;
        gets(e.range, e.value);
    }
    constexpr void left(pfn_range r, const T& value) { gets(r, value); }
    constexpr void gets(pfn_range r, const T& value) {
        if (!last_.range.adjoins(r) || !Coalescing::merges(last_.value, value)) ++growth;
        last_ = {r, value};
    }

    std::ptrdiff_t growth = 0;

private:
    range_entry<T> last_{};
};

/// How many ranges more there will be; fewer, if negative.
template <class Coalescing, class B, class E>
[[nodiscard]] constexpr std::ptrdiff_t growth(const B& b, pfn_range r, const E& edit) {
    range_counter<Coalescing, typename B::value_type> count;
    walk<Coalescing>(b, r, edit, count);
    return count.growth;
}

/// Makes the events of a walk.
template <class Coalescing, class T, class Observer>
class event_reporter {
public:
    explicit constexpr event_reporter(Observer& o) noexcept : observe_(o) {}

    constexpr void loses(const range_entry<T>& e, pfn_range part) {
        const pfn_range low{e.range.start(), part.start()};
        const pfn_range high{part.end(), e.range.end()};
        if (low.empty() && high.empty())
            tell(range_change::removed, e.range, {}, {}, e.value);
        else if (low.empty() || high.empty())
            tell(range_change::shrank, e.range, low.empty() ? high : low, {}, e.value);
        else
            tell(range_change::split, e.range, low, high, e.value);
    }
    constexpr void stays(const range_entry<T>& e) { left(e.range, e.value); }
    constexpr void left(pfn_range r, const T& value) {
        finish();
        join(r, value);
    }
    constexpr void gets(pfn_range r, const T& value) {
        if (fresh_.range.adjoins(r) && Coalescing::merges(fresh_.value, value)) {
            fresh_.range = fresh_.range.envelope(r);
        } else {
            finish();
            fresh_ = {r, value};
        }
    }
    /// Requires: called at the end of the walk.
    constexpr void finish() {
        if (fresh_.range.empty()) return;
        tell(range_change::added, {}, fresh_.range, {}, fresh_.value);
        join(fresh_.range, fresh_.value);
        fresh_ = {};
    }

private:
    constexpr void join(pfn_range r, const T& value) {
        if (last_.range.adjoins(r) && Coalescing::merges(last_.value, value)) {
            const pfn_range both = last_.range.envelope(r);
            tell(range_change::joined, last_.range, both, r, value);
            r = both;
        }
        last_ = {r, value};
    }
    constexpr void tell(range_change what, pfn_range before, pfn_range after, pfn_range upper,
                        const T& value) {
        static_cast<void>(observe_(range_event<T>{what, before, after, upper, value}));
    }

    Observer& observe_;
    range_entry<T> last_{};  // the range below, as it is after the events so far
    range_entry<T> fresh_{}; // pages that got a value and are not told yet
};

/// Tells the observer what the edit is going to change.
template <class Coalescing, class B, class E, class Observer>
constexpr void report(const B& b, pfn_range r, const E& edit, Observer& observe) {
    using T = typename B::value_type;
    if constexpr (!std::is_same_v<std::remove_cv_t<Observer>, no_observer>) {
        event_reporter<Coalescing, T, Observer> events{observe};
        walk<Coalescing>(b, r, edit, events);
        events.finish();
    }
}

} // namespace zonal::inline v0::detail
