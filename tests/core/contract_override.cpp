// SPDX-License-Identifier: BSL-1.0

// A program that replaces panic_handler<>: each broken contract must reach the program's own
// handler, with the sentence that names the contract. Exit status 0 when all did.

#include <zonal/config.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/wait.h>
#include <unistd.h>

namespace {

const char* awaited = "";

struct compare_and_exit {
    [[noreturn]] void operator()(const char* what) const {
        const bool same = std::strcmp(what, awaited) == 0;
        if (!same) std::fprintf(stderr, "the handler heard '%s'\n", what);
        std::_Exit(same ? 0 : 1);
    }
};

} // namespace

template <>
inline constexpr auto zonal::panic_handler<> = compare_and_exit{};

#include <zonal/core.hpp>
#include <zonal/flags.hpp>
#include <zonal/request.hpp>
#include <zonal/zone.hpp>

namespace {

struct only_zone {
    static constexpr zonal::text name = "Only";
    static constexpr zonal::zone_traits traits{};
};
using zones = zonal::zone_set<only_zone>;

struct broken_contract {
    const char* what;
    void (*by)();
};

using namespace zonal;

volatile unsigned one = 1; // so that nothing is decided before the program runs

const broken_contract contracts[] = {
    {"said by the program", [] { panic("said by the program"); }},
    {"said by the program", [] { expects(one == 2, "said by the program"); }},
    {"pfn: beyond 2^52", [] { static_cast<void>(pfn{pfn::limit + one}); }},
    {"page_count: fewer than zero pages",
     [] { static_cast<void>(page_count{} - page_count{one}); }},
    {"pfn: below zero", [] { static_cast<void>(pfn{} - page_count{one}); }},
    {"pfn: the distance would be negative", [] { static_cast<void>(pfn{} - pfn{one}); }},
    {"pfn_range: the end lies before the start",
     [] { static_cast<void>(pfn_range{pfn{one}, pfn{}}); }},
    {"result: value() of a failure",
     [] { static_cast<void>(pfn::make(pfn::limit + one).value()); }},
    {"result: error() of a success", [] { static_cast<void>(pfn::make(one).error()); }},
    {"zone_list: no zone of that id", [] { static_cast<void>(zones::name_of(zone_id{one})); }},
    {"zone_set: no zone of that id", [] { zones::visit(zone_id{one}, [](auto) {}); }},
    {"layout: no field of that number",
     [] { static_cast<void>(pack(64, {{.name = "zone", .width = 2}})[one]); }},
    {"pack: a word has 1 to 64 bits",
     [] { static_cast<void>(pack(64 + one, {{.name = "zone", .width = 2}})); }},
    {"requests_of: a rule uses a modifier beyond modifier_bits",
     [] { static_cast<void>(requests_of(zones::list, {{4 * one, "Only"}}, 2)); }},
};

int run(const broken_contract& c) {
    const pid_t child = fork();
    if (child == 0) {
        awaited = c.what;
        c.by();
        std::_Exit(2);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return 1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    std::fprintf(stderr, "'%s': not heard (status 0x%x)\n", c.what, static_cast<unsigned>(status));
    return 1;
}

} // namespace

int main() {
    int failures = 0;
    for (const broken_contract& c : contracts) failures += run(c);
    return failures == 0 ? 0 : 1;
}
