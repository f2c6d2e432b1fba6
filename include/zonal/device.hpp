// SPDX-License-Identifier: BSL-1.0
#pragma once

// Memory that a driver owns, page by page. Start with device_memory.hpp.

#include <zonal/device/device_memory.hpp>
#include <zonal/device/kinds.hpp>
#include <zonal/device/metadata.hpp>
#include <zonal/device/page_words.hpp>
