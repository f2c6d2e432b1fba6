// SPDX-License-Identifier: BSL-1.0
#pragma once

// What firmware says about memory: which bytes are usable, which are not, which node owns which.
//
//     firmware_map<8> firmware;
//     const byte_range low{phys_addr{0}, phys_addr{0x9fc00}};
//     const byte_range bios{phys_addr{0x9f000}, phys_addr{0x100000}};
//     const bool fits = firmware.add({low, firmware_kind::usable}).has_value() &&
//                       firmware.add({bios, firmware_kind::reserved}).has_value();
//     firmware.run_from(phys_addr{0});                            // usable [0, 0x9f000)
//
// In bytes, because firmware counts so; pages come with `boot_ranges`. Entries may overlap and come
// in any order, as they do in real tables; what holds is what the strongest kind says.

#include <zonal/core/bounded_list.hpp>
#include <zonal/core/ids.hpp>
#include <zonal/core/pfn.hpp>

namespace zonal::inline v0 {

/// Bytes [start, end). The last byte of 2^64 is in no range.
struct byte_range {
    phys_addr start{};
    phys_addr end{};

    [[nodiscard]] constexpr bool empty() const noexcept { return start == end; }
    [[nodiscard]] constexpr bool contains(phys_addr a) const noexcept {
        return start <= a && a < end;
    }
    /// The common bytes; [0, 0) when there are none.
    [[nodiscard]] constexpr byte_range intersection(byte_range other) const noexcept {
        const byte_range common{start < other.start ? other.start : start,
                                end < other.end ? end : other.end};
        return common.start < common.end ? common : byte_range{};
    }
    friend constexpr bool operator==(const byte_range&, const byte_range&) = default;
};

/// What bytes are good for; where entries overlap, the later enumerator wins.
/// Models: enum e820_type, in the order of its numbers.
enum class firmware_kind : unsigned char {
    usable,
    reserved,
    acpi_tables,
    acpi_nvs,
    unusable,
    persistent,
    persistent_legacy, ///< declared by hand or by firmware older than the standard
};

struct firmware_range {
    byte_range bytes{};
    firmware_kind kind = firmware_kind::usable;
    friend constexpr bool operator==(const firmware_range&, const firmware_range&) = default;
};

/// Bytes that belong to a node, whether or not memory is there.
struct node_range {
    byte_range bytes{};
    node_id node{};
    bool hot_pluggable = false; ///< its memory may leave while the system runs
    friend constexpr bool operator==(const node_range&, const node_range&) = default;
};

/// Which node owns which bytes; empty when there is but one node, which owns all.
template <unsigned Capacity = 32>
using node_map = bounded_list<node_range, Capacity>;

/// The firmware's memory map.
/// Models: arch/x86/kernel/e820.c; differs: entries stay as they were given, their overlaps are
/// resolved when somebody asks.
template <unsigned Capacity = 128>
class firmware_map {
public:
    /// Adds an entry; an empty one is ignored.
    /// Fails: bad_range  the end lies before the start;
    ///        no_space   the map is full.
    constexpr result<done> add(const firmware_range& r) noexcept {
        if (r.bytes.end < r.bytes.start) return fail(errc::bad_range);
        return r.bytes.empty() ? result<done>(done{}) : entries_.add(r);
    }
    constexpr void clear() noexcept { entries_.size = 0; }

    /// Forgets what is usable from `limit` on; other kinds stay.
    constexpr void end_usable_at(phys_addr limit) {
        for (unsigned i = entries_.size; i-- > 0;) {
            firmware_range& e = entries_.items[i];
            if (e.kind != firmware_kind::usable || e.bytes.end <= limit) continue;
            if (limit <= e.bytes.start)
                entries_.remove(i);
            else
                e.bytes.end = limit;
        }
    }

    /// The first bytes at or after `at` that the map knows, as far as they are of one kind.
    /// Fails: not_found  there are none.
    /// Cost:  O(n) for each entry that begins or ends inside the run.
    /// Models: the table that e820__update_table() makes, one entry a call.
    [[nodiscard]] constexpr result<firmware_range> run_from(phys_addr at) const noexcept {
        auto kind = kind_at(at);
        if (!kind) {
            const auto next = boundary_after(at); // where none covers, it is a start
            if (!next) return fail(errc::not_found);
            kind = kind_at(at = *next);
        }
        phys_addr end = at;
        do end = *boundary_after(end);
        while (kind_at(end) == kind);
        return firmware_range{{at, end}, *kind};
    }

    /// The end of the last usable bytes; 0 when there are none.
    [[nodiscard]] constexpr phys_addr end_of_usable() const noexcept {
        phys_addr end;
        for (auto run = run_from({}); run; run = run_from(run->bytes.end))
            if (run->kind == firmware_kind::usable) end = run->bytes.end;
        return end;
    }

private:
    constexpr result<firmware_kind> kind_at(phys_addr a) const noexcept {
        result<firmware_kind> strongest = fail(errc::not_found);
        for (const firmware_range& e : entries_)
            if (e.bytes.contains(a) && (!strongest || *strongest < e.kind)) strongest = e.kind;
        return strongest;
    }
    constexpr result<phys_addr> boundary_after(phys_addr a) const noexcept {
        result<phys_addr> next = fail(errc::not_found);
        for (const firmware_range& e : entries_)
            for (const phys_addr b : {e.bytes.start, e.bytes.end})
                if (a < b && (!next || b < *next)) next = b;
        return next;
    }

    bounded_list<firmware_range, Capacity> entries_;
};

} // namespace zonal::inline v0
