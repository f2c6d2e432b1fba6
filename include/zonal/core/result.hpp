// SPDX-License-Identifier: BSL-1.0
#pragma once

// A value, or the reason why there is none.
//
//     zonal::result<zonal::pfn> at = zonal::pfn::make(n);
//     if (!at) return zonal::fail(at.error());
//     use(*at);
//
// The names are std::expected's (C++23), so that it reads familiar. Differences: nothing converts
// silently between T, E and result; taking the value of a failure is a broken contract, not an
// exception.

#include <type_traits>
#include <utility>

#include <zonal/config.hpp>
#include <zonal/core/errc.hpp>

namespace zonal::inline v0 {

/// The failing side of a result; made by `fail`.
template <class E>
struct failure {
    E error;
};

/// `return fail(errc::busy);`
template <class E>
[[nodiscard]] constexpr failure<E> fail(E error) noexcept {
    return {error};
}

/// Either a T or an E.
/// Requires: E is a small trivially copyable type; T is not a reference and not convertible to or
/// from E.
template <class T, class E = errc>
class [[nodiscard]] result {
    static_assert(!std::is_reference_v<T>,
                  "result: T must be an object type; use a pointer for a reference");
    static_assert(__is_trivially_copyable(E), "result: E must be trivially copyable");
    static_assert(
        !requires(void f(E), T t) { f(std::move(t)); } && !requires(void f(T), E e) { f(e); },
        "result: T and E convert into each other, so a value could pass for an error");

    // Asked of the compiler: by way of <type_traits> it is a dozen instantiations for each T.
    static constexpr bool is_plain = __is_trivially_copyable(T);

public:
    using value_type = T;
    using error_type = E;

    constexpr result(T value) noexcept(std::is_nothrow_move_constructible_v<T>)
        : either_(std::in_place, std::move(value)), has_value_(true) {}
    constexpr result(failure<E> f) noexcept : either_(f.error), has_value_(false) {}

    constexpr result(const result&)
        requires is_plain
    = default;
    constexpr result(const result& other)
        requires(!is_plain && std::is_copy_constructible_v<T>)
        : either_(other.has_value_ ? either(std::in_place, other.either_.value)
                                   : either(other.either_.error)),
          has_value_(other.has_value_) {}
    constexpr result(result&&)
        requires is_plain
    = default;
    constexpr result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        requires(!is_plain)
        : either_(other.has_value_ ? either(std::in_place, std::move(other.either_.value))
                                   : either(other.either_.error)),
          has_value_(other.has_value_) {}

    // Assignable only where that is a plain copy: a result is looked at once, not reused.
    constexpr result& operator=(const result&)
        requires is_plain
    = default;

    constexpr ~result()
        requires is_plain
    = default;
    constexpr ~result() {
        if (has_value_) either_.value.~T();
    }

    [[nodiscard]] constexpr bool has_value() const noexcept { return has_value_ != 0; }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return has_value_ != 0; }

    /// Requires: has_value().
    [[nodiscard]] constexpr T& value() & {
        return expects(has_value_ != 0, "result: value() of a failure"), either_.value;
    }
    [[nodiscard]] constexpr const T& value() const& {
        return expects(has_value_ != 0, "result: value() of a failure"), either_.value;
    }
    [[nodiscard]] constexpr T&& value() && {
        return expects(has_value_ != 0, "result: value() of a failure"), std::move(either_.value);
    }
    [[nodiscard]] constexpr T& operator*() & { return value(); }
    [[nodiscard]] constexpr const T& operator*() const& { return value(); }
    [[nodiscard]] constexpr T&& operator*() && { return std::move(*this).value(); }
    [[nodiscard]] constexpr T* operator->() { return &value(); }
    [[nodiscard]] constexpr const T* operator->() const { return &value(); }

    /// Requires: !has_value().
    [[nodiscard]] constexpr E error() const {
        expects(has_value_ == 0, "result: error() of a success");
        return either_.error;
    }

    [[nodiscard]] constexpr T value_or(T other) const&
        requires std::is_copy_constructible_v<T>
    {
        // No conditional expression: that copies `other`, and GCC 12 destroys its temporary twice
        // in constant expressions.
        if (has_value_) return either_.value;
        return other;
    }
    [[nodiscard]] constexpr T value_or(T other) && {
        if (has_value_) return std::move(either_.value);
        return other;
    }

    friend constexpr bool operator==(const result& a, const result& b)
        requires requires(const T& t, const E& e) {
            t == t;
            e == e;
        }
    {
        if (a.has_value_ != b.has_value_) return false;
        return a.has_value_ ? a.either_.value == b.either_.value
                            : a.either_.error == b.either_.error;
    }

private:
    union either {
        T value;
        E error;
        constexpr either(std::in_place_t, T&& v) : value(std::move(v)) {}
        constexpr either(std::in_place_t, const T& v)
            requires std::is_copy_constructible_v<T>
            : value(v) {}
        constexpr explicit either(E e) noexcept : error(e) {}
        either(const either&) = default;
        either(either&&) = default;
        either& operator=(const either&) = default;
        constexpr ~either()
            requires is_plain
        = default;
        constexpr ~either() {}
    };
    either either_;
    unsigned char has_value_; // 0 or 1; as a bool, GCC 12 tests it again at every use
};

/// What a void call would return: success, or the reason.
struct done {
    friend constexpr bool operator==(done, done) = default;
};

} // namespace zonal::inline v0
