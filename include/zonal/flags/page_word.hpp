// SPDX-License-Identifier: BSL-1.0
#pragma once

// The word that names a page's zone, node and section beside its flags.
//
//     struct word : page_word<64, flags<24>, node<10>, zone_of<zones>> {};
//     static_assert(word::width<zone_id> == 2 && word::shift<node_id> == 54);
//
//     std::uint64_t raw = word::set(0, node_id{5}, zone_id{2});     // one mask, one store
//     zone_id z = word::get<zone_id>(raw);
//     word::in(page.flags).atomic_set(zone_id{3});                   // a word in your own struct
//     // word::set<zone_id{4}>(raw)   error: the constant does not fit its field
//
// The fields stand from the high end in the order of the list (flags from the low end). Nothing
// here is more than the shifts and masks one would write by hand: tests/codegen counts the
// instructions. Derive from page_word to give the word a short name in symbols and messages.

#include <type_traits>

#include <zonal/core/result.hpp>
#include <zonal/detail/atomic.hpp>
#include <zonal/flags/layout.hpp>
#include <zonal/flags/page_field.hpp>

namespace zonal {

// What a compile error names.
template <unsigned WordBits, unsigned BitsShort, class... Fields>
struct page_word_is_full {
    static consteval bool report() {
        static_assert(
            BitsShort == 0,
            "page_word: the fields need more bits than the word has (template arguments: bits "
            "of the word, bits short, fields); make a field narrower or let one be left out");
        return true;
    }
};
template <class Value>
struct page_word_has_two_fields_for {
    static consteval bool report() {
        static_assert(detail::always_false<Value>,
                      "page_word: two fields hold the same value type; remove one");
        return true;
    }
};
template <class Value>
struct page_word_lacks_field {
    static consteval bool report() {
        static_assert(detail::always_false<Value>,
                      "page_word: no field for this value; add it to the word's list");
        return true;
    }
};
template <class Value>
struct not_a_field_value {
    static consteval bool report() {
        static_assert(detail::always_false<Value>,
                      "page_word: a bare number does not say which field it belongs to; "
                      "write zone_id{2}, node_id{0}, ...");
        return true;
    }
};
template <class Value, unsigned BitsShort>
struct field_was_left_out {
    static consteval bool report() {
        static_assert(
            detail::always_false<Value>,
            "page_word: this field found no room and is not in the word; ask "
            "word::is_present<...> first, or bring it back (second argument: bits short)");
        return true;
    }
};
template <class Value, std::uint64_t Constant, std::uint64_t AtMost>
struct constant_fits {
    static consteval bool check() {
        static_assert(Constant <= AtMost,
                      "page_word: the constant does not fit its field (template arguments: the "
                      "value, the most the field holds)");
        return true;
    }
};
template <class Upper, class Lower>
struct fields_are_not_neighbours {
    static consteval bool report() {
        static_assert(detail::always_false<Upper>,
                      "page_word: merged() needs fields that touch, listed from the high end");
        return true;
    }
};

template <class Word, class Integer>
class page_word_ref;

/// A word of WordBits bits with these fields.
/// Requires (checked at compile time): 32 or 64 bits; one field for a value type; every field that
/// cannot be left out has room.
/// Models: include/linux/mm.h, set_page_links(), page_zonenum() and their like; differs: several
/// fields are set with one mask, and constants are checked.
template <unsigned WordBits, page_field... Fields>
struct page_word {
    static_assert(WordBits == 32 || WordBits == 64, "page_word: a page word has 32 or 64 bits");
    static_assert(sizeof...(Fields) != 0, "page_word: a word needs at least one field");

    using word_type = std::conditional_t<WordBits == 32, std::uint32_t, std::uint64_t>;

    /// The layout as a value: every question about every field.
    static constexpr layout<sizeof...(Fields)> placed = pack(WordBits, {Fields::spec...});

private:
    template <class Value>
    static constexpr unsigned count =
        (unsigned{std::is_same_v<Value, typename Fields::value_type>} + ...);

    template <class Value>
    static consteval unsigned index_of() {
        if constexpr (count<Value> == 0)
            page_word_lacks_field<Value>::report();
        else if constexpr (count<Value> > 1)
            page_word_has_two_fields_for<Value>::report();
        unsigned i = 0;
        static_cast<void>(
            ((std::is_same_v<Value, typename Fields::value_type> || (++i, false)) || ...));
        return i % sizeof...(Fields);
    }

    static consteval bool check() {
        if constexpr (!placed.fits())
            return page_word_is_full<WordBits, placed.short_by(), Fields...>::report();
        else
            return ((index_of<typename Fields::value_type>() < sizeof...(Fields)) && ...);
    }
    static_assert(check());

public:
    template <class Value>
    static constexpr placed_field at = placed[index_of<Value>()];

    template <class Value>
    static constexpr unsigned width = at<Value>.width;
    /// 0 for a field without bits.
    template <class Value>
    static constexpr unsigned shift = at<Value>.shift();
    /// The field's bits in the word.
    template <class Value>
    static constexpr word_type mask = static_cast<word_type>(at<Value>.mask());
    /// The largest value that the field holds.
    template <class Value>
    static constexpr word_type max = static_cast<word_type>(at<Value>.max());
    template <class Value>
    static constexpr bool is_present = at<Value>.is_present();
    template <class Value>
    static constexpr bool was_left_out = at<Value>.outcome == fate::left_out;

    /// The value of a field. A field that asked for no bits reads as 0; one that was left out does
    /// not compile.
    template <class Value>
    [[nodiscard]] static constexpr Value get(word_type word) noexcept {
        static_assert(reachable<Value>());
        return Value{static_cast<decltype(Value::value)>(at<Value>.get(word))};
    }

    /// Fields that touch, read as one number: `merged<node_id, zone_id>` tells zones of nodes
    /// apart.
    /// Requires (checked): listed from the high end. Fields without bits are passed over.
    template <class Upper, class Lower>
    [[nodiscard]] static constexpr word_type merged(word_type word) noexcept {
        static_assert(reachable<Upper>() && reachable<Lower>());
        static_assert(touch<Upper, Lower>());
        constexpr unsigned low = is_present<Lower> ? shift<Lower> : shift<Upper>;
        return (word & (mask<Upper> | mask<Lower>)) >> low;
    }

    /// The word with these fields replaced, all with one mask. A value too large for its field
    /// loses its upper bits, never its neighbours' (in a constant expression it does not compile);
    /// see checked_set.
    template <class... Values>
    [[nodiscard]] static constexpr word_type set(word_type word, Values... values) {
        static_assert((reachable<Values>() && ...));
        if constexpr ((field_value<Values> && ...)) {
            if (std::is_constant_evaluated())
                expects((at<Values>.holds(values.value) && ...),
                        "page_word: a value does not fit its field");
            constexpr word_type replaced = (mask<Values> | ...);
            return (word & static_cast<word_type>(~replaced)) |
                   (static_cast<word_type>(at<Values>.put(values.value)) | ...);
        } else {
            return word;
        }
    }

    /// The same for constants, checked at compile time: `set<zone_id{2}, node_id{0}>(raw)`.
    template <auto First, auto... Rest>
    [[nodiscard]] static constexpr word_type set(word_type word) noexcept {
        static_assert(
            constant_fits<type_of<First>, First.value, max<type_of<First>>>::check() &&
            (constant_fits<type_of<Rest>, Rest.value, max<type_of<Rest>>>::check() && ...));
        return set(word, First, Rest...);
    }

    /// Fails: out_of_reach  a value is larger than its field holds.
    template <class... Values>
    [[nodiscard]] static constexpr result<word_type> checked_set(word_type word,
                                                                 Values... values) noexcept {
        if (!(at<Values>.holds(values.value) && ...)) return fail(errc::out_of_reach);
        return set(word, values...);
    }

    /// The fields of a word that lies somewhere else, in an unsigned integer of WordBits bits.
    template <class Integer>
    [[nodiscard]] static constexpr page_word_ref<page_word, Integer> in(Integer& word) noexcept {
        return page_word_ref<page_word, Integer>{word};
    }

private:
    template <class Value>
    static consteval bool reachable() {
        if constexpr (!field_value<Value>)
            return not_a_field_value<Value>::report();
        else if constexpr (count<Value> == 0)
            return page_word_lacks_field<Value>::report();
        else if constexpr (was_left_out<Value>)
            return field_was_left_out<Value, at<Value>.short_by>::report();
        else
            return true;
    }
    // The type of a template argument without the const that one compiler adds.
    template <auto Constant>
    using type_of = std::remove_const_t<decltype(Constant)>;
    template <class Upper, class Lower>
    static consteval bool touch() {
        if constexpr (is_present<Upper> && is_present<Lower> &&
                      at<Upper>.offset != at<Lower>.offset + at<Lower>.width)
            return fields_are_not_neighbours<Upper, Lower>::report();
        else
            return true;
    }
};

/// Access to a page word in the user's own struct. Holds a pointer; copy it freely, do not outlive
/// the word.
template <class Word, class Integer>
class page_word_ref {
    using plain = std::remove_const_t<Integer>;
    static_assert(std::is_unsigned_v<plain> && sizeof(plain) == sizeof(typename Word::word_type),
                  "page_word: in() needs an unsigned integer as wide as the word");

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
    /// Cost: a compare-and-exchange loop; lock-free wherever the word is.
    template <class... Values>
    constexpr plain atomic_set(Values... values) const {
        constexpr plain replaced = (Word::template mask<Values> | ...);
        return detail::exchange_bits<plain>(*word_, replaced, Word::set(0, values...));
    }

private:
    Integer* word_;
};

} // namespace zonal
