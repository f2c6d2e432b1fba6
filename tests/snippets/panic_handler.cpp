// SPDX-License-Identifier: BSL-1.0

// config.hpp's snippet, a program of its own because the whole program has one panic_handler<>:
// status 0 when a broken contract reached it.

#include <zonal/config.hpp>

#include <cstdlib>
#include <cstring>

namespace {

const char* logged = "";
void log(const char* what) { logged = what; }
[[noreturn]] void halt() { std::_Exit(std::strcmp(logged, "pfn: beyond 2^52")); }

} // namespace

struct to_console {
    [[noreturn]] void operator()(const char* what) const { log(what), halt(); }
};
template <>
inline constexpr auto zonal::panic_handler<> = to_console{};

#include <zonal/core/pfn.hpp>

int main(int argc, char**) {
    static_cast<void>(zonal::pfn{zonal::pfn::limit + static_cast<unsigned>(argc)});
    return 2;
}
