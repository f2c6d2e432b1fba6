// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource.hpp>

#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/linux_mm/resource_quirks.hpp>

#include "iomem_rows.hpp"
#include "test.hpp"

#include <utility>

using namespace zonal;
using namespace zonal_test;

// Calls of a running kernel's own resource functions, made here under its quirks, and compared
// after every one: the error, the result in the kernel module's own words, every entry of the tree
// with its flags.

namespace {

using tree_type = resource_tree<in_place<256>>;

/// Who requests a region; who inserts one is the system.
constexpr owner_id some_driver{1};

std::string hex(std::uint64_t value) { return string_of(address_text{phys_addr{value}, 1}); }
std::string brackets(address_range r) {
    return "[0x" + hex(r.start().value) + "-0x" + hex(r.last().value) + "]";
}

/// What an event of the trace says, or what we would say.
struct outcome {
    std::string error = "null";
    std::string words = "ret=0";
    bool warned = false; ///< "nonexistent resource", or a refusal that only warns
};

class replay {
public:
    replay(tree_type& tree, name_store& names, resource_quirks quirks)
        : tree_(tree), names_(names), quirks_(quirks) {}

    bool knows(const json& event) const { return event.value("via", "") == "mhporacle"; }

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

    tree_type& tree_;
    name_store& names_;
    resource_quirks quirks_;
    json args_;
};

/// The kernel said so: always for a release, once per kind for the others.
bool warned(const json& event) {
    for (const json& line : event.value("dmesg", json::array())) {
        const std::string characters = line;
        if (characters.find("nonexistent resource") != std::string::npos) return true;
        if (characters.find("WARNING") != std::string::npos) return true;
    }
    return false;
}

void replays(const std::string& scenario, const resource_quirks& quirks) {
    name_store names;
    tree_type tree;
    replay repeat(tree, names, quirks);
    unsigned events = 0;
    unsigned snapshots = 0;
    trace t(trace_path(scenario));
    while (t.next()) {
        INFO(t.place());
        if (t.is("snapshot")) {
            if (snapshots++ == 0) load_iomem(t.snapshot(), tree, names);
            const std::string difference =
                first_difference(iomem_rows(t.snapshot()), iomem_rows(tree));
            INFO(difference);
            REQUIRE(difference.empty());
        }
        if (!t.is("event") || !repeat.knows(t.line())) continue;
        ++events;
        const outcome ours = repeat(t.line());
        REQUIRE(ours.error == t.line().at("errno").dump());
        REQUIRE(ours.words == t.line().at("result").get<std::string>());
        if (t.line().at("op") == "release")
            REQUIRE(ours.warned == warned(t.line()));
        else if (warned(t.line()))
            REQUIRE(ours.warned);
    }
    REQUIRE(t.line().at("kind") == "end");
    CHECK(events + 2 == t.line().at("events").get<unsigned>()); // all but boot and insmod
    CHECK(snapshots == t.line().at("snapshots").get<unsigned>());
}

} // namespace

TEST_CASE("R01 the resource primitives of 6.1 are replayed call by call", "[resource][replay]") {
    replays("6.1-R01-resource-primitives", linux_mm::resource_quirks_for({6, 1}).value());
    replays("6.1-R01-resource-primitives", linux_mm::resource_quirks_for({6, 12}).value());
}

TEST_CASE("R20 random calls of 6.1's resource functions are replayed", "[resource][replay]") {
    replays("6.1-R20-fuzz1", linux_mm::resource_quirks_for({6, 1}).value());
    replays("6.1-R20-fuzz1", linux_mm::resource_quirks_for({6, 12}).value());
}

TEST_CASE(
    "R01 t86 and t99: where entries have owners, the driver's one is there when it releases it",
    "[resource][replay]") {
    name_store names;
    tree_type tree;
    resource_quirks with_owners = linux_mm::resource_quirks_for({6, 1}).value();
    with_owners.no_owners = false;
    replay repeat(tree, names, with_owners);
    const address_range nvdimm = inclusive(0x20'0100'0000, 0x20'01ff'ffff);
    bool loaded = false;
    for (trace t(trace_path("6.1-R01-resource-primitives")); t.next();) {
        if (t.is("snapshot") && !std::exchange(loaded, true)) load_iomem(t.snapshot(), tree, names);
        if (!t.is("event") || !repeat.knows(t.line())) continue;
        const unsigned at = t.line().at("t");
        INFO(t.place());
        if (at < 82) continue; // the device arrives
        const bool is_release = t.line().at("op") == "release_adjustable";
        if (at == 86) {
            // The kernel gave the range back, and its driver's entry was gone.
            REQUIRE(is_release);
            CHECK(release_adjustable(tree, nvdimm) == fail(errc::busy));
            CHECK(release_adjustable(tree, nvdimm, the_system, with_owners) == fail(errc::busy));
            CHECK(find_exact(tree, nvdimm, {{.busy = true}}).has_value());
        } else if (at == 99) {
            // "Trying to free nonexistent resource"
            REQUIRE(warned(t.line()));
            CHECK(release_region(tree, nvdimm, some_driver, with_owners).has_value());
            CHECK_FALSE(find_exact(tree, nvdimm, {{.busy = true}}).has_value());
        } else {
            const outcome ours = repeat(t.line());
            CHECK(ours.words == t.line().at("result").get<std::string>());
        }
        if (at == 101) break; // the device leaves
    }
    CHECK_FALSE(find_exact(tree, nvdimm).has_value());
}

TEST_CASE("the names of memory say the flags and the kind that the kernel has",
          "[resource][replay]") {
    unsigned compared = 0;
    for (const char* scenario : {"6.1-D01-kmem", "6.1-H01-virtio-mem", "6.1-C06-e820-pram",
                                 "6.1-M03-add_remove_memory", "6.12-C01-nvdimm-modes"})
        for (trace t(trace_path(scenario)); t.next();) {
            if (!t.is("snapshot")) continue;
            INFO(t.place());
            const json& flags = t.snapshot().at("k_iomem_flags");
            for (std::size_t i = 0; i < flags.size(); ++i) {
                const std::string name = t.snapshot().at("iomem")[i][3];
                if (name.find("RAM") == name.npos && name.find("Kernel ") == name.npos &&
                    name.find("Persistent") == name.npos)
                    continue;
                INFO(name);
                const region ours = linux_mm::describe_by_name(view(name));
                region_flags kernel = flags_from(number_in(flags[i][0]));
                kernel.mergeable = false; // is up to whoever adds the memory
                REQUIRE(ours.flags == kernel);
                // A driver's RAM is of the kind of what it lies in.
                if (!ours.flags.driver_managed)
                    REQUIRE(ours.kind.value == flags[i][1].get<std::uint32_t>());
                ++compared;
            }
        }
    CHECK(compared > 1000);
}
