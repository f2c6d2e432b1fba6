// SPDX-License-Identifier: BSL-1.0

// The snippets in the comments of ext/ that no other test has; see core_test.cpp.

#include <zonal/ext/allocated.hpp>
#include <zonal/ext/ostream.hpp>
#include <zonal/ext/pmr.hpp>
#include <zonal/ext/print.hpp>
#include <zonal/linux_mm/decode.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/ranges.hpp>

#include <iostream>
#include <sstream>
#include <string>

#include "../debian_config.hpp"
#include "../test.hpp"

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace {

/// Has room for a hundred objects at once.
struct arena_of_100 {
    std::size_t most = 100;
};
template <class T>
struct arena_allocator {
    using value_type = T;
    arena_of_100* arena;
    explicit arena_allocator(arena_of_100& from) : arena(&from) {}
    template <class U>
    arena_allocator(const arena_allocator<U>& o) : arena(o.arena) {}
    T* allocate(std::size_t n) {
        if (n > arena->most) throw std::bad_alloc();
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) { std::allocator<T>().deallocate(p, n); }
    friend bool operator==(const arena_allocator&, const arena_allocator&) = default;
};
using my_allocator = arena_allocator<char>;

} // namespace

TEST_CASE("ext/allocated.hpp", "[snippets]") {
    arena_of_100 arena;
    pfn_range_map<int, allocated<>> map; // std::allocator
    pfn_range_set<allocated<my_allocator>> set{my_allocator{arena}};
    map.reserve(1000); // now or never: no_space
    CHECK(map.capacity() >= 1000);
    CHECK(set.reserve(100));
    CHECK(set.reserve(1000) == fail(errc::no_space));
}

TEST_CASE("ext/ostream.hpp", "[snippets]") {
    std::ostringstream out;
    std::streambuf* const console = std::cout.rdbuf(out.rdbuf());
    std::cout << pfn_range{pfn{0x1000}, pfn{0x2000}} << ": " << errc::busy << '\n';
    std::cout.rdbuf(console);
    CHECK(out.str() == "[0x1000, 0x2000): busy\n");
}

TEST_CASE("ext/pmr.hpp", "[snippets]") {
    std::pmr::monotonic_buffer_resource arena;
    pfn_range_map<int, pmr_storage> map{&arena};
    CHECK(map.insert({pfn{0}, pfn{8}}, 1));
}

namespace {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
constexpr word_format format = lm::format_of(zonal_test::debian_x86_64({6, 1}));
std::string put_so_far;
void put(const char* data, std::size_t size) { put_so_far.append(data, size); }

} // namespace

TEST_CASE("ext/print.hpp", "[snippets]") {
    pfn_range r{pfn{0x1000}, pfn{0x2000}};
    print_value(r, [](text part) { put(part.data, part.size); }); // [0x1000, 0x2000)
    CHECK(put_so_far == "[0x1000, 0x2000)");
    auto s = printed<std::string>(zone_name{zones::list, zone_id{2}}); // Movable
    CHECK(s == "Movable");
    s = printed<std::string>(printed_word{format, 0xfffffc0000200});
    CHECK(s == "0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)");
}
