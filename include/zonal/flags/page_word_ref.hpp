// SPDX-License-Identifier: BSL-1.0
#pragma once

// Access to a page word where it lies: in the user's own struct page, plainly or atomically.
//
//     struct page { unsigned long flags; };
//     word::in(p.flags).set(zone_id{2});
//     word::in(p.flags).atomic_set(node_id{1});    // other fields may change at the same time

#include <type_traits>

#include <zonal/core/result.hpp>
#include <zonal/detail/atomic.hpp>

namespace zonal::inline v0 {

/// Access to a page word in the user's own struct. Holds a pointer; copy it freely, do not outlive
/// the word.
template <class Word, class Integer>
class page_word_ref {
    using plain = std::remove_const_t<Integer>;

public:
    explicit constexpr page_word_ref(Integer& word) noexcept : word_(&word) {}

    template <class Value>
    [[nodiscard]] constexpr Value get() const noexcept {
        return Word::template get<Value>(*word_);
    }
    template <class... Values>
    constexpr void set(Values... values) const {
        *word_ = Word::set(*word_, values...);
    }
    /// Fails: out_of_reach  a value is larger than its field holds; the word is unchanged.
    template <class... Values>
    [[nodiscard]] constexpr result<done> checked_set(Values... values) const noexcept {
        const auto changed = Word::checked_set(*word_, values...);
        if (!changed) return fail(changed.error());
        *word_ = *changed;
        return done{};
    }

    /// Reads with acquire order.
    template <class Value>
    [[nodiscard]] constexpr Value atomic_get() const noexcept {
        return Word::template get<Value>(detail::load_acquire(*word_));
    }
    /// Replaces these fields in one step, whatever happens to the others meanwhile, with acquire
    /// and release order; returns the word before.
    /// Cost: a compare-and-exchange loop; a 64-bit word wants a machine that has one of 64 bits.
    template <class... Values>
    constexpr plain atomic_set(Values... values) const {
        return detail::exchange_bits<plain>(*word_, (Word::template mask<Values> | ...),
                                            Word::set(0, values...));
    }

private:
    Integer* word_;
};

} // namespace zonal::inline v0
