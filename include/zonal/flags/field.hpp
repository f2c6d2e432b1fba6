// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a field asks of a word, as a value: so many bits, from this end, and what to do when there
// is no room.

#include <cstdint>

#include <zonal/core/bits.hpp>
#include <zonal/core/text.hpp>

namespace zonal::inline v0 {

/// The answer to "there is no room for this field".
enum class no_room : unsigned char {
    refuse,     ///< the layout is refused; the field is charged, so that later answers stay honest
    side_table, ///< left out: found through another table (as a node through its section)
    member,     ///< left out: it becomes a member of the user's struct (as the last CPU and pid do)
    take_rest,  ///< takes the bits that are left, down to none (as the LRU references do)
};

/// How a value is stored. KASAN tags are stored inverted, so that a zeroed word means "no tag".
enum class encoding : unsigned char { identity, inverted };

/// The end of the word from which a field is placed.
enum class anchor : unsigned char { high, low };

/// One field of a layout.
/// Units: bits. A width of 0 is allowed: the field exists and takes no room. One of more than 64
/// never has room.
struct field_spec {
    text name;
    unsigned width = 0;
    no_room otherwise = no_room::refuse;
    encoding stored = encoding::identity;
    anchor from = anchor::high;
    /// Fields claim their bits in ascending order of this. Among equals, those that cannot do
    /// without go first, then the order of the list decides.
    unsigned claim = 0;
    /// When it claims, it counts fields that were left out as if they were still there.
    bool counts_left_out = false;

    [[nodiscard]] constexpr bool claims_before(const field_spec& other) const noexcept {
        if (claim != other.claim) return claim < other.claim;
        return otherwise == no_room::refuse && other.otherwise != no_room::refuse;
    }
    friend constexpr bool operator==(const field_spec&, const field_spec&) = default;
};

} // namespace zonal::inline v0
