// SPDX-License-Identifier: BSL-1.0
#pragma once

// The resource tree of a snapshot, `iomem` and `k_iomem_flags`, as a tree and as lines to compare.

#include <zonal/resource/search.hpp>

#include "trace.hpp"

#include <cstdio>
#include <deque>
#include <string>
#include <vector>

namespace zonal_test {

/// A kernel's own bits for what has a name here; the others pass through.
struct raw_flag {
    bool zonal::region_flags::* named;
    std::uint32_t bit;
};
inline constexpr raw_flag raw_flags[] = {
    {&zonal::region_flags::memory, 0x200},
    {&zonal::region_flags::system_ram, 0x0100'0000},
    {&zonal::region_flags::driver_managed, 0x0200'0000},
    {&zonal::region_flags::mergeable, 0x0400'0000},
    {&zonal::region_flags::busy, 0x8000'0000},
};
inline zonal::region_flags flags_from(std::uint64_t raw) {
    zonal::region_flags flags;
    flags.other = static_cast<std::uint32_t>(raw);
    for (const raw_flag& f : raw_flags) {
        flags.*f.named = (raw & f.bit) != 0;
        flags.other &= ~f.bit;
    }
    return flags;
}
inline std::uint32_t raw_from(zonal::region_flags flags) {
    std::uint32_t raw = flags.other;
    for (const raw_flag& f : raw_flags)
        if (flags.*f.named) raw |= f.bit;
    return raw;
}

inline zonal::address_range inclusive(std::uint64_t first, std::uint64_t last) {
    return zonal::address_range::inclusive(zonal::phys_addr{first}, zonal::phys_addr{last}).value();
}

/// Names for the entries of a tree, each at a place of its own.
class name_store {
public:
    zonal::text add(std::string name) {
        names_.push_back(std::move(name));
        return view(names_.back());
    }

private:
    std::deque<std::string> names_;
};

inline std::string iomem_row(unsigned depth, std::uint64_t first, std::uint64_t last,
                             const std::string& name, std::uint32_t flags, std::uint32_t kind) {
    char line[128];
    std::snprintf(line, sizeof line, "%*s%jx-%jx flags=%x desc=%u : ", static_cast<int>(depth) * 2,
                  "", std::uintmax_t{first}, std::uintmax_t{last}, flags, kind);
    return line + name;
}

inline std::vector<std::string> iomem_rows(const json& snapshot) {
    std::vector<std::string> rows;
    const json& entries = snapshot.at("iomem");
    const json& flags = snapshot.at("k_iomem_flags");
    if (entries.size() != flags.size()) throw std::runtime_error("iomem without flags");
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const json& e = entries[i];
        rows.push_back(iomem_row(e[0], number_in(e[1]), number_in(e[2]), e[3],
                                 static_cast<std::uint32_t>(number_in(flags[i][0])), flags[i][1]));
    }
    return rows;
}

template <class S>
std::vector<std::string> iomem_rows(const zonal::resource_tree<S>& tree) {
    std::vector<std::string> rows;
    for (auto e = tree.after(tree.root()); e; e = tree.after(e)) {
        unsigned depth = 0;
        for (auto up = tree.parent(e); up != tree.root(); up = tree.parent(up)) ++depth;
        const zonal::region& r = tree[e];
        rows.push_back(iomem_row(depth, r.range.start().value, r.range.last().value,
                                 string_of(r.name), raw_from(r.flags), r.kind.value));
    }
    return rows;
}

/// Fills an empty tree with the entries of a snapshot.
template <class S>
void load_iomem(const json& snapshot, zonal::resource_tree<S>& into, name_store& names) {
    const json& entries = snapshot.at("iomem");
    const json& flags = snapshot.at("k_iomem_flags");
    std::vector<zonal::region_id> within{into.root()};
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const json& e = entries[i];
        within.resize(e[0].get<std::size_t>() + 1);
        const zonal::region entry{.range = inclusive(number_in(e[1]), number_in(e[2])),
                                  .name = names.add(e[3]),
                                  .flags = flags_from(number_in(flags[i][0])),
                                  .kind = {flags[i][1].get<std::uint32_t>()}};
        within.push_back(into.insert(entry, zonal::insert_mode::conflict, within.back()).value());
    }
}

/// The first row that differs, as a diff; empty if none does.
inline std::string first_difference(const std::vector<std::string>& recorded_rows,
                                    const std::vector<std::string>& our_rows) {
    for (std::size_t i = 0; i < recorded_rows.size() || i < our_rows.size(); ++i) {
        const std::string kernel = i < recorded_rows.size() ? recorded_rows[i] : "(nothing)";
        const std::string ours = i < our_rows.size() ? our_rows[i] : "(nothing)";
        if (kernel != ours) return "- " + kernel + "\n+ " + ours;
    }
    return {};
}

} // namespace zonal_test
