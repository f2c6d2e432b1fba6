// SPDX-License-Identifier: BSL-1.0
#pragma once

// A page word as a picture.

#include <string>

#include <zonal/linux_mm/page_layout.hpp>

namespace page_flags {

/// Boxes and bit numbers, for a terminal; what is wider than `columns` continues below.
std::string draw(const zonal::linux_mm::page_layout& layout, unsigned columns, bool colour);

/// The same to scale, as SVG. `title` stands above the word.
std::string draw_svg(const zonal::linux_mm::page_layout& layout, const std::string& title);

} // namespace page_flags
