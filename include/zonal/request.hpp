// SPDX-License-Identifier: BSL-1.0
#pragma once

// From requests to zones: rules, tables, packed tables, and what is tried next.

#include <zonal/request/fallback.hpp>
#include <zonal/request/packed.hpp>
#include <zonal/request/rules.hpp>
#include <zonal/request/zonelist.hpp>
