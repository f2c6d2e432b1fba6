// SPDX-License-Identifier: BSL-1.0
#pragma once

// Resource trees in one line of text, for tables of before and after:
//
//     10-20 ram{12-14 kernel} 20-top window
//
// Hexadecimal, half-open; "top" is the end of the address space. The name says the rest: ram... is
// busy system RAM, busy... and drv... are busy memory, of which drv... belongs to a driver, port...
// is busy and no memory; everything else is memory that is not busy.

#include <zonal/ext/allocated.hpp>
#include <zonal/resource/tree.hpp>

#include "hex.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace zonal_test {

using namespace zonal;

inline constexpr owner_id driver{7};
inline constexpr owner_id other_driver{8};

constexpr address_range at(std::uint64_t start, std::uint64_t end) {
    return {phys_addr{start}, phys_addr{end}};
}

inline region described(text name) {
    region r{.name = name, .flags = {.memory = true}};
    const bool ram = name.starts_with("ram");
    const bool drv = name.starts_with("drv");
    r.flags.system_ram = ram;
    r.flags.busy = ram || drv || name.starts_with("busy") || name.starts_with("port");
    r.flags.memory = !name.starts_with("port");
    if (drv) r.owner = driver;
    return r;
}

/// Adds the entries of `line` to `within`. The characters must outlive the tree.
template <class S>
const char* build(resource_tree<S>& tree, const char* line, region_id within) {
    while (*line != '\0' && *line != '}') {
        if (*line == ' ') {
            ++line;
            continue;
        }
        char* rest = nullptr;
        const std::uint64_t start = std::strtoull(line, &rest, 16);
        if (rest == line || *rest != '-') throw std::invalid_argument(line);
        line = rest + 1;
        address_range range = address_range::up_from(phys_addr{start});
        if (text(line, 3) == text("top")) {
            line += 3;
        } else {
            range = at(start, std::strtoull(line, &rest, 16));
            line = rest;
        }
        const char* name = ++line;
        while (*line != '\0' && *line != ' ' && *line != '{' && *line != '}') ++line;
        region entry = described({name, static_cast<std::size_t>(line - name)});
        entry.range = range;
        const region_id made = tree.insert(entry, insert_mode::conflict, within).value();
        if (*line == '{') line = build(tree, line + 1, made) + 1;
    }
    return line;
}
template <class S>
void build(resource_tree<S>& tree, const char* line) {
    build(tree, line, tree.root());
}

inline std::string shown(address_range r) {
    return hex(r.start().value) + "-" + (r.reaches_top() ? "top" : hex(r.end().value));
}

/// The line that builds what lies in `within`.
template <class S>
std::string shown(const resource_tree<S>& tree, region_id within) {
    std::string line;
    for (region_id e = tree.first_child(within); e; e = tree.next(e)) {
        if (!line.empty()) line += ' ';
        line += shown(tree[e].range) + " " + tree[e].name.template as<std::string>();
        if (tree.first_child(e)) line += "{" + shown(tree, e) + "}";
    }
    return line;
}
template <class S>
std::string shown(const resource_tree<S>& tree) {
    return shown(tree, tree.root());
}

/// The first entry of this name; throws if there is none.
template <class S>
region_id named(const resource_tree<S>& tree, text name) {
    for (region_id e = tree.after(tree.root()); e; e = tree.after(e))
        if (tree[e].name == name) return e;
    throw std::invalid_argument(name.as<std::string>());
}

/// "done", or the name of the error.
template <class T>
std::string outcome_of(const result<T>& r) {
    return r ? "done" : name_of(r.error()).template as<std::string>();
}

// A tree over each storage policy, with room for 16 entries or more.
struct tree_in_place {
    resource_tree<in_place<16>> tree;
};
struct tree_of_caller {
    region_slot slots[16];
    resource_tree<caller_storage> tree{slots};
};
struct tree_allocated {
    resource_tree<allocated<>> tree;
};

} // namespace zonal_test

#define ZONAL_TEST_TREES                                                                           \
    zonal_test::tree_in_place, zonal_test::tree_of_caller, zonal_test::tree_allocated
