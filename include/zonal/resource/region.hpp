// SPDX-License-Identifier: BSL-1.0
#pragma once

// What an entry of the resource tree says about its range: a name, flags, a kind, an owner.
//
//     constexpr region_flags ram{.memory = true, .system_ram = true, .busy = true};
//     constexpr region dimm{range, "System RAM", ram};
//     constexpr region pmem{range, "namespace0.0", {.memory = true, .busy = true}, {}, nvdimm};
//
// The owner is what kernels' trees lack. There, whoever names the range of a busy entry can take it
// out, and the driver that had claimed it finds out when it is too late.

#include <cstdint>

#include <zonal/core/text.hpp>
#include <zonal/resource/address_range.hpp>

namespace zonal::inline v0 {

struct region_flags {
    bool memory = false;         ///< addresses of the memory bus
    bool system_ram = false;     ///< memory that the system uses, or a frame for such memory
    bool busy = false;           ///< claimed: nobody requests inside it
    bool driver_managed = false; ///< system RAM that comes and goes with a driver
    bool mergeable = false;      ///< may become one entry with its neighbours
    std::uint32_t other = 0;     ///< bits of a foreign system: kept and compared, never looked at

    /// Everything that is set in `wanted` is set here.
    [[nodiscard]] constexpr bool includes(region_flags wanted) const noexcept {
        return (*this | wanted) == *this;
    }
    [[nodiscard]] friend constexpr region_flags operator|(region_flags a, region_flags b) noexcept {
        return {a.memory || b.memory,       a.system_ram || b.system_ram,
                a.busy || b.busy,           a.driver_managed || b.driver_managed,
                a.mergeable || b.mergeable, a.other | b.other};
    }
    friend constexpr bool operator==(region_flags, region_flags) = default;
};

/// What a region is made of, as a number of the system's own; 0 says nothing.
/// Models: include/linux/ioport.h the IORES_DESC_ values.
struct region_kind {
    std::uint32_t value = 0;
    friend constexpr bool operator==(region_kind, region_kind) = default;
};

/// Who may take an entry out or change its extent: a driver, or the system itself.
struct owner_id {
    std::uint32_t value = 0;
    friend constexpr bool operator==(owner_id, owner_id) = default;
};
inline constexpr owner_id the_system{};
/// Acts in everybody's name, as all do in a tree without owners. Owns nothing.
inline constexpr owner_id anyone{~std::uint32_t{0}};
/// Whose the marks of quarantined ranges are: neither the driver nor the system takes them out.
inline constexpr owner_id in_quarantine{anyone.value - 1};

/// Requires: the characters of the name outlive the entry.
/// Models:   include/linux/ioport.h struct resource; differs: has an owner, and is never part of
///           somebody else's object, so that nobody can free it while it is in the tree.
struct region {
    address_range range{};
    text name{};
    region_flags flags{};
    region_kind kind{};
    owner_id owner{};

    [[nodiscard]] constexpr bool belongs_to(owner_id who) const noexcept {
        return who == anyone || who == owner;
    }
    friend constexpr bool operator==(const region&, const region&) = default;
};

/// Which entry of a tree; stops being valid when the entry is taken out, even if its place is used
/// again. False if it names none.
struct region_id {
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    std::uint32_t slot = none;
    std::uint32_t generation = 0;

    [[nodiscard]] constexpr explicit operator bool() const noexcept { return slot != none; }
    friend constexpr bool operator==(region_id, region_id) = default;
};

/// What to look for: all these flags, and this kind unless it is 0.
struct region_query {
    region_flags flags{};
    region_kind kind{};

    [[nodiscard]] constexpr bool matches(const region& r) const noexcept {
        return r.flags.includes(flags) && (kind == region_kind{} || kind == r.kind);
    }
};

} // namespace zonal::inline v0
