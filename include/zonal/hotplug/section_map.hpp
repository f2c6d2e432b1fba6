// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which pages exist, in the sense that the system has a page word for them: whole sections, of
// which every subsection exists or not.

#include <zonal/core/geometry.hpp>
#include <zonal/ranges/pfn_range_set.hpp>

namespace zonal::inline v0 {

/// Which subsections exist, and which of their sections a device has, or had, a part of.
/// Models: mm/sparse.c, struct mem_section and its subsection_map.
template <storage_policy Storage, back_end_policy BackEnd = sorted_array>
class section_map {
public:
    using page_set = pfn_range_set<Storage, BackEnd>;

    explicit constexpr section_map(const page_geometry& g) : geometry_(g) {}
    template <class Tainted, class Existing>
    constexpr section_map(const page_geometry& g, Tainted&& tainted, Existing&& existing)
        : geometry_(g), tainted_(std::forward<Tainted>(tainted)),
          existing_(std::forward<Existing>(existing)) {}

    [[nodiscard]] constexpr const page_geometry& geometry() const noexcept { return geometry_; }
    /// By subsections.
    [[nodiscard]] constexpr const page_set& existing() const noexcept { return existing_; }
    /// By sections.
    [[nodiscard]] constexpr const page_set& tainted() const noexcept { return tainted_; }

    /// From now on these subsections exist. `taint_ends` marks the sections that r has only a part
    /// of.
    /// Returns whether there was room; if not, nothing has changed.
    [[nodiscard]] constexpr bool insert(pfn_range r, bool taint_ends = false) {
        if (!existing_.reserve_insert(r) || (taint_ends && !taint_ends_of(r))) return false;
        certain(existing_.insert(r, overlap::keep));
        return true;
    }
    /// Gets the room that erasing r needs.
    [[nodiscard]] constexpr bool room_to_erase(pfn_range r) {
        return tainted_.reserve_erase(emptied_by(r)) && existing_.reserve_erase(r);
    }
    /// These subsections are gone, and the sections of which none is left.
    /// Requires: room_to_erase.
    constexpr void erase(pfn_range r) {
        certain(tainted_.erase(emptied_by(r), missing::ignore));
        certain(existing_.erase(r, missing::ignore));
    }

private:
    static constexpr void certain(const auto& changed) {
        expects(changed.has_value(), "section_map: no room was made");
    }

    [[nodiscard]] constexpr bool taint_ends_of(pfn_range r) {
        const pfn_range out = geometry_.align_out(r, unit::section);
        const pfn_range low = geometry_.align_out({out.start(), r.start()}, unit::section);
        const pfn_range high = geometry_.align_out({r.end(), out.end()}, unit::section);
        const bool was_tainted = tainted_.overlaps(low);
        if (!tainted_.insert(low, overlap::keep)) return false;
        if (tainted_.insert(high, overlap::keep)) return true;
        if (!was_tainted) certain(tainted_.erase(low, missing::ignore));
        return false;
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
    page_set tainted_;
    page_set existing_;
};

} // namespace zonal::inline v0
