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

#include <zonal/release/policies.hpp>
#include <zonal/zone/zone_set.hpp>

namespace zonal::inline v0 {

/// Ranges of this zone are given back by Policy.
template <class Zone, class Policy>
struct on {};
/// Ranges of all other zones are, and those that are in no zone.
template <class Policy>
struct otherwise {};

// What a compile error names.
template <class Zone, class... Rules>
struct zone_without_release_policy : detail::mistake {
    static_assert(detail::always_false<Zone>,
                  "release: no rule says who gets back the ranges of this zone (first argument); "
                  "add on<zone, policy>, or otherwise<policy> for all that are not named");
};
template <class Zone>
struct two_release_policies_for_zone : detail::mistake {
    static_assert(detail::always_false<Zone>,
                  "release: two rules name this zone; compose their policies with then<...>");
};
template <class... Policies>
struct release_says_otherwise_twice : detail::mistake {
    static_assert(detail::always_false<Policies...>,
                  "release: there are two otherwise<...>; keep one");
};
template <class Zone, class Zones>
struct release_rule_for_unknown_zone : detail::mistake {
    static_assert(detail::always_false<Zone>,
                  "release: a rule is for a zone (first argument) that the set (second argument) "
                  "lacks; add the zone to the set, or remove the rule");
};
template <class Rule>
struct not_a_release_rule : detail::mistake {
    static_assert(detail::always_false<Rule>,
                  "release: after the zone set come on<zone, policy> and otherwise<policy>; this "
                  "type is neither");
};

namespace detail {

template <class Rule>
struct release_rule {
    using zone = void;
    using policy = leave_to_driver;
    using mistake = not_a_release_rule<Rule>;
};
template <class Zone, class Policy>
struct release_rule<on<Zone, Policy>> {
    using zone = Zone;
    using policy = Policy;
    using mistake = no_mistake;
};
template <class Policy>
struct release_rule<otherwise<Policy>> : release_rule<on<void, Policy>> {};

/// How many rules name Zone; void: otherwise.
template <class Zone, class... Rules>
consteval unsigned rules_for() {
    return (0u + ... + (std::is_same_v<Zone, typename release_rule<Rules>::zone> ? 1u : 0u));
}

template <class Zones, class Zone>
inline constexpr bool is_unknown_zone = !std::is_void_v<Zone> && !Zones::template has<Zone>;

template <class Zones, class Zone, class Policy>
using mistake_in_rule = first_mistake<
    mistake_if<is_unknown_zone<Zones, Zone>, release_rule_for_unknown_zone<Zone, Zones>>,
    mistake_if<!release_policy<Policy>, release_policy_lacks_give_back<Policy>>>;
template <class Zone, class... Rules>
using mistake_for_zone = first_mistake<
    mistake_if<(rules_for<Zone, Rules...>() > 1), two_release_policies_for_zone<Zone>>,
    mistake_if<rules_for<Zone, Rules...>() + rules_for<void, Rules...>() == 0,
               zone_without_release_policy<Zone, Rules...>>>;

template <class Zones, class Listed, class... Rules>
struct mistake_in_release;
template <class Zones, class... Listed, class... Rules>
struct mistake_in_release<Zones, zones_listed<Listed...>, Rules...> {
    using type = first_mistake<
        typename release_rule<Rules>::mistake...,
        mistake_in_rule<Zones, typename release_rule<Rules>::zone,
                        typename release_rule<Rules>::policy>...,
        mistake_if<(rules_for<void, Rules...>() > 1),
                   release_says_otherwise_twice<typename release_rule<Rules>::policy...>>,
        mistake_for_zone<Listed, Rules...>...>;
};

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
    using policies =
        std::conditional_t<std::is_same_v<mistake, detail::no_mistake>,
                           detail::object_list<typename detail::release_rule<Rules>::policy...>,
                           detail::object_list<>>;

    template <class Zone>
    static consteval unsigned index() {
        static_assert(!detail::is_unknown_zone<Zones, Zone>,
                      "release: the set has no such zone; ask for one of its zones, or for void, "
                      "which is where ranges are that are in no zone");
        using named = std::conditional_t<detail::rules_for<Zone, Rules...>() != 0, Zone, void>;
        return detail::index_of<named, typename detail::release_rule<Rules>::zone...>();
    }

public:
    using zones = Zones;
    /// There is a policy for ranges that are in no zone.
    static constexpr bool has_otherwise = detail::rules_for<void, Rules...>() != 0;

    template <class Zone>
    using policy_for =
        std::remove_reference_t<decltype(std::declval<policies&>().template at<index<Zone>()>())>;

    /// Ranges of the zone leave by way of a drained token only.
    template <class Zone>
    static constexpr bool drains = zonal::drains<policy_for<Zone>>;

    /// The policy object of a zone's rule; `void` for ranges in no zone.
    template <class Zone>
    [[nodiscard]] constexpr policy_for<Zone>& policy_of() noexcept {
        return policies_.template at<index<Zone>()>();
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

} // namespace zonal::inline v0
