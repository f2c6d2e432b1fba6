// SPDX-License-Identifier: BSL-1.0
#pragma once

// Who gets a range back that leaves: policies, and which zone has which.

#include <zonal/release/policies.hpp>
#include <zonal/release/policy.hpp>
#include <zonal/release/quarantine.hpp>
#include <zonal/release/release.hpp>
