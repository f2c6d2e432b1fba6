// SPDX-License-Identifier: BSL-1.0
#pragma once

// Strategies answer or pass; in a list of them the first answer wins, and there always is one.
//
//     struct request { pfn_range range; bool survives_reboot = false; };
//     struct pmem_if_it_must_last {
//         static constexpr placement answer(const request& r) {
//             return r.survives_reboot ? zones::id_of<pmem> : does_not_apply;
//         }
//     };
//     constexpr first_of<pmem_if_it_must_last, always<zones::id_of<dram>>> rules{};
//     static_assert(rules.zone_for(request{{}, true}) == zones::id_of<pmem>);
//
// The query is the caller's own type. Why not one function with all the rules: a list can be read
// aloud, extended at either end and reused, and that it ends in an answer is known before it runs.

#include <concepts>

#include <zonal/core/ids.hpp>
#include <zonal/core/result.hpp>

namespace zonal::inline v0 {

/// What a strategy says: a zone, nothing (the next one is asked), or a refusal (none is).
class placement {
public:
    constexpr placement() = default; ///< does not apply
    constexpr placement(zone_id zone) noexcept : answer_(zone), applies_(true) {}
    constexpr placement(failure<errc> refusal) noexcept : answer_(refusal), applies_(true) {}
    constexpr placement(result<zone_id> either) noexcept : answer_(either), applies_(true) {}

    [[nodiscard]] constexpr bool applies() const noexcept { return applies_; }
    /// Requires: applies().
    [[nodiscard]] constexpr result<zone_id> answer() const {
        expects(applies_, "placement: a strategy that does not apply has no answer");
        return answer_;
    }
    friend constexpr bool operator==(const placement&, const placement&) = default;

private:
    result<zone_id> answer_ = zone_id{};
    bool applies_ = false;
};

inline constexpr placement does_not_apply{};

/// `static placement answer(const Query&)`; constexpr if its list is to be. What it has to know
/// besides is in the query, or a template argument.
template <class S, class Query>
concept placement_strategy = requires(const Query& q) {
    { S::answer(q) } -> std::same_as<placement>;
};

/// Declares `static constexpr bool always_answers = true`: never passes.
template <class S>
concept always_answering = requires { requires static_cast<bool>(S::always_answers); };

/// Asks each strategy in turn; the first that applies decides. A list is a strategy, so lists nest.
/// Requires (checked at compile time): the last strategy always answers, and no other one does.
/// Cost: at most one call a strategy.
template <class... Strategies>
struct first_of {
    static_assert(sizeof...(Strategies) != 0,
                  "first_of: an empty list answers nothing; begin with always<zone>");
};
template <class First, class... Rest>
struct first_of<First, Rest...> {
    static constexpr bool always_answers = true;

    template <class Query>
    [[nodiscard]] static constexpr placement answer(const Query& q) {
        constexpr bool can_answer = placement_strategy<First, Query>;
        static_assert(
            can_answer,
            "first_of: a strategy needs a member `placement answer(const Query&)`, static, that "
            "takes this query");
        if constexpr (!can_answer) {
            return zone_id{};
        } else {
            const placement said = First::answer(q);
            if constexpr (!is_last) return said.applies() ? said : first_of<Rest...>::answer(q);
            expects(said.applies(), "first_of: a strategy passed that always answers");
            return said;
        }
    }
    /// Fails: as the strategy that decides refuses.
    template <class Query>
    [[nodiscard]] static constexpr result<zone_id> zone_for(const Query& q) {
        return answer(q).answer();
    }

private:
    static constexpr bool decides = always_answering<First>;
    static constexpr bool is_last = decides || sizeof...(Rest) == 0;
    static_assert([] { // in a function, so that the list does not become a type without values
        static_assert(decides || sizeof...(Rest) != 0,
                      "first_of: the last strategy can pass; end the list with one that declares "
                      "`static constexpr bool always_answers = true`, as always<zone> does");
        static_assert(!decides || sizeof...(Rest) == 0,
                      "first_of: the first strategy named here always answers, so the others are "
                      "never asked; move it to the end of the list");
        if constexpr (!is_last) return first_of<Rest...>::always_answers;
        return true;
    }());
};

} // namespace zonal::inline v0
