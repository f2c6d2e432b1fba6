// SPDX-License-Identifier: BSL-1.0
#pragma once

// Ranges of pages that come and go: maps and sets, their policies, their back ends. Start with
// pfn_range_map.hpp.

#include <zonal/ranges/apply.hpp>
#include <zonal/ranges/back_end.hpp>
#include <zonal/ranges/block_leaves.hpp>
#include <zonal/ranges/block_table.hpp>
#include <zonal/ranges/coalescing.hpp>
#include <zonal/ranges/concurrent.hpp>
#include <zonal/ranges/edit.hpp>
#include <zonal/ranges/hole.hpp>
#include <zonal/ranges/leaf.hpp>
#include <zonal/ranges/leaf_chain.hpp>
#include <zonal/ranges/leaf_table.hpp>
#include <zonal/ranges/modes.hpp>
#include <zonal/ranges/observer.hpp>
#include <zonal/ranges/pfn_range_map.hpp>
#include <zonal/ranges/pfn_range_set.hpp>
#include <zonal/ranges/range_container.hpp>
#include <zonal/ranges/range_entry.hpp>
#include <zonal/ranges/range_policies.hpp>
#include <zonal/ranges/reader_slots.hpp>
#include <zonal/ranges/shared_values.hpp>
#include <zonal/ranges/sorted_array.hpp>
#include <zonal/ranges/sorted_leaves.hpp>
#include <zonal/ranges/versions.hpp>
#include <zonal/ranges/views.hpp>
