// SPDX-License-Identifier: BSL-1.0
#pragma once

// Which zone a range goes to: strategies that answer or pass, lists of them, and ready-made ones.

#include <zonal/placement/strategies.hpp>
#include <zonal/placement/strategy.hpp>
