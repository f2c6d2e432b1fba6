// SPDX-License-Identifier: BSL-1.0
#pragma once

// The ranges that a hotplug_map holds: their handles, who references them, and who removes them.
//
// A range has a slot, which does not move; a handle names the slot and how often it has been used.

#include <zonal/core/ids.hpp>
#include <zonal/hotplug/references.hpp>
#include <zonal/hotplug/removal.hpp>
#include <zonal/ranges/pfn_range_map.hpp>

namespace zonal::inline v0 {

/// What a hotplug_map says of a range.
struct plugged_range {
    pfn_range range{};
    node_id node{};
    zone_id zone{}; ///< the one it is, or was last, in; if it never was in one, none of the set's
    bool online = false;
    owner_id owner{}; ///< the driver that it stays with, or the system
    range_handle handle{};
    friend constexpr bool operator==(const plugged_range&, const plugged_range&) = default;
};

/// Ranges by pfn and by handle.
/// Every call that takes a handle fails with `stale` when that range is gone.
/// Any number of threads may pin and unpin, as long as the storage does not grow; all else is for
/// one thread at a time.
template <storage_policy Storage, back_end_policy BackEnd, unsigned NamedHolders>
class range_table {
public:
    using closed_type = closed<range_table>;
    using drained_type = drained<range_table>;

    // Handles and tokens are bound to the object.
    range_table(const range_table&) = delete;
    range_table& operator=(const range_table&) = delete;

    /// How many ranges are plugged.
    [[nodiscard]] constexpr std::size_t size() const noexcept { return index_.size(); }
    /// The range that p lies in.
    /// Fails: not_found  p is not plugged.
    [[nodiscard]] constexpr result<plugged_range> find(pfn p) const {
        const auto e = index_.find(p);
        if (!e) return fail(errc::not_found);
        return at(e->value).what;
    }
    [[nodiscard]] constexpr result<plugged_range> about(range_handle h) const {
        if (!is_live(h)) return fail(errc::stale);
        return at(h.slot).what;
    }
    /// Calls f(plugged_range) for all, ascending.
    /// Requires: f plugs and unplugs nothing.
    template <class F>
    constexpr void for_each(F&& f) const {
        for (const auto& e : index_) f(at(e.value).what);
    }

    // ---- references ----

    /// Takes a reference: the range stays where it is until it is dropped.
    /// Fails: bad_state  the range is offline, or being removed;
    ///        no_space   more holders than can be named, or references than can be counted.
    constexpr result<done> pin(range_handle h, owner_id who = the_system) noexcept {
        if (h.slot >= slots_.capacity()) return fail(errc::stale);
        return at(h.slot).references.take(h.generation, who);
    }
    /// Fails: not_found  there is no reference (of who's, with named_holders).
    constexpr result<done> unpin(range_handle h, owner_id who = the_system) noexcept {
        if (h.slot >= slots_.capacity()) return fail(errc::stale);
        return at(h.slot).references.drop(h.generation, who);
    }
    /// How many references there are.
    [[nodiscard]] constexpr result<std::uint32_t> pins(range_handle h) const {
        if (!is_live(h)) return fail(errc::stale);
        return at(h.slot).references.count();
    }
    /// Calls f(holder) for each that has references, with named_holders.
    template <class F>
    constexpr result<done> for_each_holder(range_handle h, F&& f) const {
        static_assert(NamedHolders != 0,
                      "hotplug_map: holders have no names here; add named_holders<N>");
        if (!is_live(h)) return fail(errc::stale);
        at(h.slot).references.for_each_holder(f);
        return done{};
    }

    // ---- the steps of a removal ----

    /// Begins a removal: from now on there are no new references.
    /// Requires: the token goes before the table.
    /// Fails:    bad_state  somebody is removing it already, or called by a hook or a policy that
    ///           is being asked.
    constexpr result<closed_type> close(range_handle h) {
        if (!is_live(h)) return fail(errc::stale);
        slot& s = at(h.slot);
        if (s.leaving || changing_) return fail(errc::bad_state);
        s.leaving = true;
        s.references.close();
        return closed_type{*this, h};
    }
    /// The token that says that a closed range has no references. Uses up the one that it is made
    /// from.
    /// Fails: busy   there are some;
    ///        stale  the token is empty, or another map's.
    constexpr result<drained_type> drain(closed_type& token) {
        if (token.map_ != this) return fail(errc::stale);
        if (at(token.handle_.slot).references.count() != 0) return fail(errc::busy);
        token.use_up();
        return drained_type{*this, token.handle_};
    }
    /// Closes the range and waits for its references to go, until stop(how many there are) is true;
    /// without it, looks once.
    /// Fails: busy       there are still some; the range is open again;
    ///        bad_state  as close.
    template <std::predicate<std::uint32_t> Stop = look_once>
    constexpr result<drained_type> drain(range_handle h, Stop stop = {}) {
        auto token = close(h);
        if (!token) return fail(token.error());
        for (;;) {
            if (auto gone = drain(*token)) return gone;
            if (stop(at(h.slot).references.count())) return fail(errc::busy);
        }
    }

protected:
    struct slot {
        plugged_range what{};
        bool claimed = false; ///< its entry in the resource tree came with it
        bool used = false;
        bool leaving = false; ///< a token is out
        detail::references<NamedHolders> references{};
    };

    constexpr range_table() = default;
    constexpr ~range_table() = default;

    /// While the answer lives, somebody is asked about a change, who makes none himself.
    [[nodiscard]] constexpr auto changing() noexcept {
        struct guard {
            bool& flag;
            constexpr ~guard() { flag = false; }
        };
        return guard{changing_ = true};
    }
    [[nodiscard]] constexpr bool is_changing() const noexcept { return changing_; }

    [[nodiscard]] constexpr slot& at(std::uint32_t i) noexcept { return slots_.data()[i]; }
    [[nodiscard]] constexpr const slot& at(std::uint32_t i) const noexcept {
        return slots_.data()[i];
    }
    [[nodiscard]] constexpr bool is_live(range_handle h) const noexcept {
        return h.slot < slots_.capacity() && at(h.slot).used &&
               at(h.slot).references.generation() == h.generation;
    }
    [[nodiscard]] constexpr bool overlaps(pfn_range r) const noexcept { return index_.overlaps(r); }

    /// A slot for one range more, and room in the index; nobody sees it yet.
    /// Fails: no_space.
    [[nodiscard]] constexpr result<std::uint32_t> reserve_slot() {
        if (const auto room = index_.reserve(index_.size() + 1); !room) return fail(room.error());
        for (std::uint32_t i = 0;; ++i) {
            if (i == slots_.capacity() && !slots_.grow(i + 1, i)) return fail(errc::no_space);
            if (!at(i).used) return i;
        }
    }
    /// Requires: reserve_slot answered i, and nothing of the range is plugged.
    constexpr range_handle enter(std::uint32_t i, const plugged_range& what) {
        slot& s = at(i);
        s.what = what;
        s.what.handle = {i, s.references.generation()};
        s.used = true;
        if (what.online) s.references.open();
        expects(index_.insert(what.range, i).has_value(), "range_table: no room was made");
        return s.what.handle;
    }
    /// Uses up the token of a range that is gone, and with it the handle.
    constexpr void forget(drained_type& token) {
        token.use_up();
        slot& s = at(token.handle_.slot);
        expects(index_.erase(s.what.range).has_value(), "range_table: the range is not there");
        s.used = s.leaving = false;
        s.references.retire();
    }
    /// Whether the token is one of this table's ranges', and not used up.
    [[nodiscard]] constexpr bool is_ours(const drained_type& token) const noexcept {
        return token.map_ == this;
    }

private:
    friend closed_type;
    friend drained_type;

    constexpr void reopen(range_handle h) noexcept {
        if (!is_live(h)) return;
        at(h.slot).leaving = false;
        if (at(h.slot).what.online) at(h.slot).references.open();
    }

    pfn_range_map<std::uint32_t, Storage, BackEnd, keep_apart> index_{};
    typename Storage::template slots<slot> slots_{};
    bool changing_ = false;
};

} // namespace zonal::inline v0
