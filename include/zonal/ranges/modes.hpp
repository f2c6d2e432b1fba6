// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a change does with pages that are in its way, or not there. Nothing is guessed: the default
// refuses.

#include <concepts>
#include <utility>

namespace zonal::inline v0::overlap {

/// An insertion that meets a page of the map fails.
struct refuse_t {};
/// The pages it meets get the new value.
struct replace_t {};
/// The pages it meets keep their value; only the others are inserted.
/// Models: mm/memblock.c memblock_add_range().
struct keep_t {};
/// The pages it meets get the value f(old, inserted).
template <class F>
struct combine_t {
    F f;
};

inline constexpr refuse_t refuse{};
inline constexpr replace_t replace{};
inline constexpr keep_t keep{};
/// Requires: f gives equal answers for equal arguments; it may be called more than once for a range.
template <class F>
[[nodiscard]] constexpr combine_t<F> combine(F f) {
    return {std::move(f)};
}

template <class M, class T>
concept combines =
    std::same_as<M, combine_t<decltype(M::f)>> &&
    std::regular_invocable<decltype(M::f), const T&, const T&> && requires(const M& m, const T& t) {
        { m.f(t, t) } -> std::convertible_to<T>;
    };
/// One of the above, for values T.
template <class M, class T>
concept mode_for = std::same_as<M, refuse_t> || std::same_as<M, replace_t> ||
                   std::same_as<M, keep_t> || combines<M, T>;

} // namespace zonal::inline v0::overlap

namespace zonal::inline v0::missing {

/// A change that meets a page which is not in the map fails.
struct refuse_t {};
/// The change is made to the pages that are there.
/// Models: mm/memblock.c memblock_remove().
struct ignore_t {};

inline constexpr refuse_t refuse{};
inline constexpr ignore_t ignore{};

template <class M>
concept mode = std::same_as<M, refuse_t> || std::same_as<M, ignore_t>;

} // namespace zonal::inline v0::missing
