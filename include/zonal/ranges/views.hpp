// SPDX-License-Identifier: BSL-1.0
#pragma once

// Walking over ranges, and over the gaps between them, with a range-based for. A change of the
// container ends a walk.
//
// The iterators have what std::bidirectional_iterator and std::forward_iterator ask for, without
// <iterator>, which costs more to include than all of ranges/.

#include <cstddef>
#include <type_traits>

#include <zonal/ranges/back_end.hpp>

namespace zonal::inline v0 {

/// What a container hands out for a range: the entry, or only the range where values say nothing.
template <class T>
using range_item = std::conditional_t<std::is_same_v<T, no_value>, pfn_range, range_entry<T>>;

namespace detail {

/// The pages of `rest` below the range at `at`, perhaps none; what lies above it is left.
template <class B>
constexpr pfn_range take_gap(const B& b, typename B::cursor at, pfn_range& rest) noexcept {
    pfn_range above{rest.end(), rest.end()};
    if (at != b.end()) above = range_entry<typename B::value_type>(b.at(at)).range;
    const pfn from = rest.start(), to = above.start() < rest.end() ? above.start() : rest.end();
    rest = {above.end() < rest.end() ? above.end() : rest.end(), rest.end()};
    return from < to ? pfn_range{from, to} : pfn_range{};
}

template <class T>
[[nodiscard]] constexpr range_item<T> item_of(const range_entry<T>& e) noexcept {
    if constexpr (std::is_same_v<T, no_value>)
        return e.range;
    else
        return e;
}
[[nodiscard]] constexpr pfn_range range_of(pfn_range r) noexcept { return r; }
template <class T>
[[nodiscard]] constexpr pfn_range range_of(const range_entry<T>& e) noexcept {
    return e.range;
}

} // namespace detail

/// Stands at a range of a back end; hands out copies.
template <range_back_end B>
class range_iterator {
public:
    using value_type = range_item<typename B::value_type>;
    using difference_type = std::ptrdiff_t;

    constexpr range_iterator() = default;
    constexpr range_iterator(const B& b, typename B::cursor at) noexcept : back_end_(&b), at_(at) {}

    [[nodiscard]] constexpr value_type operator*() const noexcept {
        return detail::item_of<typename B::value_type>(back_end_->at(at_));
    }
    struct arrow {
        value_type item;
        [[nodiscard]] constexpr const value_type* operator->() const noexcept { return &item; }
    };
    [[nodiscard]] constexpr arrow operator->() const noexcept { return arrow{**this}; }

    constexpr range_iterator& operator++() noexcept {
        at_ = back_end_->next(at_);
        return *this;
    }
    constexpr range_iterator& operator--() noexcept {
        at_ = back_end_->previous(at_);
        return *this;
    }
    constexpr range_iterator operator++(int) noexcept {
        const range_iterator before = *this;
        ++*this;
        return before;
    }
    constexpr range_iterator operator--(int) noexcept {
        const range_iterator before = *this;
        --*this;
        return before;
    }
    friend constexpr bool operator==(const range_iterator& a, const range_iterator& b) noexcept {
        return a.at_ == b.at_;
    }

private:
    const B* back_end_ = nullptr;
    typename B::cursor at_{};
};

/// Some neighbouring ranges of a container.
template <range_back_end B>
struct range_view {
    range_iterator<B> first, last;
    [[nodiscard]] constexpr range_iterator<B> begin() const noexcept { return first; }
    [[nodiscard]] constexpr range_iterator<B> end() const noexcept { return last; }
    [[nodiscard]] constexpr bool empty() const noexcept { return first == last; }
};

/// The largest ranges within a window that have no page in the container, in ascending order.
template <range_back_end B>
class gap_view {
public:
    constexpr gap_view(const B& b, pfn_range window) noexcept : back_end_(&b), window_(window) {}

    class iterator {
    public:
        using value_type = pfn_range;
        using difference_type = std::ptrdiff_t;

        constexpr iterator() = default;
        constexpr iterator(const B& b, pfn_range window) noexcept
            : back_end_(&b), at_(b.seek(window.start())), rest_(window) {
            find();
        }
        [[nodiscard]] constexpr pfn_range operator*() const noexcept { return gap_; }
        [[nodiscard]] constexpr const pfn_range* operator->() const noexcept { return &gap_; }
        constexpr iterator& operator++() noexcept {
            find();
            return *this;
        }
        constexpr iterator operator++(int) noexcept {
            const iterator before = *this;
            find();
            return before;
        }
        friend constexpr bool operator==(const iterator& a, const iterator& b) noexcept {
            return a.gap_ == b.gap_;
        }

    private:
        constexpr void find() noexcept {
            gap_ = {}; // as the end is
            while (gap_.empty() && !rest_.empty()) {
                gap_ = detail::take_gap(*back_end_, at_, rest_);
                if (at_ != back_end_->end()) at_ = back_end_->next(at_);
            }
        }

        const B* back_end_ = nullptr;
        typename B::cursor at_{};
        pfn_range rest_; // not looked at yet
        pfn_range gap_;
    };

    [[nodiscard]] constexpr iterator begin() const noexcept { return {*back_end_, window_}; }
    [[nodiscard]] constexpr iterator end() const noexcept { return {}; }
    [[nodiscard]] constexpr bool empty() const noexcept { return begin() == end(); }

private:
    const B* back_end_;
    pfn_range window_;
};

} // namespace zonal::inline v0
