// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the tests of removable memory share: zones, policies that do as they are told, storage that
// runs out on command, and everything that a hotplug_map can be asked, as text: "on failure nothing
// has changed" is two equal texts.

#include <zonal/ext/allocated.hpp>
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/ranges/sorted_leaves.hpp>
#include <zonal/release.hpp>
#include <zonal/testing/hotplug_map_fault.hpp>

#include <new>
#include <sstream>
#include <string>
#include <vector>

namespace zonal_test {

using namespace zonal;
namespace lm = zonal::linux_mm;
using lm::movable;
using lm::normal;
using zones = zone_set<lm::dma32, normal, movable, lm::device>;

inline constexpr owner_id nvdimm{7}; ///< drivers
inline constexpr owner_id gpu{8};

constexpr pfn_range pages(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }
constexpr address_range bytes(std::uint64_t start, std::uint64_t end) {
    return *bytes_of(pages(start, end), page_geometry{});
}
template <class Zone>
inline constexpr zone_id id = zones::id_of<Zone>;

// ---- policies ----

/// Refuses as long as it is told to.
struct moody {
    errc says = errc::out_of_reach;
    bool refuses = false;
    unsigned given = 0; ///< ranges that it gave, or helped to give, and nobody took back

    constexpr result<done> give_back(const leaving&, auto&) {
        if (refuses) return fail(says);
        ++given;
        return done{};
    }
    constexpr void take_back(const leaving&, auto&) { --given; }
};
/// Returns RAM to the tree, and devices to their driver, who agrees or not.
using moody_rules = release<zones, otherwise<then<moody, return_to_tree>>,
                            on<movable, drain_then<then<moody, return_to_tree>>>,
                            on<lm::device, drain_then<then<moody, leave_to_driver>>>>;

/// Vetoes one kind of change, if told to.
struct guard {
    bool vetoes = false;
    hotplug_change what{};
    int code = 28;

    constexpr veto before(const hotplug_event& e) {
        return vetoes && e.what == what ? veto{code} : no_veto;
    }
};
/// Every announcement is followed by its end: it came to nothing, or it happened.
struct counting {
    unsigned announced = 0, undone = 0, happened = 0;

    constexpr veto before(const hotplug_event&) { return ++announced, no_veto; }
    constexpr void undo(const hotplug_event&) { ++undone; }
    constexpr void after(const hotplug_event&) { ++happened; }
};

// ---- storage ----

/// The memory that failing_allocator hands out: how many more times; negative: always.
inline int allocations_left = -1;

template <class T>
struct failing_allocator {
    using value_type = T;
    failing_allocator() = default;
    template <class U>
    constexpr failing_allocator(const failing_allocator<U>&) noexcept {}

    T* allocate(std::size_t n) {
        if (allocations_left == 0) throw std::bad_alloc();
        if (allocations_left > 0) --allocations_left;
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) { std::allocator<T>().deallocate(p, n); }
    friend bool operator==(const failing_allocator&, const failing_allocator&) = default;
};

struct kept_in_place {
    template <class Rules, class... Policies>
    using map = hotplug_map<zones, Rules, in_place<16>, Policies...>;
};
struct kept_allocated {
    template <class Rules, class... Policies>
    using map = hotplug_map<zones, Rules, allocated<failing_allocator<char>>, Policies...>;
};
struct kept_in_leaves {
    template <class Rules, class... Policies>
    using map = hotplug_map<zones, Rules, in_place<16>, sorted_leaves, Policies...>;
};
#define ZONAL_TEST_KEPT                                                                            \
    zonal_test::kept_in_place, zonal_test::kept_allocated, zonal_test::kept_in_leaves

// ---- what there is ----

inline std::string shown(pfn_range r) {
    std::ostringstream out;
    out << std::hex << '[' << r.start().value() << ',' << r.end().value() << ')';
    return out.str();
}

/// "done", or the name of the error.
template <class T>
std::string outcome_of(const result<T>& r) {
    return r.has_value() ? "done" : name_of(r.error()).template as<std::string>();
}

/// Whether a range takes references; asking changes nothing.
template <class Map>
std::string references_of(Map& map, range_handle h) {
    std::ostringstream out;
    out << *map.pins(h) << " references, pin: ";
    const auto taken = map.pin(h);
    out << outcome_of(taken);
    if (taken && !map.unpin(h)) out << ", and not dropped";
    return out.str();
}

/// Everything that a map can be asked.
template <class Map>
std::string dump(Map& map) {
    std::ostringstream out;
    map.for_each([&](const plugged_range& r) {
        out << shown(r.range) << " node " << r.node.value << " zone " << r.zone.value
            << (r.online ? " online" : " offline") << " owner " << r.owner.value << " handle "
            << r.handle.slot << '.' << r.handle.generation << ", " << references_of(map, r.handle)
            << '\n';
    });
    const auto& memory = map.memory();
    for (node_id n{}; n.value < memory.max_nodes; ++n.value) {
        if (!memory.node_span(n).empty())
            out << "node " << n.value << ' ' << shown(memory.node_span(n)) << '\n';
        for (zone_id z{}; z.value < zones::size; ++z.value)
            if (const zone_pages has = memory.pages_of(n, z); has != zone_pages{})
                out << "  zone " << z.value << ' ' << shown(has.span) << " present "
                    << has.present.value() << " early " << has.present_early.value() << '\n';
    }
    for (const auto& b : memory.blocks())
        out << "blocks " << shown(b.range) << " node " << b.value.node.value << " online "
            << b.value.online << " early " << b.value.early << '\n';
    for (const pfn_range t : memory.sections().tainted()) out << "tainted " << shown(t) << '\n';
    for (const pfn_range e : memory.sections().existing()) out << "exist " << shown(e) << '\n';
    for (const auto& p : memory.pages())
        out << "pages " << shown(p.range) << " node " << p.value.owner.node.value << " zone "
            << p.value.owner.zone.value << " present " << p.value.present << '\n';
    const auto& tree = map.resources();
    for (region_id e = tree.after(tree.root()); e; e = tree.after(e))
        out << "tree " << std::hex << tree[e].range.start().value << '-'
            << tree[e].range.last().value << std::dec << ' '
            << tree[e].name.template as<std::string>() << " owner " << tree[e].owner.value
            << " busy " << tree[e].flags.busy << " ram " << tree[e].flags.system_ram << " in "
            << tree.parent(e).slot << '\n';
    const text fault = testing::fault_in(map);
    if (!fault.empty()) out << "FAULT: " << fault.template as<std::string>() << '\n';
    return out.str();
}

/// What call() said, and what it changed although it failed.
template <class Map, class F>
std::string tried(Map& map, F call) {
    const std::string before = dump(map);
    const std::string said = outcome_of(call());
    const std::string after = dump(map);
    return said == "done" || before == after ? said
                                             : said + ", changed\n" + before + "to\n" + after;
}

} // namespace zonal_test

/// The call fails for this reason, and nothing has changed.
#define CHECK_FAILS(map, why, ...) CHECK(tried(map, [&] { return __VA_ARGS__; }) == (why))
