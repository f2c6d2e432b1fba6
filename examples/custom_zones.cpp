// SPDX-License-Identifier: BSL-1.0

// Somebody else's zones: a machine with four tiers of memory, its own rules for where a range goes
// when it comes, and who gets it back when it leaves. Nothing here is Linux's, and what must never
// happen is a static_assert.
//
//     custom_zones            runs the events below
//     custom_zones -          reads events from stdin, a line each; # begins a comment

#include <cstdio>
#include <cstring>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include <zonal/hotplug.hpp>
#include <zonal/zonal.hpp>

using namespace zonal;

namespace {

constexpr const char* built_in = R"(# add START PAGES NANOSECONDS GB/S [persistent]
add 0x100000 0x40000 90 200
add 0x200000 0x10000 110 1600
add 0x400000 0x20000 250 64
add 0x420000 0x20000 250 64
add 0x440000 0x20000 250 64
add 0x800000 0x80000 300 20 persistent
add 0x420000 0x1000 90 200
use 0x800000
remove 0x800000
drop 0x800000
remove 0x800000
remove 0x200000
remove 0x400000
remove 0x420000
remove 0x440000
agree 0x400000
remove 0x440000
remove 0x100000
)";

// ---- the zones ----

struct dram {
    static constexpr text name = "DRAM";
    static constexpr zone_traits traits{.hot_removable = true};
};
struct cxl {
    static constexpr text name = "CXL";
    static constexpr zone_traits traits{.movable = true, .hot_removable = true};
};
struct hbm {
    static constexpr text name = "HBM";
    static constexpr zone_traits traits{.movable = true, .hot_removable = true};
};
struct pmem {
    static constexpr text name = "PMEM";
    static constexpr zone_traits traits{
        .allocatable = false, .device = true, .hot_removable = true};
};
struct tiers : zone_set<dram, cxl, hbm, pmem> {};

/// How often a page was used lately: it takes the bits that nothing else needs.
struct heat {
    static constexpr text field_name = "heat";
    std::uint64_t value = 0;
    friend constexpr bool operator==(heat, heat) = default;
};
// 63    58 57    56 55             16 15        0
// | node  | tier   | heat            | flags    |
struct word : page_word<64, node_field<6>, zone_of<tiers>, field<heat, 40, no_room::take_rest>,
                        flag_field<16>> {};
static_assert(word::width<zone_id> == 2 && word::width<heat> == 40);
static_assert(word::get<heat>(word::set(0, heat{7}, tiers::id_of<cxl>)) == heat{7});

// Callers say what they need; fast memory falls back to DRAM, and DRAM to CXL.
enum need : unsigned { fast = 1, big = 2 };
constexpr request_rule needs[] = {{0, "DRAM"}, {fast, "HBM", "DRAM"}, {big, "CXL", "DRAM"}};
constexpr request_table requests = requests_of(tiers::list, needs, 2);
constexpr fallback_order slower =
    fallback_of(tiers::list, {{"HBM", "DRAM"}, {"DRAM", "CXL"}}).value();
static_assert(slower.ends() && slower.reaches(tiers::id_of<hbm>, tiers::id_of<cxl>));
static_assert(unreachable<pmem, tiers>(requests, slower), "a file's blocks are nobody's heap");

// ---- where a range goes ----

/// What the firmware says of memory that comes.
struct arrival {
    unsigned nanoseconds = 0;
    unsigned gigabytes_a_second = 0;
    bool persistent = false;
};
struct pmem_if_persistent {
    static constexpr placement answer(const arrival& a) {
        return a.persistent ? tiers::id_of<pmem> : does_not_apply;
    }
};
struct hbm_if_wide {
    static constexpr placement answer(const arrival& a) {
        return a.gigabytes_a_second >= 800 ? tiers::id_of<hbm> : does_not_apply;
    }
};
struct cxl_if_far {
    static constexpr placement answer(const arrival& a) {
        return a.nanoseconds > 180 ? tiers::id_of<cxl> : does_not_apply;
    }
};
constexpr first_of<pmem_if_persistent, hbm_if_wide, cxl_if_far, always<tiers::id_of<dram>>> where{};
static_assert(where.zone_for(arrival{300, 20, true}) == tiers::id_of<pmem>);
static_assert(where.zone_for(arrival{90, 200}) == tiers::id_of<dram>);

// ---- who gets it back ----

/// A policy of one's own: the fabric manager is offered the range. Should a later policy fail, the
/// offer is withdrawn, and the range stays in use.
struct offer_to_fabric {
    template <class Tree>
    static result<done> give_back(const leaving& l, Tree&) {
        std::printf("  offer %#jx to the fabric\n", std::uintmax_t{l.range.start().value()});
        return done{};
    }
    template <class Tree>
    static void take_back(const leaving& l, Tree&) {
        std::printf("  withdraw the offer of %#jx\n", std::uintmax_t{l.range.start().value()});
    }
};
struct clear {
    void operator()(pfn_range r) const { // a real one would write
        std::printf("  zero %ju pages\n", std::uintmax_t{r.size().value()});
    }
};
using until_agreed = quarantine<return_to_tree, in_place<2>>;
struct rules
    : release<tiers, on<dram, return_to_tree>, on<hbm, then<zero_with<clear>, return_to_tree>>,
              on<cxl, then<offer_to_fabric, until_agreed>>, on<pmem, drain_then<leave_to_driver>>> {
};
static_assert(rules::drains<pmem> && !rules::drains<dram>);

using machine = hotplug_map<tiers, rules, in_place<16>>;
constexpr owner_id pmem_driver{1};

// ---- events ----

result<done> add(machine& m, pfn_range range, const arrival& what) {
    const auto zone = where.zone_for(what);
    if (!zone) return fail(zone.error());
    const plug_options how{.owner = what.persistent ? pmem_driver : the_system,
                           .name = tiers::name_of(*zone)};
    return tiers::visit(*zone, [&]<class Zone>(zone_tag<Zone>) -> result<done> {
        const auto added = m.plug<Zone>(range, how);
        if (!added) return fail(added.error());
        std::printf("  goes to %s\n", Zone::name.data);
        return done{};
    });
}
result<done> remove(machine& m, const plugged_range& r) {
    auto drained = m.drain(r.handle); // allowed for all zones, asked for by pmem
    if (!drained) return fail(drained.error());
    const auto gone = m.unplug(*std::move(drained));
    if (!gone) return gone;
    const auto& tree = m.resources();
    const auto entry = find(tree, m.memory().geometry().address_of(r.range.start()).value());
    std::printf("  %s\n", !entry                              ? "its addresses are free"
                          : tree[*entry].owner == pmem_driver ? "left to its driver"
                                                              : "still claimed, waiting");
    return gone;
}
result<done> agree(machine& m, pfn at) {
    auto& waiting = m.policy_of<cxl>().get<until_agreed>();
    const auto range = waiting.waiting().find(at);
    return range ? waiting.let_go(range->range, m.resources()) : fail(errc::not_found);
}

/// Nothing if the line is no event.
std::optional<result<done>> run(machine& m, const std::string& line) {
    std::istringstream in(line);
    std::string what, start, pages, kind;
    in >> what >> start;
    char* end = nullptr;
    const auto number = std::strtoull(start.c_str(), &end, 0);
    const auto at = pfn::make(start.empty() || *end != '\0' ? pfn::limit + 1 : number);
    if (!at) return {};
    if (what == "add") {
        arrival a;
        in >> pages >> a.nanoseconds >> a.gigabytes_a_second;
        const auto size = page_count::make(std::strtoull(pages.c_str(), &end, 0));
        if (!in || !size || *end != '\0') return {};
        a.persistent = in >> kind && kind == "persistent";
        const auto range = pfn_range::make(*at, *size);
        if (!range || (!kind.empty() && !a.persistent)) return {};
        return add(m, *range, a);
    }
    if (what == "agree") return agree(m, *at);
    const auto r = m.find(*at);
    if (what != "use" && what != "drop" && what != "remove") return {};
    if (!r) return fail(r.error());
    return what == "use" ? m.pin(r->handle) : what == "drop" ? m.unpin(r->handle) : remove(m, *r);
}

} // namespace

int main(int argc, char** argv) {
    const bool from_stdin = argc == 2 && std::strcmp(argv[1], "-") == 0;
    if (argc > 1 && !from_stdin) {
        const bool help = std::strcmp(argv[1], "--help") == 0;
        std::fprintf(help ? stdout : stderr, "usage: %s [-]\n%s", argv[0], help ? built_in : "");
        return help ? 0 : 2;
    }
    machine m;
    std::istringstream own(built_in);
    std::istream& in = from_stdin ? std::cin : own;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line[0] == '#') continue;
        std::printf("%s\n", line.c_str());
        const auto done = run(m, line);
        if (!done) {
            std::fprintf(stderr, "%s:%d: no event: %s\n", from_stdin ? "stdin" : "built-in", number,
                         line.c_str());
            return 2;
        }
        if (!*done) std::printf("  refused: %s\n", name_of(done->error()).data);
    }

    std::printf("\nin use:%s", m.size() == 0 ? " nothing" : "");
    m.for_each([](const plugged_range& r) {
        std::printf(" %s at %#jx", tiers::name_of(r.zone).data,
                    std::uintmax_t{r.range.start().value()});
    });
    std::printf("\nwaiting for the fabric:");
    for (const auto& e : m.policy_of<cxl>().get<until_agreed>().waiting())
        std::printf(" %#jx", std::uintmax_t{e.range.start().value()});
    std::printf("\naddresses:\n");
    print_iomem(m.resources(), [](text part) { std::fwrite(part.data, 1, part.size, stdout); });
    return 0;
}
