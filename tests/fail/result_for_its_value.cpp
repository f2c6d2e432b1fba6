// SPDX-License-Identifier: BSL-1.0

// A result where its value is wanted.
// EXPECT-GCC: conversion from
// EXPECT-CLANG: no viable conversion
// EXPECT: result<
// EXPECT: pfn
#include <zonal/core.hpp>

using namespace zonal;

#ifdef ZONAL_CONTROL
inline constexpr pfn first = pfn::make(1).value();
#else
inline constexpr pfn first = pfn::make(1);
#endif
