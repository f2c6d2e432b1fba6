// SPDX-License-Identifier: BSL-1.0
#include <zonal/flags/page_word.hpp>

#include <random>
#include <thread>
#include <type_traits>
#include <vector>

#include <zonal/zone/zone_set.hpp>

#include "../contract.hpp"
#include "../test.hpp"
#include "../tiers.hpp"

using namespace zonal;
using zonal_test::constant;
using zonal_test::traps;

namespace page_word_test {

// ---- tiers of memory, and fields of the user's own ---------------------------------------------

using zonal_test::cxl;
using zonal_test::dram;
using zonal_test::hbm;
using zonal_test::pmem;
using zones = zonal_test::tiers;

struct last_user {
    static constexpr text field_name = "last user";
    std::uint32_t value = 0;
    friend constexpr bool operator==(last_user, last_user) = default;
};
struct tag {
    static constexpr text field_name = "tag";
    std::uint8_t value = 0;
    friend constexpr bool operator==(tag, tag) = default;
};
struct heat {
    static constexpr text field_name = "heat";
    std::uint8_t value = 0;
    friend constexpr bool operator==(heat, heat) = default;
};
struct dirty {
    static constexpr text field_name = "dirty";
    bool value = false;
    friend constexpr bool operator==(dirty, dirty) = default;
};

// The header's word.
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<zones>> {};

// 63   54 53  52 51         31 30  23 22  21 20      0
// | node  | zone | last user  | tag  | heat | flags  |
struct full : page_word<64, section_field<0>, node_field<10>, zone_of<zones>,
                        field<last_user, 21, no_room::member>,
                        field<tag, 8, no_room::refuse, encoding::inverted>,
                        field<heat, 4, no_room::take_rest>, flag_field<21>> {};

// 31  30 29  24 23  20 19      1 0       0
// | zone | node | tag  | flags  | dirty |     from the low end in the order of the list as well
struct small
    : page_word<32, zone_of<zones>, node_field<6>,
                field<tag, 4, no_room::refuse, encoding::inverted>,
                field<dirty, 1, no_room::refuse, encoding::identity, anchor::low>, flag_field<19>> {
};

// No room for the node, nor for the last user.
struct crowded : page_word<32, node_field<10>, zone_of<zones>,
                           field<last_user, 20, no_room::member>, flag_field<25>> {};

struct all_flags_64 : page_word<64, flag_field<64>> {};
struct all_flags_32 : page_word<32, flag_field<32>> {};
struct split_64 : page_word<64, field<node_id, 63>, field<dirty, 1>> {};
struct split_32 : page_word<32, field<dirty, 1>, field<node_id, 31>> {};
struct nothing_below : page_word<64, node_field<10>, section_field<0>, flag_field<24>> {};
struct one_zone : page_word<64, zone_of<zone_set<dram>>, flag_field<10>> {};

// ---- by hand -----------------------------------------------------------------------------------

/// Bits of a word, read and written by hand.
struct place {
    unsigned shift;
    unsigned width;
    bool inverted = false;

    constexpr std::uint64_t max() const {
        std::uint64_t all = 0;
        for (unsigned i = 0; i < width; ++i) all = all * 2 + 1;
        return all;
    }
    constexpr std::uint64_t get(std::uint64_t raw) const {
        const std::uint64_t bits = raw >> shift & max();
        return inverted ? max() - bits : bits;
    }
    constexpr std::uint64_t set(std::uint64_t raw, std::uint64_t value) const {
        const std::uint64_t bits = inverted ? max() - value : value;
        return raw - (raw >> shift & max()) * (std::uint64_t{1} << shift) +
               bits * (std::uint64_t{1} << shift);
    }
};

/// A field and where it must be.
template <class Field, unsigned Shift, unsigned Width, bool Inverted = false>
struct drawn {
    using value = Field;
    static constexpr place at{Shift, Width, Inverted};
};

template <class Value>
constexpr Value make(std::uint64_t number) {
    return Value{static_cast<decltype(Value::value)>(number)};
}

template <class Word, class Drawn>
constexpr bool is_where_drawn() {
    using Value = typename Drawn::value;
    constexpr place p = Drawn::at;
    return Word::template width<Value> == p.width && Word::template shift<Value> == p.shift &&
           Word::template max<Value> == p.max() &&
           Word::template mask<Value> == p.max() << p.shift &&
           Word::template is_present<Value> == (p.width != 0) &&
           Word::template at<Value>.width == p.width &&
           Word::template at<Value>.asked.name == Value::field_name;
}

/// Reads and writes one field, and compares with shifts by hand and with the layout's own answer.
template <class Word, class Drawn>
constexpr bool reads_and_writes(std::uint64_t bits, std::uint64_t number) {
    using word_type = typename Word::word_type;
    using Value = typename Drawn::value;
    constexpr place p = Drawn::at;
    const auto raw = static_cast<word_type>(bits);
    const Value value = make<Value>(number & p.max());

    if (static_cast<std::uint64_t>(Word::template get<Value>(raw).value) != p.get(raw))
        return false;
    if (static_cast<std::uint64_t>(Word::template get<Value>(raw).value) !=
        Word::template at<Value>.get(raw))
        return false;
    const word_type changed = Word::set(raw, value);
    if (changed != p.set(raw, value.value)) return false;
    if (!(Word::template get<Value>(changed) == value)) return false;
    if ((changed ^ raw) & static_cast<word_type>(~Word::template mask<Value>)) return false;
    if (Word::checked_set(raw, value) != result<word_type>(changed)) return false;

    word_type there = raw;
    const auto ref = Word::in(there);
    ref.set(value);
    if (there != changed || !(ref.template get<Value>() == value)) return false;
    there = raw;
    if (ref.atomic_set(value) != raw || there != changed) return false;
    if (!(ref.template atomic_get<Value>() == value)) return false;
    there = raw;
    return ref.checked_set(value).has_value() && there == changed;
}

/// All fields of a word.
template <class Word, class... Drawn>
struct fields_of {
    using word_type = typename Word::word_type;

    static constexpr bool are_where_drawn() { return (is_where_drawn<Word, Drawn>() && ...); }

    static constexpr bool read_and_write(std::uint64_t bits, std::uint64_t number) {
        return (reads_and_writes<Word, Drawn>(bits, number) && ...);
    }

    template <class D>
    static constexpr auto part_of(std::uint64_t number) {
        return make<typename D::value>(number >> (D::at.shift % 7) & D::at.max());
    }
    template <class First, class... Rest>
    static constexpr word_type set_last_first(word_type raw, std::uint64_t number) {
        if constexpr (sizeof...(Rest) != 0) raw = set_last_first<Rest...>(raw, number);
        return Word::set(raw, part_of<First>(number));
    }

    /// Together, one after another, and one after another the other way round.
    static constexpr bool set_alike_in_any_order(std::uint64_t bits, std::uint64_t number) {
        const auto raw = static_cast<word_type>(bits);
        const word_type together = Word::set(raw, part_of<Drawn>(number)...);
        word_type forward = raw;
        ((forward = Word::set(forward, part_of<Drawn>(number))), ...);
        word_type there = raw;
        const word_type before = Word::in(there).atomic_set(part_of<Drawn>(number)...);
        return together == forward && together == set_last_first<Drawn...>(raw, number) &&
               together == there && before == raw &&
               Word::checked_set(raw, part_of<Drawn>(number)...) == result<word_type>(together);
    }

    static constexpr bool hold_at(std::uint64_t bits, std::uint64_t number) {
        return read_and_write(bits, number) && set_alike_in_any_order(bits, number);
    }
    static constexpr bool hold_at_the_edges() {
        constexpr std::uint64_t all = ~std::uint64_t{0}, alternating = 0xaaaa'aaaa'aaaa'aaaa;
        for (std::uint64_t raw : {std::uint64_t{0}, all, alternating, ~alternating})
            for (std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, all, alternating})
                if (!hold_at(raw, number)) return false;
        return true;
    }
    static bool hold_anywhere(std::mt19937_64& random) {
        for (int i = 0; i < 500; ++i)
            if (!hold_at(random(), random())) return false;
        return true;
    }
};

template <class... Fields>
struct each {
    static constexpr bool is_where_drawn() { return (Fields::are_where_drawn() && ...); }
    static constexpr bool holds_at_the_edges() { return (Fields::hold_at_the_edges() && ...); }
    static bool holds_anywhere(std::mt19937_64& random) {
        return (Fields::hold_anywhere(random) && ...);
    }
};
using all_words =
    each<fields_of<word, drawn<flag_bits, 0, 24>, drawn<node_id, 54, 10>, drawn<zone_id, 52, 2>>,
         fields_of<full, drawn<section_id, 0, 0>, drawn<node_id, 54, 10>, drawn<zone_id, 52, 2>,
                   drawn<last_user, 31, 21>, drawn<tag, 23, 8, true>, drawn<heat, 21, 2>,
                   drawn<flag_bits, 0, 21>>,
         fields_of<small, drawn<zone_id, 30, 2>, drawn<node_id, 24, 6>, drawn<tag, 20, 4, true>,
                   drawn<dirty, 0, 1>, drawn<flag_bits, 1, 19>>,
         fields_of<crowded, drawn<zone_id, 30, 2>, drawn<flag_bits, 0, 25>>,
         fields_of<all_flags_64, drawn<flag_bits, 0, 64>>,
         fields_of<all_flags_32, drawn<flag_bits, 0, 32>>,
         fields_of<split_64, drawn<node_id, 1, 63>, drawn<dirty, 0, 1>>,
         fields_of<split_32, drawn<dirty, 31, 1>, drawn<node_id, 0, 31>>,
         fields_of<one_zone, drawn<zone_id, 0, 0>, drawn<flag_bits, 0, 10>>>;

static_assert(all_words::is_where_drawn());
static_assert(all_words::holds_at_the_edges());

// ---- scenarios, run by two evaluators ----------------------------------------------------------

constexpr bool a_tag_of_all_ones_is_stored_as_zero() {
    return full::get<tag>(0) == tag{0xff} && full::set(0, tag{0xff}) == 0 &&
           full::set(0, tag{0}) == std::uint64_t{0xff} << 23 &&
           full::set(0, tag{0x0f}) == std::uint64_t{0xf0} << 23;
}

constexpr bool a_checked_set_that_fails_leaves_the_word() {
    std::uint64_t raw = word::set(0, node_id{1023}, zone_id{3}, flag_bits{0xabcdef});
    const std::uint64_t before = raw;
    const auto ref = word::in(raw);
    // One value too large is enough, wherever it stands.
    for (const auto& r :
         {ref.checked_set(zone_id{4}), ref.checked_set(node_id{1024}),
          ref.checked_set(node_id{0}, zone_id{4}), ref.checked_set(zone_id{4}, node_id{0}),
          ref.checked_set(flag_bits{0x1000000}), ref.checked_set(node_id{~std::uint64_t{0}})})
        if (r.has_value() || r.error() != errc::out_of_reach || raw != before) return false;
    return word::checked_set(raw, zone_id{4}) == result<std::uint64_t>(fail(errc::out_of_reach)) &&
           ref.checked_set(zone_id{0}, node_id{0}).has_value() && raw == 0xabcdef;
}

constexpr bool zones_of_nodes_are_told_apart_by_one_number() {
    for (std::uint64_t n : {0u, 1u, 511u, 1023u})
        for (std::uint64_t z = 0; z < 4; ++z) {
            const auto raw = word::set(~std::uint64_t{0}, node_id{n}, zone_id{z});
            if (word::merged<node_id, zone_id>(raw) != n * 4 + z) return false;
        }
    return true;
}

constexpr bool fields_without_bits_are_passed_over_when_merging() {
    const std::uint64_t raw = full::set(0, node_id{5}, zone_id{2}, last_user{1}, tag{0x7f});
    // section has no bits: the merged number is the node's alone.
    return full::merged<section_id, node_id>(raw) == 5 &&
           full::merged<node_id, zone_id>(raw) == 5 * 4 + 2 &&
           full::merged<zone_id, last_user>(raw) == (2u << 21 | 1u) &&
           full::merged<last_user, tag>(raw) == (1u << 8 | 0x80u) && // as stored: inverted
           one_zone::merged<zone_id, flag_bits>(0x3ff) == 0x3ff &&
           nothing_below::merged<node_id, section_id>(std::uint64_t{5} << 54 | 7) == 5;
}

static_assert(a_tag_of_all_ones_is_stored_as_zero());
static_assert(a_checked_set_that_fails_leaves_the_word());
static_assert(zones_of_nodes_are_told_apart_by_one_number());
static_assert(fields_without_bits_are_passed_over_when_merging());

struct page {
    int references = 0;
    std::uint64_t flags = 0;
};

} // namespace page_word_test

using namespace page_word_test;

TEST_CASE("a word names a page's zone and node beside its flags", "[flags]") {
    struct page page;
    static_assert(word::width<zone_id> == 2 && word::shift<node_id> == 54);

    std::uint64_t raw = word::set(0, node_id{5}, zone_id{2}); // one mask, one store
    zone_id z = word::get<zone_id>(raw);
    word::in(page.flags).atomic_set(zone_id{3}); // a word in your own struct
    // word::set<zone_id{4}>(raw)   error: constant_does_not_fit<zone_id, 4, at most 3>

    CHECK(raw == (std::uint64_t{5} << 54 | std::uint64_t{2} << 52));
    CHECK(z == zone_id{2});
    CHECK(page.flags == std::uint64_t{3} << 52);
    CHECK(page.references == 0);
}

TEST_CASE("fields stand where they were drawn", "[flags]") {
    STATIC_REQUIRE(all_words::is_where_drawn());
    STATIC_REQUIRE(std::is_same_v<word::word_type, std::uint64_t>);
    STATIC_REQUIRE(std::is_same_v<small::word_type, std::uint32_t>);
    STATIC_REQUIRE(full::placed.unused() == 0);
    STATIC_REQUIRE(word::placed.unused() == 28);
}

TEST_CASE("what is read and written is what shifts by hand would", "[flags]") {
    CHECK(all_words::holds_at_the_edges());
    constexpr unsigned seed = 0xf1a65;
    std::mt19937_64 random(seed);
    INFO("seed " << seed);
    CHECK(all_words::holds_anywhere(random));
}

TEST_CASE("constants are written by the same mask", "[flags]") {
    STATIC_REQUIRE(word::set<zone_id{3}>(0) == std::uint64_t{3} << 52);
    STATIC_REQUIRE(word::set<zone_id{3}, node_id{1023}>(7) ==
                   word::set(7, zone_id{3}, node_id{1023}));
    STATIC_REQUIRE(small::set<tag{15}, dirty{true}>(0) == 1);
    STATIC_REQUIRE(one_zone::set<zone_id{0}>(5) == 5);
}

TEST_CASE("an inverted field reads a zeroed word as all ones", "[flags]") {
    CHECK(a_tag_of_all_ones_is_stored_as_zero());
}

TEST_CASE("a value too large for its field loses bits, its neighbours do not", "[flags]") {
    std::uint64_t raw = word::set(0, node_id{0x155}, zone_id{1}, flag_bits{0xabcdef});
    raw = word::set(raw, zone_id{6}); // 0b110 in two bits
    CHECK(word::get<zone_id>(raw) == zone_id{2});
    CHECK(word::get<node_id>(raw) == node_id{0x155});
    CHECK(word::get<flag_bits>(raw) == flag_bits{0xabcdef});
    raw = word::set(raw, node_id{~std::uint64_t{0}});
    CHECK(word::get<node_id>(raw) == node_id{1023});
    CHECK(word::get<zone_id>(raw) == zone_id{2});
    word::in(raw).atomic_set(flag_bits{0x1'000001});
    CHECK(word::get<flag_bits>(raw) == flag_bits{1});
    CHECK(word::get<zone_id>(raw) == zone_id{2});
}

TEST_CASE("in a constant expression a value too large does not compile", "[flags]") {
    STATIC_REQUIRE(constant<[] { return word::set(0, zone_id{3}); }>);
    STATIC_REQUIRE(!constant<[] { return word::set(0, zone_id{4}); }>);
    STATIC_REQUIRE(!constant<[] { return word::set(0, node_id{0}, zone_id{4}); }>);
    STATIC_REQUIRE(!constant<[] { return one_zone::set(0, zone_id{1}); }>);
    STATIC_REQUIRE(constant<[] { return word::checked_set(0, zone_id{4}).has_value(); }>);
}

TEST_CASE("a checked set that fails leaves the word as it was", "[flags]") {
    CHECK(a_checked_set_that_fails_leaves_the_word());
}

TEST_CASE("neighbouring fields are read as one number", "[flags]") {
    CHECK(zones_of_nodes_are_told_apart_by_one_number());
    CHECK(fields_without_bits_are_passed_over_when_merging());
}

TEST_CASE("a field that found no room is known to be left out", "[flags]") {
    STATIC_REQUIRE(crowded::was_left_out<node_id>);
    STATIC_REQUIRE(!crowded::is_present<node_id>);
    STATIC_REQUIRE(crowded::width<node_id> == 0);
    STATIC_REQUIRE(crowded::mask<node_id> == 0);
    STATIC_REQUIRE(crowded::at<node_id>.short_by == 5); // 25 + 2 + 10 of 32
    STATIC_REQUIRE(crowded::was_left_out<last_user>);
    STATIC_REQUIRE(!crowded::was_left_out<zone_id>);
    // One that never asked for bits was not left out, and reads as 0.
    STATIC_REQUIRE(!full::was_left_out<section_id>);
    STATIC_REQUIRE(!full::is_present<section_id>);
    STATIC_REQUIRE(full::get<section_id>(~std::uint64_t{0}) == section_id{0});
    STATIC_REQUIRE(full::set(77, section_id{0}) == 77);
    STATIC_REQUIRE(full::at<heat>.outcome == fate::shrunk);
}

TEST_CASE("a word may lie in any unsigned integer of its size", "[flags]") {
    unsigned in_int = 0;
    small::in(in_int).set(zone_id{3});
    CHECK(in_int == 0xc000'0000u);

    unsigned long long in_long_long = 0;
    word::in(in_long_long).set(zone_id{1});
    CHECK(in_long_long == 1ull << 52);
    CHECK(word::in(in_long_long).atomic_set(zone_id{2}) == 1ull << 52);
    CHECK(word::in(in_long_long).atomic_get<zone_id>() == zone_id{2});

    using word_in_long = std::conditional_t<sizeof(unsigned long) == 8, word, small>;
    unsigned long in_long = 0;
    CHECK(word_in_long::in(in_long).checked_set(zone_id{1}).has_value());
    CHECK(word_in_long::in(in_long).get<zone_id>() == zone_id{1});
    const unsigned long before = in_long;
    CHECK(word_in_long::in(in_long).atomic_set(node_id{3}, zone_id{0}) == before);
    CHECK(word_in_long::get<node_id>(static_cast<word_in_long::word_type>(in_long)) == node_id{3});
}

TEST_CASE("a word that is const can be read", "[flags]") {
    const std::uint64_t raw = word::set(0, node_id{9});
    CHECK(word::in(raw).get<node_id>() == node_id{9});
    CHECK(word::in(raw).atomic_get<node_id>() == node_id{9});
}

TEST_CASE("access to a word is a pointer and nothing more", "[flags]") {
    std::uint64_t raw = 0;
    auto ref = word::in(raw);
    const auto copy = ref;
    copy.set(zone_id{1});
    CHECK(ref.get<zone_id>() == zone_id{1});
    STATIC_REQUIRE(sizeof(ref) == sizeof(void*));
    STATIC_REQUIRE(std::is_trivially_copyable_v<decltype(ref)>);
    STATIC_REQUIRE(!std::is_default_constructible_v<decltype(ref)>);
}

TEST_CASE("threads that each own a field lose no update", "[flags]") {
    std::uint64_t shared = full::set(0, tag{0});
    constexpr unsigned rounds = 20000;
    std::vector<int> wrong(4);

    const auto own = [&shared]<class Value>(Value, int& mismatches) {
        const auto ref = full::in(shared);
        for (unsigned i = 1; i <= rounds; ++i) {
            const auto mine = make<Value>(i & full::max<Value>);
            const std::uint64_t before = ref.atomic_set(mine);
            const auto previous = make<Value>((i - 1) & full::max<Value>);
            if (!(full::get<Value>(before) == previous)) ++mismatches;
            if (!(ref.template atomic_get<Value>() == mine)) ++mismatches;
        }
    };
    {
        std::vector<std::thread> threads;
        threads.emplace_back([&] { own(node_id{}, wrong[0]); });
        threads.emplace_back([&] { own(tag{}, wrong[1]); });
        threads.emplace_back([&] { own(flag_bits{}, wrong[2]); });
        threads.emplace_back([&] { own(last_user{}, wrong[3]); });
        for (std::thread& t : threads) t.join();
    }
    CHECK(wrong == std::vector<int>(4));
    CHECK(shared == full::set(0, node_id{rounds & 1023}, tag{rounds & 255},
                              flag_bits{rounds & 0x1f'ffff}, last_user{rounds & 0x1f'ffff}));
}

TEST_CASE("fields that are set together are never seen apart", "[flags]") {
    std::uint32_t shared = 0;
    std::vector<std::thread> threads;
    for (unsigned who = 0; who < 2; ++who)
        threads.emplace_back([&shared, who] {
            for (unsigned i = 0; i < 5000; ++i)
                small::in(shared).atomic_set(zone_id{who}, node_id{who});
        });
    unsigned torn = 0;
    threads.emplace_back([&shared, &torn] {
        for (unsigned i = 0; i < 5000; ++i) {
            const std::uint64_t both =
                small::merged<zone_id, node_id>(__atomic_load_n(&shared, __ATOMIC_ACQUIRE));
            if (both != 0 && both != (1u << 6 | 1u)) ++torn;
        }
    });
    for (std::thread& t : threads) t.join();
    CHECK(torn == 0);
}
