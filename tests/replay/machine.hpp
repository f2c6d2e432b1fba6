// SPDX-License-Identifier: BSL-1.0
#pragma once

// The system of a trace, as this library has it, and the rows of a snapshot that it must show.

#include <zonal/hotplug/boot.hpp>
#include <zonal/linux_mm/memremap.hpp>
#include <zonal/linux_mm/offline_and_remove.hpp>
#include <zonal/testing/zoned_memory_fault.hpp>

#include "iomem_rows.hpp"
#include "replay/boot_x86_64.hpp"
#include "trace_boot.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace zonal_test {

using namespace zonal;
namespace lm = zonal::linux_mm;

using linux_zones = zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>;
using linux_system = lm::hotplug<in_place<1024>>;
using rows = std::vector<std::string>;

template <class... Values>
std::string row(const Values&... values) {
    std::ostringstream out;
    ((out << values << ' '), ...);
    return out.str();
}
inline std::string name_of_zone(zone_id z) { return string_of(linux_zones::name_of(z)); }

/// "0-2,5"
inline std::set<unsigned> numbers_in(const std::string& list) {
    std::set<unsigned> numbers;
    std::istringstream parts(list);
    for (std::string part; std::getline(parts, part, ',');) {
        const auto dash = part.find('-');
        const auto first = std::stoul(part), last = std::stoul(part.substr(dash + 1));
        for (auto i = first; i <= (dash == part.npos ? first : last); ++i)
            numbers.insert(static_cast<unsigned>(i));
    }
    return numbers;
}

/// Of the processor that all machines have: 40 bits.
inline constexpr address_range addresses{phys_addr{}, phys_addr{std::uint64_t{1} << 40}};

/// A DIMM in its slot, and what the system made of it.
struct dimm {
    phys_addr start;
    std::uint64_t bytes = 0;
    lm::group_id group = lm::no_group; ///< none if it was refused
};

/// What the traces' machines are, after they have booted.
struct machine {
    lm::version kernel;
    std::map<unsigned, unsigned> node_of_domain; ///< the firmware's numbers of nodes
    std::set<unsigned> possible;
    std::unique_ptr<linux_system> system;
    name_store names;
    std::map<std::string, text> interned;
    std::map<std::string, dimm> dimms;
    std::set<pfn> unwritten; ///< mapped pages whose words nobody has written

    explicit machine(const boot_trace& t) {
        const std::string banner = t.boot.at("args").at("version");
        const std::string line = t.boot.at("args").at("cmdline");
        kernel = version_of(banner.substr(std::string("Linux version ").size()));
        if (kernel < lm::oldest) throw std::runtime_error("a kernel older than 4.3");
        firmware_map<> firmware;
        for (const firmware_range& r : firmware_rows(t, "BIOS-e820"))
            if (!firmware.add(r)) throw std::runtime_error("the firmware's map is too large");
        const auto booted = boot_x86_64<boot_map<>>(kernel, linux_zones::list, firmware,
                                                    firmware_nodes(t), view(line));
        if (!booted) throw std::runtime_error("no boot from this firmware map");
        system = std::make_unique<linux_system>(lm::hotplug_rules_for(kernel).value(),
                                                linux_zones::list, booted->geometry(), addresses);
        if (!boot_from(system->memory, *booted)) throw std::runtime_error("no boot with this map");
        enter_boot_memory(firmware, line);
        for (const std::string message : t.boot.at("dmesg")) {
            unsigned node = 0, domain = 0;
            if (std::sscanf(message.c_str(), "ACPI: SRAT: Node %u PXM %u", &node, &domain) == 2)
                node_of_domain[domain] = node;
        }
        const json& s = t.snapshot;
        possible = numbers_in(s.at("nodes").at("possible"));
        const auto mark = [&](const char* what, bool linux_system::node_state::* as) {
            for (const unsigned n : numbers_in(s.at("nodes").at(what))) {
                if (n >= linux_system::nodes()) throw std::runtime_error("too many nodes");
                system->node[n].*as = true;
            }
        };
        mark("possible", &linux_system::node_state::possible);
        mark("online", &linux_system::node_state::online);
        mark("has_cpu", &linux_system::node_state::has_cpu);
        system->settings.movable_node = zone_map::parse_command_line(view(line)).movable_node;
        take_settings(s);
        for (const json& d : s.at("memory_devices"))
            if (d.at("type") == "dimm") static_cast<void>(plug_dimm(d));
    }

    /// What an administrator has set, as the next snapshot shows it.
    void take_settings(const json& s) {
        const json& set = s.at("params");
        system->settings.policy = set.at("online_policy") == "auto-movable"
                                      ? lm::online_policy::auto_movable
                                      : lm::online_policy::contig_zones;
        system->settings.auto_movable_ratio =
            static_cast<unsigned>(std::stoul(set.at("auto_movable_ratio").get<std::string>()));
        system->settings.auto_movable_numa_aware = set.at("auto_movable_numa_aware") == "Y";
        system->metadata_on_memory = set.at("memmap_on_memory") != "N";
        const std::string state = s.at("auto_online_blocks");
        system->auto_online = state != "offline";
        if (system->auto_online) system->auto_online_type = type_named(state);
    }

    static lm::online_type type_named(const std::string& state) {
        if (state == "online") return lm::online_type::online;
        if (state == "online_kernel") return lm::online_type::kernel;
        if (state == "online_movable") return lm::online_type::movable;
        throw std::runtime_error("no way to go online: " + state);
    }

    /// One place for each name, as for a driver's.
    text intern(const std::string& name) {
        const auto found = interned.find(name);
        return found != interned.end() ? found->second : interned[name] = names.add(name);
    }

    /// The node of a device, which has a number of the firmware's.
    node_id node_of(const json& device) const {
        const auto found = node_of_domain.find(device.at("node").get<unsigned>());
        return {found == node_of_domain.end() ? 0 : found->second};
    }
    lm::answer plug_dimm(const json& d) {
        const node_id node = node_of(d);
        dimm made{phys_addr{number_in(d.at("addr"))}, number_in(d.at("size"))};
        const auto group = system->add_group({node, false, page_count{made.bytes >> 12}});
        if (!group) return fail(group.error());
        const auto added = system->add_memory(
            node, made.start, made.bytes,
            {.name = intern("System RAM"), .metadata_on_memory = true, .group = *group});
        // Memory that is there already counts as if the DIMM had brought it.
        if (added || added.error() == lm::kernel_error::exists)
            made.group = *group;
        else
            static_cast<void>(system->remove_group(*group));
        dimms[d.at("id")] = made;
        return added;
    }

    // ---- the resource tree ----

    /// The kernel makes an entry of each range of memory that the command line leaves.
    void enter_boot_memory(firmware_map<> firmware, const std::string& line) {
        if (!zone_map::edit_firmware_map(firmware, view(line)) || !lm::reserve_bios_range(firmware))
            throw std::runtime_error("the firmware's map is too large");
        for (auto run = firmware.run_from({}); run; run = firmware.run_from(run->bytes.end)) {
            text name;
            if (run->kind == firmware_kind::usable) name = "System RAM";
            if (run->kind == firmware_kind::persistent) name = "Persistent Memory";
            if (run->kind == firmware_kind::persistent_legacy) name = "Persistent Memory (legacy)";
            if (name.empty()) continue;
            region entry = lm::describe_by_name(name);
            entry.range = {run->bytes.start, run->bytes.end};
            entry.name = name;
            if (!system->tree.insert(entry)) throw std::runtime_error("no tree from this map");
        }
    }
    /// Neither memory's nor its drivers': of other devices, the firmware, the kernel's own image.
    static bool is_foreign(const std::string& name) {
        for (const char* of :
             {"0000:", "Crash kernel", "HPET", "IOAPIC", "Kernel ", "Local APIC", "PCI ", "PNP",
              "Reserved", "System ROM", "Video ROM", "pnp ", "virtio-pci"})
            if (name.rfind(of, 0) == 0) return true;
        return false;
    }
    /// Foreign entries are as recorded; no other entry is touched.
    /// Requires: the other ones are equal.
    void graft_foreign(const json& s) {
        auto& tree = system->tree;
        std::vector<region_id> ours, foreign;
        for (auto e = tree.after(tree.root()); e; e = tree.after(e))
            (is_foreign(string_of(tree[e].name)) ? foreign : ours).push_back(e);
        for (const region_id e : foreign)
            static_cast<void>(tree.release(e, anyone, children::move_up));
        std::vector<region_id> within{tree.root()};
        auto next = ours.begin();
        for (std::size_t i = 0; i < s.at("iomem").size(); ++i) {
            const json& e = s.at("iomem")[i];
            const json& flags = s.at("k_iomem_flags")[i];
            within.resize(e[0].get<std::size_t>() + 1);
            if (!is_foreign(e[3])) {
                within.push_back(*next++);
                continue;
            }
            const region entry{.range = inclusive(number_in(e[1]), number_in(e[2])),
                               .name = intern(e[3]),
                               .flags = flags_from(number_in(flags[0])),
                               .kind = {flags[1].get<std::uint32_t>()}};
            within.push_back(tree.insert(entry, insert_mode::adopt, within.back()).value());
        }
    }

    // ---- what is there ----

    rows zone_rows() const {
        rows out;
        for (const unsigned n : possible)
            for (zone_id z{}; z.value < linux_zones::size; ++z.value) {
                if (!system->node[n].online) continue; // not shown
                const zone_pages p = system->pages_of({n}, z);
                if (p.span.empty() && !p.is_populated()) continue;
                out.push_back(row(n, name_of_zone(z), p.span.size().value(), p.present.value(),
                                  p.is_populated() ? p.span.start().value() : 0, managed({n}, z)));
            }
        return out;
    }
    /// The pages that can be allocated: known where all came later, and whole.
    std::string managed(node_id n, zone_id z) const {
        const zone_pages p = system->pages_of(n, z);
        if (!p.present_early.is_zero() || !managed_is_known) return "-";
        return std::to_string((p.present - system->memory.metadata_of({n, z})).value());
    }
    bool managed_is_known = true;

    rows node_rows() const {
        rows out;
        for (const unsigned n : possible) {
            const pfn_range span = system->memory.node_span({n});
            out.push_back(row("node", n, span.start().value(), span.size().value(),
                              system->memory.present_in({n}).value()));
            for (zone_id z{}; z.value < linux_zones::size; ++z.value)
                if (const zone_pages p = system->pages_of({n}, z); p != zone_pages{})
                    out.push_back(row(name_of_zone(z), p.span.start().value(),
                                      p.span.size().value(), p.present.value(),
                                      p.present_early.value()));
        }
        return out;
    }
    rows block_rows() const {
        rows out;
        const page_geometry g = system->geometry();
        for (const auto& b : system->memory.blocks())
            for (auto i = g.index_of(b.range.start(), unit::memory_block);
                 i < g.index_of(b.range.end(), unit::memory_block); ++i)
                out.push_back(row(i, b.value.online ? "online" : "offline", valid_zones(i, b.value),
                                  b.value.node.value));
        return out;
    }
    std::string valid_zones(std::uint64_t block, const block_state& b) const {
        if (b.online) {
            const auto zone = system->zone_of(block);
            return zone ? name_of_zone(*zone) : "none";
        }
        std::string zones;
        for (const zone_id z : lm::valid_zones(system->query(block)))
            zones += (zones.empty() ? "" : " ") + name_of_zone(z);
        return zones;
    }
    /// The traces leave out what lies higher.
    static constexpr std::uint64_t end_of_recorded_sections = 530;

    rows section_rows() const {
        rows out;
        const page_geometry g = system->geometry();
        const page_count one = g.pages_of(unit::section);
        const page_count sub = g.pages_of(unit::subsection);
        for (std::uint64_t number = 0; number < end_of_recorded_sections; ++number) {
            const pfn at{number * one.value()};
            const auto section = system->memory.section_of(at);
            if (!section) continue;
            std::uint64_t map = 0, bit = 1;
            for (pfn p = at; p < at + one; p += sub, bit <<= 1)
                if (system->memory.sections().existing().contains(p)) map |= bit;
            const int flags = 3 + (section->online ? 4 : 0) + (section->early ? 8 : 0) +
                              (section->tainted ? 16 : 0);
            out.push_back(row(number, flags, std::hex, map));
        }
        return out;
    }
    /// The node and the zone in the first page word of each subsection that has an owner.
    rows word_rows() const {
        rows out;
        const page_geometry g = system->geometry();
        const page_count sub = g.pages_of(unit::subsection);
        for (const auto& p : system->memory.pages())
            for (pfn at = g.align_up(p.range.start(), unit::subsection); at < p.range.end();
                 at += sub) {
                if (g.index_of(at, unit::section) >= end_of_recorded_sections) break;
                if (unwritten.count(at) == 0)
                    out.push_back(
                        row(at.value(), p.value.owner.node.value, p.value.owner.zone.value));
            }
        return out;
    }

    // ---- what was recorded ----

    /// A run of rows that are alike: [first, last, ...].
    static std::uint64_t end_of_run(const json& run) {
        const std::uint64_t end = number_in(run[1]);
        if (end > end_of_recorded_sections << 15)
            throw std::runtime_error("a run beyond all memory");
        return end;
    }

    rows recorded_zones(const json& s) const {
        rows out;
        for (const json& z : s.at("zones")) {
            const node_id n{z[0].get<unsigned>()};
            const auto zone = linux_zones::list.find(view(z[1].get_ref<const std::string&>()));
            const bool known = zone && managed(n, *zone) != "-";
            out.push_back(row(n.value, z[1].get<std::string>(), number_in(z[2]), number_in(z[3]),
                              z[5].is_null() ? 0 : number_in(z[5]),
                              known ? std::to_string(number_in(z[4])) : "-"));
        }
        return out;
    }
    static rows recorded_nodes(const json& s) {
        rows out;
        for (const json& n : s.at("k_pgdat")) {
            out.push_back(row("node", number_in(n.at("node")), number_in(n.at("start_pfn")),
                              number_in(n.at("spanned")), number_in(n.at("present"))));
            for (const json& z : n.at("zones"))
                out.push_back(row(z[0].get<std::string>(), number_in(z[1]), number_in(z[2]),
                                  number_in(z[3]), number_in(z[5])));
        }
        return out;
    }
    static rows recorded_blocks(const json& s) {
        rows out;
        for (const json& b : s.at("blocks"))
            for (auto i = number_in(b[0]); i <= end_of_run(b); ++i)
                out.push_back(row(i, b[2].get<std::string>(), b[3].get<std::string>(),
                                  b[5].is_null() ? "null" : b[5].dump()));
        return out;
    }
    static rows recorded_sections(const json& s) {
        rows out;
        for (const json& r : s.at("k_sections"))
            for (auto i = number_in(r[0]); i <= end_of_run(r); ++i)
                out.push_back(row(i, number_in(r[2]), std::hex, number_in(r[3])));
        return out;
    }
    rows recorded_words(const json& s) const {
        rows out;
        for (const json& r : s.at("k_page_zones"))
            for (auto p = number_in(r[0]); p < end_of_run(r); p += 512)
                if ((number_in(r[4]) == 1 || number_in(r[3]) == 4) && unwritten.count(pfn{p}) == 0)
                    out.push_back(row(p, number_in(r[2]), number_in(r[3])));
        return out;
    }
};

} // namespace zonal_test
