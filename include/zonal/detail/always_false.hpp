// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace zonal::inline v0::detail {

/// False, but only once the types are known: for a static_assert that is the message of its
/// template.
template <class...>
inline constexpr bool always_false = false;

} // namespace zonal::inline v0::detail
