// SPDX-License-Identifier: BSL-1.0
#pragma once

// Atomic access to a plain integer that lies in the user's own struct. std::atomic_ref would need
// <atomic>, which costs more to include than the library, and cannot be evaluated at compile time;
// the builtins are both compilers', hosted and freestanding.

#include <type_traits>

namespace zonal::detail {

template <class Word>
[[nodiscard]] constexpr Word load_acquire(const Word& word) noexcept {
    if (std::is_constant_evaluated()) return word;
    return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
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

} // namespace zonal::detail
