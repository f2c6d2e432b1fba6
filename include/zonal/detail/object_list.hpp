// SPDX-License-Identifier: BSL-1.0
#pragma once

// Objects of different types, kept and walked: Boost.Hana's second job here.

#include <type_traits>
#include <utility>

#include <boost/hana/at.hpp>
#include <boost/hana/basic_tuple.hpp>

#include <zonal/config.hpp>

namespace zonal::inline v0::detail {

/// The place of the first T among Ts; their number, if there is none.
template <class T, class... Ts>
consteval unsigned index_of() {
    unsigned i = 0;
    static_cast<void>(((std::is_same_v<T, Ts> || (++i, false)) || ...));
    return i;
}

template <class... Ts>
class object_list {
public:
    /// The first object of that type. Callers check first that there is one.
    template <class T>
    [[nodiscard]] constexpr T& get() noexcept {
        if constexpr (index_of<T, Ts...>() != sizeof...(Ts))
            return at<index_of<T, Ts...>()>();
        else
            panic("object_list: no such object");
    }
    template <unsigned I>
    [[nodiscard]] constexpr auto& at() noexcept {
        return boost::hana::at_c<I>(objects_);
    }

    /// Calls visit(object) in order until it answers false; then calls undo(object) for those
    /// before that one, the last one first. Returns whether all answered true.
    template <class Visit, class Undo>
    constexpr bool all(Visit&& visit, Undo&& undo) {
        return all_from<0>(visit, undo);
    }
    template <class F>
    constexpr void for_each(F&& f) {
        static_cast<void>(all([&](auto& object) { return f(object), true; }, [](auto&) {}));
    }
    /// Calls undo(object) for all, the last one first.
    template <class Undo>
    constexpr void undo_all(Undo&& undo) {
        undo_from<0>(undo);
    }

private:
    template <unsigned I, class Visit, class Undo>
    constexpr bool all_from(Visit& visit, Undo& undo) {
        if constexpr (I != sizeof...(Ts)) {
            if (!visit(at<I>())) return false;
            if (all_from<I + 1>(visit, undo)) return true;
            undo(at<I>());
            return false;
        }
        return true;
    }
    template <unsigned I, class Undo>
    constexpr void undo_from(Undo& undo) {
        if constexpr (I != sizeof...(Ts)) {
            undo_from<I + 1>(undo);
            undo(at<I>());
        }
    }

    [[no_unique_address]] boost::hana::basic_tuple<Ts...> objects_{};
};

} // namespace zonal::inline v0::detail
