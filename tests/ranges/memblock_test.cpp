// SPDX-License-Identifier: BSL-1.0

// The 45 bookkeeping cases of Linux's memblock tests (basic_api), over every storage; the name of each
// follows "memblock: ". Numbers are bytes there and pages here. memblock merges neighbours with
// equal node and flags, and ignores what is there already and what is missing: overlap::keep,
// missing::ignore. How often it is told to is in the tables: what comes in, what goes, what is left.

#include <zonal/ranges.hpp>

#include <memory>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

constexpr std::uint64_t K = 1 << 10, M = K << 10, G = M << 10, A = 64;
constexpr std::uint64_t top = pfn::limit;

using list = std::vector<pfn_range>;

struct attributes {
    int node = 0;
    bool hotplug = false;
    friend bool operator==(const attributes&, const attributes&) = default;
};

/// [base, base + size), cut at the end of the address space. memblock cuts without a word; here a
/// range beyond the end cannot be made, and whoever wants it cut says so.
pfn_range from(std::uint64_t base, std::uint64_t size) {
    const auto r = pfn_range::make(pfn{base}, page_count{size});
    return r ? *r : at(base, top);
}

struct bookkeeping {
    const char* name;
    list in, out, left;
};

const bookkeeping memory_cases[] = {
    {"memblock: add_simple", {from(G, 4 * M)}, {}, {from(G, 4 * M)}},
    {"memblock: add_disjoint",
     {from(G, 8 * K), from(G + 16 * K, 8 * K)},
     {},
     {from(G, 8 * K), from(G + 16 * K, 8 * K)}},
    {"memblock: add_overlap_top",
     {from(512 * M, G), from(256 * M, 512 * M)},
     {},
     {at(256 * M, 1536 * M)}},
    {"memblock: add_overlap_bottom",
     {from(128 * M, 512 * M), from(256 * M, G)},
     {},
     {at(128 * M, 1280 * M)}},
    {"memblock: add_within", {from(8 * M, 32 * M), from(16 * M, M)}, {}, {from(8 * M, 32 * M)}},
    {"memblock: add_twice", {from(16 * K, 2 * M), from(16 * K, 2 * M)}, {}, {from(16 * K, 2 * M)}},
    {"memblock: add_between",
     {from(G, 8 * K), from(G + 16 * K, 8 * K), from(G + 8 * K, 8 * K)},
     {},
     {from(G, 24 * K)}},
    {"memblock: add_near_max", {from(top - M, 2 * M)}, {}, {at(top - M, top)}},
    {"memblock: remove_simple",
     {from(2 * K, 4 * K), from(128 * K, 4 * M)},
     {from(2 * K, 4 * K)},
     {from(128 * K, 4 * M)}},
    {"memblock: remove_absent", {from(512 * K, 4 * M)}, {from(64 * M, G)}, {from(512 * K, 4 * M)}},
    {"memblock: remove_overlap_top",
     {from(32 * M, 32 * M)},
     {from(16 * M, 32 * M)},
     {at(48 * M, 64 * M)}},
    {"memblock: remove_overlap_bottom",
     {from(2 * M, 64 * M)},
     {from(32 * M, 256 * M)},
     {at(2 * M, 32 * M)}},
    {"memblock: remove_within",
     {from(M, 32 * M)},
     {from(16 * M, M)},
     {at(M, 16 * M), at(17 * M, 33 * M)}},
    // 6.1 keeps an empty dummy region and counts it.
    {"memblock: remove_only_region", {from(2 * K, 4 * K)}, {from(2 * K, 4 * K)}, {}},
    {"memblock: remove_near_max",
     {from(top - 2 * M, 2 * M)},
     {from(top - M, 2 * M)},
     {at(top - 2 * M, top - M)}},
    {"memblock: remove_overlap_two",
     {from(16 * M, 32 * M), from(64 * M, 64 * M)},
     {from(32 * M, 64 * M)},
     {at(16 * M, 32 * M), at(96 * M, 128 * M)}},
};

const bookkeeping reserved_cases[] = {
    {"memblock: reserve_simple", {from(2 * G, 128 * M)}, {}, {from(2 * G, 128 * M)}},
    {"memblock: reserve_disjoint",
     {from(256 * M, 16 * M), from(512 * M, 512 * M)},
     {},
     {from(256 * M, 16 * M), from(512 * M, 512 * M)}},
    {"memblock: reserve_overlap_top", {from(G, G), from(128 * M, G)}, {}, {at(128 * M, 2 * G)}},
    {"memblock: reserve_overlap_bottom",
     {from(2 * K, 128 * K), from(128 * K, 128 * K)},
     {},
     {at(2 * K, 256 * K)}},
    {"memblock: reserve_within", {from(M, 8 * M), from(2 * M, 64 * K)}, {}, {from(M, 8 * M)}},
    {"memblock: reserve_twice",
     {from(16 * K, 2 * M), from(16 * K, 2 * M)},
     {},
     {from(16 * K, 2 * M)}},
    {"memblock: reserve_between",
     {from(G, 8 * K), from(G + 16 * K, 8 * K), from(G + 8 * K, 8 * K)},
     {},
     {from(G, 24 * K)}},
    {"memblock: reserve_near_max", {from(top - M, 2 * M)}, {}, {at(top - M, top)}},
    {"memblock: free_simple", {from(4 * M, M), from(8 * M, M)}, {from(4 * M, M)}, {from(8 * M, M)}},
    {"memblock: free_absent", {from(2 * M, 8 * K)}, {from(16 * M, 128 * M)}, {from(2 * M, 8 * K)}},
    {"memblock: free_overlap_top", {from(8 * M, 32 * M)}, {from(M, 8 * M)}, {at(9 * M, 40 * M)}},
    {"memblock: free_overlap_bottom",
     {from(8 * M, 32 * M)},
     {from(32 * M, 32 * M)},
     {at(8 * M, 32 * M)}},
    {"memblock: free_within", {from(M, 8 * M)}, {from(4 * M, M)}, {at(M, 4 * M), at(5 * M, 9 * M)}},
    {"memblock: free_only_region", {from(2 * K, 4 * K)}, {from(2 * K, 4 * K)}, {}},
    {"memblock: free_near_max",
     {from(top - 2 * M, 2 * M)},
     {from(top - M, 2 * M)},
     {at(top - 2 * M, top - M)}},
    {"memblock: free_overlap_two",
     {from(16 * M, 32 * M), from(64 * M, 64 * M)},
     {from(32 * M, 64 * M)},
     {at(16 * M, 32 * M), at(96 * M, 128 * M)}},
};

template <class Container>
list ranges_of(const Container& container) {
    list ranges;
    for (const auto& item : container) ranges.push_back(detail::range_of(item));
    return ranges;
}
page_count pages_of(const list& ranges) {
    page_count pages{};
    for (pfn_range r : ranges) pages += r.size();
    return pages;
}

} // namespace

TEMPLATE_LIST_TEST_CASE("memblock: cases that add to memory and remove from it", "[ranges]",
                        every_merging_way) {
    for (const bookkeeping& c : memory_cases) {
        INFO(c.name);
        typename TestType::template map<attributes, 128> kept;
        auto& memory = kept.container;
        for (pfn_range r : c.in) CHECK(memory.insert(r, {}, overlap::keep));
        for (pfn_range r : c.out) CHECK(memory.erase(r, missing::ignore));
        CHECK(ranges_of(memory) == c.left);
        CHECK(memory.pages() == pages_of(c.left));
    }
}

TEMPLATE_LIST_TEST_CASE("memblock: cases that reserve and free", "[ranges]", every_merging_way) {
    for (const bookkeeping& c : reserved_cases) {
        INFO(c.name);
        typename TestType::template set<128> kept;
        auto& reserved = kept.container;
        for (pfn_range r : c.in) CHECK(reserved.insert(r, overlap::keep));
        for (pfn_range r : c.out) CHECK(reserved.erase(r, missing::ignore));
        CHECK(ranges_of(reserved) == c.left);
        CHECK(reserved.pages() == pages_of(c.left));
    }
}

TEST_CASE(
    "memblock: add_near_max and the like cut silently; here a range beyond the end is refused",
    "[ranges]") {
    CHECK(pfn_range::make(pfn{top - M}, page_count{2 * M}).error() == errc::bad_range);
}

TEMPLATE_LIST_TEST_CASE("memblock: initialization, an empty list with room for 128", "[ranges]",
                        every_merging_way) {
    typename TestType::template map<attributes, 128> memory;
    CHECK(memory.container.empty());
    CHECK(memory.container.pages().is_zero());
    CHECK(memory.container.reserve(128));
    CHECK(memory.container.reserve(129).error() == errc::no_space);
    // Names, a direction and a limit are not kept in a list.
}

TEMPLATE_LIST_TEST_CASE("memblock: add_node_simple, node and flag stay with the range", "[ranges]",
                        every_merging_way) {
    typename TestType::template map<attributes, 128> kept;
    auto& memory = kept.container;
    CHECK(memory.insert(from(M, 16 * M), {1, true}, overlap::keep));
    CHECK(memory.size() == 1);
    CHECK(memory.first()->value == attributes{1, true});
    // Attributes keep neighbours apart (no case upstream).
    CHECK(memory.insert(from(17 * M, M), {1, false}, overlap::keep));
    CHECK(memory.insert(from(18 * M, M), {2, false}, overlap::keep));
    CHECK(memory.size() == 3);
}

TEMPLATE_LIST_TEST_CASE("memblock: overlaps_region", "[ranges]", every_merging_way) {
    typename TestType::template set<128> kept;
    auto& memory = kept.container;
    REQUIRE(memory.insert(from(G, 4 * M)));
    CHECK_FALSE(memory.overlaps(from(M, M)));         // far below
    CHECK_FALSE(memory.overlaps(from(4 * G, M)));     // far above
    CHECK_FALSE(memory.overlaps(from(G - M, M)));     // touching below
    CHECK_FALSE(memory.overlaps(from(G + 4 * M, M))); // touching above
    CHECK(memory.overlaps(from(G - M, 2 * M)));       // part below
    CHECK(memory.overlaps(from(G + 2 * M, 4 * M)));   // part above
    CHECK(memory.overlaps(from(G, 4 * M)));           // equal
    CHECK(memory.overlaps(from(G - 2 * M, 8 * M)));   // containing
    CHECK(memory.overlaps(from(G + M, M)));           // inside
}

TEST_CASE("memblock: set_bottom_up, bottom_up: a direction belongs to a search, not to a list",
          "[ranges]") {
    pfn_range_set<in_place<2>> reserved;
    REQUIRE(reserved.insert(at(0, 1)));
    const hole_request up{.size = page_count{1}, .window = at(0, 10)};
    const hole_request down{.size = page_count{1}, .window = at(0, 10), .from = search_from::above};
    CHECK(*reserved.find_hole(up) == at(1, 2));
    CHECK(*reserved.find_hole(down) == at(9, 10));
    CHECK(*reserved.find_hole(up) == at(1, 2));
}

namespace {

/// Cuts off both ends of each range what is not aligned.
template <class Memory>
void trim(Memory& memory, std::uint64_t alignment) {
    for (auto e = memory.first(); e;) {
        const auto start = e->range.start().value(), end = e->range.end().value();
        const auto first = std::min((start + alignment - 1) / alignment * alignment, end);
        const auto last = std::max(end / alignment * alignment, first);
        CHECK(memory.erase(at(start, first)));
        CHECK(memory.erase(at(last, end)));
        e = memory.upper_neighbour(pfn{end - 1});
    }
}

} // namespace

TEMPLATE_LIST_TEST_CASE("memblock: trim_memory", "[ranges]", every_merging_way) {
    const struct {
        const char* name;
        list in, left;
    } cases[] = {
        {"memblock: trim_memory_aligned", {at(A, 5 * A)}, {at(A, 5 * A)}},
        {"memblock: trim_memory_too_small", {at(A, 3 * A), at(4 * A, 5 * A - 2)}, {at(A, 3 * A)}},
        {"memblock: trim_memory_unaligned_base",
         {at(A, 3 * A), at(4 * A + 2, 6 * A)},
         {at(A, 3 * A), at(5 * A, 6 * A)}},
        {"memblock: trim_memory_unaligned_end",
         {at(A, 3 * A), at(4 * A, 6 * A - 2)},
         {at(A, 3 * A), at(4 * A, 5 * A)}},
    };
    for (const auto& c : cases) {
        INFO(c.name);
        typename TestType::template map<attributes, 8> kept;
        for (pfn_range r : c.in) CHECK(kept.container.insert(r, {}));
        trim(kept.container, A);
        CHECK(ranges_of(kept.container) == c.left);
    }
}

// ---- many: the list itself needs memory ---------------------------------------------------------

TEMPLATE_LIST_TEST_CASE("memblock: add_many, reserve_many in fixed room: the 129th is refused",
                        "[ranges]", every_merging_way) {
    typename TestType::template set<128> kept;
    auto& reserved = kept.container;
    for (std::uint64_t i = 0; i != 128; ++i) CHECK(reserved.insert(from(2 * i * 32 * K, 32 * K)));
    const list before = list_of(reserved);
    CHECK(reserved.insert(from(G, 32 * K)).error() == errc::no_space);
    CHECK(list_of(reserved) == before);
    CHECK(reserved.insert(from(32 * K, 32 * K))); // joins two: there is room for that
    CHECK(reserved.size() == 127);
}

namespace {

/// What memblock does when a list is full: it takes room for a larger one from the memory it keeps
/// account of, and reserves that. Where there is room is the list's own knowledge; what must not be
/// taken besides is the range that is just being inserted.
struct early_memory {
    pfn_range_map<attributes, allocated<>> memory;
    pfn_range_set<allocated<>> reserved;
    pfn_range inserting;
    bool booting = true; ///< the first lists are part of the kernel's image
    list tables;         ///< taken, not reserved yet

    bool take(std::uint64_t bytes) {
        if (booting) return true;
        const page_count size{(bytes + 4 * K - 1) / (4 * K) * (4 * K)};
        pfn_range_set<in_place<300>> free;
        static_cast<void>(free.unite(memory));
        static_cast<void>(free.subtract(reserved));
        static_cast<void>(free.erase(inserting, missing::ignore));
        for (auto pool = free.last(); pool; pool = free.lower_neighbour(pool->start())) {
            if (pool->size() < size) continue;
            tables.push_back({pfn{pool->end().value() - size.value()}, size}); // its top end
            return true;
        }
        return false;
    }
    /// What growing took is reserved when the list has grown.
    void settle() {
        for (pfn_range table : std::exchange(tables, {}))
            CHECK(reserved.insert(table, overlap::keep));
    }
};

/// Objects come from the heap, their addresses from early_memory.
template <class T>
struct early_allocator {
    using value_type = T;
    early_memory* early;

    explicit early_allocator(early_memory& from) : early(&from) {}
    template <class U>
    early_allocator(const early_allocator<U>& o) : early(o.early) {}
    T* allocate(std::size_t n) {
        if (!early->take(n * sizeof(T))) throw std::bad_alloc();
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) { std::allocator<T>().deallocate(p, n); }
    friend bool operator==(const early_allocator&, const early_allocator&) = default;
};

using growing_set = pfn_range_set<allocated<early_allocator<char>>>;
constexpr std::uint64_t table_size = 256 * sizeof(growing_set::slot);

/// memblock with a list of 128 that grows; early.reserved is what is reserved, of which the list under
/// test is told everything.
struct growing {
    early_memory early;
    growing_set set{early_allocator<char>{early}};

    growing() {
        CHECK(set.reserve(128));
        early.booting = false;
    }
    void reserve(pfn_range r) {
        early.inserting = r;
        CHECK(set.insert(r));
        CHECK(early.reserved.insert(r));
        for (pfn_range table : early.tables) CHECK(set.insert(table));
        early.settle();
        early.inserting = {};
    }
};

/// 128 of 129 places are taken, all but `last`.
pfn_range place(std::uint64_t i) { return from(32 * K + 2 * i * 32 * K, 32 * K); }

} // namespace

TEST_CASE("memblock: add_many, the list grows with memory of which it keeps account", "[ranges]") {
    early_memory early;
    pfn_range_map<attributes, allocated<early_allocator<char>>> memory{
        early_allocator<char>{early}};
    CHECK(memory.reserve(128));
    early.booting = false;
    const auto add = [&](pfn_range r) {
        early.inserting = r;
        CHECK(memory.insert(r, {}));
        CHECK(early.memory.insert(r, {}));
        early.settle();
    };
    add(from(G, 32 * K)); // the reservoir
    for (std::uint64_t i = 0; i != 127; ++i) add(from(M + 128 * i, 64));
    CHECK(memory.size() == 128);
    CHECK(early.reserved.empty());
    add(from(M + 128 * 127, 64));
    CHECK(memory.capacity() == 256);
    CHECK(memory.size() == 129);
    CHECK(early.reserved.size() == 1);
    CHECK(early.reserved.first()->end() == pfn{G + 32 * K});
    CHECK(early.reserved.pages().value() % (4 * K) == 0);
    CHECK(early.reserved.pages().value() >= 256 * sizeof(decltype(memory)::slot));
    add(from(16 * K, 16 * K));
    CHECK(memory.size() == 130);
    CHECK(memory.first()->range == from(16 * K, 16 * K));
    CHECK(memory.pages() == page_count{32 * K + 128 * 64 + 16 * K});
}

TEST_CASE("memblock: reserve_many, the table of the grown list is reserved too", "[ranges]") {
    growing m;
    CHECK(m.early.memory.insert(from(G, 32 * K), {}));
    for (std::uint64_t i = 0; i != 129; ++i) m.reserve(place(i));
    CHECK(m.set.capacity() == 256);
    CHECK(m.set.size() == 130);
    m.reserve(from(0, 16 * K));
    CHECK(m.set.size() == 131);
    CHECK(*m.set.first() == from(0, 16 * K));
    CHECK(m.set.pages().value() ==
          129 * 32 * K + 16 * K + (table_size + 4 * K - 1) / (4 * K) * 4 * K);
}

TEST_CASE("memblock: reserve_all_locations, wherever the range that makes the list grow lies",
          "[ranges]") {
    for (std::uint64_t last = 0; last != 129; ++last) {
        CAPTURE(last);
        growing m;
        CHECK(m.early.memory.insert(from(G, 32 * K), {}));
        for (std::uint64_t i = 0; i != 129; ++i)
            if (i != last) m.reserve(place(i));
        CHECK(m.early.reserved.size() == 128);
        m.reserve(place(last));
        CHECK(m.set.capacity() == 256);
        CHECK(m.set.size() == 130);
        CHECK(m.set == m.early.reserved);
    }
}

TEST_CASE("memblock: reserve_many_may_conflict, the table does not lie in what is being reserved",
          "[ranges]") {
    for (std::uint64_t last = 0; last != 129; ++last) {
        CAPTURE(last);
        growing m;
        // Two pools; the upper one is what will be reserved, and would be taken first.
        const pfn_range pool = from(4 * K, 16 * K);
        CHECK(m.early.memory.insert(pool, {}));
        CHECK(m.early.memory.insert(place(last), {}));
        for (std::uint64_t i = 0; i != 129; ++i)
            if (i != last) m.reserve(place(i));
        m.reserve(place(last));
        CHECK(m.set.contains(place(last)));
        CHECK(m.set.first()->end() == pool.end());
        CHECK(m.set.size() == 130);
    }
}
