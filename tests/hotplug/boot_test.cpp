// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/boot.hpp>

#include <zonal/ext/allocated.hpp>
#include <zonal/linux_mm/online_policy.hpp>

#include "replay/boot_x86_64.hpp"
#include "test.hpp"
#include "trace_boot.hpp"

#include <map>
#include <set>

// Boots of real kernels, from what firmware and command line said to what the kernel then reported.

namespace lm = zonal::linux_mm;
using namespace zonal;
using namespace zonal_test;

namespace {

using zones = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>;
using memory_map = boot_map<>;
using rows = std::vector<std::string>;

lm::version version_of_trace(const boot_trace& t) {
    const std::string text = t.boot["args"]["version"];
    return version_of(text.substr(std::string("Linux version ").size()));
}
std::string command_line_of(const boot_trace& t) { return t.boot["args"]["cmdline"]; }

firmware_map<> firmware_of(const boot_trace& t) {
    firmware_map<> firmware;
    for (const firmware_range& r : firmware_rows(t, "BIOS-e820")) REQUIRE(firmware.add(r));
    return firmware;
}

memory_map booted(const boot_trace& t) {
    const std::string line = command_line_of(t);
    return boot_x86_64<memory_map>(version_of_trace(t), zones::list, firmware_of(t),
                                   firmware_nodes(t), view(line))
        .value();
}

template <class... Values>
std::string row(const Values&... values) {
    std::ostringstream out;
    ((out << values << ' '), ...);
    return out.str();
}

std::uint64_t bytes(pfn p) { return p.value() << 12; }
std::string name_of_zone(zone_id z) { return string_of(zones::name_of(z)); }

// ---- the boot event ---------------------------------------------------------------------------

rows user_map(const boot_trace& t) {
    auto firmware = firmware_of(t);
    const std::string line = command_line_of(t);
    REQUIRE(zone_map::edit_firmware_map(firmware, view(line)));
    rows out;
    for (auto run = firmware.run_from({}); run; run = firmware.run_from(run->bytes.end))
        out.push_back(row(run->bytes.start.value, run->bytes.end.value, int(run->kind)));
    return out;
}
rows recorded_user_map(const boot_trace& t) {
    rows out;
    auto ranges = firmware_rows(t, "user");
    if (ranges.empty()) ranges = firmware_rows(t, "BIOS-e820"); // the command line changed nothing
    for (const firmware_range& r : ranges)
        out.push_back(row(r.bytes.start.value, r.bytes.end.value, int(r.kind)));
    return out;
}

rows printed_at_boot(const memory_map& m) {
    rows out;
    for (zone_id z{}; z.value < zones::size; ++z.value) {
        if (zones::traits_of(z).movable) continue;
        const pfn_range limits = m.zone_limits(z);
        out.push_back(row("zone", name_of_zone(z), limits.empty() ? 0 : bytes(limits.start()),
                          limits.empty() ? 0 : bytes(limits.end())));
    }
    for (const boot_node& n : m.nodes())
        if (n.movable_start < n.span.end())
            out.push_back(row("movable", n.node.value, bytes(n.movable_start)));
    for (const boot_range& r : m.ranges())
        out.push_back(row("range", r.node.value, bytes(r.pages.start()), bytes(r.pages.end())));
    for (const boot_node& n : m.nodes())
        out.push_back(row("node", n.node.value, bytes(n.span.start()), bytes(n.span.end())));
    return out;
}
rows recorded_at_boot(const boot_trace& t) {
    // A zone without memory has neither.
    const auto start = [](const json& r) {
        return r["start"].is_null() ? 0 : number_in(r["start"]);
    };
    const auto end = [](const json& r) { return r["end"].is_null() ? 0 : number_in(r["end"]) + 1; };
    rows out;
    for (const json& r : t.boot["zone_ranges"])
        out.push_back(row("zone", r["zone"].get<std::string>(), start(r), end(r)));
    for (const json& r : t.boot["movable_zone_start"])
        out.push_back(row("movable", int(r["node"]), number_in(r["start"])));
    for (const json& r : t.boot["early_node_ranges"])
        out.push_back(row("range", int(r["node"]), number_in(r["start"]), end(r)));
    for (const json& r : t.boot["initmem"])
        out.push_back(row("node", int(r["node"]), number_in(r["start"]), end(r)));
    return out;
}

// ---- the first snapshot -----------------------------------------------------------------------

// A booted system, and the blocks of DIMMs that sat in their slots: added while the kernel started,
// and onlined as memhp_default_state= says. An online_view.
class started {
public:
    explicit started(const boot_trace& t)
        : boot_(booted(t)), memory_(boot_.zones(), boot_.geometry()) {
        REQUIRE(boot_from(memory_, boot_));
        const std::string line = command_line_of(t);
        const boot_wishes wishes = zone_map::parse_command_line(view(line));
        settings_.movable_node = wishes.movable_node;
        const std::string state = t.snapshot["auto_online_blocks"];
        for (const boot_node& n : boot_.nodes()) {
            possible_.insert(n.node);
            for (zone_id z{}; z.value < zones::size; ++z.value)
                now_[{n.node, z}] = boot_.pages_of(n.node, z);
        }
        if (!wishes.one_node && wishes.fake_nodes == 0) // nodes may be there without memory
            for (const node_range& n : firmware_nodes(t)) possible_.insert(n.node);
        for (const json& device : t.snapshot["memory_devices"]) {
            if (device["type"] != "dimm") continue;
            const auto from = geometry().pfn_of(phys_addr{number_in(device["addr"])}).value();
            const auto size = geometry().pages_in(device["size"]).value();
            for (pfn at = from; at < from + size; at += block_pages())
                plug({node_id{device["node"]}, {at, block_pages()}}, state);
        }
    }

    const memory_map& boot() const { return boot_; }
    const zone_list& zones() const { return boot_.zones(); }
    page_geometry geometry() const { return boot_.geometry(); }
    zone_pages pages_of(node_id n, zone_id z) const {
        const auto found = now_.find({n, z});
        return found == now_.end() ? zone_pages{} : found->second;
    }
    std::uint64_t nodes() const { return boot_.nodes().end()[-1].node.value + 1; }
    std::uint64_t groups() const { return 0; }
    lm::memory_group group(lm::group_id) const { return {}; }
    result<zone_id> online_zone_of(section_id) const { return fail(errc::not_found); }

    page_count block_pages() const { return geometry().pages_of(unit::memory_block); }
    pfn_range node_span(node_id n) const {
        pfn_range span = boot_.node_span(n);
        for (zone_id z{}; z.value < zones().size; ++z.value)
            span = span.envelope(pages_of(n, z).span);
        return span;
    }

    rows zone_rows() const {
        rows out;
        for (const auto& [key, z] : now_)
            if (z != zone_pages{})
                out.push_back(row(key.first.value, name_of_zone(key.second), z.span.size().value(),
                                  z.present.value(),
                                  z.is_populated() ? z.span.start().value() : 0));
        return out;
    }
    rows node_rows() const {
        rows out;
        for (const node_id n : possible_) {
            page_count present;
            for (zone_id z{}; z.value < zones().size; ++z.value) present += pages_of(n, z).present;
            const pfn_range span = node_span(n);
            out.push_back(
                row("node", n.value, span.start().value(), span.size().value(), present.value()));
            for (zone_id z{}; z.value < zones().size; ++z.value)
                if (const zone_pages p = pages_of(n, z); p != zone_pages{})
                    out.push_back(row(name_of_zone(z), p.span.start().value(),
                                      p.span.size().value(), p.present.value(),
                                      p.present_early.value()));
        }
        return out;
    }
    // The one populated zone of the node whose span the block overlaps; holes do not matter.
    result<zone_id> zone_of_online_block(node_id node, pfn_range block) const {
        result<zone_id> found = fail(errc::not_found);
        for (zone_id z{}; z.value < zones().size; ++z.value) {
            const zone_pages pages = boot_.pages_of(node, z);
            if (!pages.is_populated() || !pages.span.overlaps(block)) continue;
            if (found) return fail(errc::not_found);
            found = z;
        }
        return found;
    }
    rows block_rows() const {
        rows out;
        for_each_unit(memory_.blocks(), unit::memory_block, [&](std::uint64_t b, pfn_range block) {
            const node_id node = memory_.blocks().find(block.start())->value.node;
            bool one = true;
            for (const auto& p : memory_.pages().overlapping(block))
                one = one && (!p.value.present || p.value.owner.node == node);
            const auto zone = zone_of_online_block(node, block);
            out.push_back(row(b, "online", one && zone ? name_of_zone(*zone) : "none", node.value));
        });
        for (const dimm_block& d : dimms_)
            out.push_back(row(d.range.start().value() / block_pages().value(),
                              d.is_online ? "online" : "offline", valid_zones(d), d.node.value));
        return out;
    }
    rows section_rows() const {
        rows out;
        const page_geometry g = geometry();
        const std::uint64_t in_section = g.pages_of(unit::section).value() >> g.subsection_order;
        const pfn end = memory_.sections().existing().envelope().end();
        for (pfn at; at < end; at += g.pages_of(unit::section)) {
            const auto section = memory_.section_of(at);
            if (!section) continue;
            std::uint64_t map = 0;
            for (std::uint64_t i = 0; i < in_section; ++i)
                if (memory_.sections().existing().contains(at +
                                                           page_count{i << g.subsection_order}))
                    map |= std::uint64_t{1} << i;
            const int flags = 3 + (section->online ? 4 : 0) + (section->early ? 8 : 0);
            out.push_back(row(g.index_of(at, unit::section), flags, map));
        }
        for (const dimm_block& d : dimms_)
            for (std::uint64_t s = g.index_of(d.range.start(), unit::section);
                 s < g.index_of(d.range.end(), unit::section); ++s)
                out.push_back(row(s, d.is_online ? 7 : 3, ~std::uint64_t{0}));
        return out;
    }
    // The node and the zone in the word of the first page of each subsection, of online sections.
    rows word_rows() const {
        rows out;
        const page_geometry g = geometry();
        for_each_unit(memory_.sections().existing(), unit::subsection,
                      [&](std::uint64_t s, pfn_range r) {
                          const page_owner who = boot_.owner_of(r.start()).value();
                          CHECK(memory_.owner_of(r.start()) == result<page_owner>{who});
                          out.push_back(row(s, who.node.value, who.zone.value));
                      });
        for (const dimm_block& d : dimms_)
            for (std::uint64_t s = g.index_of(d.range.start(), unit::subsection);
                 d.is_online && s < g.index_of(d.range.end(), unit::subsection); ++s)
                out.push_back(row(s, d.node.value, d.zone.value));
        return out;
    }

private:
    struct dimm_block {
        node_id node;
        pfn_range range;
        bool is_online = false;
        zone_id zone{};
    };

    /// Calls f(number, pages) for each unit of what is there.
    template <class F>
    void for_each_unit(const auto& there, unit u, F f) const {
        const page_count size = geometry().pages_of(u);
        for (const auto& e : there)
            for (pfn at = zonal::detail::range_of(e).start(); at < zonal::detail::range_of(e).end();
                 at += size)
                f(geometry().index_of(at, u), pfn_range{at, size});
    }

    void plug(dimm_block d, const std::string& state) {
        if (state != "offline") {
            const auto type = state == "online_movable"  ? lm::online_type::movable
                              : state == "online_kernel" ? lm::online_type::kernel
                                                         : lm::online_type::online;
            d.zone = lm::zone_for_pfn_range(
                lm::online_query<started>{*this, settings_, type, d.node, d.range});
            d.is_online = true;
            zone_pages& pages = now_[{d.node, d.zone}];
            pages.span = pages.span.envelope(d.range);
            pages.online(d.range.size());
        }
        dimms_.push_back(d);
    }
    std::string valid_zones(const dimm_block& d) const {
        if (d.is_online) return name_of_zone(d.zone);
        std::string names;
        for (const zone_id z : lm::valid_zones(lm::online_query<started>{
                 *this, settings_, lm::online_type::online, d.node, d.range}))
            names += (names.empty() ? "" : " ") + name_of_zone(z);
        return names;
    }

    memory_map boot_;
    zoned_memory<allocated<>, memory_map::max_nodes> memory_; // booted from it
    std::set<node_id> possible_;
    lm::online_settings settings_;
    std::map<std::pair<node_id, zone_id>, zone_pages> now_;
    std::vector<dimm_block> dimms_;
};

rows recorded_zones(const json& s) {
    rows out;
    for (const json& z : s["zones"])
        out.push_back(row(int(z[0]), z[1].get<std::string>(), long(z[2]), long(z[3]),
                          z[5].is_null() ? 0 : long(z[5])));
    return out;
}
rows recorded_nodes(const json& s) {
    rows out;
    for (const json& n : s["k_pgdat"]) {
        out.push_back(row("node", int(n["node"]), long(n["start_pfn"]), long(n["spanned"]),
                          long(n["present"])));
        for (const json& z : n["zones"])
            out.push_back(
                row(z[0].get<std::string>(), long(z[1]), long(z[2]), long(z[3]), long(z[5])));
    }
    return out;
}
rows recorded_blocks(const json& s) {
    rows out;
    for (const json& b : s["blocks"])
        for (long i = b[0]; i <= long(b[1]); ++i)
            out.push_back(row(i, b[2].get<std::string>(), b[3].get<std::string>(), int(b[5])));
    return out;
}
rows recorded_sections(const json& s) {
    rows out;
    for (const json& r : s["k_sections"])
        for (long i = r[0]; i <= long(r[1]); ++i) out.push_back(row(i, int(r[2]), number_in(r[3])));
    return out;
}
rows recorded_words(const json& s) {
    rows out;
    for (const json& r : s["k_page_zones"])
        for (long p = r[0]; int(r[4]) == 1 && p < long(r[1]); p += 512)
            out.push_back(row(p / 512, int(r[2]), int(r[3])));
    return out;
}

} // namespace

TEST_CASE("the command line changes the firmware's map as recorded", "[hotplug]") {
    int changed = 0;
    for (const std::string& path : all_traces()) {
        const boot_trace t(path);
        INFO(path);
        CHECK(user_map(t) == recorded_user_map(t));
        changed += !firmware_rows(t, "user").empty();
    }
    REQUIRE(changed >= 14);
}

TEST_CASE("ranges, nodes, zones and movable starts are those that the kernel printed at boot",
          "[hotplug]") {
    const auto traces = all_traces();
    for (const std::string& path : traces) {
        const boot_trace t(path);
        INFO(path);
        CHECK(printed_at_boot(booted(t)) == recorded_at_boot(t));
    }
    REQUIRE(traces.size() >= 91);
}

TEST_CASE("fake nodes are those that the kernel printed", "[hotplug]") {
    int with_fakes = 0;
    for (const std::string& path : all_traces()) {
        const boot_trace t(path);
        const std::string line = command_line_of(t);
        const auto wanted = printed_fake_nodes(t);
        if (wanted.empty()) continue;
        auto firmware = firmware_of(t);
        REQUIRE(lm::reserve_bios_range(firmware));
        const auto usable = boot_ranges<>::make({}, firmware, node_map<>{}).value();
        const auto nodes = nodes_of(usable, firmware_nodes(t),
                                    zone_map::parse_command_line(view(line)), version_of_trace(t))
                               .value();
        INFO(path);
        CHECK(std::vector(nodes.begin(), nodes.end()) == wanted);
        ++with_fakes;
    }
    REQUIRE(with_fakes == 2); // they begin at address 0 in 6.1, where memory does in 6.12
}

TEST_CASE("nodes, zones, blocks, sections and page words are those of the first snapshot",
          "[hotplug]") {
    for (const std::string& path : all_traces()) {
        const boot_trace t(path);
        const started s(t);
        INFO(path);
        CHECK((s.block_pages().value() << 12) == number_in(t.snapshot["block_size"]));
        CHECK(s.zone_rows() == recorded_zones(t.snapshot));
        CHECK(s.node_rows() == recorded_nodes(t.snapshot));
        CHECK(s.block_rows() == recorded_blocks(t.snapshot));
        CHECK(s.section_rows() == recorded_sections(t.snapshot));
        CHECK(s.word_rows() == recorded_words(t.snapshot));
    }
}
