// SPDX-License-Identifier: BSL-1.0

// A mistake in a template, its message for both compilers, and a control.
// EXPECT: 'page' is not a zone
// EXPECT-GCC: error: static assertion failed
// EXPECT-CLANG: error: static assertion failed

template <class T>
constexpr int zone_of() {
    static_assert(sizeof(T) == 1, "'page' is not a zone");
    return 0;
}

struct zone {};
struct page {
    int words[2];
};

static_assert(zone_of<zone>() == 0);
#ifndef ZONAL_CONTROL
static_assert(zone_of<page>() == 0);
#endif
