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

#include <zonal/detail/mistake.hpp>
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
struct policy_cannot_be_taken_back {
    static_assert(detail::always_false<Policy>,
                  "then: when the second policy named here fails, the first must take_back what it "
                  "did, and it has no such member; put it behind those that can fail");
    using named = void;
};

namespace detail {

template <class... Policies>
struct mistake_after {
    using type = no_mistake;
};
/// `First` must take back what it did when one of `Rest` fails: the first that can.
template <class First, class Next, class... Rest>
    requires(!can_take_back<First>)
struct mistake_after<First, Next, Rest...> {
    using type = typename std::conditional_t<
        never_fails<Next>, mistake_after<First, Rest...>,
        std::type_identity<policy_cannot_be_taken_back<First, Next>>>::type;
};

} // namespace detail

/// Policies one after the other. When one fails, those before it take back what they did, the last
/// one first.
template <class First, class... Rest>
class then {
    using mistake = detail::first_mistake<
        detail::mistake_if<!release_policy<First>, release_policy_lacks_give_back<First>>,
        detail::mistake_if<!release_policy<Rest>, release_policy_lacks_give_back<Rest>>...,
        typename detail::mistake_after<First, Rest...>::type>;
    static_assert(std::is_void_v<typename mistake::named>);

public:
    static constexpr bool drains = zonal::drains<First> || (zonal::drains<Rest> || ...);
    static constexpr bool never_fails =
        zonal::never_fails<First> && (zonal::never_fails<Rest> && ...);

    template <class Tree>
    constexpr result<done> give_back(const leaving& l, Tree& tree) {
        if (const auto given = first_.give_back(l, tree); !given) return given;
        if constexpr (sizeof...(Rest) != 0) {
            const auto given = rest_.give_back(l, tree);
            if constexpr (!(zonal::never_fails<Rest> && ...))
                if (!given) first_.take_back(l, tree);
            return given;
        }
        return done{};
    }
    template <class Tree>
        requires can_take_back<First, Tree> && (can_take_back<Rest, Tree> && ...)
    constexpr void take_back(const leaving& l, Tree& tree) {
        if constexpr (sizeof...(Rest) != 0) rest_.take_back(l, tree);
        first_.take_back(l, tree);
    }

    /// The policy object of that type.
    template <class Policy>
    [[nodiscard]] constexpr Policy& get() noexcept {
        static_assert(std::is_same_v<Policy, First> || (std::is_same_v<Policy, Rest> || ...),
                      "then: it has no such policy");
        if constexpr (std::is_same_v<Policy, First>)
            return first_;
        else
            return rest_.template get<Policy>();
    }

private:
    struct nothing {};
    template <class... Ps>
    struct rest_of {
        using type = then<Ps...>;
    };
    template <class... Ps>
        requires(sizeof...(Ps) == 0)
    struct rest_of<Ps...> {
        using type = nothing;
    };
    [[no_unique_address]] First first_{};
    [[no_unique_address]] typename rest_of<Rest...>::type rest_{};
};

} // namespace zonal::inline v0
