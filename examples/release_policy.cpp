// SPDX-License-Identifier: BSL-1.0

// A release policy of your own: a guest that gives memory back to its host, which may refuse.
//
// A policy is a type with give_back. Here it is one of three that act one after the other, and when
// the host refuses, what came before is taken back and the memory is in use as before.

#include <zonal/linux_mm/zones.hpp>
#include <zonal/zonal.hpp>

#include <cstdio>

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace {

/// Pages may not leave the guest with what was written in them.
struct wipe {
    constexpr void operator()(pfn_range r) { wiped += r.size(); }
    page_count wiped{};
};

/// Asks the host to take the pages. It is the only step that can fail, so it stands before the one
/// that cannot be taken back.
struct to_host {
    page_count returned{};
    bool host_is_busy = false;

    constexpr result<done> give_back(const leaving& l, auto&) {
        if (host_is_busy) return fail(errc::busy);
        returned += l.range.size();
        return done{};
    }
    // then<...> asks for this where a later policy can fail.
    constexpr void take_back(const leaving& l, auto&) { returned -= l.range.size(); }
};

using zones = zone_set<lm::normal, lm::movable>;
using rules = release<zones, on<lm::normal, return_to_tree>,
                      on<lm::movable, then<zero_with<wipe>, to_host, return_to_tree>>,
                      otherwise<return_to_tree>>;
// What a rule asks of its ranges can be read off the type.
static_assert(!rules::drains<lm::movable>);

constexpr page_count sent_back_when_the_host_agrees() {
    hotplug_map<zones, rules, in_place<4>> map;
    const auto lent =
        map.plug<lm::movable>({pfn{0x1000}, pfn{0x9000}}, {.name = "balloon"}).value();
    auto& host = map.policy_of<lm::movable>().get<to_host>();

    host.host_is_busy = true;
    bool ok = map.unplug(lent) == fail(errc::busy); // and nothing has changed:
    ok = ok && map.find(pfn{0x1000})->online;       // it is in its zone,
    ok = ok && map.resources().size() == 1;         // the addresses are the guest's,
    ok = ok && map.pin(lent).has_value();           // and it can be used
    ok = ok && map.unpin(lent).has_value();

    host.host_is_busy = false;
    ok = ok && map.unplug(lent).has_value() && map.resources().size() == 0;
    if (!ok) return {};
    return host.returned;
}
static_assert(sent_back_when_the_host_agrees() == page_count{0x8000});

} // namespace

int main() {
    const auto pages = std::uintmax_t{sent_back_when_the_host_agrees().value()};
    std::printf("the host was busy: the range stayed\nthe host agreed: %ju pages went back\n",
                pages);
    return pages == 0;
}
