// SPDX-License-Identifier: BSL-1.0
#include <zonal/release/policies.hpp>

#include <zonal/release/quarantine.hpp>

#include "resource/trees.hpp"
#include "test.hpp"

#include <string>

using namespace zonal;
using namespace zonal_test;

namespace {

using tree_type = resource_tree<in_place<8>>;

constexpr pfn_range pages(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }
constexpr leaving leaves(std::uint64_t start, std::uint64_t end, owner_id who = the_system) {
    const pfn_range r = pages(start, end);
    return {r, *bytes_of(r, page_geometry{}), node_id{1}, zone_id{2}, who};
}

std::string written; // what the policies below did, in their order

/// Writes its letter when it gives, the capital when it takes back.
template <char Letter>
struct writes {
    bool refuses = false;
    result<done> give_back(const leaving&, auto&) {
        if (refuses) return fail(errc::vetoed);
        written += Letter;
        return done{};
    }
    void take_back(const leaving&, auto&) { written += static_cast<char>(Letter - 'a' + 'A'); }
};
/// One that never refuses.
template <char Letter>
struct certainly_writes : writes<Letter> {
    static constexpr bool never_fails = true;
};
/// One that cannot take back.
struct final_word {
    bool refuses = false;
    result<done> give_back(const leaving&, auto&) {
        if (refuses) return fail(errc::busy);
        written += '.';
        return done{};
    }
};

struct tells {
    void operator()(const leaving& l) const { written += "told " + hex(l.range.start().value()); }
};
struct clears {
    void operator()(pfn_range r) const { written += "cleared " + hex(r.size().value()) + ' '; }
};

// ---- what a policy is ---------------------------------------------------------------------------

struct returns_nothing {
    void give_back(const leaving&, auto&) {}
};
struct answers_yes_or_no {
    bool give_back(const leaving&, auto&) { return true; }
};
struct takes_the_range_only {
    result<done> give_back(pfn_range, auto&) { return done{}; }
};
struct not_made_by_itself {
    explicit not_made_by_itself(int) {}
    result<done> give_back(const leaving&, auto&) { return done{}; }
};
struct const_policy {
    result<done> give_back(const leaving&, const auto&) const { return done{}; }
};
struct take_back_may_fail {
    result<done> give_back(const leaving&, auto&) { return done{}; }
    result<done> take_back(const leaving&, auto&) { return done{}; }
};

template <class... Policies>
concept policies = (release_policy<Policies> && ...);
static_assert(policies<return_to_tree, leave_to_driver, zero_with<clears>, notify<tells>,
                       writes<'a'>, const_policy, drain_then<leave_to_driver>,
                       then<writes<'a'>, return_to_tree>, quarantine<return_to_tree, in_place<2>>>);
static_assert(!release_policy<returns_nothing> && !release_policy<answers_yes_or_no>);
static_assert(!release_policy<takes_the_range_only> && !release_policy<not_made_by_itself>);
static_assert(!release_policy<int> && !release_policy<void> && !release_policy<tells>);

static_assert(can_take_back<leave_to_driver> && can_take_back<zero_with<clears>>);
static_assert(can_take_back<quarantine<return_to_tree, in_place<2>>>);
static_assert(!can_take_back<return_to_tree> && !can_take_back<notify<tells>>);
static_assert(!can_take_back<take_back_may_fail>, "whoever calls it has no way out");
static_assert(can_take_back<then<writes<'a'>, writes<'b'>>>);
static_assert(!can_take_back<then<writes<'a'>, return_to_tree>>, "all of them, or not at all");

static_assert(never_fails<leave_to_driver> && never_fails<zero_with<clears>>);
static_assert(never_fails<notify<tells>> && never_fails<then<zero_with<clears>, leave_to_driver>>);
static_assert(!never_fails<return_to_tree> && !never_fails<writes<'a'>>);
static_assert(!never_fails<then<leave_to_driver, return_to_tree>>);
static_assert(!never_fails<quarantine<leave_to_driver, in_place<2>>>, "it can be full");
static_assert(never_fails<drain_then<leave_to_driver>> && !never_fails<drain_then<writes<'a'>>>);

static_assert(drains<drain_then<return_to_tree>> && !drains<return_to_tree>);
static_assert(drains<then<zero_with<clears>, drain_then<leave_to_driver>>>);
static_assert(drains<quarantine<drain_then<return_to_tree>, in_place<2>>>);
static_assert(drains<drain_then<then<writes<'a'>, return_to_tree>>>);

// Policies without state take no room.
struct beside {
    [[no_unique_address]] then<zero_with<clears>, drain_then<leave_to_driver>> policy;
    int number;
};
static_assert(sizeof(beside) == sizeof(int));

} // namespace

// ---- one at a time ------------------------------------------------------------------------------

TEST_CASE("return_to_tree frees the addresses, whole entries and parts of them", "[release]") {
    tree_type tree;
    REQUIRE(tree.request(leaves(0x10, 0x20).bytes, "ram"));
    REQUIRE(tree.request(leaves(0x20, 0x40).bytes, "ram"));
    return_to_tree policy;
    CHECK(policy.give_back(leaves(0x10, 0x20), tree));
    CHECK(shown(tree) == "20000-40000 ram");
    CHECK(policy.give_back(leaves(0x28, 0x30), tree));
    CHECK(shown(tree) == "20000-28000 ram 30000-40000 ram");
    CHECK(policy.give_back(leaves(0x30, 0x38), tree));
    CHECK(shown(tree) == "20000-28000 ram 38000-40000 ram");
}

TEST_CASE("return_to_tree takes nothing that is not the owner's, and says why", "[release]") {
    tree_type tree;
    REQUIRE(tree.request(leaves(0x10, 0x20).bytes, "drv", driver));
    return_to_tree policy;
    const std::string before = shown(tree);
    CHECK(policy.give_back(leaves(0x10, 0x20), tree) == fail(errc::busy));
    CHECK(policy.give_back(leaves(0x10, 0x20, other_driver), tree) == fail(errc::busy));
    CHECK(policy.give_back(leaves(0x20, 0x30, driver), tree) == fail(errc::not_found));
    CHECK(policy.give_back(leaves(0x18, 0x30, driver), tree) == fail(errc::not_found));
    CHECK(shown(tree) == before);
    CHECK(policy.give_back(leaves(0x10, 0x20, driver), tree));
    CHECK(tree.size() == 0);
}

TEST_CASE("return_to_tree in the middle of an entry needs a slot", "[release]") {
    resource_tree<in_place<1>> tree;
    REQUIRE(tree.request(leaves(0x10, 0x40).bytes, "ram"));
    return_to_tree policy;
    CHECK(policy.give_back(leaves(0x20, 0x30), tree) == fail(errc::no_space));
    CHECK(policy.give_back(leaves(0x10, 0x30), tree));
}

TEST_CASE("leave_to_driver does not touch the tree, forwards or back", "[release]") {
    tree_type tree;
    REQUIRE(tree.request(leaves(0x10, 0x20).bytes, "drv", driver));
    leave_to_driver policy;
    CHECK(policy.give_back(leaves(0x10, 0x20, driver), tree));
    policy.take_back(leaves(0x10, 0x20, driver), tree);
    CHECK(shown(tree) == "10000-20000 drv");
}

TEST_CASE("zero_with is told which pages, notify what left", "[release]") {
    written.clear();
    tree_type tree;
    zero_with<clears> zero;
    notify<tells> tell;
    CHECK(zero.give_back(leaves(0x10, 0x30), tree));
    zero.take_back(leaves(0x10, 0x30), tree); // they stay cleared
    CHECK(tell.give_back(leaves(0x10, 0x30), tree));
    CHECK(written == "cleared 20 told 10");
}

TEST_CASE("drain_then does what its policy does, with its state", "[release]") {
    written.clear();
    tree_type tree;
    drain_then<writes<'a'>> policy;
    CHECK(policy.give_back(leaves(1, 2), tree));
    policy.refuses = true;
    CHECK(policy.give_back(leaves(1, 2), tree) == fail(errc::vetoed));
    policy.take_back(leaves(1, 2), tree);
    CHECK(written == "aA");
}

// ---- one after the other ------------------------------------------------------------------------

TEST_CASE("then: one after the other, in their order", "[release]") {
    written.clear();
    tree_type tree;
    then<writes<'a'>, writes<'b'>, writes<'c'>, final_word> policy;
    CHECK(policy.give_back(leaves(1, 2), tree));
    CHECK(written == "abc.");
}

TEST_CASE("then: when one fails, those before it take back, the last one first", "[release]") {
    tree_type tree;
    then<writes<'a'>, writes<'b'>, writes<'c'>, final_word> policy;
    const auto outcome = [&] {
        written.clear();
        const auto given = policy.give_back(leaves(1, 2), tree);
        return outcome_of(given) + " " + written;
    };
    policy.get<final_word>().refuses = true;
    CHECK(outcome() == "busy abcCBA");
    policy.get<writes<'c'>>().refuses = true; // the first reason counts
    CHECK(outcome() == "vetoed abBA");
    policy.get<writes<'b'>>().refuses = true;
    CHECK(outcome() == "vetoed aA");
    policy.get<writes<'a'>>().refuses = true;
    CHECK(outcome() == "vetoed ");
    policy = {};
    CHECK(outcome() == "done abc.");
}

TEST_CASE("then: of one is that one, and takes itself back as a whole", "[release]") {
    written.clear();
    tree_type tree;
    then<writes<'a'>> one;
    CHECK(one.give_back(leaves(1, 2), tree));
    one.take_back(leaves(1, 2), tree);
    then<writes<'b'>, writes<'c'>, writes<'d'>> all;
    CHECK(all.give_back(leaves(1, 2), tree));
    all.take_back(leaves(1, 2), tree);
    CHECK(written == "aAbcdDCB");
}

TEST_CASE("then: nests, and an inner list is taken back as one", "[release]") {
    written.clear();
    tree_type tree;
    then<writes<'a'>, then<writes<'b'>, writes<'c'>>, then<writes<'d'>, final_word>> policy;
    policy.get<then<writes<'d'>, final_word>>().get<final_word>().refuses = true;
    CHECK(policy.give_back(leaves(1, 2), tree) == fail(errc::busy));
    CHECK(written == "abcdDCBA");
}

TEST_CASE("then: whoever is notified hears only of what has really gone", "[release]") {
    written.clear();
    tree_type tree;
    then<zero_with<clears>, return_to_tree, notify<tells>> policy;
    CHECK(policy.give_back(leaves(0x10, 0x20), tree) == fail(errc::not_found));
    CHECK(written == "cleared 10 ");
    written.clear();
    REQUIRE(tree.request(leaves(0x10, 0x20).bytes, "ram"));
    CHECK(policy.give_back(leaves(0x10, 0x20), tree));
    CHECK(written == "cleared 10 told 10");
}

TEST_CASE("then: what cannot be taken back may stand before those that never fail", "[release]") {
    written.clear();
    tree_type tree;
    then<final_word, certainly_writes<'a'>, notify<tells>, leave_to_driver> policy;
    CHECK(policy.give_back(leaves(1, 2), tree));
    CHECK(written == ".atold 1");
    policy.get<final_word>().refuses = true;
    CHECK(policy.give_back(leaves(1, 2), tree) == fail(errc::busy));
    CHECK(written == ".atold 1");
}

// ---- quarantine ---------------------------------------------------------------------------------

TEST_CASE("a quarantine holds ranges and their entries until somebody lets them go", "[release]") {
    tree_type tree;
    for (const auto& l : {leaves(0x10, 0x20), leaves(0x20, 0x30), leaves(0x40, 0x50)})
        REQUIRE(tree.request(l.bytes, "ram"));
    quarantine<return_to_tree, in_place<2>> policy;
    CHECK(policy.give_back(leaves(0x20, 0x30), tree));
    CHECK(policy.give_back(leaves(0x10, 0x20), tree)); // neighbours stay apart
    CHECK(policy.give_back(leaves(0x40, 0x50), tree) == fail(errc::no_space));
    CHECK(policy.waiting().size() == 2);
    CHECK(policy.waiting().begin()->value.what == leaves(0x10, 0x20));
    CHECK(shown(tree) == "10000-20000 ram{10000-20000 quarantine} "
                         "20000-30000 ram{20000-30000 quarantine} 40000-50000 ram");
    CHECK(release_region(tree, leaves(0x10, 0x20).bytes) == fail(errc::busy));

    CHECK(policy.let_go(pages(0x10, 0x30), tree) == fail(errc::not_found)); // two ranges
    CHECK(policy.let_go(pages(0x10, 0x18), tree) == fail(errc::not_found)); // a part
    CHECK(policy.let_go(pages(0x18, 0x20), tree) == fail(errc::not_found));
    CHECK(policy.let_go(pages(0x40, 0x50), tree) == fail(errc::not_found)); // was refused
    CHECK(policy.let_go(pages(0x10, 0x10), tree) == fail(errc::not_found)); // nothing
    CHECK(policy.waiting().size() == 2);
    CHECK(tree.size() == 5);

    CHECK(policy.let_go(pages(0x10, 0x20), tree));
    CHECK(policy.let_go(pages(0x10, 0x20), tree) == fail(errc::not_found));
    CHECK(shown(tree) == "20000-30000 ram{20000-30000 quarantine} 40000-50000 ram");
    CHECK(policy.give_back(leaves(0x40, 0x50), tree));
}

namespace {

/// Refuses while somebody says so.
struct reluctant {
    inline static bool refuses = false;
    template <class Tree>
    static result<done> give_back(const leaving&, Tree&) {
        if (refuses) return fail(errc::busy);
        return done{};
    }
};

} // namespace

TEST_CASE("what a quarantine cannot pass on goes on waiting", "[release]") {
    tree_type tree;
    quarantine<reluctant, in_place<2>> policy;
    CHECK(policy.give_back(leaves(0x10, 0x20, driver), tree) == fail(errc::not_found)); // no entry
    REQUIRE(tree.request(leaves(0x10, 0x20).bytes, "drv", driver));
    REQUIRE(policy.give_back(leaves(0x10, 0x20, driver), tree));
    reluctant::refuses = true;
    CHECK(policy.let_go(pages(0x10, 0x20), tree) == fail(errc::busy));
    CHECK(policy.waiting().size() == 1);
    CHECK(shown(tree) == "10000-20000 drv{10000-20000 quarantine}");
    // Its mark stays as others have made it meanwhile.
    const region_id mark = policy.waiting().begin()->value.mark;
    REQUIRE(tree.adjust(mark, leaves(0x10, 0x18).bytes, anyone));
    REQUIRE(
        tree.insert({leaves(0x18, 0x20).bytes, "other"}, insert_mode::conflict, tree.parent(mark)));
    CHECK(policy.let_go(pages(0x10, 0x20), tree) == fail(errc::busy));
    CHECK(policy.waiting().size() == 1);
    CHECK(shown(tree) == "10000-20000 drv{10000-18000 quarantine 18000-20000 other}");
    reluctant::refuses = false;
    CHECK(policy.let_go(pages(0x10, 0x20), tree));
    CHECK(policy.waiting().empty());
    CHECK(shown(tree) == "10000-20000 drv{18000-20000 other}");
}

TEST_CASE("the same range does not wait twice, nor a part of it", "[release]") {
    tree_type tree;
    quarantine<leave_to_driver, in_place<4>> policy;
    REQUIRE(tree.request(leaves(0x10, 0x40).bytes, "ram"));
    REQUIRE(policy.give_back(leaves(0x10, 0x20), tree));
    CHECK(policy.give_back(leaves(0x10, 0x20), tree) == fail(errc::overlap));
    CHECK(policy.give_back(leaves(0x18, 0x28), tree) == fail(errc::overlap));
    CHECK(policy.waiting().size() == 1);
}

TEST_CASE("a quarantine lets a range out again when a later policy fails", "[release]") {
    tree_type tree;
    then<quarantine<leave_to_driver, in_place<1>>, final_word> policy;
    auto& held = policy.get<quarantine<leave_to_driver, in_place<1>>>();
    REQUIRE(tree.request(leaves(1, 2).bytes, "ram"));
    policy.get<final_word>().refuses = true;
    for (int i = 0; i != 3; ++i) CHECK_FALSE(policy.give_back(leaves(1, 2), tree));
    CHECK(held.waiting().empty());
    policy.get<final_word>().refuses = false;
    CHECK(policy.give_back(leaves(1, 2), tree));
    CHECK(held.waiting().size() == 1);
}

// ---- at compile time ----------------------------------------------------------------------------

namespace {

struct scrub {
    constexpr void operator()(pfn_range) const {}
};
constexpr bool quarantined_and_let_go() {
    tree_type tree;
    const auto entry = tree.request(leaves(1, 4).bytes, "cxl", driver);
    then<zero_with<scrub>, quarantine<return_to_tree, in_place<2>>> policy;
    auto& held = policy.get<quarantine<return_to_tree, in_place<2>>>();
    bool ok = entry && policy.give_back(leaves(1, 4, driver), tree).has_value();
    ok = ok && tree.size() == 2 && held.waiting().size() == 1;
    return ok && held.let_go(pages(1, 4), tree).has_value() && tree.size() == 0;
}
static_assert(quarantined_and_let_go());

} // namespace

TEST_CASE("policies act in constant expressions too", "[release]") {
    CHECK(quarantined_and_let_go());
}
