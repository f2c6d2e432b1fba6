// SPDX-License-Identifier: BSL-1.0
#pragma once

// Ready-made release policies.
//
//   return_to_tree          the range's entry leaves the resource tree: the addresses are free
//   leave_to_driver         the tree is not touched: the addresses stay the driver's
//   drain_then<P>           P, and the type of the removing call says that draining came before
//   zero_with<F>            F clears the pages
//   notify<F>               F is told
//   then<P...>              one after the other; all or nothing

#include <concepts>

#include <zonal/detail/object_list.hpp>
#include <zonal/release/policy.hpp>
#include <zonal/resource/release_range.hpp>

namespace zonal::inline v0 {

/// Models: mm/memory_hotplug.c release_mem_region_adjustable() in __remove_pages() and, later,
///         try_remove_memory(); differs: takes out nothing that is not the owner's.
struct return_to_tree {
    /// Fails: as release_adjustable.
    template <class Tree>
    static constexpr result<done> give_back(const leaving& l, Tree& tree) {
        return release_adjustable(tree, l.bytes, l.owner);
    }
};

/// The entry in the tree stays, busy and the driver's, until the driver itself releases it.
/// Models: what __remove_pages() does for ZONE_DEVICE since 4.3.
struct leave_to_driver {
    static constexpr bool never_fails = true;
    template <class Tree>
    static constexpr result<done> give_back(const leaving&, Tree&) noexcept {
        return done{};
    }
    template <class Tree>
    static constexpr void take_back(const leaving&, Tree&) noexcept {}
};

/// What Policy does, for ranges that must be drained in a step of its own: unplugging takes the
/// token that draining made.
template <class Policy>
struct drain_then : Policy {
    static constexpr bool drains = true;
};

/// F: `void(pfn_range)`, clears the pages. They stay cleared if a later policy fails: nobody held a
/// reference to what was in them.
template <std::invocable<pfn_range> F>
struct zero_with {
    static constexpr bool never_fails = true;
    [[no_unique_address]] F clear{};

    template <class Tree>
    constexpr result<done> give_back(const leaving& l, Tree&) {
        clear(l.range);
        return done{};
    }
    template <class Tree>
    static constexpr void take_back(const leaving&, Tree&) noexcept {}
};

/// F: `void(const leaving&)`, hears that a range is gone. That cannot be taken back, so in then<...>
/// it stands behind everything that can fail.
template <std::invocable<const leaving&> F>
struct notify {
    static constexpr bool never_fails = true;
    [[no_unique_address]] F tell{};

    template <class Tree>
    constexpr result<done> give_back(const leaving& l, Tree&) {
        tell(l);
        return done{};
    }
};

// What a compile error names.
template <class Policy, class Later>
struct policy_cannot_be_taken_back : detail::mistake {
    static_assert(detail::always_false<Policy>,
                  "then: when the second policy named here fails, the first must take_back what it "
                  "did, and it has no such member; put it behind those that can fail");
};

namespace detail {

template <class... Policies>
struct mistake_after {
    using type = no_mistake;
};
/// Each must take back what it did when one behind it fails: a pair of which that is not so.
template <class First, class Next, class... Rest>
struct mistake_after<First, Next, Rest...> {
    using type = first_mistake<mistake_if<!can_take_back<First> && !never_fails<Next>,
                                          policy_cannot_be_taken_back<First, Next>>,
                               typename mistake_after<First, Rest...>::type,
                               typename mistake_after<Next, Rest...>::type>;
};

} // namespace detail

/// Policies one after the other. When one fails, those before it take back what they did, the last
/// one first.
template <class... Policies>
    requires(sizeof...(Policies) != 0)
class then {
    using mistake = detail::first_mistake<
        detail::mistake_if<!release_policy<Policies>, release_policy_lacks_give_back<Policies>>...,
        typename detail::mistake_after<Policies...>::type>;
    static_assert(std::is_void_v<typename mistake::named>);

public:
    static constexpr bool drains = (zonal::drains<Policies> || ...);
    static constexpr bool never_fails = (zonal::never_fails<Policies> && ...);

    template <class Tree>
    constexpr result<done> give_back(const leaving& l, Tree& tree) {
        static_assert(((can_take_back<Policies> == can_take_back<Policies, Tree>) && ...),
                      "then: a policy's take_back must take any resource_tree; make it a template");
        result<done> given = done{};
        const auto give = [&](auto& policy) {
            given = policy.give_back(l, tree);
            return given.has_value();
        };
        const auto undo = [&]<class P>(P& policy) {
            if constexpr (can_take_back<P, Tree>) policy.take_back(l, tree);
        };
        static_cast<void>(policies_.all(give, undo));
        return given;
    }
    template <class Tree>
        requires(can_take_back<Policies, Tree> && ...)
    constexpr void take_back(const leaving& l, Tree& tree) {
        policies_.undo_all([&](auto& policy) { policy.take_back(l, tree); });
    }

    /// The policy object of that type.
    template <class Policy>
    [[nodiscard]] constexpr Policy& get() noexcept {
        static_assert((std::is_same_v<Policy, Policies> || ...), "then: it has no such policy");
        return policies_.template get<Policy>();
    }

private:
    [[no_unique_address]] detail::object_list<Policies...> policies_{};
};

} // namespace zonal::inline v0
