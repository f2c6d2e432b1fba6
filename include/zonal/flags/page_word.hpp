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
    // A compiler's own __is_same, because each std::is_same_v would be one more thing to instantiate.
    template <class Value, class... All>
    static constexpr unsigned count = (unsigned{__is_same(Value, All)} + ...);

    // The assertions of a word stand in functions, for which GCC names the value that is wrong, and
    // not in the class, from which Clang would take no value any more.
    template <class Value>
    static consteval unsigned index_of() {
        constexpr unsigned fields = count<Value, typename Fields::value_type...>;
        constexpr bool is_value = field_value<Value>; // a concept would explain itself at length
        static_assert(is_value,
                      "page_word: a bare number does not say which field it belongs to; write "
                      "zone_id{2}, node_id{0}, ...");
        static_assert(fields != 0 || !is_value,
                      "page_word: no field for this value; add it to the word's list");
        static_assert(fields <= 1, "page_word: two fields hold the same value type; remove one");
        unsigned i = 0;
        static_cast<void>(((__is_same(Value, typename Fields::value_type) || (++i, false)) || ...));
        return i % sizeof...(Fields);
    }

    // The type of a template argument without the const that one compiler adds.
    template <auto Constant>
    using type_of = std::remove_const_t<decltype(Constant)>;

    static_assert([] {
        static_assert(placed.short_by() == 0,
                      "page_word: the fields need more bits than the word has (so many are short); "
                      "make a field narrower or let one be left out");
        return ((index_of<typename Fields::value_type>() < sizeof...(Fields)) && ...);
    }());

public:
    template <class Value>
    static constexpr placed_field at = placed.fields[index_of<Value>()];

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
        static_cast<void>(are_in_word<Value>()); // or the compilation ends with the reason
        return Value{
            static_cast<decltype(Value::value)>(placed.fields[index_of<Value>()].get(word))};
    }

    /// Fields that touch, read as one number: `merged<node_id, zone_id>` tells zones of nodes
    /// apart.
    /// Requires (checked): listed from the high end. Fields without bits are passed over. Inverted
    /// fields are read as stored.
    template <class Upper, class Lower>
    [[nodiscard]] static constexpr word_type merged(word_type word) noexcept {
        static_assert(are_in_word<Upper, Lower>());
        static_assert(!is_present<Upper> || !is_present<Lower> ||
                          at<Upper>.offset == at<Lower>.offset + at<Lower>.width,
                      "page_word: merged() needs fields that touch, listed from the high end");
        constexpr unsigned low = is_present<Lower> ? shift<Lower> : shift<Upper>;
        return (word & (mask<Upper> | mask<Lower>)) >> low;
    }

    /// The word with these fields replaced, all with one mask. A value too large for its field
    /// loses its upper bits, never its neighbours' (in a constant expression it does not compile);
    /// see checked_set.
    template <class First, class... Rest>
    [[nodiscard]] static constexpr word_type set(word_type word, First first, Rest... rest) {
        if constexpr (are_in_word<First, Rest...>()) {
            if (std::is_constant_evaluated())
                expects((holds(first) && ... && holds(rest)),
                        "page_word: a value does not fit its field");
            constexpr std::uint64_t bits = (placed.fields[index_of<First>()].mask() | ... |
                                            placed.fields[index_of<Rest>()].mask());
            return static_cast<word_type>((word & ~bits) |
                                          (placed.fields[index_of<First>()].put(first.value) | ... |
                                           placed.fields[index_of<Rest>()].put(rest.value)));
        }
        return word;
    }

    /// The same for constants, checked at compile time: `set<zone_id{2}, node_id{0}>(raw)`.
    template <auto First, auto... Rest>
    [[nodiscard]] static constexpr word_type set(word_type word) noexcept {
        if constexpr (are_in_word<type_of<First>, type_of<Rest>...>())
            if constexpr (fits<First>() && (fits<Rest>() && ...)) return set(word, First, Rest...);
        return word;
    }

    /// Fails: out_of_reach  a value is larger than its field holds.
    template <class First, class... Rest>
    [[nodiscard]] static constexpr result<word_type> checked_set(word_type word, First first,
                                                                 Rest... rest) noexcept {
        if constexpr (are_in_word<First, Rest...>())
            if (!(holds(first) && ... && holds(rest))) return fail(errc::out_of_reach);
        return set(word, first, rest...);
    }

    /// The fields of a word that lies somewhere else, in an unsigned integer of WordBits bits.
    template <class Integer>
    [[nodiscard]] static constexpr auto in(Integer& word) noexcept {
        static_assert(std::is_unsigned_v<Integer> && sizeof(Integer) * 8 == WordBits,
                      "page_word: in() needs an unsigned integer as wide as the word");
        return page_word_ref<page_word, Integer>{word};
    }

private:
    template <class... Values>
    static consteval bool are_in_word() {
        constexpr unsigned bits_short = (placed.fields[index_of<Values>()].missing() + ...);
        static_assert(bits_short == 0,
                      "page_word: this field found no room and is not in the word (so many bits "
                      "are short); ask word::is_present<...> first");
        if constexpr (sizeof...(Values) > 1)
            static_assert(((count<Values, Values...> == 1) && ...),
                          "page_word: a field is given two values in one call; name it once");
        return bits_short == 0 && (field_value<Values> && ...);
    }
    template <class Value>
    static constexpr bool holds(Value v) noexcept {
        return placed.fields[index_of<Value>()].holds(v.value);
    }
    template <auto Constant>
    static consteval bool fits() {
        constexpr std::uint64_t most = at<type_of<Constant>>.max();
        static_assert(Constant.value <= most,
                      "page_word: the constant does not fit its field (its value <= the largest "
                      "that the field holds)");
        return Constant.value <= most;
    }
};

} // namespace zonal::inline v0
