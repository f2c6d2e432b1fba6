// SPDX-License-Identifier: BSL-1.0
#include <zonal/core/storage.hpp>

#include <type_traits>
#include <vector>

#include "../test.hpp"

using namespace zonal;

namespace {

using four = in_place<4>::slots<int>;
using lent = caller_storage::slots<int>;

static_assert(storage_policy<in_place<1>> && storage_policy<caller_storage>);
static_assert(!storage_policy<four>, "the slots are not the policy");
static_assert(slots_of<four, int> && slots_of<lent, int> && !slots_of<four, long>);

static_assert(sizeof(four) == 4 * sizeof(int), "nothing but the slots");
static_assert(std::is_trivially_copyable_v<four>);
static_assert(std::is_nothrow_move_constructible_v<lent> && !std::is_copy_constructible_v<lent>);
static_assert(!std::is_default_constructible_v<lent>);
static_assert(!std::is_convertible_v<int (&)[4], lent>, "lending is said");
static_assert(!std::is_constructible_v<lent, long (&)[4]>);
static_assert(!std::is_constructible_v<lent, std::vector<long>&>);
static_assert(!std::is_constructible_v<lent, const std::vector<int>&>);

struct without_grow {
    using policy_slot = storage_slot;
    template <class Slot>
    struct slots {
        Slot* data() noexcept;
        const Slot* data() const noexcept;
        std::size_t capacity() const noexcept;
    };
};
struct may_throw {
    using policy_slot = storage_slot;
    template <class Slot>
    struct slots : in_place<1>::slots<Slot> {
        bool grow(std::size_t, std::size_t);
    };
};
static_assert(!storage_policy<without_grow>);
static_assert(!storage_policy<may_throw>);

} // namespace

TEST_CASE("slots in place are there from the beginning and never more", "[core]") {
    four slots;
    for (std::size_t i = 0; i != 4; ++i) CHECK(slots.data()[i] == 0);
    CHECK(slots.capacity() == 4);
    CHECK(slots.grow(0, 0));
    CHECK(slots.grow(4, 0));
    CHECK_FALSE(slots.grow(5, 4));
    slots.data()[3] = 7;
    const four copy = slots;
    CHECK(copy.data()[3] == 7);
}

TEST_CASE("a caller lends an array, part of one, or whatever has data and a size", "[core]") {
    int array[4] = {1, 2, 3, 4};
    lent whole{array};
    CHECK(whole.data() == array);
    CHECK(whole.capacity() == 4);
    CHECK(whole.grow(4, 4));
    CHECK_FALSE(whole.grow(5, 4));
    const lent part{array + 1, 2};
    CHECK(part.data() == array + 1);
    CHECK(part.capacity() == 2);
    std::vector<int> vector(3);
    CHECK(lent{vector}.data() == vector.data());
    CHECK(lent{vector}.capacity() == 3);
}

TEST_CASE("lent slots go with whom they are moved to", "[core]") {
    int array[4]{};
    int others[2]{};
    lent first{array};
    lent second{std::move(first)};
    CHECK(second.data() == array);
    CHECK(first.capacity() == 0); // NOLINT(bugprone-use-after-move): what is left has no slots
    CHECK_FALSE(first.grow(1, 0));
    lent third{others};
    third = std::move(second);
    CHECK(third.capacity() == 4);
    CHECK(second.data() == nullptr); // NOLINT(bugprone-use-after-move)
}
