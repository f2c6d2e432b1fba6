// SPDX-License-Identifier: BSL-1.0
#pragma once

// New zone sets from old ones.
//
//     using all = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>;
//     static_assert(std::is_same_v<without<all, lm::dma>,
//                                  zone_set<lm::dma32, lm::normal, lm::movable, lm::device>>);
//     using ram = only<all, &zone_traits::allocatable>;
//     static_assert(ram::size == 4);
//
// The results are zone sets and so are checked as such; an empty result does not compile.

#include <zonal/detail/type_list.hpp>
#include <zonal/zone/predicate.hpp>
#include <zonal/zone/zone_set.hpp>

namespace zonal::inline v0 {

namespace detail {

template <auto Predicate, bool Wanted>
struct by_traits {
    static_assert(is_predicate<Predicate>());
    template <class Zone>
    struct keep {
        static constexpr bool value = answers<Predicate>({Zone::name, Zone::traits}) == Wanted;
    };
};
template <class... Dropped>
struct all_but {
    template <class Zone>
    struct keep {
        static constexpr bool value = !(std::is_same_v<Zone, Dropped> || ...);
    };
};
template <unsigned Rank, bool Above>
struct by_rank {
    template <class Zone>
    struct keep {
        static constexpr bool value = (Zone::traits.rank() > Rank) == Above;
    };
};

template <class Listed>
struct algebra;
template <class... Zones>
struct algebra<zones_listed<Zones...>> {
    template <template <class> class Keep>
    using kept = filtered<zone_set, Keep, Zones...>;

    template <class... Dropped>
    struct without {
        // index_in carries the message; it is in range only to be evaluated.
        static_assert(((index_in<Dropped, Zones...>() <= sizeof...(Zones)) && ...));
        using type = kept<all_but<Dropped...>::template keep>;
    };

    template <class Added, class Below, class Above>
    struct joined;
    template <class Added, class... Below, class... Above>
    struct joined<Added, zones_listed<Below...>, zones_listed<Above...>> {
        using type = zone_set<Below..., Added, Above...>;
    };
    template <class Added>
    using with = typename joined<
        Added,
        filtered<zones_listed, by_rank<Added::traits.rank(), false>::template keep, Zones...>,
        filtered<zones_listed, by_rank<Added::traits.rank(), true>::template keep, Zones...>>::type;
};

} // namespace detail

/// Set without some of its zones.
/// Requires: each of them is in the set.
template <class Set, class... Dropped>
using without = typename detail::algebra<typename Set::listed>::template without<Dropped...>::type;

/// Set with one more zone, at the place that its rank gives it (after zones of equal rank).
template <class Set, zone_type Added>
using with = typename detail::algebra<typename Set::listed>::template with<Added>;

/// The zones that answer yes to Predicate: `&zone_traits::allocatable`, or anything constant that
/// can be called with a zone_info.
template <class Set, auto Predicate>
using only = typename detail::algebra<typename Set::listed>::template kept<
    detail::by_traits<Predicate, true>::template keep>;

/// Set cut in two by a predicate; both sides must have a zone.
template <class Set, auto Predicate>
struct partition {
    using yes = only<Set, Predicate>;
    using no = typename detail::algebra<typename Set::listed>::template kept<
        detail::by_traits<Predicate, false>::template keep>;
};

} // namespace zonal::inline v0
