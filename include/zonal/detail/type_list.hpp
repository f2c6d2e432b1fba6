// SPDX-License-Identifier: BSL-1.0
#pragma once

// Lists of types, filtered and split: Boost.Hana's first job here. Callers check first, so that its
// messages are never seen, and get back a plain template with the types in it.

#include <boost/hana/filter.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>

namespace zonal::inline v0::detail {

template <class Filter>
struct keeps {
    template <class Tag>
    constexpr auto operator()(Tag) const
        -> boost::hana::bool_<Filter::template keep<typename Tag::type>> {
        return {};
    }
};

template <template <class...> class To>
struct lower_to {
    template <class... Tags>
    constexpr auto operator()(Tags...) const
        -> boost::hana::basic_type<To<typename Tags::type...>> {
        return {};
    }
};

template <template <class...> class To, class Filter, class Listed>
struct filter;
template <template <class...> class To, class Filter, template <class...> class List, class... Ts>
struct filter<To, Filter, List<Ts...>> {
    using type = typename decltype(boost::hana::unpack(
        boost::hana::filter(boost::hana::tuple_t<Ts...>, keeps<Filter>{}), lower_to<To>{}))::type;
};

/// To<those of Listed's arguments for which Filter::keep<T>>, in their order.
template <template <class...> class To, class Filter, class Listed>
using filtered = typename filter<To, Filter, Listed>::type;

} // namespace zonal::inline v0::detail
