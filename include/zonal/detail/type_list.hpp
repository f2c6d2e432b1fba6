// SPDX-License-Identifier: BSL-1.0
#pragma once

// Lists of types, filtered and split: Boost.Hana's first job here. Callers check first, so that its
// messages are never seen, and get back a plain template with the types in it.

#include <boost/hana/filter.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>

namespace zonal::inline v0::detail {

template <template <class> class Keep>
struct keeps {
    template <class Tag>
    constexpr auto operator()(Tag) const -> boost::hana::bool_<Keep<typename Tag::type>::value> {
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

template <template <class...> class To, template <class> class Keep, class... Ts>
struct filter {
    using type = typename decltype(boost::hana::unpack(
        boost::hana::filter(boost::hana::tuple_t<Ts...>, keeps<Keep>{}), lower_to<To>{}))::type;
};

/// To<those of Ts for which Keep<T>::value>, in their order.
template <template <class...> class To, template <class> class Keep, class... Ts>
using filtered = typename filter<To, Keep, Ts...>::type;

} // namespace zonal::inline v0::detail
