// SPDX-License-Identifier: BSL-1.0
#pragma once

// Recorded layout and request rows: inputs from the columns of a CSV row, results into the columns
// of the same names. What a kernel does not define comes out empty, as recorded.

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

#include <zonal/linux_mm/gfp_bits.hpp>
#include <zonal/linux_mm/page_layout.hpp>
#include <zonal/linux_mm/requests.hpp>

#include "csv.hpp"
#include "hex.hpp"

namespace zonal_test {

namespace lm = zonal::linux_mm;
using answers = std::map<std::string, std::string>;

inline lm::version version_from(const std::string& name) {
    const auto version = lm::version_named({name.data(), name.size()});
    if (!version) throw std::invalid_argument("'" + name + "' is not a kernel version");
    return *version;
}

/// The configuration of a row; kinds differ in the columns they have, absent ones keep their
/// defaults.
inline lm::config config_from(const csv& row, lm::version kernel) {
    const auto number = [&](const char* name, unsigned most = 64) {
        const unsigned long long value = row.number(name);
        if (value > most)
            throw std::invalid_argument(std::string(name) + ": '" + row[name] + "' is too large");
        return static_cast<unsigned>(value);
    };
    const auto flag = [&](const char* name) { return number(name, 1) != 0; };
    if (row.number("bits_per_long") != 32 && row.number("bits_per_long") != 64)
        throw std::invalid_argument("bits_per_long: '" + row["bits_per_long"] +
                                    "' is neither 32 nor 64");
    lm::config c{.kernel = kernel, .bits_per_long = number("bits_per_long")};
    c.zone_dma = flag("zone_dma");
    c.zone_dma32 = flag("zone_dma32");
    c.highmem = flag("highmem");
    c.zone_device = flag("zone_device");
    if (flag("sparsemem"))
        c.memory =
            flag("sparsemem_vmemmap") ? lm::memory_model::sparse_vmemmap : lm::memory_model::sparse;
    c.max_physmem_bits = number("max_physmem_bits");
    c.section_size_bits = number("section_size_bits");
    c.numa = flag("numa");
    c.nodes_shift = number("nodes_shift");
    c.numa_balancing = flag("numa_balancing");
    c.nr_cpus = row["nr_cpus"].empty() ? 1 : number("nr_cpus", 1u << 30);
    const std::string& kasan = row["kasan"];
    c.kasan = kasan == "sw_tags"   ? lm::kasan_mode::sw_tags
              : kasan == "hw_tags" ? lm::kasan_mode::hw_tags
              : kasan == "generic" ? lm::kasan_mode::generic
                                   : lm::kasan_mode::none;
    c.lru_gen = flag("lru_gen");
    c.mmu = false;
    for (std::size_t at = 0; row["pf_source"] == "enum" && at <= row["pf_options"].size();) {
        const std::string& options = row["pf_options"];
        const std::size_t plus = std::min(options.find('+', at), options.size());
        const std::string option = options.substr(at, plus - at);
        at = plus + 1;
        if (option == "EXT")
            c.extended = true;
        else if (option == "MMU")
            c.mmu = true;
        else if (option == "UNCACHED")
            c.uncached = true;
        else if (option == "MF")
            c.memory_failure = true;
        else if (option == "THP")
            c.thp = true;
        else if (option == "IDLE")
            c.idle = true;
        else if (option == "ARCH2")
            c.arch_2 = true;
        else if (option == "ARCH3")
            c.arch_3 = true;
        else if (option != "-" && !option.empty())
            throw std::invalid_argument("pf_options: there is no '" + option + "'");
    }
    if (row["pf_source"] != "enum") c.given_pageflags = number("nr_pageflags");
    return c;
}

inline std::uint64_t ones(unsigned bits) {
    return bits == 0 ? 0 : ~std::uint64_t{0} >> (64 - bits);
}

/// The columns of a layout row.
inline answers layout_results(const lm::config& c) {
    using enum lm::page_field;
    const lm::page_layout l = lm::page_layout_of(c);
    const zonal::zone_list zones = lm::zones_of(c);
    answers out;
    const auto put = [&](const std::string& name, std::uint64_t value) {
        out[name] = std::to_string(value);
    };

    for (const lm::refusal r : lm::refusals)
        if (l.is_refused_for(r))
            out["error"] += (out["error"].empty() ? "" : " | ") + lm::describe(r).as<std::string>();
    if (!l.fits()) return out;

    const bool has_kasan = lm::pick(lm::kasan_sw_tag_bits, c.kernel) != 0;
    const bool has_lru = lm::pick(lm::lru_gen_bits, c.kernel) != 0;
    const bool has_sections =
        c.memory != lm::memory_model::flat || lm::pick(lm::flat_has_section_width, c.kernel);
    const unsigned zone_bits = l[zone].width;
    const unsigned cpupid_shift = l[last_cpupid].asked.width;

    put("nr_pageflags", l[flags].width);
    put("max_nr_zones", zones.size);
    put("zones_shift", zonal::bits_for(zones.size));
    if (c.nr_cpus > 1) put("nr_cpus_bits", lm::cpu_bits(c));
    if (has_sections) put("sections_shift", lm::section_bits(c));
    put("last_cpupid_shift", cpupid_shift);
    put("node_not_in_page_flags", l.node_left_out());
    put("last_cpupid_not_in_page_flags", cpupid_shift != 0 && l[last_cpupid].width == 0);

    struct column {
        lm::page_field field;
        const char* name;
        bool defined;
    };
    const column columns[] = {{section, "sections", true},
                              {node, "nodes", true},
                              {zone, "zones", true},
                              {last_cpupid, "last_cpupid", true},
                              {kasan_tag, "kasan_tag", has_kasan},
                              {lru_gen, "lru_gen", has_lru},
                              {lru_refs, "lru_refs", has_lru}};
    for (const column& col : columns) {
        if (!col.defined) continue;
        const std::string name = col.name;
        const zonal::placed_field& f = l[col.field];
        const bool lru = col.field == lru_gen || col.field == lru_refs;
        put(name + "_width", f.width);
        put(name + "_pgoff", f.offset);
        if (!lru) put(name + "_pgshift", f.shift());
        // The kernel's mask of the last CPU and process is made from the width it wanted, not the
        // one it got; those of the LRU fields are recorded in place.
        out[name + "_mask"] = "0x" + hex(lru                        ? f.mask()
                                         : col.field == last_cpupid ? ones(cpupid_shift)
                                                                    : f.max());
    }

    // What tells a page's zone together with the zone's number: the section, if that knows the node.
    const lm::page_field partner = l.node_left_out() ? section : node;
    const unsigned id_bits =
        zone_bits + (partner == section ? lm::section_bits(c) : l[node].asked.width);
    const unsigned id_offset = std::min(l[partner].offset, l[zone].offset);
    put("zoneid_shift", id_bits);
    put("zoneid_pgoff", id_offset);
    put("zoneid_pgshift", id_bits == 0 ? 0 : id_offset);
    out["zoneid_mask"] = "0x" + hex(ones(id_bits));

    if (c.kernel >= lm::version{7, 2}) {
        // Counted with the width that the last CPU and process wanted, so it can wrap below zero.
        const std::uint64_t unused =
            l.word.unused() - std::uint64_t{cpupid_shift - l[last_cpupid].width};
        put("nr_unused_pageflag_bits", unused & ones(c.bits_per_long));
    }
    return out;
}

/// The columns of a request row.
inline answers gfp_results(const lm::config& c) {
    const zonal::zone_list zones = lm::zones_of(c);
    answers out;
    if (zones.size > lm::pick(lm::most_zones, c.kernel)) {
        out["error"] = lm::describe(lm::refusal::too_many_zones).as<std::string>();
        return out;
    }
    const auto packed = lm::packed_requests_of(c);
    if (!packed) {
        out["error"] = lm::describe(lm::refusal::table_too_large).as<std::string>();
        return out;
    }
    const auto kernel_name = [&](zonal::zone_id id) {
        std::string name = "ZONE_" + zones[id].name.as<std::string>();
        for (char& ch : name) ch = static_cast<char>(std::toupper(static_cast<unsigned char>(ch)));
        return name;
    };
    for (std::uint64_t i = 0; i < zones.size; ++i) {
        const std::string space = i == 0 ? "" : " ";
        out["zones"] += space + kernel_name({i});
        out["zone_names"] += space + zones[zonal::zone_id{i}].name.as<std::string>();
    }
    out["max_nr_zones"] = std::to_string(zones.size);
    out["zones_shift"] = std::to_string(zonal::bits_for(zones.size));
    if (c.kernel >= lm::version{4, 7}) out["gfp_zones_shift"] = std::to_string(packed->entry_bits);
    out["gfp_zone_table"] = "0x" + hex(packed->table);
    out["gfp_zone_bad"] = "0x" + hex(packed->bad);
    for (unsigned m = 0; m < 16; ++m) {
        const zonal::zone_id id = packed->zone_for(m);
        out[std::string("m") + "0123456789abcdef"[m]] =
            std::to_string(id.value) + ":" + kernel_name(id) + (packed->is_bad(m) ? "!BAD" : "");
    }
    out["gfp_bits_shift"] = std::to_string(lm::gfp_bits_of(c).shift);
    return out;
}

/// What a recorded refusal is about, and what one of ours is: the words differ, the kinds must not.
inline std::map<std::string, bool> refusal_kinds(const std::string& error) {
    const auto mentions = [&](const char* words) { return error.find(words) != std::string::npos; };
    return {{"zones", mentions("too many zones")},
            {"node", mentions("Vmemmap:") || mentions("node does not fit")},
            {"bits", mentions("Not enough bits") || mentions("> BITS_PER_LONG") ||
                         mentions("not enough bits")},
            {"name", mentions("cc:") || mentions("undefined name")},
            {"table", mentions("GFP_ZONES_SHIFT too large") || mentions("table too large")}};
}

} // namespace zonal_test
