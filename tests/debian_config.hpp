// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <zonal/linux_mm/config.hpp>

namespace zonal_test {

/// Debian's configuration for x86_64, as far as its page words depend on it.
constexpr zonal::linux_mm::config debian_x86_64(zonal::linux_mm::version kernel) {
    return {.kernel = kernel,
            .zone_dma = true,
            .zone_dma32 = true,
            .zone_device = true,
            .memory = zonal::linux_mm::memory_model::sparse_vmemmap,
            .max_physmem_bits = 46,
            .section_size_bits = 27,
            .numa = true,
            .nodes_shift = 10,
            .numa_balancing = true,
            .nr_cpus = 8192};
}

} // namespace zonal_test
