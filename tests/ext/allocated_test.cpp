// SPDX-License-Identifier: BSL-1.0
#include <zonal/ext/allocated.hpp>

#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include <zonal/ext/pmr.hpp>
#include <zonal/ranges.hpp>

#include "../test.hpp"

using namespace zonal;

namespace {

constexpr pfn_range at(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }

/// What an allocator was asked for, and when it says no.
struct ledger {
    std::vector<std::size_t> asked; ///< objects
    std::size_t limit = ~std::size_t{0};
    std::size_t taken = 0; ///< objects that were not given back
};

template <class T>
struct watched_allocator {
    using value_type = T;
    ledger* book;

    explicit watched_allocator(ledger& l) : book(&l) {}
    template <class U>
    watched_allocator(const watched_allocator<U>& o) : book(o.book) {}
    watched_allocator& operator=(const watched_allocator&) = delete; // as polymorphic_allocator's
    watched_allocator(const watched_allocator&) = default;
    T* allocate(std::size_t n) {
        book->asked.push_back(n);
        if (n > book->limit) throw std::bad_alloc();
        book->taken += n;
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) {
        book->taken -= n;
        std::allocator<T>().deallocate(p, n);
    }
    friend bool operator==(const watched_allocator&, const watched_allocator&) = default;
};

using watched = allocated<watched_allocator<char>>;
using watched_map = pfn_range_map<int, watched>;

static_assert(storage_policy<allocated<>> && storage_policy<watched> &&
              storage_policy<pmr_storage>);
static_assert(!std::is_copy_constructible_v<allocated<>::slots<int>>);
static_assert(std::is_nothrow_move_constructible_v<allocated<>::slots<int>>);
static_assert(std::is_default_constructible_v<allocated<>::slots<int>>);
static_assert(!std::is_default_constructible_v<watched::slots<int>>, "needs its allocator");
static_assert(sizeof(pfn_range_map<int, allocated<>>) <= 4 * sizeof(void*));

} // namespace

TEST_CASE("allocated room as in the header's example", "[ext]") {
    pfn_range_map<int, allocated<>> map; // std::allocator
    CHECK(map.capacity() == 0);
    CHECK(map.reserve(1000)); // now or never
    CHECK(map.capacity() == 1000);
    std::pmr::monotonic_buffer_resource arena;
    pfn_range_map<int, pmr_storage> other{&arena};
    CHECK(other.insert(at(0, 8), 1));
    CHECK(other.capacity() == 1);
}

TEST_CASE("room doubles, what is in it stays, and it is given back", "[ext]") {
    ledger book;
    {
        watched_map map{watched_allocator<char>{book}};
        CHECK(book.asked.empty());
        for (std::uint64_t i = 0; i != 9; ++i)
            CHECK(map.insert(at(2 * i, 2 * i + 1), static_cast<int>(i)));
        CHECK(book.asked == std::vector<std::size_t>{1, 2, 4, 8, 16});
        CHECK(book.taken == 16);
        int expected = 0;
        for (const auto& e : map) CHECK(e.value == expected++);
        CHECK(map.erase(at(2, 3)));
        CHECK(book.asked.size() == 5); // erasing takes nothing
    }
    CHECK(book.taken == 0);
}

TEST_CASE("an allocator that cannot double is asked for what is needed", "[ext]") {
    ledger book;
    book.limit = 5;
    watched_map map{watched_allocator<char>{book}};
    CHECK(map.reserve(4));
    CHECK(map.reserve(5));
    CHECK(book.asked == std::vector<std::size_t>{4, 8, 5});
    CHECK(map.capacity() == 5);
    CHECK(book.taken == 5);
}

TEST_CASE("an allocator that throws makes the call fail, and nothing has changed", "[ext]") {
    ledger book;
    book.limit = 2;
    watched_map map{watched_allocator<char>{book}};
    REQUIRE(map.insert(at(0, 8), 1));
    REQUIRE(map.insert(at(10, 18), 2));
    CHECK(map.erase(at(2, 4)).error() == errc::no_space);
    CHECK(map.insert(at(20, 28), 3).error() == errc::no_space);
    CHECK(map.reserve(~std::size_t{0}).error() == errc::no_space);
    CHECK(map.size() == 2);
    CHECK(map.find(pfn{3})->range == at(0, 8));
    CHECK(book.taken == 2);
}

TEST_CASE("moving takes the allocation along", "[ext]") {
    ledger one, two;
    watched_map a{watched_allocator<char>{one}};
    watched_map b{watched_allocator<char>{two}};
    REQUIRE(a.insert(at(0, 8), 1));
    REQUIRE(b.insert(at(0, 4), 2));
    b = std::move(a);
    CHECK(two.taken == 0);
    CHECK(one.taken == 1);
    CHECK(b.find(pfn{7})->value == 1);
    CHECK(a.empty()); // NOLINT(bugprone-use-after-move): empty and usable
    CHECK(a.insert(at(0, 1), 3));
    watched_map& same = b;
    b = std::move(same);
    CHECK(b.find(pfn{7})->value == 1);
}

namespace {

constexpr bool grows_in_a_constant_expression() {
    pfn_range_map<int, allocated<>> map;
    for (int i = 0; i != 20; ++i) {
        const auto start = static_cast<std::uint64_t>(2 * i);
        if (!map.insert(at(start, start + 1), i)) return false;
    }
    pfn_range_map<int, allocated<>> moved = std::move(map);
    return moved.size() == 20 && moved.find(pfn{38})->value == 19;
}
static_assert(grows_in_a_constant_expression());

} // namespace

TEST_CASE("allocated room works in constant expressions", "[ext]") {
    CHECK(grows_in_a_constant_expression());
}
