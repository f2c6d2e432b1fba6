// SPDX-License-Identifier: BSL-1.0
#pragma once

// How entries hang together: slots linked to a tree, with no rules about who may do what.
//
// Siblings ascend and are disjoint, an entry lies in its parent. The callers of `link` and `unlink`
// have made sure of that; `place_for` finds where it holds.

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <zonal/core/storage.hpp>
#include <zonal/resource/region.hpp>

namespace zonal::inline v0 {

/// An entry and its place in the tree, by the numbers of slots: what a storage policy keeps.
struct region_slot {
    static constexpr std::uint32_t none = region_id::none;

    region what{};
    std::uint32_t parent = none; ///< none: the slot is not in use
    std::uint32_t child = none;  ///< the lowest one
    std::uint32_t next = none;   ///< the next higher sibling; or the next unused slot
    std::uint32_t generation = 0;
};

/// What an insertion does with entries that are in its way. There is no mode that guesses: an entry
/// that silently goes above another one is a conflict that nobody hears of.
enum class insert_mode : unsigned char {
    conflict, ///< refuses; the new entry lies directly in the given parent
    adopt,  ///< goes down to where it fits; entries within the new one, equal ones too, go into it
    expand, ///< as adopt, but first grows over entries that overlap it in part
};

namespace detail {

template <storage_policy Storage>
class linked_entries {
public:
    static constexpr std::uint32_t none = region_slot::none;
    static constexpr std::uint32_t root = none - 1;

    /// Where an entry would go, or what is in its way.
    struct place {
        std::uint32_t parent = none;
        std::uint32_t before = none; ///< the sibling below, if there is one
        std::uint32_t first = none;  ///< the lowest and
        std::uint32_t last = none;   ///< the highest entry that it would adopt
        std::uint32_t conflict = none;
    };

    using slots = typename Storage::template slots<region_slot>;

    template <class... Args>
        requires std::is_constructible_v<slots, Args...>
    explicit constexpr linked_entries(Args&&... args) : slots_(std::forward<Args>(args)...) {}

    [[nodiscard]] constexpr region_slot& at(std::uint32_t s) {
        return s == root ? use_.root : slots_.data()[s];
    }
    [[nodiscard]] constexpr const region_slot& at(std::uint32_t s) const {
        return s == root ? use_.root : slots_.data()[s];
    }
    [[nodiscard]] constexpr address_range range(std::uint32_t s) const { return at(s).what.range; }
    [[nodiscard]] constexpr std::uint32_t size() const noexcept { return use_.size; }
    [[nodiscard]] constexpr bool in_use(std::uint32_t s) const {
        return s == root || (s < use_.used && slots_.data()[s].parent != none);
    }

    /// The sibling below an entry.
    [[nodiscard]] constexpr std::uint32_t before(std::uint32_t entry) const {
        std::uint32_t found = none;
        for (auto s = at(at(entry).parent).child; s != entry; s = at(s).next) found = s;
        return found;
    }

    /// The entry after s in the walk of `top` and all in it; parents come before their children.
    [[nodiscard]] constexpr std::uint32_t after(std::uint32_t s, std::uint32_t top,
                                                bool into_children = true) const {
        if (into_children && at(s).child != none) return at(s).child;
        while (s != top && at(s).next == none) s = at(s).parent;
        return s == top ? none : at(s).next;
    }

    /// Requires: the entry `parent` contains r.
    /// Models:   kernel/resource.c __request_resource(), __insert_resource().
    [[nodiscard]] constexpr place place_for(address_range r, insert_mode mode,
                                            std::uint32_t parent) const {
        for (;;) {
            place to{.parent = parent};
            std::uint32_t s = at(parent).child;
            for (; s != none && range(s).last() < r.start(); s = at(s).next) to.before = s;
            if (s == none || range(s).start() > r.last()) return to;
            if (mode == insert_mode::conflict) return {.parent = parent, .conflict = s};
            if (range(s).contains(r) && range(s) != r) {
                parent = s;
                continue;
            }
            for (to.first = s; s != none && range(s).start() <= r.last(); s = at(s).next) {
                if (!r.contains(range(s))) return {.parent = parent, .conflict = s};
                to.last = s;
            }
            return to;
        }
    }

    /// Whether there is a slot for one entry more.
    [[nodiscard]] constexpr bool make_room() {
        return use_.free != none ||
               (use_.used != root && slots_.grow(std::size_t{use_.used} + 1, use_.used));
    }
    /// Takes a slot for an entry at that place.
    /// Fails: no_space
    constexpr result<std::uint32_t> link(const region& what, const place& to) {
        if (!make_room()) return fail(errc::no_space);
        const std::uint32_t slot = use_.free != none ? use_.free : use_.used;
        if (use_.free == none)
            ++use_.used;
        else
            use_.free = at(slot).next;
        ++use_.size;
        std::uint32_t& from = to.before == none ? at(to.parent).child : at(to.before).next;
        at(slot) = {.what = what,
                    .parent = to.parent,
                    .child = to.first,
                    .next = to.first == none ? from : at(to.last).next,
                    .generation = at(slot).generation};
        from = slot;
        if (to.first != none) at(to.last).next = none;
        for (auto c = to.first; c != none; c = at(c).next) at(c).parent = slot;
        return slot;
    }

    /// Frees the slots of an entry and of all in it, unless these take its place.
    constexpr void unlink(std::uint32_t entry, bool children_stay = false) {
        const std::uint32_t below = before(entry);
        std::uint32_t* to = below == none ? &at(at(entry).parent).child : &at(below).next;
        for (auto c = at(entry).child; children_stay && c != none; c = at(c).next) {
            at(c).parent = at(entry).parent;
            *std::exchange(to, &at(c).next) = c;
        }
        *to = at(entry).next;
        if (children_stay) at(entry).child = none;
        for (auto s = entry; s != none;) { // leaves first: the way up must still be there
            while (at(s).child != none) s = at(s).child;
            const std::uint32_t up = s == entry ? none : at(s).parent;
            if (up != none) at(up).child = at(s).next;
            at(s) = {.next = use_.free, .generation = at(s).generation + 1};
            use_.free = s;
            --use_.size;
            s = up;
        }
    }

private:
    struct usage {
        region_slot root{.what = {.flags = {.memory = true}}};
        std::uint32_t used = 0;    // slots that were ever taken
        std::uint32_t free = none; // those of them that were given back
        std::uint32_t size = 0;
    };
    slots slots_;
    // A storage that can be copied is; from another one the entries leave with it.
    std::conditional_t<std::copyable<slots>, usage, taken_along<usage>> use_{};
};

} // namespace detail
} // namespace zonal::inline v0
