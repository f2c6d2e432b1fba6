// SPDX-License-Identifier: BSL-1.0
#pragma once

// The resource tree: who uses which addresses, how ranges are claimed and given back, and its text.

#include <zonal/resource/address_range.hpp>
#include <zonal/resource/entries.hpp>
#include <zonal/resource/iomem_print.hpp>
#include <zonal/resource/iomem_read.hpp>
#include <zonal/resource/region.hpp>
#include <zonal/resource/release_range.hpp>
#include <zonal/resource/search.hpp>
#include <zonal/resource/tree.hpp>
