// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource/address_range.hpp>

#include "contract.hpp"
#include "test.hpp"

using namespace zonal;
using zonal_test::constant;
using zonal_test::traps;

namespace {

constexpr std::uint64_t top = ~std::uint64_t{0};

constexpr address_range inclusive(std::uint64_t first, std::uint64_t last) {
    return *address_range::inclusive(phys_addr{first}, phys_addr{last});
}

// The ranges of the peers' tables.
constexpr address_range r0 = inclusive(0x0, 0xffff);
constexpr address_range r1 = inclusive(0x1234, 0x2345);
constexpr address_range r2 = inclusive(0x4567, 0x5678);
constexpr address_range r3 = inclusive(0x6789, 0x789a);
constexpr address_range r4 = inclusive(0x2000, 0x7000);

constexpr result<address_range> nothing = fail(errc::not_found);

/// In both orders, as the peers' tests do.
constexpr bool unite(address_range a, address_range b, result<address_range> expected) {
    const auto both = a.overlaps(b) ? result<address_range>(a.envelope(b)) : nothing;
    return both == expected && a.overlaps(b) == b.overlaps(a) && a.envelope(b) == b.envelope(a);
}
constexpr bool meet(address_range a, address_range b, result<address_range> expected) {
    return a.intersection(b) == expected && b.intersection(a) == expected;
}

} // namespace

TEST_CASE("an address range has its start and not its end", "[resource]") {
    constexpr address_range bar{phys_addr{0xfebf8000}, phys_addr{0xfebfc000}};
    static_assert(bar.last() == phys_addr{0xfebfbfff} && bar.bytes() == 0x4000);
    constexpr auto rom = address_range::inclusive(phys_addr{0xffff0000}, phys_addr{0xffffffff});
    static_assert(rom->end() == phys_addr{0x100000000});
    STATIC_REQUIRE(bar.contains(phys_addr{0xfebf8000}));
    STATIC_REQUIRE(bar.contains(phys_addr{0xfebfbfff}));
    STATIC_REQUIRE(!bar.contains(phys_addr{0xfebfc000}));
    STATIC_REQUIRE(!bar.contains(phys_addr{0xfebf7fff}));
}

TEST_CASE("resource_tests.md 1, union: true only if the two overlap", "[resource]") {
    STATIC_REQUIRE(unite(r1, r0, r0));
    STATIC_REQUIRE(unite(r2, r0, r0));
    STATIC_REQUIRE(unite(r3, r0, r0));
    STATIC_REQUIRE(unite(r4, r0, r0));
    STATIC_REQUIRE(unite(r2, r1, nothing));
    STATIC_REQUIRE(unite(r3, r1, nothing));
    STATIC_REQUIRE(unite(r4, r1, inclusive(0x1234, 0x7000)));
    STATIC_REQUIRE(unite(r2, r3, nothing));
    STATIC_REQUIRE(unite(r2, r4, r4));
    STATIC_REQUIRE(unite(r3, r4, inclusive(0x2000, 0x789a)));
}

TEST_CASE("resource_tests.md 1, intersection", "[resource]") {
    STATIC_REQUIRE(meet(r1, r0, r1));
    STATIC_REQUIRE(meet(r2, r0, r2));
    STATIC_REQUIRE(meet(r3, r0, r3));
    STATIC_REQUIRE(meet(r4, r0, r4));
    STATIC_REQUIRE(meet(r2, r1, nothing));
    STATIC_REQUIRE(meet(r3, r1, nothing));
    STATIC_REQUIRE(meet(r4, r1, inclusive(0x2000, 0x2345)));
    STATIC_REQUIRE(meet(r2, r3, nothing));
    STATIC_REQUIRE(meet(r2, r4, r2));
    STATIC_REQUIRE(meet(r3, r4, inclusive(0x6789, 0x7000)));
}

TEST_CASE("resource_tests.md 1, what upstream does not ask: touching, equal, top of space",
          "[resource]") {
    constexpr address_range low = inclusive(0x0, 0xfff), next = inclusive(0x1000, 0x1fff);
    STATIC_REQUIRE(unite(low, next, nothing));
    STATIC_REQUIRE(meet(low, next, nothing));
    STATIC_REQUIRE(low.is_followed_by(next));
    STATIC_REQUIRE(!next.is_followed_by(low));
    STATIC_REQUIRE(unite(r1, r1, r1));
    STATIC_REQUIRE(meet(r1, r1, r1));
    constexpr address_range high = inclusive(top - 0xfff, top), last = inclusive(top, top);
    STATIC_REQUIRE(unite(high, last, high));
    STATIC_REQUIRE(meet(high, last, last));
    STATIC_REQUIRE(meet(high, low, nothing));
    STATIC_REQUIRE(!high.is_followed_by(inclusive(0, 0))); // the addresses do not go round
}

TEST_CASE("an address range reaches up to 2^64", "[resource]") {
    constexpr address_range all{};
    STATIC_REQUIRE(all == inclusive(0, top));
    STATIC_REQUIRE(all.contains(phys_addr{top}));
    STATIC_REQUIRE(all.reaches_top());
    STATIC_REQUIRE(all.bytes() == 0); // 2^64
    STATIC_REQUIRE(all.end() == phys_addr{0});
    STATIC_REQUIRE(all.contains(inclusive(top, top)));
    constexpr address_range high = address_range::up_from(phys_addr{top - 0xfff});
    STATIC_REQUIRE(high == inclusive(top - 0xfff, top));
    STATIC_REQUIRE(high.bytes() == 0x1000);
    STATIC_REQUIRE(high.overlaps(all));
    STATIC_REQUIRE(!inclusive(0, top - 1).reaches_top());
}

TEST_CASE("an address range is made, or refused as bad_range", "[resource]") {
    using range = address_range;
    constexpr result<range> refused = fail(errc::bad_range);
    STATIC_REQUIRE(range::make(phys_addr{1}, phys_addr{2}) == inclusive(1, 1));
    STATIC_REQUIRE(range::make(phys_addr{1}, phys_addr{1}) == refused); // empty
    STATIC_REQUIRE(range::make(phys_addr{2}, phys_addr{1}) == refused);
    STATIC_REQUIRE(range::make(phys_addr{0}, phys_addr{0}) == refused); // not all of the space
    STATIC_REQUIRE(range::make(phys_addr{5}, phys_addr{0}) == refused); // nor the top of it
    STATIC_REQUIRE(range::make(phys_addr{5}, std::uint64_t{0}) == refused);
    STATIC_REQUIRE(range::make(phys_addr{5}, std::uint64_t{1}) == inclusive(5, 5));
    STATIC_REQUIRE(range::make(phys_addr{top}, std::uint64_t{1}) == inclusive(top, top));
    STATIC_REQUIRE(range::make(phys_addr{top}, std::uint64_t{2}) == refused); // wraps
    STATIC_REQUIRE(range::make(phys_addr{1}, top) == inclusive(1, top));
    STATIC_REQUIRE(range::make(phys_addr{2}, top) == refused);
    STATIC_REQUIRE(range::make(phys_addr{0}, top) == inclusive(0, top - 1));
    STATIC_REQUIRE(range::inclusive(phys_addr{0}, phys_addr{0}).has_value());
    STATIC_REQUIRE(range::inclusive(phys_addr{1}, phys_addr{0}) == refused);
}

TEST_CASE("an address range that ends where it starts is a broken contract", "[resource]") {
    STATIC_REQUIRE(!constant<[] { return address_range{phys_addr{1}, phys_addr{1}}; }>);
    STATIC_REQUIRE(!constant<[] { return address_range{phys_addr{0}, phys_addr{0}}; }>);
    STATIC_REQUIRE(constant<[] { return address_range{phys_addr{0}, phys_addr{1}}; }>);
    CHECK(traps([] { static_cast<void>(address_range{phys_addr{5}, phys_addr{4}}); }));
    STATIC_REQUIRE(!std::is_constructible_v<address_range, std::uint64_t, std::uint64_t>);
    STATIC_REQUIRE(!std::is_constructible_v<address_range, phys_addr, std::uint64_t>);
    STATIC_REQUIRE(!std::is_constructible_v<address_range, pfn, pfn>);
}

TEST_CASE("pages become bytes and whole pages come back", "[resource]") {
    constexpr page_geometry small{};
    constexpr page_geometry large{.page_bytes_log2 = 16};
    constexpr auto pages = [](std::uint64_t a, std::uint64_t b) {
        return pfn_range{pfn{a}, pfn{b}};
    };
    STATIC_REQUIRE(bytes_of(pages(1, 3), small) == inclusive(0x1000, 0x2fff));
    STATIC_REQUIRE(bytes_of(pages(1, 3), large) == inclusive(0x10000, 0x2ffff));
    STATIC_REQUIRE(bytes_of(pages(0, pfn::limit), small) == address_range{});
    STATIC_REQUIRE(bytes_of(pages(pfn::limit - 1, pfn::limit), small) ==
                   inclusive(top - 0xfff, top));
    STATIC_REQUIRE(bytes_of(pages(3, 3), small).error() == errc::bad_range);
    STATIC_REQUIRE(bytes_of(pages(0, pfn::limit), large).error() == errc::out_of_reach);
    STATIC_REQUIRE(bytes_of(pages(pfn::limit - 1, pfn::limit), large).error() ==
                   errc::out_of_reach);

    STATIC_REQUIRE(whole_pages_in(inclusive(0x1000, 0x2fff), small) == pages(1, 3));
    STATIC_REQUIRE(whole_pages_in(inclusive(0x1001, 0x2fff), small) == pages(2, 3));
    STATIC_REQUIRE(whole_pages_in(inclusive(0x1000, 0x2ffe), small) == pages(1, 2));
    STATIC_REQUIRE(whole_pages_in(inclusive(0x1001, 0x2ffe), small)->empty());
    STATIC_REQUIRE(whole_pages_in(inclusive(0x1800, 0x1801), small)->empty());
    STATIC_REQUIRE(whole_pages_in(address_range{}, small) == pages(0, pfn::limit));
    STATIC_REQUIRE(whole_pages_in(address_range{}, large) == pages(0, pfn::limit >> 4));
    STATIC_REQUIRE(whole_pages_in(address_range{}, page_geometry{.page_bytes_log2 = 0}).error() ==
                   errc::out_of_reach);
}
