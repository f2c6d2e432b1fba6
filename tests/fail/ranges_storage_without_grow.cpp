// SPDX-License-Identifier: BSL-1.0

// A storage policy that lacks a call.
// EXPECT: storage_lacks_a_call<mine>
// EXPECT: storage policies: this one lacks a call
#include <zonal/ranges.hpp>

using namespace zonal;

struct mine {
    using policy_slot = storage_slot;
    template <class Slot>
    class slots {
    public:
        constexpr Slot* data() noexcept { return slot; }
        constexpr const Slot* data() const noexcept { return slot; }
        constexpr std::size_t capacity() const noexcept { return 2; }
#ifdef ZONAL_CONTROL
        constexpr bool grow(std::size_t wanted, std::size_t) noexcept { return wanted <= 2; }
#endif

    private:
        Slot slot[2]{};
    };
};

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_set<mine> set{};
#else
inline constexpr pfn_range_set<mine> set{};
#endif
