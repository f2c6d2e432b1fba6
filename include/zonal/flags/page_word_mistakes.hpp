// SPDX-License-Identifier: BSL-1.0
#pragma once

// What page_word says to somebody who made a mistake. Each is named in the compiler's message, with
// the facts as its template arguments; `report` is instantiated only when the mistake is there, and
// says no, so that nothing behind the mistake is instantiated as well. The assertion stands in a
// function, for which GCC names the numbers (BitsShort = 5), and not in the class, from which Clang
// would take no value any more.

#include <cstdint>

#include <zonal/detail/always_false.hpp>

namespace zonal::inline v0 {

template <unsigned WordBits, unsigned BitsShort, class... Fields>
struct page_word_is_full {
    static consteval bool report() {
        static_assert(
            BitsShort == 0,
            "page_word: the fields need more bits than the word has (arguments: bits of the word, "
            "bits short, fields); make a field narrower or let one be left out");
        return false;
    }
};

template <class Value>
struct page_word_has_two_fields_for {
    static consteval bool report() {
        static_assert(detail::always_false<Value>,
                      "page_word: two fields hold the same value type; remove one");
        return false;
    }
};

template <class Value>
struct page_word_lacks_field {
    static consteval bool report() {
        static_assert(detail::always_false<Value>,
                      "page_word: no field for this value; add it to the word's list");
        return false;
    }
};

template <class Value>
struct not_a_field_value {
    static consteval bool report() {
        static_assert(detail::always_false<Value>,
                      "page_word: a bare number does not say which field it belongs to; write "
                      "zone_id{2}, node_id{0}, ...");
        return false;
    }
};

template <class Value>
struct field_named_twice {
    static consteval bool report() {
        static_assert(detail::always_false<Value>,
                      "page_word: a field is given two values in one call; name it once");
        return false;
    }
};

template <class Value, unsigned BitsShort>
struct field_was_left_out {
    static consteval bool report() {
        static_assert(detail::always_false<Value>,
                      "page_word: this field found no room and is not in the word (arguments: "
                      "field, bits short); ask word::is_present<...> first");
        return false;
    }
};

template <class Value, std::uint64_t Constant, std::uint64_t AtMost>
struct constant_does_not_fit {
    static consteval bool report() {
        static_assert(Constant <= AtMost, "page_word: the constant does not fit its field "
                                          "(arguments: the value, the most it holds)");
        return false;
    }
};

template <class Upper, class Lower>
struct fields_are_not_neighbours {
    static consteval bool report() {
        static_assert(detail::always_false<Upper>,
                      "page_word: merged() needs fields that touch, listed from the high end");
        return false;
    }
};

template <class Integer, unsigned WordBits>
struct integer_is_not_a_word {
    static consteval bool report() {
        static_assert(detail::always_false<Integer>,
                      "page_word: in() needs an unsigned integer as wide as the word (arguments: "
                      "the integer, the word's bits)");
        return false;
    }
};

} // namespace zonal::inline v0
