// SPDX-License-Identifier: BSL-1.0
#pragma once

// Zones: their traits, ordered lists of them as values and as types, and sets made from sets.

#include <zonal/zone/algebra.hpp>
#include <zonal/zone/span.hpp>
#include <zonal/zone/traits.hpp>
#include <zonal/zone/zone_list.hpp>
#include <zonal/zone/zone_set.hpp>
