// SPDX-License-Identifier: BSL-1.0

// A value that a split range could not have twice.
// EXPECT: value_cannot_be_kept_in_ranges<file>
// EXPECT: pfn_range_map: when ranges split their value is copied
#include <zonal/ranges.hpp>

using namespace zonal;

struct file {
    file() = default;
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    friend bool operator==(const file&, const file&) = default;
};

#ifdef ZONAL_CONTROL
inline constexpr pfn_range_map<const file*, in_place<4>> map{};
#else
inline constexpr pfn_range_map<file, in_place<4>> map{};
#endif
