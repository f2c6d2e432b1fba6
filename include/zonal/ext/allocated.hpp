// SPDX-License-Identifier: BSL-1.0
#pragma once

// Storage from a standard allocator, for hosted programs. Opt-in: no other header includes this one.
//
//     pfn_range_map<int, allocated<>> map;                        // std::allocator
//     pfn_range_set<allocated<my_allocator>> set{my_allocator{arena}};
//     map.reserve(1000);                                          // now or never: no_space
//
// Room doubles and is given back when the container goes. An allocator that throws makes the call
// fail with no_space; without exceptions it ends the program, as it would anywhere. Allocators with
// pointers of their own kind are not supported.

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include <zonal/core/storage.hpp>

namespace zonal::inline v0 {

/// Slots from an allocator: Allocator's value type does not matter. Moved with the container, not
/// copied, because copying could fail without saying so; see assign().
template <class Allocator = std::allocator<std::byte>>
struct allocated {
    using policy_slot = storage_slot;

    template <class Slot>
    class slots {
        using traits = typename std::allocator_traits<Allocator>::template rebind_traits<Slot>;
        using allocator = typename traits::allocator_type;
        static_assert(std::is_same_v<typename traits::pointer, Slot*>,
                      "allocated: the allocator must hand out plain pointers");
        static_assert(std::is_nothrow_default_constructible_v<Slot> &&
                      std::is_nothrow_move_assignable_v<Slot>);

    public:
        constexpr slots() noexcept
            requires std::is_default_constructible_v<Allocator>
        = default;
        explicit constexpr slots(const Allocator& from) noexcept : from_(from) {}
        constexpr slots(slots&& other) noexcept
            : from_(std::move(other.from_)), first_(std::exchange(other.first_, nullptr)),
              count_(std::exchange(other.count_, 0)) {}
        constexpr slots& operator=(slots&& other) noexcept {
            if (this != &other) { // some allocators cannot be assigned
                std::destroy_at(this);
                std::construct_at(this, std::move(other));
            }
            return *this;
        }
        constexpr ~slots() { give_back(); }

        [[nodiscard]] constexpr Slot* data() noexcept { return first_; }
        [[nodiscard]] constexpr const Slot* data() const noexcept { return first_; }
        [[nodiscard]] constexpr std::size_t capacity() const noexcept { return count_; }

        [[nodiscard]] constexpr bool grow(std::size_t wanted, std::size_t used) noexcept {
            if (wanted <= count_) return true;
            std::size_t count = wanted < 2 * count_ ? 2 * count_ : wanted;
            Slot* fresh = take(count);
            if (fresh == nullptr && wanted < count) fresh = take(count = wanted);
            if (fresh == nullptr) return false;
            for (Slot* s = fresh; s != fresh + count; ++s) std::construct_at(s);
            for (std::size_t i = 0; i != used; ++i) fresh[i] = std::move(first_[i]);
            give_back();
            first_ = fresh;
            count_ = count;
            return true;
        }

    private:
        [[nodiscard]] constexpr Slot* take(std::size_t count) noexcept {
            constexpr std::size_t addressable = ~std::size_t{0} / 2 / sizeof(Slot);
            if (count > addressable || count > traits::max_size(from_)) return nullptr;
#if __cpp_exceptions
            try {
                return traits::allocate(from_, count);
            } catch (...) {
                return nullptr;
            }
#else
            return traits::allocate(from_, count);
#endif
        }
        constexpr void give_back() noexcept {
            if (first_ == nullptr) return;
            std::destroy_n(first_, count_);
            traits::deallocate(from_, first_, count_);
        }

        [[no_unique_address]] allocator from_{};
        Slot* first_ = nullptr;
        std::size_t count_ = 0;
    };
};

static_assert(storage_policy<allocated<>>);

} // namespace zonal::inline v0
