// SPDX-License-Identifier: BSL-1.0

// Twelve bits for a value of one byte.
// EXPECT: field_width
// EXPECT-GCC: Width = 12
// EXPECT-GCC: ValueBits = 8
// EXPECT-CLANG: heat, 12U, 8U>
// EXPECT: field: wider than its value's type; use a larger integer or fewer bits
#include <zonal/flags/page_word.hpp>

using namespace zonal;

struct heat {
    static constexpr text field_name = "heat";
    std::uint8_t value = 0;
    friend constexpr bool operator==(heat, heat) = default;
};

#ifdef ZONAL_CONTROL
struct word : page_word<64, flag_field<24>, field<heat, 8>> {};
#else
struct word : page_word<64, flag_field<24>, field<heat, 12>> {};
#endif
