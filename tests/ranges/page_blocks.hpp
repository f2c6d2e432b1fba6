// SPDX-License-Identifier: BSL-1.0
#pragma once

// The block table with blocks of one page, so that tests made for any range run over it, and with
// room for as many ranges as the storage has slots, so that they can fill it: the table itself,
// whose room depends on where ranges lie, has all leaves it could use.

#include <zonal/ranges/block_table.hpp>
#include <zonal/ranges/edit.hpp>

namespace zonal_test {

using namespace zonal;

struct page_blocks {
    using policy_slot = back_end_slot;
    using table = block_table<0, 11, 6>; ///< pages it knows: 2048, in 32 leaves

    template <range_value T, storage_policy Storage>
    class of : public table::of<T, in_place<33>> {
        using base = table::of<T, in_place<33>>;

    public:
        using slot = char; // only counted

        constexpr of() = default;
        template <class... Args>
            requires(sizeof...(Args) != 0 &&
                     std::is_constructible_v<typename Storage::template slots<slot>, Args...>)
        explicit constexpr of(Args&&... args) : room_(std::forward<Args>(args)...) {}

        [[nodiscard]] constexpr std::size_t capacity() const noexcept { return room_.capacity(); }
        [[nodiscard]] static constexpr std::size_t slots_for(std::size_t n) noexcept { return n; }
        [[nodiscard]] constexpr bool make_room(std::size_t ranges) noexcept {
            return room_.grow(ranges, 0);
        }
        template <class Coalescing>
        [[nodiscard]] constexpr bool write(pfn_range r, const T* value) noexcept {
            const bool room = value != nullptr
                                  ? room_for<Coalescing>(r, detail::replace_edit<T>{*value})
                                  : room_for<Coalescing>(r, detail::erase_edit{});
            return room && base::template write<Coalescing>(r, value);
        }
        template <class Coalescing>
        [[nodiscard]] constexpr result<done> insert(pfn_range r, const T& value) noexcept {
            if (!this->overlaps(r) && !room_for<Coalescing>(r, detail::replace_edit<T>{value}))
                return fail(errc::no_space);
            return base::template insert<Coalescing>(r, value);
        }
        class plan : public base::plan {
        public:
            explicit constexpr plan(of& b) noexcept : base::plan(b), of_(b) {}
            [[nodiscard]] constexpr bool make_room(std::size_t ranges) noexcept {
                return of_.make_room(ranges) && base::plan::make_room(ranges);
            }

        private:
            of& of_;
        };

    private:
        template <class Coalescing, class Edit>
        [[nodiscard]] constexpr bool room_for(pfn_range r, const Edit& edit) noexcept {
            const auto more = detail::growth<Coalescing>(*this, r, edit);
            return make_room(this->size() + static_cast<std::size_t>(more));
        }
        typename Storage::template slots<slot> room_;
    };
};

static_assert(back_end_policy<page_blocks>);

} // namespace zonal_test
