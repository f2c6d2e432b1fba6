// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/result.hpp>

#include <cstdint>
#include <memory>
#include <string>

#include <zonal/core/pfn.hpp>

#include "../contract.hpp"
#include "../test.hpp"

using zonal::errc;
using zonal::fail;
using zonal::failure;
using zonal::result;
using zonal_test::constant;
using zonal_test::traps;

namespace {

/// What happened to the objects that share it.
struct ledger {
    int made = 0;
    int copied = 0;
    int moved = 0;
    int destroyed = 0;
    constexpr int alive() const { return made + copied + moved - destroyed; }
};

/// Neither trivially copyable nor trivially destructible.
class counted {
public:
    constexpr counted(ledger& l, int value) : ledger_(&l), value_(value) { ++l.made; }
    constexpr counted(const counted& o) : ledger_(o.ledger_), value_(o.value_) {
        ++ledger_->copied;
    }
    constexpr counted(counted&& o) noexcept : ledger_(o.ledger_), value_(o.value_) {
        ++ledger_->moved;
        o.value_ = -1;
    }
    counted& operator=(const counted&) = delete;
    constexpr ~counted() { ++ledger_->destroyed; }
    constexpr int value() const { return value_; }
    friend constexpr bool operator==(const counted& a, const counted& b) {
        return a.value_ == b.value_;
    }

private:
    ledger* ledger_;
    int value_;
};

class move_only {
public:
    explicit constexpr move_only(ledger& l) : ledger_(&l) { ++l.made; }
    constexpr move_only(move_only&& o) noexcept : ledger_(o.ledger_) { ++ledger_->moved; }
    constexpr ~move_only() { ++ledger_->destroyed; }

private:
    ledger* ledger_;
};

struct no_equality {
    int value;
};
struct veto {
    int code;
    friend constexpr bool operator==(veto, veto) = default;
};
struct throwing_move {
    throwing_move() = default;
    throwing_move(throwing_move&&) noexcept(false) {}
};

result<zonal::pfn> doubled(std::uint64_t n) {
    zonal::result<zonal::pfn> at = zonal::pfn::make(n);
    if (!at) return zonal::fail(at.error());
    return *at + zonal::page_count{n};
}

// ---- scenarios, run by two evaluators ----------------------------------------------------------

constexpr bool a_value_is_moved_in_and_destroyed_once() {
    ledger l;
    {
        result<counted> r = counted(l, 7);
        if (!r.has_value() || r.value().value() != 7 || r->value() != 7 || (*r).value() != 7)
            return false;
        if (l.made != 1 || l.moved != 1 || l.copied != 0 || l.alive() != 1) return false;
    }
    return l.alive() == 0;
}

constexpr bool a_failure_makes_and_destroys_nothing() {
    ledger l;
    {
        result<counted> r = fail(errc::busy);
        result<counted> copy = r;
        result<counted> moved = std::move(r);
        if (copy.has_value() || moved.has_value() || moved.error() != errc::busy) return false;
        if (!(copy == moved)) return false;
    }
    return l.made == 0 && l.destroyed == 0;
}

constexpr bool a_copy_copies_once_and_leaves_the_source() {
    ledger l;
    {
        const result<counted> r = counted(l, 7);
        const int moves = l.moved;
        const result<counted> copy = r;
        if (l.copied != 1 || l.moved != moves || l.alive() != 2) return false;
        if (!(r == copy) || r->value() != 7) return false;
    }
    return l.alive() == 0;
}

constexpr bool a_move_moves_once_and_the_source_still_has_its_husk() {
    ledger l;
    {
        result<counted> r = counted(l, 7);
        const int moves = l.moved;
        result<counted> moved = std::move(r);
        if (l.moved != moves + 1 || l.copied != 0 || l.alive() != 2) return false;
        if (moved->value() != 7 || !r.has_value() || r->value() != -1) return false;
        if (moved == r) return false;
    }
    return l.alive() == 0;
}

constexpr bool the_value_of_an_rvalue_is_moved_out() {
    ledger l;
    {
        result<counted> r = counted(l, 7);
        const counted out = std::move(r).value();
        result<counted> s = counted(l, 8);
        const counted star = *std::move(s);
        if (out.value() != 7 || star.value() != 8 || l.copied != 0) return false;
    }
    return l.alive() == 0;
}

constexpr bool value_or_gives_the_value_or_the_other() {
    ledger l;
    {
        const result<counted> some = counted(l, 7);
        const result<counted> none = fail(errc::stale);
        const counted a = some.value_or(counted(l, 1));
        if (a.value() != 7 || l.copied != 1) return false;
        const counted b = none.value_or(counted(l, 2));
        if (b.value() != 2 || l.copied != 1) return false; // the other is moved
        result<counted> gone = counted(l, 3);
        const counted c = std::move(gone).value_or(counted(l, 4));
        if (c.value() != 3 || l.copied != 1) return false;
    }
    return l.alive() == 0;
}

constexpr bool a_move_only_value_travels() {
    ledger l;
    {
        auto make = [&](bool good) -> result<move_only> {
            if (!good) return fail(errc::no_space);
            return move_only(l);
        };
        result<move_only> r = make(true);
        result<move_only> s = std::move(r);
        move_only out = std::move(s).value();
        if (make(false).has_value() || l.made != 1) return false;
        move_only rest = make(false).value_or(std::move(out));
        if (l.made != 1) return false;
        static_cast<void>(rest);
    }
    return l.alive() == 0;
}

constexpr bool a_trivial_result_is_assigned() {
    result<int> r = 1;
    r = fail(errc::busy);
    if (r.has_value() || r.error() != errc::busy) return false;
    r = 2;
    result<int> s = fail(errc::stale);
    s = r;
    s.value() += 40;
    return s == result<int>(42) && r == result<int>(2);
}

constexpr bool equality_looks_at_the_side_first() {
    const result<int> one = 1, uno = 1, two = 2;
    const result<int> busy = fail(errc::busy), occupied = fail(errc::busy),
                      stale = fail(errc::stale);
    // The number of `busy` equals the value, and must not be compared with it.
    const result<int> same_number = static_cast<int>(errc::busy);
    return one == uno && one != two && busy == occupied && busy != stale && busy != same_number &&
           same_number != busy;
}

static_assert(a_value_is_moved_in_and_destroyed_once());
static_assert(a_failure_makes_and_destroys_nothing());
static_assert(a_copy_copies_once_and_leaves_the_source());
static_assert(a_move_moves_once_and_the_source_still_has_its_husk());
static_assert(the_value_of_an_rvalue_is_moved_out());
static_assert(value_or_gives_the_value_or_the_other());
static_assert(a_move_only_value_travels());
static_assert(a_trivial_result_is_assigned());
static_assert(equality_looks_at_the_side_first());

template <class R>
concept comparable = requires(const R& a, const R& b) { a == b; };
template <class R>
concept moves_into_error = requires(R r) { R(r.error()); };

} // namespace

TEST_CASE("a result is tested, its error passed on, its value used", "[core]") {
    CHECK(doubled(4) == zonal::pfn{8});
    CHECK(doubled((std::uint64_t{1} << 52) + 1).error() == errc::out_of_reach);
}

TEST_CASE("values are made, copied, moved and destroyed exactly as often as needed", "[core]") {
    CHECK(a_value_is_moved_in_and_destroyed_once());
    CHECK(a_failure_makes_and_destroys_nothing());
    CHECK(a_copy_copies_once_and_leaves_the_source());
    CHECK(a_move_moves_once_and_the_source_still_has_its_husk());
    CHECK(the_value_of_an_rvalue_is_moved_out());
    CHECK(value_or_gives_the_value_or_the_other());
    CHECK(value_or_gives_the_value_or_the_other());
    CHECK(a_move_only_value_travels());
}

TEST_CASE("a result of a trivially copyable value is one itself", "[core]") {
    STATIC_REQUIRE(std::is_trivially_copyable_v<result<zonal::pfn>>);
    STATIC_REQUIRE(std::is_trivially_destructible_v<result<zonal::pfn>>);
    STATIC_REQUIRE(std::is_copy_assignable_v<result<zonal::pfn>>);
    STATIC_REQUIRE(sizeof(result<zonal::pfn>) == 2 * sizeof(std::uint64_t));
    STATIC_REQUIRE(sizeof(result<char>) == 2);
    CHECK(a_trivial_result_is_assigned());
}

TEST_CASE("a result can be copied and moved as its value can", "[core]") {
    STATIC_REQUIRE(std::is_copy_constructible_v<result<counted>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<result<counted>>);
    STATIC_REQUIRE(!std::is_copy_assignable_v<result<counted>>);
    STATIC_REQUIRE(!std::is_trivially_copyable_v<result<counted>>);

    STATIC_REQUIRE(!std::is_copy_constructible_v<result<move_only>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<result<move_only>>);
    STATIC_REQUIRE(!std::is_copy_assignable_v<result<move_only>>);
    STATIC_REQUIRE(!std::is_move_assignable_v<result<move_only>>);

    STATIC_REQUIRE(std::is_move_constructible_v<result<throwing_move>>);
    STATIC_REQUIRE(!std::is_nothrow_move_constructible_v<result<throwing_move>>);
}

TEST_CASE("a result holds the standard library's types", "[core]") {
    result<std::string> name = std::string(100, 'x');
    const result<std::string> copy = name;
    const std::string out = std::move(name).value();
    CHECK(copy->size() == 100);
    CHECK(out == *copy);
    result<std::unique_ptr<int>> owner = std::make_unique<int>(3);
    CHECK(*std::move(owner).value() == 3);
    const result<std::unique_ptr<int>> nobody = fail(errc::not_found);
    CHECK(nobody.error() == errc::not_found);
}

TEST_CASE("nothing passes silently for an error, and an error for nothing", "[core]") {
    using r = result<zonal::pfn>;
    STATIC_REQUIRE(std::is_convertible_v<zonal::pfn, r>);
    STATIC_REQUIRE(std::is_convertible_v<failure<errc>, r>);
    STATIC_REQUIRE(!std::is_default_constructible_v<r>);
    STATIC_REQUIRE(!std::is_constructible_v<r, errc>);
    STATIC_REQUIRE(!std::is_constructible_v<r, std::uint64_t>);
    STATIC_REQUIRE(!std::is_constructible_v<r, failure<int>>);
    STATIC_REQUIRE(!std::is_convertible_v<r, zonal::pfn>);
    STATIC_REQUIRE(!std::is_convertible_v<r, errc>);
    STATIC_REQUIRE(!std::is_convertible_v<r, bool>);
    STATIC_REQUIRE(std::is_constructible_v<bool, r>);
    STATIC_REQUIRE(!std::is_constructible_v<r, result<zonal::page_count>>);
    STATIC_REQUIRE(!moves_into_error<r>);
}

TEST_CASE("results compare by side, then by value or error", "[core]") {
    CHECK(equality_looks_at_the_side_first());
    STATIC_REQUIRE(comparable<result<int>>);
    STATIC_REQUIRE(!comparable<result<no_equality>>);
}

TEST_CASE("a result may fail with a type of the user's own", "[core]") {
    constexpr result<zonal::pfn, veto> r = fail(veto{13});
    STATIC_REQUIRE(!r.has_value());
    STATIC_REQUIRE(r.error().code == 13);
    STATIC_REQUIRE(r == result<zonal::pfn, veto>(fail(veto{13})));
    STATIC_REQUIRE(r != result<zonal::pfn, veto>(fail(veto{14})));
}

TEST_CASE("done is the value of what returns nothing", "[core]") {
    constexpr result<zonal::done> good = zonal::done{};
    STATIC_REQUIRE(good.has_value());
    STATIC_REQUIRE(good == result<zonal::done>(zonal::done{}));
    STATIC_REQUIRE(sizeof(good) == 2);
}

TEST_CASE("asking the wrong side is a broken contract", "[core]") {
    STATIC_REQUIRE(constant<[] { return result<int>(1).value(); }>);
    STATIC_REQUIRE(constant<[] { return result<int>(fail(errc::busy)).error(); }>);
    STATIC_REQUIRE(!constant<[] { return result<int>(fail(errc::busy)).value(); }>);
    STATIC_REQUIRE(!constant<[] { return *result<int>(fail(errc::busy)); }>);
    STATIC_REQUIRE(!constant<[] { return result<int>(1).error(); }>);
    const result<zonal::pfn> good = zonal::pfn{1};
    const result<zonal::pfn> bad = fail(errc::busy);
    CHECK(traps([&] { static_cast<void>(bad.value()); }));
    CHECK(traps([&] { static_cast<void>(*bad); }));
    CHECK(traps([&] { static_cast<void>(bad->value()); }));
    CHECK(traps([&] { static_cast<void>(good.error()); }));
    CHECK_FALSE(traps([&] { static_cast<void>(good.value()); }));
}
