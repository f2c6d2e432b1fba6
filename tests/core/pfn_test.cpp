// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/pfn.hpp>

#include <type_traits>

#include "../contract.hpp"
#include "../test.hpp"

using zonal::errc;
using zonal::page_count;
using zonal::pfn;
using zonal::phys_addr;
using zonal_test::constant;
using zonal_test::traps;

namespace {

constexpr std::uint64_t past_last = 0x10'0000'0000'0000; // 2^52
constexpr std::uint64_t edges[] = {0,
                                   1,
                                   2,
                                   0x7fff,
                                   0x8000,
                                   0xffff'ffff,
                                   0x1'0000'0000,
                                   past_last / 2,
                                   past_last - 2,
                                   past_last - 1,
                                   past_last};
constexpr std::uint64_t outside[] = {past_last + 1, past_last * 2, std::uint64_t{1} << 63,
                                     ~std::uint64_t{0}};

template <class A, class B>
concept adds = requires(A a, B b) { a + b; };
template <class A, class B>
concept subtracts = requires(A a, B b) { a - b; };
template <class A, class B>
concept add_assigns = requires(A a, B b) { a += b; };
template <class A, class B>
concept subtract_assigns = requires(A a, B b) { a -= b; };
template <class A, class B>
concept compares = requires(A a, B b) { a == b; } || requires(A a, B b) { a < b; };
template <class A, class B>
concept multiplies = requires(A a, B b) { a* b; };

template <class A, class B>
constexpr bool do_not_mix = !adds<A, B> && !subtracts<A, B> && !compares<A, B> &&
                            !add_assigns<A, B> && !subtract_assigns<A, B> && !multiplies<A, B> &&
                            !std::is_constructible_v<A, B> && !std::is_convertible_v<B, A>;

static_assert(do_not_mix<pfn, phys_addr>);
static_assert(do_not_mix<phys_addr, pfn>);
static_assert(do_not_mix<page_count, phys_addr>);
static_assert(do_not_mix<phys_addr, page_count>);

// ---- scenarios, run by two evaluators ----------------------------------------------------------

constexpr bool every_number_up_to_the_limit_is_made() {
    for (std::uint64_t n : edges) {
        if (pfn{n}.value() != n || page_count{n}.value() != n) return false;
        if (pfn::make(n) != zonal::result<pfn>(pfn{n})) return false;
        if (page_count::make(n) != zonal::result<page_count>(page_count{n})) return false;
    }
    for (std::uint64_t n : outside) {
        if (pfn::make(n).has_value() || pfn::make(n).error() != errc::out_of_reach) return false;
        if (page_count::make(n).has_value() || page_count::make(n).error() != errc::out_of_reach)
            return false;
    }
    return true;
}

constexpr bool sums_and_differences_agree_with_the_numbers() {
    for (std::uint64_t a : edges)
        for (std::uint64_t b : edges) {
            if (a <= past_last - b) {
                if ((pfn{a} + page_count{b}).value() != a + b) return false;
                if ((page_count{a} + pfn{b}).value() != a + b) return false;
                if ((page_count{a} + page_count{b}).value() != a + b) return false;
            }
            if (b <= a) {
                if ((pfn{a} - page_count{b}).value() != a - b) return false;
                if ((pfn{a} - pfn{b}).value() != a - b) return false;
                if ((page_count{a} - page_count{b}).value() != a - b) return false;
                if (pfn{b} + (pfn{a} - pfn{b}) != pfn{a}) return false;
            }
        }
    return true;
}

constexpr bool order_is_the_order_of_the_numbers() {
    for (std::uint64_t a : edges)
        for (std::uint64_t b : edges) {
            if ((pfn{a} < pfn{b}) != (a < b) || (pfn{a} == pfn{b}) != (a == b)) return false;
            if ((page_count{a} < page_count{b}) != (a < b) ||
                (page_count{a} >= page_count{b}) != (a >= b))
                return false;
            if ((phys_addr{a} <= phys_addr{b}) != (a <= b)) return false;
        }
    return true;
}

constexpr bool assignments_change_in_place() {
    pfn p{10};
    p += page_count{5};
    ++p;
    p -= page_count{16};
    page_count n{3};
    n += page_count{4};
    n -= page_count{7};
    pfn last{past_last - 1};
    return p == pfn{} && n.is_zero() && ++last == pfn{past_last};
}

static_assert(every_number_up_to_the_limit_is_made());
static_assert(sums_and_differences_agree_with_the_numbers());
static_assert(order_is_the_order_of_the_numbers());
static_assert(assignments_change_in_place());

} // namespace

TEST_CASE("pfns and page counts add up, two pfns do not", "[core]") {
    constexpr pfn first{0x100000};
    constexpr page_count size{0x40000};
    static_assert(first + size == pfn{0x140000});
    static_assert(pfn{0x140000} - first == size);
    // first + first;   error: no operator+ for two pfns
    STATIC_REQUIRE(!adds<pfn, pfn>);
}

TEST_CASE("each operation has the unit that the field gives it", "[core]") {
    STATIC_REQUIRE(std::is_same_v<decltype(pfn{} + page_count{}), pfn>);
    STATIC_REQUIRE(std::is_same_v<decltype(page_count{} + pfn{}), pfn>);
    STATIC_REQUIRE(std::is_same_v<decltype(pfn{} - page_count{}), pfn>);
    STATIC_REQUIRE(std::is_same_v<decltype(pfn{} - pfn{}), page_count>);
    STATIC_REQUIRE(std::is_same_v<decltype(page_count{} + page_count{}), page_count>);
    STATIC_REQUIRE(std::is_same_v<decltype(page_count{} - page_count{}), page_count>);
}

TEST_CASE("operations without a meaning do not exist", "[core]") {
    STATIC_REQUIRE(!subtracts<page_count, pfn>); // a count is no place to start from
    STATIC_REQUIRE(!add_assigns<pfn, pfn>);
    STATIC_REQUIRE(!subtract_assigns<pfn, pfn>);
    STATIC_REQUIRE(!add_assigns<page_count, pfn>);
    STATIC_REQUIRE(!subtract_assigns<page_count, pfn>);
    STATIC_REQUIRE(!adds<pfn, int>);
    STATIC_REQUIRE(!adds<pfn, std::uint64_t>);
    STATIC_REQUIRE(!adds<page_count, std::uint64_t>);
    STATIC_REQUIRE(!subtracts<pfn, int>);
    STATIC_REQUIRE(!multiplies<page_count, page_count>);
    STATIC_REQUIRE(!multiplies<page_count, int>);
    STATIC_REQUIRE(!compares<pfn, page_count>);
    STATIC_REQUIRE(!compares<pfn, std::uint64_t>);
    STATIC_REQUIRE(!compares<page_count, int>);
}

TEST_CASE("numbers become pfns, counts and addresses only where that is spelled", "[core]") {
    STATIC_REQUIRE(std::is_constructible_v<pfn, std::uint64_t>);
    STATIC_REQUIRE(!std::is_convertible_v<std::uint64_t, pfn>);
    STATIC_REQUIRE(!std::is_convertible_v<int, pfn>);
    STATIC_REQUIRE(!std::is_convertible_v<std::uint64_t, page_count>);
    STATIC_REQUIRE(!std::is_convertible_v<std::uint64_t, phys_addr>);
    STATIC_REQUIRE(!std::is_convertible_v<pfn, std::uint64_t>);
    STATIC_REQUIRE(!std::is_convertible_v<page_count, std::uint64_t>);
    STATIC_REQUIRE(!std::is_convertible_v<phys_addr, std::uint64_t>);
    STATIC_REQUIRE(!std::is_constructible_v<bool, pfn>);
    STATIC_REQUIRE(!std::is_constructible_v<pfn, page_count>);
    STATIC_REQUIRE(!std::is_constructible_v<page_count, pfn>);
}

TEST_CASE("each is as cheap as the number in it", "[core]") {
    STATIC_REQUIRE(sizeof(pfn) == 8);
    STATIC_REQUIRE(sizeof(page_count) == 8);
    STATIC_REQUIRE(sizeof(phys_addr) == 8);
    STATIC_REQUIRE(std::is_trivially_copyable_v<pfn>);
    STATIC_REQUIRE(std::is_trivially_copyable_v<page_count>);
    STATIC_REQUIRE(std::is_trivially_copyable_v<phys_addr>);
    STATIC_REQUIRE(pfn{}.value() == 0);
    STATIC_REQUIRE(page_count{}.is_zero());
    STATIC_REQUIRE(!page_count{1}.is_zero());
}

TEST_CASE("numbers up to 2^52 are made, larger ones are out of reach", "[core]") {
    STATIC_REQUIRE(pfn::limit == past_last);
    STATIC_REQUIRE(page_count::limit == past_last);
    CHECK(every_number_up_to_the_limit_is_made());
}

TEST_CASE("arithmetic agrees with the numbers up to both edges", "[core]") {
    CHECK(sums_and_differences_agree_with_the_numbers());
    CHECK(order_is_the_order_of_the_numbers());
    CHECK(assignments_change_in_place());
}

TEST_CASE("leaving [0, 2^52] is a broken contract", "[core]") {
    STATIC_REQUIRE(constant<[] { return pfn{past_last}; }>);
    STATIC_REQUIRE(!constant<[] { return pfn{past_last + 1}; }>);
    STATIC_REQUIRE(!constant<[] { return page_count{past_last + 1}; }>);
    STATIC_REQUIRE(!constant<[] { return pfn{past_last} + page_count{1}; }>);
    STATIC_REQUIRE(!constant<[] { return page_count{past_last} + page_count{past_last}; }>);
    STATIC_REQUIRE(!constant<[] { return pfn{0} - page_count{1}; }>);
    STATIC_REQUIRE(!constant<[] { return pfn{0} - pfn{1}; }>);
    STATIC_REQUIRE(!constant<[] { return page_count{0} - page_count{1}; }>);
    STATIC_REQUIRE(!constant<[] {
        pfn last{past_last};
        return ++last;
    }>);
    CHECK(traps([] { static_cast<void>(pfn{past_last + 1}); }));
    CHECK(traps([] { static_cast<void>(pfn{past_last} + page_count{past_last}); }));
    CHECK(traps([] { static_cast<void>(pfn{3} - pfn{4}); }));
    CHECK(traps([] { static_cast<void>(page_count{3} - page_count{4}); }));
}
