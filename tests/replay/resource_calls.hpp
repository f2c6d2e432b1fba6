// SPDX-License-Identifier: BSL-1.0
#pragma once

// Calls of a running kernel's own resource functions, made here under its quirks, and answered in
// the words of the kernel module that made them there.

#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/resource.hpp>

#include "hex.hpp"
#include "iomem_rows.hpp"

#include <string>

namespace zonal_test {

using namespace zonal;

/// Who requests a region; who inserts one is the system.
inline constexpr owner_id some_driver{1};

inline std::string brackets(address_range r) {
    return "[0x" + hex(r.start().value) + "-0x" + hex(r.last().value) + "]";
}

/// What an event of the trace says, or what we would say.
struct outcome {
    std::string error = "null";
    std::string words = "ret=0";
    bool warned = false; ///< "nonexistent resource", or a refusal that only warns
};

template <class Tree>
class resource_calls {
public:
    resource_calls(Tree& tree, name_store& names, linux_mm::resource_quirks quirks)
        : tree_(tree), names_(names), quirks_(quirks) {}

    outcome operator()(const json& event) {
        args_ = event.at("args").at("args");
        const std::string op = event.at("op");
        if (op == "request") return request();
        if (op == "release") return release();
        if (op == "release_adjustable") return release_adjustable_range();
        if (op == "insert" || op == "insert_conflict") return insert(insert_mode::adopt, op);
        if (op == "insert_expand") return insert(insert_mode::expand, op);
        if (op == "request_resource") return insert(insert_mode::conflict, op);
        if (op == "adjust") return adjust();
        if (op == "release_resource") return take_out(children::take_along);
        if (op == "remove_resource") return take_out(children::move_up);
        if (op == "allocate") return allocate();
        if (op == "merge") return merge_ram();
        if (op == "intersects") return intersects();
        if (op == "walk_ram_range") return walk_ram_range();
        if (op == "walk_ram_res") return walk(linux_mm::system_ram);
        if (op == "walk_mem_res") return walk({{.memory = true, .busy = true}});
        throw std::runtime_error("unknown op " + op);
    }

private:
    std::uint64_t arg(std::size_t i, std::uint64_t otherwise = 0) const {
        return i < args_.size() ? number_in(args_[i]) : otherwise;
    }
    text name(std::size_t i) {
        std::string characters = args_[i];
        for (char& c : characters)
            if (c == '_') c = ' ';
        return names_.add(characters);
    }
    static result<address_range> sized(std::uint64_t start, std::uint64_t bytes) {
        return address_range::make(phys_addr{start}, bytes);
    }
    static result<address_range> ended(std::uint64_t first, std::uint64_t last) {
        return address_range::inclusive(phys_addr{first}, phys_addr{last});
    }
    // The kernel's functions know one refusal.
    static outcome refused() { return {"\"EBUSY\"", "ret=-16"}; }
    template <class T>
    static outcome said(const result<T>& r) {
        return r ? outcome{} : refused();
    }

    outcome request() {
        const auto range = sized(arg(0), arg(1));
        if (!range) return refused();
        const auto made = tree_.request(*range, name(2), some_driver, flags_from(arg(3)));
        return made ? outcome{"null", "ret=0 " + brackets(*range)} : refused();
    }
    outcome release() {
        const auto range = sized(arg(0), arg(1));
        const bool gone = range && release_region(tree_, *range, the_system, quirks_).has_value();
        return {.warned = !gone};
    }
    outcome release_adjustable_range() {
        const auto range = sized(arg(0), arg(1));
        if (!range) return {};
        const auto gone = release_adjustable(tree_, *range, the_system, quirks_);
        return {.warned = !gone && gone.error() != errc::not_found};
    }
    outcome insert(insert_mode mode, const std::string& op) {
        const auto range = ended(arg(0), arg(1));
        if (!range) return refused();
        const auto in_the_way = tree_.conflict(*range, mode);
        const auto made = tree_.insert(
            {*range, name(2), flags_from(arg(3)), {static_cast<std::uint32_t>(arg(4))}}, mode);
        outcome o = said(made);
        if (op == "insert_expand" && made) o.words += " " + brackets(tree_[*made].range);
        if (op == "insert_conflict" && !made) {
            const std::string other = brackets(tree_[in_the_way].range);
            o.words += " conflict " + other.substr(0, other.size() - 1) + " " +
                       string_of(tree_[in_the_way].name) + "]";
        }
        return o;
    }
    /// The entry that the module looks up by its range.
    result<region_id> named() const {
        const auto range = ended(arg(0), arg(1));
        if (!range) return fail(errc::not_found);
        return find_exact(tree_, *range);
    }
    static outcome unknown() { return {"\"ENOENT\"", "ret=-2"}; }
    outcome adjust() {
        const auto entry = named();
        if (!entry) return unknown();
        const auto to = sized(arg(2), arg(3));
        return to ? said(tree_.adjust(*entry, *to, anyone)) : refused();
    }
    outcome take_out(children inside) {
        const auto entry = named();
        return entry ? said(tree_.release(*entry, anyone, inside)) : unknown();
    }
    outcome allocate() {
        const auto window = ended(arg(1), arg(2));
        if (!window) return refused();
        const auto hole =
            find_free(tree_, {.bytes = arg(0), .alignment = arg(3), .window = *window});
        if (!hole) return refused();
        const auto made = tree_.insert({*hole, name(4), {.memory = true}});
        return made ? outcome{"null", "ret=0 " + brackets(*hole)} : refused();
    }
    outcome merge_ram() {
        const auto entry = named();
        if (!entry) return unknown();
        static_cast<void>(merge(tree_, *entry, the_system, quirks_));
        return {};
    }
    outcome intersects() {
        const auto range = sized(arg(0), arg(1));
        if (!range) return {};
        const region_query query{flags_from(arg(2)), {static_cast<std::uint32_t>(arg(3))}};
        switch (relation_to(tree_, *range, query, quirks_)) {
        case relation::intersects: return {"null", "ret=0 0=INTERSECTS"};
        case relation::disjoint: return {"null", "ret=0 1=DISJOINT"};
        case relation::mixed: return {"null", "ret=0 2=MIXED"};
        }
        return {};
    }
    outcome walk(region_query query) {
        outcome o{.words = "ret=0 "};
        bool any = false;
        if (const auto range = ended(arg(0), arg(1)))
            for_each_match(tree_, *range, query, [&](address_range part, region_id) {
                o.words += " " + brackets(part);
                return any = true;
            });
        o.words += any ? " rc=0" : " rc=-22";
        return o;
    }
    outcome walk_ram_range() {
        constexpr page_geometry geometry;
        outcome o{.words = "ret=0 "};
        bool any = false;
        const pfn_range pages{pfn{arg(0)}, page_count{arg(1)}};
        if (const auto range = bytes_of(pages, geometry))
            for_each_match(tree_, *range, linux_mm::system_ram, [&](address_range part, region_id) {
                const pfn_range whole = whole_pages_in(part, geometry).value();
                if (!whole.empty())
                    o.words += " [0x" + hex(whole.start().value()) + "+0x" +
                               hex(whole.size().value()) + "]";
                any = any || !whole.empty();
                return true;
            });
        o.words += any ? " rc=0" : " rc=-22";
        return o;
    }

    Tree& tree_;
    name_store& names_;
    linux_mm::resource_quirks quirks_;
    json args_;
};

} // namespace zonal_test
