// SPDX-License-Identifier: BSL-1.0

#include <zonal/config.hpp>
#include <zonal/linux_mm.hpp>
#include <zonal/zonal.hpp>

#ifdef PACKAGED_VERSION
static_assert(ZONAL_VERSION == PACKAGED_VERSION, "config.hpp and CMakeLists.txt differ");
#endif

int main() {
    const zonal::pfn_range dimm{zonal::pfn{0x1000}, zonal::pfn{0x2000}};
    return dimm.contains(zonal::pfn{0x1fff}) && !dimm.contains(zonal::pfn{0x2000}) ? 0 : 1;
}
