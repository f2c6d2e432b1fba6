// SPDX-License-Identifier: BSL-1.0
#pragma once

// Another back end, as different from an array of ranges as can be: a table with an entry a page
// and a mark where a range begins. It shows that nothing above depends on how ranges are kept: a
// cursor is a page, entries are made when asked for, and a seek searches nothing.

#include <zonal/ranges/back_end.hpp>

namespace zonal_test {

using namespace zonal;

struct page_table {
    using policy_slot = back_end_slot;
    static constexpr std::size_t size = 64; ///< pages it knows, from pfn 0

    template <range_value T, storage_policy Storage>
    class of {
    public:
        using value_type = T;
        using slot = char; // only counted: a table has room for all
        using cursor = std::size_t;

        constexpr of() = default;
        template <class... Args>
            requires std::is_constructible_v<typename Storage::template slots<slot>, Args...>
        explicit constexpr of(Args&&... args) : room_(std::forward<Args>(args)...) {}

        [[nodiscard]] constexpr cursor begin() const noexcept { return next_start(0); }
        [[nodiscard]] constexpr cursor end() const noexcept { return page_table::size; }
        [[nodiscard]] constexpr cursor next(cursor c) const noexcept { return next_start(c + 1); }
        [[nodiscard]] constexpr cursor previous(cursor c) const noexcept {
            do --c;
            while (!starts_[c]);
            return c;
        }
        [[nodiscard]] constexpr cursor seek(pfn p) const noexcept {
            if (p.value() >= page_table::size) return end();
            cursor c = p.value();
            if (!covered_[c]) return next_start(c);
            while (!starts_[c]) --c;
            return c;
        }
        [[nodiscard]] constexpr range_entry<T> at(cursor c) const noexcept {
            cursor last = c + 1;
            while (last != page_table::size && covered_[last] && !starts_[last]) ++last;
            return {{pfn{c}, pfn{last}}, value_[c]};
        }
        [[nodiscard]] constexpr std::size_t size() const noexcept {
            std::size_t n = 0;
            for (bool b : starts_) n += b;
            return n;
        }
        [[nodiscard]] constexpr page_count pages() const noexcept {
            page_count n{};
            for (bool b : covered_) n += page_count{b};
            return n;
        }
        [[nodiscard]] constexpr std::size_t capacity() const noexcept { return room_.capacity(); }
        [[nodiscard]] static constexpr std::size_t slots_for(std::size_t n) noexcept { return n; }
        [[nodiscard]] constexpr bool make_room(std::size_t ranges) noexcept {
            return room_.grow(ranges, 0);
        }
        constexpr void replace(cursor first, cursor last, const range_entry<T>* entries,
                               std::size_t n) noexcept {
            for (cursor c = first; c != last; ++c) {
                covered_[c] = starts_[c] = false;
                value_[c] = {};
            }
            for (const range_entry<T>* e = entries; e != entries + n; ++e) {
                starts_[e->range.start().value()] = true;
                for (auto p = e->range.start().value(); p != e->range.end().value(); ++p) {
                    covered_[p] = true;
                    value_[p] = e->value;
                }
            }
        }
        constexpr void clear() noexcept { replace(0, page_table::size, nullptr, 0); }

    private:
        [[nodiscard]] constexpr cursor next_start(cursor c) const noexcept {
            while (c < page_table::size && !starts_[c]) ++c;
            return c;
        }

        typename Storage::template slots<slot> room_;
        T value_[page_table::size]{};
        bool covered_[page_table::size]{};
        bool starts_[page_table::size]{};
    };
};

static_assert(back_end_policy<page_table>);

} // namespace zonal_test
