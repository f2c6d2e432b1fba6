// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which policy gives back the ranges of which zone: decided by type, visible in the container's.
//
//     using rules = release<zones, otherwise<return_to_tree>,
//                           on<lm::device, drain_then<leave_to_driver>>>;
//     static_assert(rules::drains<lm::device> && !rules::drains<lm::normal>);
//
// Why not a virtual function or a pointer per range: that a device's range leaves its entry alone is
// then true of every range in the container, and can be read off its type.

#include <type_traits>

#include <zonal/detail/object_list.hpp>
#include <zonal/release/policies.hpp>
#include <zonal/zone/zone_set.hpp>

namespace zonal {

/// Ranges of this zone are given back by Policy.
template <class Zone, class Policy>
struct on {};
/// Ranges of all other zones are, and those that are in no zone.
template <class Policy>
struct otherwise {};

// What a compile error names.
template <class Zone, class... Rules>
struct zone_without_release_policy {
    static_assert(detail::always_false<Zone>,
                  "release: no rule says who gets back the ranges of this zone (first argument); "
                  "add on<zone, policy>, or otherwise<policy> for all that are not named");
    using named = void;
};
template <class Zone>
struct two_release_policies_for_zone {
    static_assert(detail::always_false<Zone>,
                  "release: two rules name this zone; compose their policies with then<...>");
    using named = void;
};
template <class... Policies>
struct release_says_otherwise_twice {
    static_assert(detail::always_false<Policies...>,
                  "release: there are two otherwise<...>; keep one");
    using named = void;
};
template <class Zone, class Zones>
struct release_rule_for_unknown_zone {
    static_assert(detail::always_false<Zone>,
                  "release: a rule is for a zone (first argument) that the set (second argument) "
                  "lacks; add the zone to the set, or remove the rule");
    using named = void;
};
template <class Rule>
struct not_a_release_rule {
    static_assert(detail::always_false<Rule>,
                  "release: after the zone set come on<zone, policy> and otherwise<policy>; this "
                  "type is neither");
    using named = void;
};

namespace detail {

struct no_mistake_in_rules {
    using named = void;
};

template <class Rule>
struct release_rule {
    static constexpr bool is_one = false;
    using zone = void;
    using policy = leave_to_driver;
};
template <class Zone, class Policy>
struct release_rule<on<Zone, Policy>> {
    static constexpr bool is_one = true;
    using zone = Zone;
    using policy = Policy;
};
template <class Policy>
struct release_rule<otherwise<Policy>> {
    static constexpr bool is_one = true;
    using zone = void;
    using policy = Policy;
};

/// How many rules name Zone (void: otherwise), and which is the first.
template <class Zone, class... Rules>
consteval unsigned rules_for() {
    return (0u + ... + (std::is_same_v<Zone, typename release_rule<Rules>::zone> ? 1u : 0u));
}
template <class Zone, class... Rules>
consteval unsigned rule_for() {
    unsigned i = 0;
    static_cast<void>(
        ((std::is_same_v<Zone, typename release_rule<Rules>::zone> || (++i, false)) || ...));
    return i;
}

template <class Zones, class Rule>
constexpr auto mistake_in_rule() {
    using zone = typename release_rule<Rule>::zone;
    using policy = typename release_rule<Rule>::policy;
    if constexpr (!release_rule<Rule>::is_one)
        return std::type_identity<not_a_release_rule<Rule>>{};
    else if constexpr (!std::is_void_v<zone> && !Zones::template has<zone>)
        return std::type_identity<release_rule_for_unknown_zone<zone, Zones>>{};
    else if constexpr (!release_policy<policy>)
        return std::type_identity<release_policy_lacks_give_back<policy>>{};
    else
        return std::type_identity<no_mistake_in_rules>{};
}
template <class Zone, class... Rules>
constexpr auto mistake_for_zone() {
    if constexpr (rules_for<Zone, Rules...>() > 1)
        return std::type_identity<two_release_policies_for_zone<Zone>>{};
    else if constexpr (rules_for<Zone, Rules...>() + rules_for<void, Rules...>() == 0)
        return std::type_identity<zone_without_release_policy<Zone, Rules...>>{};
    else
        return std::type_identity<no_mistake_in_rules>{};
}
template <class... Rules>
constexpr auto mistake_in_the_rest() {
    if constexpr (rules_for<void, Rules...>() > 1)
        return std::type_identity<
            release_says_otherwise_twice<typename release_rule<Rules>::policy...>>{};
    else
        return std::type_identity<no_mistake_in_rules>{};
}

/// The first mistake that there is, of those that have been looked for; the others are not shown.
template <class First, class... Rest>
struct first_mistake : first_mistake<Rest...> {};
template <class First, class... Rest>
    requires(sizeof...(Rest) == 0 || !std::is_same_v<First, no_mistake_in_rules>)
struct first_mistake<First, Rest...> {
    using type = First;
};
template <class Zones, class Listed, class... Rules>
struct mistake_in_release;
template <class Zones, class... Listed, class... Rules>
struct mistake_in_release<Zones, zones_listed<Listed...>, Rules...>
    : first_mistake<typename decltype(mistake_in_rule<Zones, Rules>())::type...,
                    typename decltype(mistake_in_the_rest<Rules...>())::type,
                    typename decltype(mistake_for_zone<Listed, Rules...>())::type...> {};

} // namespace detail

/// The policies of one container, an object a rule.
/// Requires (checked at compile time): each zone of the set has exactly one policy; the rules name
/// no other zone.
template <zone_set_type Zones, class... Rules>
class release {
    // A mistake in a composed policy is shown from here, not from within a concept.
    static_assert(((sizeof(typename detail::release_rule<Rules>::policy) != 0) && ...));
    using mistake =
        typename detail::mistake_in_release<Zones, typename Zones::listed, Rules...>::type;
    static_assert(std::is_void_v<typename mistake::named>);
    template <class... Policies>
    using if_good = std::conditional_t<std::is_same_v<mistake, detail::no_mistake_in_rules>,
                                       detail::object_list<Policies...>, detail::object_list<>>;
    using policies = if_good<typename detail::release_rule<Rules>::policy...>;

    template <class Zone>
    static constexpr unsigned index =
        detail::rules_for<Zone, Rules...>() != 0 ? detail::rule_for<Zone, Rules...>()
                                                 : detail::rule_for<void, Rules...>();

public:
    using zones = Zones;
    /// There is a policy for ranges that are in no zone.
    static constexpr bool has_otherwise = detail::rules_for<void, Rules...>() != 0;

    template <class Zone>
    using policy_for =
        std::remove_reference_t<decltype(std::declval<policies&>().template at<index<Zone>>())>;

    /// Ranges of the zone leave by way of a drained token only.
    template <class Zone>
    static constexpr bool drains = zonal::drains<policy_for<Zone>>;

    /// The policy object of a zone's rule; `void` for ranges in no zone.
    template <class Zone>
    [[nodiscard]] constexpr policy_for<Zone>& policy_of() noexcept {
        return policies_.template at<index<Zone>>();
    }

    /// Calls f(policy) for the zone of that id; for an id that is none of the set, that of `void`.
    template <class F>
    constexpr auto visit(zone_id zone, F&& f) {
        if constexpr (has_otherwise)
            if (!Zones::list.contains(zone)) return f(policy_of<void>());
        return Zones::visit(zone, [&]<class Zone>(zone_tag<Zone>) { return f(policy_of<Zone>()); });
    }

private:
    policies policies_{};
};

} // namespace zonal
