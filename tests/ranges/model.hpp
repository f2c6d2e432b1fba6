// SPDX-License-Identifier: BSL-1.0
#pragma once

// The naive model of a map: a value for each page, and a mark where a range begins that must not
// merge with what lies below. And a mirror that knows of a map only what an observer was told.

#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>
#include <utility>
#include <vector>

#include <zonal/ranges.hpp>

namespace zonal {

template <class T>
std::ostream& operator<<(std::ostream& out, const range_entry<T>& e) {
    return out << '[' << e.range.start().value() << ", " << e.range.end().value() << ") "
               << e.value;
}

} // namespace zonal

namespace zonal_test {

using namespace zonal;

[[nodiscard]] constexpr pfn_range at(std::uint64_t start, std::uint64_t end) {
    return {pfn{start}, pfn{end}};
}

/// What the container holds, as a list.
template <class Container>
[[nodiscard]] std::vector<typename Container::item> list_of(const Container& container) {
    return {container.begin(), container.end()};
}

/// What a call came to: errc{} when it did not fail.
template <class R>
[[nodiscard]] constexpr errc outcome(const R& r) {
    return r ? errc{} : r.error();
}

/// Values are not 0, which is no page.
template <std::size_t Pages, bool Merges>
class model {
public:
    errc insert(pfn_range r, char v, overlap::refuse_t) {
        return count(r) == 0 ? insert(r, v, overlap::replace) : errc::overlap;
    }
    errc insert(pfn_range r, char v, overlap::replace_t) {
        if (!r.empty()) border(r.end());
        for (auto p = first(r); p != last(r); ++p) set(p, v, p == first(r));
        return {};
    }
    errc insert(pfn_range r, char v, overlap::keep_t) {
        bool in_gap = false;
        for (auto p = first(r); p != last(r); ++p) {
            const bool gap = value_[p] == 0;
            if (gap) set(p, v, !in_gap);
            in_gap = gap;
        }
        return {};
    }
    template <class F>
    errc insert(pfn_range r, char v, const overlap::combine_t<F>& combine) {
        change(r, [&](char old) { return combine.f(old, v); });
        // Gaps are filled last, so that they are not combined with themselves.
        return insert(r, v, overlap::keep);
    }
    template <class Missing>
    errc erase(pfn_range r, Missing) {
        if (std::is_same_v<Missing, missing::refuse_t> && count(r) != size(r))
            return errc::not_found;
        if (!r.empty()) border(r.end());
        for (auto p = first(r); p != last(r); ++p) set(p, 0, false);
        return {};
    }
    template <class F, class Missing>
    errc update(pfn_range r, F f, Missing) {
        if (std::is_same_v<Missing, missing::refuse_t> && count(r) != size(r))
            return errc::not_found;
        change(r, f);
        return {};
    }

    [[nodiscard]] std::size_t count(pfn_range r) const {
        std::size_t n = 0;
        for (auto p = first(r); p != last(r); ++p) n += value_[p] != 0;
        return n;
    }
    [[nodiscard]] std::size_t count() const { return count(all()); }
    [[nodiscard]] char value(std::uint64_t page) const { return value_[page]; }
    [[nodiscard]] bool begins(std::uint64_t p) const {
        if (value_[p] == 0) return false;
        if (p == 0 || value_[p - 1] == 0) return true;
        return Merges ? value_[p - 1] != value_[p] : starts_[p];
    }
    [[nodiscard]] bool ends(std::uint64_t p) const { // with page p
        return value_[p] != 0 && (p + 1 == Pages || value_[p + 1] == 0 || begins(p + 1));
    }
    /// How many ranges begin in r.
    [[nodiscard]] std::size_t ranges(pfn_range r = all()) const {
        std::size_t n = 0;
        for (auto p = first(r); p != last(r); ++p) n += begins(p);
        return n;
    }
    [[nodiscard]] std::vector<range_entry<char>> entries() const {
        std::vector<range_entry<char>> list;
        for (std::uint64_t p = 0, start = 0; p != Pages; ++p) {
            if (begins(p)) start = p;
            if (ends(p)) list.push_back({at(start, p + 1), value_[p]});
        }
        return list;
    }
    [[nodiscard]] static constexpr pfn_range all() { return at(0, Pages); }

private:
    static std::uint64_t first(pfn_range r) { return r.start().value(); }
    static std::uint64_t last(pfn_range r) { return r.end().value(); }
    static std::uint64_t size(pfn_range r) { return r.size().value(); }

    void set(std::uint64_t p, char v, bool starts) {
        value_[p] = v;
        starts_[p] = !Merges && starts;
    }
    void border(pfn at) {
        const auto p = at.value();
        if (!Merges && p < Pages && value_[p] != 0) starts_[p] = true;
    }
    template <class F>
    void change(pfn_range r, F f) {
        if (r.empty()) return;
        border(r.start());
        border(r.end());
        for (auto p = first(r); p != last(r); ++p)
            if (value_[p] != 0) value_[p] = f(value_[p]);
    }

    std::array<char, Pages> value_{};
    std::array<bool, Pages> starts_{};
};

/// Knows of a map only what an observer hears; `lies` counts what cannot be true.
template <class T>
class mirror {
public:
    mirror() = default;
    explicit mirror(std::vector<range_entry<T>> list) : ranges_(std::move(list)) {}
    void operator()(const range_event<T>& e) {
        ++events;
        switch (e.what) {
        case range_change::added:
            lies += !e.before.empty() || e.after.empty() || !e.upper.empty();
            return put(e.after, e.value);
        case range_change::removed:
            lies += !e.after.empty() || !e.upper.empty();
            return take(e.before, e.value);
        case range_change::shrank:
            lies += e.before == e.after || !e.before.contains(e.after) || !e.upper.empty();
            take(e.before, e.value);
            return put(e.after, e.value);
        case range_change::split:
            lies += e.after.start() != e.before.start() || e.upper.end() != e.before.end() ||
                    e.after.end() >= e.upper.start();
            take(e.before, e.value);
            put(e.after, e.value);
            return put(e.upper, e.value);
        case range_change::joined:
            lies += e.before.end() != e.upper.start() || e.after != e.before.envelope(e.upper);
            take(e.before, e.value);
            take(e.upper, e.value);
            return put(e.after, e.value);
        }
    }
    [[nodiscard]] const std::vector<range_entry<T>>& entries() const { return ranges_; }
    int lies = 0;
    int events = 0;

private:
    /// The first range that ends after p.
    auto seek(pfn p) {
        return std::find_if(ranges_.begin(), ranges_.end(),
                            [=](const auto& e) { return e.range.end() > p; });
    }
    void put(pfn_range r, T value) {
        const auto above = seek(r.start());
        lies += r.empty() || (above != ranges_.end() && above->range.overlaps(r));
        ranges_.insert(above, {r, value});
    }
    void take(pfn_range r, T value) {
        const auto it = seek(r.start());
        const bool there = it != ranges_.end() && *it == range_entry<T>{r, value};
        lies += !there;
        if (there) ranges_.erase(it);
    }
    std::vector<range_entry<T>> ranges_;
};

} // namespace zonal_test
