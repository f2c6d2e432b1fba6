// SPDX-License-Identifier: BSL-1.0
#pragma once

// Atomic access to a plain integer that lies in the user's own struct. std::atomic_ref would need
// <atomic>, which costs more to include than the library, and cannot be evaluated at compile time;
// the builtins are both compilers', hosted and freestanding.

#include <type_traits>

namespace zonal::inline v0::detail {

template <class Word>
[[nodiscard]] constexpr Word load_acquire(const Word& word) noexcept {
    if (std::is_constant_evaluated()) return word;
    return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}

template <class Word>
constexpr void store_release(Word& word, Word value) noexcept {
    if (std::is_constant_evaluated())
        word = value;
    else
        __atomic_store_n(&word, value, __ATOMIC_RELEASE);
}

// All calls of these two, whatever the words and threads, have one order: of two threads that each
// store a word and then load the other's, one at least sees what the other stored.
template <class Word>
[[nodiscard]] constexpr Word load_ordered(const Word& word) noexcept {
    if (std::is_constant_evaluated()) return word;
    return __atomic_load_n(&word, __ATOMIC_SEQ_CST);
}
template <class Word>
constexpr void store_ordered(Word& word, Word value) noexcept {
    if (std::is_constant_evaluated())
        word = value;
    else
        __atomic_store_n(&word, value, __ATOMIC_SEQ_CST);
}

/// word = (word & ~mask) | bits in one step; returns the word before.
template <class Word>
constexpr Word exchange_bits(Word& word, Word mask, Word bits) noexcept {
    if (std::is_constant_evaluated()) {
        const Word before = word;
        word = (before & static_cast<Word>(~mask)) | bits;
        return before;
    }
    Word before = __atomic_load_n(&word, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&word, &before, static_cast<Word>((before & ~mask) | bits),
                                        true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    }
    return before;
}

/// word = f(word) in one step, if f answers; returns what f said. f may be asked more than once.
template <class Word, class F>
constexpr auto update(Word& word, F f) noexcept -> decltype(f(word)) {
    if (std::is_constant_evaluated()) {
        const auto wanted = f(word);
        if (wanted) word = *wanted;
        return wanted;
    }
    Word before = __atomic_load_n(&word, __ATOMIC_ACQUIRE);
    for (;;) {
        const auto wanted = f(before);
        if (!wanted || __atomic_compare_exchange_n(&word, &before, *wanted, true, __ATOMIC_ACQ_REL,
                                                   __ATOMIC_ACQUIRE))
            return wanted;
    }
}

} // namespace zonal::inline v0::detail
