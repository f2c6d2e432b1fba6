// SPDX-License-Identifier: BSL-1.0

// Memory for ISA devices and for 32-bit devices at once: no zone serves both.
// EXPECT: zone_for<
// EXPECT: , 5>
// EXPECT: request: no rule serves this combination of modifiers
#include <zonal/linux_mm/requests.hpp>

namespace lm = zonal::linux_mm;

inline constexpr auto requests =
    lm::packed_requests_of({.kernel = {6, 12}, .zone_dma = true, .zone_dma32 = true}).value();

#ifdef ZONAL_CONTROL
inline constexpr auto zone = zonal::zone_for<requests, lm::gfp_dma>;
#else
inline constexpr auto zone = zonal::zone_for<requests, (lm::gfp_dma | lm::gfp_dma32)>;
#endif
