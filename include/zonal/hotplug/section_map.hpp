// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which pages exist, in the sense that the system has a page word for them: whole sections, of
// which every subsection exists or not.

#include <zonal/core/geometry.hpp>
#include <zonal/ranges/pfn_range_map.hpp>
#include <zonal/ranges/pfn_range_set.hpp>

namespace zonal::inline v0 {

/// What is so of a section as a whole. It is online with its block, except for one of a block of
/// the boot that only a device has.
struct section_state {
    bool early = false; ///< there since boot
    /// A device has, or had, a part of it: whether a page is online must be asked of the page.
    bool tainted = false;

    [[nodiscard]] friend constexpr section_state operator|(section_state a,
                                                           section_state b) noexcept {
        return {a.early || b.early, a.tainted || b.tainted};
    }
    friend constexpr bool operator==(section_state, section_state) = default;
};

/// The sections that have an existing subsection.
/// Models: mm/sparse.c, struct mem_section and its subsection_map.
template <storage_policy Storage, back_end_policy BackEnd = sorted_array>
class section_map {
public:
    using states = pfn_range_map<section_state, Storage, BackEnd>;
    using subsections = pfn_range_set<Storage, BackEnd>;

    explicit constexpr section_map(const page_geometry& g) : geometry_(g) {}
    template <class States, class Subsections>
    constexpr section_map(const page_geometry& g, States&& s, Subsections&& m)
        : geometry_(g), states_(std::forward<States>(s)), existing_(std::forward<Subsections>(m)) {}

    [[nodiscard]] constexpr const page_geometry& geometry() const noexcept { return geometry_; }
    /// By sections.
    [[nodiscard]] constexpr const states& all() const noexcept { return states_; }
    /// By subsections.
    [[nodiscard]] constexpr const subsections& existing() const noexcept { return existing_; }

    /// Gets the room that erasing r needs.
    [[nodiscard]] constexpr bool room_to_erase(pfn_range r) {
        return states_.reserve_erase(emptied_by(r)) && existing_.reserve_erase(r);
    }

    /// From now on these subsections exist; sections that do already keep what is so of them.
    /// `taint_ends` marks the sections that r has only a part of.
    /// Returns whether there was room; if not, nothing has changed.
    [[nodiscard]] constexpr bool insert(pfn_range r, section_state state, bool taint_ends = false) {
        if (!existing_.reserve_insert(r)) return false;
        const pfn_range out = geometry_.align_out(r, unit::section);
        const auto shared = [&](pfn from, pfn to) {
            return taint_ends ? geometry_.align_out({from, to}, unit::section) : pfn_range{};
        };
        const pfn_range low = shared(out.start(), r.start()), high = shared(r.end(), out.end());
        const section_state tainted = state | section_state{.tainted = true};
        const auto before_low = states_.find(out.start());
        const auto before_high = states_.find(out.end() - page_count{1});
        if (!states_.insert(low, tainted, both)) return false;
        if (states_.insert(high, tainted, both)) {
            // A section that is tainted now stays so.
            if (states_.insert(out, state, both)) {
                certain(existing_.insert(r, overlap::keep));
                return true;
            }
            restore(high, before_high);
        }
        restore(low, before_low);
        return false;
    }
    /// These subsections are gone, and the sections of which none is left.
    /// Requires: room_to_erase.
    constexpr void erase(pfn_range r) {
        certain(states_.erase(emptied_by(r), missing::ignore));
        certain(existing_.erase(r, missing::ignore));
    }

private:
    static constexpr auto both =
        overlap::combine([](section_state a, section_state b) { return a | b; });
    static constexpr void certain(const auto& changed) {
        expects(changed.has_value(), "section_map: no room was made");
    }

    /// The section as it was: there was room for that.
    constexpr void restore(pfn_range section, const auto& before) {
        if (before)
            certain(states_.insert(section, before->value, overlap::replace));
        else
            certain(states_.erase(section, missing::ignore));
    }
    [[nodiscard]] constexpr pfn_range emptied_by(pfn_range r) const {
        const pfn first = geometry_.align_down(r.start(), unit::section);
        const pfn last = geometry_.align_up(r.end(), unit::section);
        const page_count one = geometry_.pages_of(unit::section);
        const pfn from = existing_.overlaps({first, r.start()}) ? first + one : first;
        const pfn to = existing_.overlaps({r.end(), last}) ? last - one : last;
        return from < to ? pfn_range{from, to} : pfn_range{};
    }

    page_geometry geometry_;
    states states_;
    subsections existing_;
};

} // namespace zonal::inline v0
