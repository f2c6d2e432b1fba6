// SPDX-License-Identifier: BSL-1.0
#pragma once

// The word that names a page's zone, node and section beside its flags.
//
//     struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<zones>> {};
//     static_assert(word::width<zone_id> == 2 && word::shift<node_id> == 54);
//
//     std::uint64_t raw = word::set(0, node_id{5}, zone_id{2});     // one mask, one store
//     zone_id z = word::get<zone_id>(raw);
//     word::in(page.flags).atomic_set(zone_id{3});                   // a word in your own struct
//     // word::set<zone_id{4}>(0)   error: the constant does not fit its field
//
// The fields stand from the high end in the order of the list (flags from the low end). Nothing
// here is more than the shifts and masks one would write by hand: tests/codegen counts the
// instructions. Derive from page_word to give the word a short name in symbols and messages.

#include <type_traits>

#include <zonal/core/result.hpp>
#include <zonal/flags/layout.hpp>
#include <zonal/flags/page_word_mistakes.hpp>
#include <zonal/flags/page_word_ref.hpp>
#include <zonal/flags/word_field.hpp>

namespace zonal::inline v0 {

/// A word of WordBits bits with these fields.
/// Requires (checked at compile time): 32 or 64 bits; one field for a value type; every field that
/// cannot be left out has room.
/// Models: include/linux/mm.h, set_page_links(), page_zonenum() and their like; differs: several
/// fields are set with one mask, and constants are checked.
template <unsigned WordBits, word_field... Fields>
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

    static_assert([] {
        if constexpr (!placed.fits())
            page_word_is_full<WordBits, placed.short_by(), Fields...>::report();
        else
            static_cast<void>(((index_of<typename Fields::value_type>() == 0) && ...));
        return true;
    }());

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
        if constexpr (holds_fields<Value>())
            return Value{static_cast<decltype(Value::value)>(at<Value>.get(word))};
        else
            return {};
    }

    /// Fields that touch, read as one number: `merged<node_id, zone_id>` tells zones of nodes
    /// apart.
    /// Requires (checked): listed from the high end. Fields without bits are passed over. Inverted
    /// fields are read as stored.
    template <class Upper, class Lower>
    [[nodiscard]] static constexpr word_type merged(word_type word) noexcept {
        if constexpr (holds_fields<Upper, Lower>() && touch<Upper, Lower>()) {
            constexpr unsigned low = is_present<Lower> ? shift<Lower> : shift<Upper>;
            return (word & (mask<Upper> | mask<Lower>)) >> low;
        } else {
            return word;
        }
    }

    /// The word with these fields replaced, all with one mask. A value too large for its field
    /// loses its upper bits, never its neighbours' (in a constant expression it does not compile);
    /// see checked_set.
    template <class First, class... Rest>
    [[nodiscard]] static constexpr word_type set(word_type word, First first, Rest... rest) {
        if constexpr (holds_fields<First, Rest...>()) {
            if (std::is_constant_evaluated())
                expects(at<First>.holds(first.value) && (at<Rest>.holds(rest.value) && ...),
                        "page_word: a value does not fit its field");
            return replaced(word, first, rest...);
        } else {
            return word;
        }
    }

    /// The same for constants, checked at compile time: `set<zone_id{2}, node_id{0}>(raw)`.
    template <auto First, auto... Rest>
    [[nodiscard]] static constexpr word_type set(word_type word) noexcept {
        if constexpr (holds_fields<type_of<First>, type_of<Rest>...>()) {
            if constexpr (fits<First>() && (fits<Rest>() && ...))
                return replaced(word, First, Rest...);
        }
        return word;
    }

    /// Fails: out_of_reach  a value is larger than its field holds.
    template <class First, class... Rest>
    [[nodiscard]] static constexpr result<word_type> checked_set(word_type word, First first,
                                                                 Rest... rest) noexcept {
        if constexpr (holds_fields<First, Rest...>()) {
            if (!(at<First>.holds(first.value) && (at<Rest>.holds(rest.value) && ...)))
                return fail(errc::out_of_reach);
            return replaced(word, first, rest...);
        } else {
            return word;
        }
    }

    /// The fields of a word that lies somewhere else, in an unsigned integer of WordBits bits.
    template <class Integer>
    [[nodiscard]] static constexpr auto in(Integer& word) noexcept {
        if constexpr (!std::is_unsigned_v<Integer> || sizeof(Integer) * 8 != WordBits)
            integer_is_not_a_word<Integer, WordBits>::report();
        return page_word_ref<page_word, Integer>{word};
    }

    /// Each of these values has a field in this word. Otherwise the compilation ends with the reason.
    template <class... Values>
    [[nodiscard]] static consteval bool holds_fields() {
        return (holds_field<Values>() && ...) && (named_once<Values, Values...>() && ...);
    }

private:
    template <class Value>
    static consteval bool holds_field() {
        if constexpr (!field_value<Value>)
            return not_a_field_value<Value>::report();
        else if constexpr (count<Value> == 0)
            return page_word_lacks_field<Value>::report();
        else if constexpr (was_left_out<Value>)
            return field_was_left_out<Value, at<Value>.short_by>::report();
        else
            return true;
    }
    template <class Value, class... All>
    static consteval bool named_once() {
        if constexpr ((unsigned{std::is_same_v<Value, All>} + ...) == 1)
            return true;
        else
            return field_named_twice<Value>::report();
    }
    template <class... Values>
    static constexpr word_type replaced(word_type word, Values... values) noexcept {
        constexpr word_type bits = (mask<Values> | ...);
        return (word & static_cast<word_type>(~bits)) |
               (static_cast<word_type>(at<Values>.put(values.value)) | ...);
    }
    // The type of a template argument without the const that one compiler adds.
    template <auto Constant>
    using type_of = std::remove_const_t<decltype(Constant)>;
    template <auto Constant>
    static consteval bool fits() {
        using value = type_of<Constant>;
        if constexpr (at<value>.holds(Constant.value))
            return true;
        else
            return constant_does_not_fit<value, Constant.value, max<value>>::report();
    }
    template <class Upper, class Lower>
    static consteval bool touch() {
        if constexpr (is_present<Upper> && is_present<Lower> &&
                      at<Upper>.offset != at<Lower>.offset + at<Lower>.width)
            return fields_are_not_neighbours<Upper, Lower>::report();
        else
            return true;
    }
};

} // namespace zonal::inline v0
