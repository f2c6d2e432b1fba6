// SPDX-License-Identifier: BSL-1.0
#pragma once

// Storage from a std::pmr::memory_resource. A header of its own, because <memory_resource> alone
// costs more to include than the library.
//
//     std::pmr::monotonic_buffer_resource arena;
//     pfn_range_map<int, pmr_storage> map{&arena};

#include <memory_resource>

#include <zonal/ext/allocated.hpp>

namespace zonal::inline v0 {

using pmr_storage = allocated<std::pmr::polymorphic_allocator<std::byte>>;

} // namespace zonal::inline v0
