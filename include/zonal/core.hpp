// SPDX-License-Identifier: BSL-1.0
#pragma once

// Numbers with units, ranges, results: what every other layer is written in.

#include <zonal/core/bits.hpp>
#include <zonal/core/bounded_list.hpp>
#include <zonal/core/errc.hpp>
#include <zonal/core/geometry.hpp>
#include <zonal/core/ids.hpp>
#include <zonal/core/pfn.hpp>
#include <zonal/core/pfn_range.hpp>
#include <zonal/core/result.hpp>
#include <zonal/core/text.hpp>
