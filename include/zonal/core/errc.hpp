// SPDX-License-Identifier: BSL-1.0
#pragma once

// Why a call that can fail did fail. On failure nothing has changed, unless the call's comment says
// otherwise.

#include <zonal/core/text.hpp>

namespace zonal::inline v0 {

/// Each enumerator with the nearest errno; `linux_mm` maps them for those who need the number.
enum class errc : unsigned char {
    overlap = 1,  ///< part of the range is taken already                (EEXIST)
    exists,       ///< exactly this is there already                     (EEXIST)
    not_found,    ///< nothing there                                     (ENOENT)
    bad_range,    ///< the range wraps, or its end lies before its start (EINVAL)
    misaligned,   ///< start or size is no multiple of the granularity   (EINVAL)
    out_of_reach, ///< beyond what can be addressed, or what a field holds (E2BIG)
    busy,         ///< somebody holds a reference                        (EBUSY)
    bad_state,    ///< not possible in this state                        (EINVAL)
    stale,        ///< the handle names something that is gone           (ENODEV)
    vetoed,       ///< a hook refused                                    (ECANCELED)
    no_space,     ///< the storage policy has no room left               (ENOMEM)
};

namespace detail {
inline constexpr text errc_names[] = {"unknown",   "overlap",    "exists",       "not_found",
                                      "bad_range", "misaligned", "out_of_reach", "busy",
                                      "bad_state", "stale",      "vetoed",       "no_space"};
} // namespace detail

[[nodiscard]] constexpr text name_of(errc e) noexcept {
    return detail::errc_names[e <= errc::no_space ? static_cast<unsigned>(e) : 0];
}

} // namespace zonal::inline v0
