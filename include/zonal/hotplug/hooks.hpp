// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who is asked before memory changes and told after: a list that the container's type shows.
//
//     struct keep_two_gigabytes {                                   // a validator
//         constexpr veto before(const hotplug_event& e);            // veto{28}, or no_veto
//     };
//     struct resize_tables {
//         constexpr veto before(const hotplug_event& e);            // reserves; may refuse
//         constexpr void undo(const hotplug_event& e);              // it came to nothing
//         constexpr void after(const hotplug_event& e);             // it happened
//     };
//     hotplug_map<zones, rules, in_place<16>, hooks<keep_two_gigabytes, resize_tables>> map;
//
// A hook has any of the three members. They are asked in their order until one vetoes; those before
// it, and all when the change fails later, undo in reverse. An empty list costs nothing.
//
// Models: include/linux/memory.h, the memory notifier chain: MEM_GOING_ONLINE, MEM_ONLINE and
//         MEM_CANCEL_ONLINE, and so on; differs: a list of types, in a fixed order, with no locks.

#include <type_traits>

#include <zonal/core/ids.hpp>
#include <zonal/core/pfn_range.hpp>
#include <zonal/core/policy.hpp>
#include <zonal/detail/object_list.hpp>

namespace zonal::inline v0 {

enum class hotplug_change : unsigned char { plug, online, offline, unplug };

/// What is about to happen, did not happen, or has happened. Memory that is plugged offline, and
/// memory that leaves from there, has no zone: its id is that of none of the set.
struct hotplug_event {
    hotplug_change what;
    pfn_range range;
    node_id node;
    zone_id zone;
    friend constexpr bool operator==(const hotplug_event&, const hotplug_event&) = default;
};

/// Why a hook refuses: a code of its own, not 0.
struct veto {
    int code = 0;
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return code != 0; }
    friend constexpr bool operator==(veto, veto) = default;
};
inline constexpr veto no_veto{};

/// The slot of the hook list.
struct hooks_slot {};

// What a compile error names.
template <class Hook>
struct hook_does_nothing : detail::mistake {
    static_assert(detail::always_false<Hook>,
                  "hooks: this type has none of `veto before(const hotplug_event&)`, `void "
                  "undo(const hotplug_event&)`, `void after(const hotplug_event&)`");
};

template <class Hook>
struct hook_answers_wrongly : detail::mistake {
    static_assert(detail::always_false<Hook>,
                  "hooks: `before` answers with a veto, `undo` and `after` with nothing; a member "
                  "of this type answers with something else");
};

namespace detail {

template <class H>
concept validates = requires(H& h, const hotplug_event& e) {
    { h.before(e) } -> std::same_as<veto>;
};
template <class H>
concept undoes = requires(H& h, const hotplug_event& e) {
    { h.undo(e) } -> std::same_as<void>;
};
template <class H>
concept observes = requires(H& h, const hotplug_event& e) {
    { h.after(e) } -> std::same_as<void>;
};
template <class H>
inline constexpr bool answers_wrongly =
    (requires(H& h, const hotplug_event& e) { h.before(e); } && !validates<H>) ||
    (requires(H& h, const hotplug_event& e) { h.undo(e); } && !undoes<H>) ||
    (requires(H& h, const hotplug_event& e) { h.after(e); } && !observes<H>);
template <class H>
using mistake_in_hook =
    first_mistake<mistake_if<answers_wrongly<H>, hook_answers_wrongly<H>>,
                  mistake_if<!validates<H> && !undoes<H> && !observes<H>, hook_does_nothing<H>>>;

} // namespace detail

template <class... Hooks>
class hooks {
    static_assert((std::is_void_v<typename detail::mistake_in_hook<Hooks>::named> && ...));

public:
    using policy_slot = hooks_slot;

    /// Asks all; the first veto ends it, and those before it have undone.
    constexpr veto before(const hotplug_event& e) {
        veto said = no_veto;
        const auto ask = [&]<class H>(H& hook) {
            if constexpr (detail::validates<H>) said = hook.before(e);
            return !said;
        };
        static_cast<void>(list_.all(ask, undoing(e)));
        return said;
    }
    constexpr void undo(const hotplug_event& e) { list_.undo_all(undoing(e)); }
    constexpr void after(const hotplug_event& e) {
        list_.for_each([&]<class H>(H& hook) {
            if constexpr (detail::observes<H>) hook.after(e);
        });
    }

    /// The hook object of that type.
    template <class Hook>
    [[nodiscard]] constexpr Hook& get() noexcept {
        static_assert(
            (std::is_same_v<Hook, Hooks> || ...),
            "hooks: the list has no such hook (the first argument); add it to hooks<...>");
        return list_.template get<Hook>();
    }

private:
    static constexpr auto undoing(const hotplug_event& e) {
        return [&e]<class H>(H& hook) {
            if constexpr (detail::undoes<H>) hook.undo(e);
        };
    }
    [[no_unique_address]] detail::object_list<Hooks...> list_{};
};

} // namespace zonal::inline v0
