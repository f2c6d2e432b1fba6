// SPDX-License-Identifier: BSL-1.0
#pragma once

// A map and a set over each storage, coalescing and back-end policy, for tests that run over all of
// them. There is room for exactly N ranges, or for fewer where the storage is told so when it is
// made (`exact`):
//
//     TEMPLATE_LIST_TEST_CASE("...", "[ranges]", every_way) {
//         typename TestType::template map<int, 8> kept;
//         auto& map = kept.container;

#include <cstddef>
#include <memory_resource>
#include <new>
#include <tuple>

#include <zonal/ext/allocated.hpp>
#include <zonal/ext/pmr.hpp>
#include <zonal/ranges.hpp>

#include "page_blocks.hpp"
#include "page_table.hpp"

namespace zonal_test {

using namespace zonal;

/// The code is compiled with sanitizers: several times slower, so tests that try everything try less.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool instrumented = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
inline constexpr bool instrumented = true;
#else
inline constexpr bool instrumented = false;
#endif
#else
inline constexpr bool instrumented = false;
#endif

/// Hands out one array of up to `limit` objects at a time, and one more while it is being replaced.
template <class T>
struct limited_allocator {
    using value_type = T;
    std::size_t limit;

    explicit limited_allocator(std::size_t objects) : limit(objects) {}
    template <class U>
    limited_allocator(const limited_allocator<U>& o) : limit(o.limit) {}
    T* allocate(std::size_t n) {
        if (n > limit) throw std::bad_alloc();
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) { std::allocator<T>().deallocate(p, n); }
    friend bool operator==(const limited_allocator&, const limited_allocator&) = default;
};

/// The same as a memory_resource.
class limited_resource : public std::pmr::memory_resource {
public:
    explicit limited_resource(std::size_t bytes) : limit_(bytes) {}

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (bytes > limit_) throw std::bad_alloc();
        return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* p, std::size_t bytes, std::size_t alignment) override {
        std::pmr::new_delete_resource()->deallocate(p, bytes, alignment);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
    std::size_t limit_;
};

// ---- storage ----

struct kept_in_place {
    template <std::size_t N>
    using policy = in_place<N>;
    template <class Container, std::size_t N>
    struct kept {
        static constexpr bool exact = false;
        explicit kept(std::size_t = N) {}
        Container container;
    };
};
struct kept_by_caller {
    template <std::size_t N>
    using policy = caller_storage;
    template <class Container, std::size_t N>
    struct kept {
        static constexpr bool exact = true;
        explicit kept(std::size_t room = N) : container{slot, room} {}
        typename Container::slot slot[N]{};
        Container container;
    };
};
struct kept_by_allocator {
    template <std::size_t N>
    using policy = allocated<limited_allocator<char>>;
    template <class Container, std::size_t N>
    struct kept {
        static constexpr bool exact = true;
        explicit kept(std::size_t room = N) : container{limited_allocator<char>{room}} {}
        Container container;
    };
};
struct kept_by_resource {
    template <std::size_t N>
    using policy = pmr_storage;
    template <class Container, std::size_t N>
    struct kept {
        static constexpr bool exact = true;
        explicit kept(std::size_t room = N)
            : resource{room * sizeof(typename Container::slot)}, container{&resource} {}
        limited_resource resource;
        Container container;
    };
};

// ---- all of it ----

template <class Storage, class Coalescing, class BackEnd = sorted_array>
struct way {
    using coalescing = Coalescing;
    static constexpr bool merges = Coalescing::merges_any;

    template <class T, std::size_t N>
    using map = typename Storage::template kept<
        pfn_range_map<T, Coalescing, BackEnd, typename Storage::template policy<N>>, N>;
    template <std::size_t N>
    using set = typename Storage::template kept<
        pfn_range_set<BackEnd, typename Storage::template policy<N>, Coalescing>, N>;
};

using every_merging_way =
    std::tuple<way<kept_in_place, merge_equal>, way<kept_by_caller, merge_equal>,
               way<kept_by_allocator, merge_equal>, way<kept_by_resource, merge_equal>,
               way<kept_in_place, merge_equal, sorted_leaves>>;

using every_way =
    std::tuple<way<kept_in_place, merge_equal>, way<kept_by_caller, merge_equal>,
               way<kept_by_allocator, merge_equal>, way<kept_by_resource, merge_equal>,
               way<kept_in_place, keep_apart>, way<kept_by_caller, keep_apart>,
               way<kept_by_allocator, keep_apart>, way<kept_by_resource, keep_apart>,
               way<kept_in_place, merge_equal, sorted_leaves>,
               way<kept_in_place, keep_apart, sorted_leaves>>;

/// For tests that stay below pfn 2048, and below 64: the other back ends too.
using every_way_below_2048 = std::tuple<
    way<kept_in_place, merge_equal>, way<kept_by_caller, merge_equal>,
    way<kept_by_allocator, merge_equal>, way<kept_by_resource, merge_equal>,
    way<kept_in_place, keep_apart>, way<kept_by_caller, keep_apart>,
    way<kept_by_allocator, keep_apart>, way<kept_by_resource, keep_apart>,
    way<kept_in_place, merge_equal, sorted_leaves>, way<kept_in_place, keep_apart, sorted_leaves>,
    way<kept_in_place, merge_equal, page_blocks>, way<kept_in_place, keep_apart, page_blocks>>;
using every_way_below_64 = decltype(std::tuple_cat(
    every_way_below_2048{}, std::tuple<way<kept_in_place, merge_equal, page_table>,
                                       way<kept_in_place, keep_apart, page_table>>{}));

} // namespace zonal_test
