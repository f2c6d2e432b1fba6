// SPDX-License-Identifier: BSL-1.0
#pragma once

// The version, and the one place where a broken contract ends up.
//
// A contract is what a caller must guarantee (`Requires:` in the comments). Breaking one in a
// constant expression does not compile; at run time it reaches `panic`, which traps unless the
// program says otherwise:
//
//     struct to_console {
//         [[noreturn]] void operator()(const char* what) const { log(what), halt(); }
//     };
//     template <> inline constexpr auto zonal::panic_handler<> = to_console{};
//
// The specialisation has to be seen by every translation unit, after this header and before any
// other one of the library. It must not return. Why not a macro or a link-time symbol: a macro
// differs silently between translation units, and a symbol cannot be called in a header that also
// has to work in constant expressions.

// Every name is in an inline namespace of the major version, so that two versions in one program
// cannot be mixed up by the linker; nobody writes it.

#if __cplusplus < 202002L
#error "zonal needs C++20: compile with -std=c++20"
#include "zonal needs C++20" // there is no such file, so that this is the last error
#endif

#define ZONAL_VERSION 100 // major * 10000 + minor * 100 + patch

namespace zonal::inline v0 {

struct trap_on_panic {
    [[noreturn]] void operator()(const char*) const noexcept { __builtin_trap(); }
};

/// What `panic` calls; specialise `panic_handler<>` to replace it.
template <class...>
inline constexpr auto panic_handler = trap_on_panic{};

/// Ends the program because a contract was broken; `what` names the contract.
/// Not a constant expression, so that a contract broken at compile time does not compile.
template <class... Default>
[[noreturn]] void panic(const char* what) {
    panic_handler<Default...>(what);
    __builtin_unreachable();
}

/// Panics with `what` unless `holds`.
template <class... Default>
constexpr void expects(bool holds, const char* what) {
    if (!holds) [[unlikely]]
        panic<Default...>(what);
}

} // namespace zonal::inline v0
