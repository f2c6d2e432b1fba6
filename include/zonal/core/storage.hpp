// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where a container keeps what it holds: the storage policies.
//
//     in_place<N>      inside the container, N entries; no heap, copied with the container
//     caller_storage   in slots that the caller lends at construction; a container of any size before
//                      there is a heap
//     allocated<A>     from a standard allocator   (opt-in, hosted: <zonal/ext/allocated.hpp>)
//
// Getting room can fail, and that is all that can: nothing is allocated behind the caller's back. A
// heap policy without an allocator is not there on purpose; what a kernel's heap is, its author
// knows.

#include <concepts>
#include <cstddef>
#include <utility>

#include <zonal/core/policy.hpp>

namespace zonal::inline v0 {

/// The slot of policies that say where entries are kept.
struct storage_slot {};

/// Room for objects of type Slot: data()[0] to data()[capacity() - 1] are all constructed. grow()
/// makes room for at least `wanted` and keeps the first `used`; if it cannot, it changes nothing
/// and answers false.
template <class S, class Slot>
concept slots_of =
    std::movable<S> && requires(S& s, const S& c, std::size_t wanted, std::size_t used) {
        { s.data() } noexcept -> std::same_as<Slot*>;
        { c.data() } noexcept -> std::same_as<const Slot*>;
        { c.capacity() } noexcept -> std::same_as<std::size_t>;
        { s.grow(wanted, used) } noexcept -> std::same_as<bool>;
    };

/// `template <class Slot> class slots` holds the container's slots, of a type that the container
/// chooses; the container is made from what a `slots` is made from.
template <class P>
concept storage_policy = std::same_as<typename P::policy_slot, storage_slot> &&
                         slots_of<typename P::template slots<int>, int>;

namespace detail {

/// A move leaves T{} behind.
template <class T>
struct taken_along : T {
    constexpr taken_along() = default;
    constexpr taken_along(const T& value) noexcept : T(value) {}
    constexpr taken_along(const taken_along&) = default;
    constexpr taken_along& operator=(const taken_along&) = default;
    constexpr taken_along(taken_along&& other) noexcept : T(std::exchange<T>(other, {})) {}
    constexpr taken_along& operator=(taken_along&& other) noexcept {
        static_cast<T&>(*this) = std::exchange<T>(other, {});
        return *this;
    }
    constexpr ~taken_along() = default;
};

} // namespace detail

/// N entries inside the container itself. A slot for several entries says how many N are.
template <std::size_t N>
    requires(N != 0)
struct in_place {
    using policy_slot = storage_slot;
    static constexpr std::size_t entries = N;

    template <class Slot>
    class slots {
        static constexpr std::size_t count = [] {
            if constexpr (requires { Slot::slots_for(N); })
                return Slot::slots_for(N);
            else
                return N;
        }();

    public:
        [[nodiscard]] constexpr Slot* data() noexcept { return slot_; }
        [[nodiscard]] constexpr const Slot* data() const noexcept { return slot_; }
        [[nodiscard]] static constexpr std::size_t capacity() noexcept { return count; }
        [[nodiscard]] constexpr bool grow(std::size_t wanted, std::size_t) noexcept {
            return wanted <= count;
        }

    private:
        Slot slot_[count]{};
    };
};

/// Slots that somebody else owns and keeps for as long as the container lives; the container can be
/// moved, not copied. Made from an array, a pointer and a count, or anything with data() and size().
struct caller_storage {
    using policy_slot = storage_slot;

    template <class Slot>
    class slots {
    public:
        constexpr slots(Slot* first, std::size_t count) noexcept : lent_({first, count}) {}
        template <std::size_t N>
        explicit constexpr slots(Slot (&array)[N]) noexcept : slots(array, N) {}
        template <class Array>
            requires requires(Array& a) {
                { a.data() } -> std::same_as<Slot*>;
                { a.size() } -> std::convertible_to<std::size_t>;
            }
        explicit constexpr slots(Array&& array) noexcept : slots(array.data(), array.size()) {}

        constexpr slots(slots&&) = default;
        constexpr slots& operator=(slots&&) = default;

        [[nodiscard]] constexpr Slot* data() noexcept { return lent_.first; }
        [[nodiscard]] constexpr const Slot* data() const noexcept { return lent_.first; }
        [[nodiscard]] constexpr std::size_t capacity() const noexcept { return lent_.count; }
        [[nodiscard]] constexpr bool grow(std::size_t wanted, std::size_t) noexcept {
            return wanted <= lent_.count;
        }

    private:
        struct span {
            Slot* first = nullptr;
            std::size_t count = 0;
        };
        detail::taken_along<span> lent_;
    };
};

// What a compile error names.
template <class Policy>
struct storage_lacks_a_call {
    static_assert(storage_policy<Policy>,
                  "storage policies: this one lacks a call that storage_policy lists");
    using named = void;
};

} // namespace zonal::inline v0
