// SPDX-License-Identifier: BSL-1.0
#pragma once

// Drivers of persistent and other devices' memory. What they claim is read from the snapshot after
// an event (the attributes of the buses nd and dax, virtio-mem's addresses and the blocks that it
// has plugged); what becomes of the memory is this library's.

#include "replay/machine.hpp"

#include <optional>

namespace zonal_test {

/// What a driver holds.
struct claim {
    enum kind_type { region, name, dax, system_ram } kind = name;
    byte_range range{};     ///< the entry in the resource tree
    byte_range mapped{};    ///< device memory; empty: none
    bool own_words = false; ///< page words are in the mapped memory, after an info block
    unsigned node = 0;
    bool metadata_on_memory = false;

    friend bool operator==(const claim&, const claim&) = default;
};

/// daxctl takes the blocks offline itself.
inline bool is_forced(const std::string& command) {
    return command.rfind("daxctl", 0) == 0 && command.find(" -f ") != command.npos;
}

class drivers {
public:
    explicit drivers(machine& m) : m_(m) {}

    /// daxctl takes system RAM back. Nothing if the device holds none.
    std::optional<lm::answer> release(const std::string& command) {
        const auto held = held_.find(command.substr(command.rfind(' ') + 1));
        if (held == held_.end() || held->second.kind != claim::system_ram) return {};
        const lm::answer gone = give_up(held->first, held->second, is_forced(command));
        if (gone) held_.erase(held);
        return gone;
    }

    /// Does what the drivers did between two snapshots, because of a command.
    void follow(const json& next, const std::string& command) {
        const auto now = claims_in(next);
        // What is given up goes before what is taken, devices before what they lie in.
        for (const auto kind : {claim::system_ram, claim::dax, claim::name, claim::region})
            for (auto c = held_.begin(); c != held_.end();) {
                const auto same = now.find(c->first);
                const bool stays = same != now.end() && same->second == c->second;
                if (c->second.kind != kind || stays) {
                    ++c;
                    continue;
                }
                static_cast<void>(give_up(c->first, c->second, false));
                c = held_.erase(c);
            }
        for (const auto kind : {claim::region, claim::name, claim::dax, claim::system_ram})
            for (const auto& [key, c] : now)
                if (c.kind == kind && held_.count(key) == 0) {
                    take(key, c);
                    held_[key] = c;
                }
        if (command.rfind("daxctl", 0) == 0) set_online(command);
        follow_virtio_mem(next);
    }

private:
    /// What daxctl does with the blocks of system RAM, unless told not to.
    void set_online(const std::string& command) {
        const auto says = [&](const char* what) { return command.find(what) != command.npos; };
        const bool online = says("online-memory") || (says("system-ram") && !says("--no-online"));
        const auto held = held_.find(command.substr(command.rfind(' ') + 1));
        if (held == held_.end() || held->second.kind != claim::system_ram) return;
        const auto number = [&](phys_addr a) { return (a.value >> 12) >> block_order(); };
        const byte_range r = blocks_of(held->second);
        for (auto b = number(r.start); b < number(r.end); ++b)
            if (online)
                static_cast<void>(m_.system->online(
                    b, says("--no-movable") ? lm::online_type::online : lm::online_type::movable));
            else if (says("offline-memory"))
                static_cast<void>(m_.system->offline(b));
    }
    unsigned block_order() const { return m_.system->geometry().memory_block_order; }

    static std::uint64_t attribute(const json& device, const char* name) {
        const std::string value = device.value(name, "");
        return value.empty() || value[0] == '!' ? 0 : std::stoull(value, nullptr, 0);
    }
    static byte_range range_of(const json& device) {
        const std::uint64_t start = attribute(device, "resource");
        return {phys_addr{start}, phys_addr{start + attribute(device, "size")}};
    }
    static std::string driver_of(const json& device) { return device.value("driver", ""); }
    static unsigned node_of(const json& device, const char* which) {
        const std::string node = device.value(which, "0");
        return node[0] == '-' ? 0u : static_cast<unsigned>(std::stoul(node));
    }

    std::map<std::string, claim> claims_in(const json& s) const {
        std::map<std::string, claim> claims;
        const json nd = s.value("nd", json::object()), dax = s.value("dax", json::object());
        bool firmware_tells = false;
        for (const auto& [name, d] : nd.items())
            firmware_tells = firmware_tells || d.value("provider", "") == "ACPI.NFIT";
        for (const auto& [name, d] : nd.items()) {
            if (firmware_tells && name.rfind("region", 0) == 0)
                claims["Persistent Memory " + name] = {.kind = claim::region, .range = range_of(d)};
            if (name.rfind("namespace", 0) == 0) claim_namespace(name, d, nd, dax, claims);
        }
        return claims;
    }
    static void claim_namespace(const std::string& name, const json& d, const json& nd,
                                const json& dax, std::map<std::string, claim>& claims) {
        const std::string holder = d.value("holder", "");
        const byte_range whole = range_of(d);
        claim c{.range = whole, .node = node_of(d, "numa_node")};
        if (holder.empty()) {
            if (driver_of(d) != "nd_pmem") return;
            if (d.at("mode") == "memory") c.mapped = whole;
            claims[name] = c;
            return;
        }
        const json& h = nd.at(holder);
        if (driver_of(h).empty()) return;
        const byte_range data = range_of(h);
        const byte_range mapped{whole.start, data.end};
        const bool own_words = h.value("mode", "") == "pmem";
        if (holder.rfind("pfn", 0) == 0) {
            c.mapped = mapped;
            c.own_words = own_words;
        }
        if (holder.rfind("dax", 0) == 0) {
            c.range = {whole.start, data.start};
            for (const auto& [dax_name, x] : dax.items()) {
                if (!(range_of(x).start == data.start)) continue;
                if (driver_of(x) == "device_dax")
                    claims[dax_name] = {.kind = claim::dax,
                                        .range = range_of(x),
                                        .mapped = mapped,
                                        .own_words = own_words,
                                        .node = c.node};
                if (driver_of(x) == "kmem")
                    claims[dax_name] = {.kind = claim::system_ram,
                                        .range = range_of(x),
                                        .node = node_of(x, "target_node"),
                                        .metadata_on_memory =
                                            x.value("memmap_on_memory", "0") == "1"};
            }
        }
        claims[name] = c;
    }

    static address_range bytes(byte_range r) { return {r.start, r.end}; }
    std::string entry_name(const std::string& key) const {
        return key.rfind("Persistent Memory", 0) == 0 ? "Persistent Memory" : key;
    }
    /// The part of a dax device that is whole blocks.
    byte_range blocks_of(const claim& c) const {
        const std::uint64_t block = std::uint64_t{1} << (block_order() + 12);
        return {phys_addr{(c.range.start.value + block - 1) / block * block},
                phys_addr{c.range.end.value / block * block}};
    }

    void take(const std::string& key, const claim& c) {
        auto& tree = m_.system->tree;
        const text name = m_.intern(entry_name(key));
        if (c.kind == claim::region) {
            static_cast<void>(
                tree.insert({bytes(c.range), name, {.memory = true}, lm::persistent_memory},
                            insert_mode::adopt));
        } else if (c.kind == claim::system_ram) {
            const byte_range r = blocks_of(c);
            if (r.empty()) return;
            const auto entry = tree.request(bytes(r), name);
            if (!entry) return;
            static_cast<void>(tree.set_flags(*entry, {.memory = true, .system_ram = true}));
            const std::uint64_t size = r.end.value - r.start.value;
            const auto group = m_.system->add_group({{c.node}, false, page_count{size >> 12}});
            if (!group) return;
            groups_[key] = *group;
            static_cast<void>(m_.system->add_memory({c.node}, r.start, size,
                                                    {.name = m_.intern("System RAM (kmem)"),
                                                     .driver_managed = true,
                                                     .metadata_on_memory = c.metadata_on_memory,
                                                     .group = *group}));
        } else {
            static_cast<void>(tree.request(bytes(c.range), name));
            if (c.mapped.empty()) return;
            static_cast<void>(lm::memremap(*m_.system, {c.node}, &c.mapped));
            if (c.own_words) m_.unwritten.insert(pfn{c.mapped.start.value >> 12});
        }
    }
    lm::answer give_up(const std::string& key, const claim& c, bool forced) {
        auto& tree = m_.system->tree;
        if (!c.mapped.empty()) {
            static_cast<void>(lm::memunmap(*m_.system, &c.mapped));
            m_.unwritten.erase(pfn{c.mapped.start.value >> 12});
        }
        byte_range range = c.range;
        if (c.kind == claim::system_ram) {
            range = blocks_of(c);
            if (range.empty()) return done{};
            const std::uint64_t size = range.end.value - range.start.value;
            const auto never = [](std::uint64_t) { return false; };
            const auto gone = forced ? lm::offline_and_remove(*m_.system, range.start, size, never)
                                     : m_.system->remove_memory(range.start, size);
            if (!gone) return gone; // the memory stays, and its entries, until the next boot
            static_cast<void>(m_.system->remove_group(groups_.at(key)));
        }
        for (auto e = tree.after(tree.root()); e; e = tree.after(e))
            if (tree[e].range == bytes(range) && string_of(tree[e].name) == entry_name(key)) {
                static_cast<void>(tree.release(e, anyone, children::move_up));
                break;
            }
        return done{};
    }

    /// The driver decides which blocks the device backs; here they come and go.
    void follow_virtio_mem(const json& next) {
        enter_virtio_mem(next);
        static const std::string ram = "System RAM (virtio_mem)";
        pfn_range_set<in_place<256>> wanted, there;
        const auto pages = [](std::uint64_t first, std::uint64_t last) {
            return pfn_range{pfn{first >> 12}, pfn{(last + 1) >> 12}};
        };
        for (const json& e : next.at("iomem"))
            if (e[3] == ram)
                static_cast<void>(wanted.insert(pages(number_in(e[1]), number_in(e[2]))));
        auto& tree = m_.system->tree;
        for (auto e = tree.after(tree.root()); e; e = tree.after(e))
            if (string_of(tree[e].name) == ram)
                static_cast<void>(there.insert(*whole_pages_in(tree[e].range, {})));
        if (wanted == there) return;
        m_.managed_is_known = false; // a block can be backed in part
        auto gone = there;
        static_cast<void>(gone.subtract(wanted));
        static_cast<void>(wanted.subtract(there));
        const page_count block = m_.system->geometry().pages_of(unit::memory_block);
        const auto bytes_at = [](pfn at) { return phys_addr{at.value() << 12}; };
        while (const auto r = gone.last()) { // from the top
            const pfn_range last{r->end() - block, block};
            static_cast<void>(lm::offline_and_remove(*m_.system, bytes_at(last.start()),
                                                     block.value() << 12,
                                                     [](std::uint64_t) { return false; }));
            static_cast<void>(gone.erase(last));
        }
        for (const pfn_range r : wanted)
            for (pfn at = r.start(); at < r.end(); at += block) {
                const json& device = device_at(next, bytes_at(at));
                static_cast<void>(m_.system->add_memory(m_.node_of(device), bytes_at(at),
                                                        block.value() << 12,
                                                        {.name = m_.intern(ram),
                                                         .driver_managed = true,
                                                         .merge = true,
                                                         .group = group_of(device, block)}));
            }
    }
    /// The addresses of a device: a frame for its memory, and for nobody else.
    void enter_virtio_mem(const json& next) {
        auto& tree = m_.system->tree;
        const json devices = next.value("virtio", json::object());
        for (const json& e : next.at("iomem")) {
            const std::string name = e[3];
            if (devices.value(name, json::object()).value("driver", "") != "virtio_mem") continue;
            const address_range range = inclusive(number_in(e[1]), number_in(e[2]));
            if (find_exact(tree, range)) continue;
            constexpr region_flags exclusive{.other = 0x0800'0000};
            const region_flags frame = region_flags{.memory = true, .system_ram = true} | exclusive;
            if (const auto entry = tree.request(range, m_.intern(name)))
                static_cast<void>(tree.set_flags(*entry, frame));
        }
    }
    static const json& device_at(const json& s, phys_addr at) {
        const json* below = nullptr;
        for (const json& d : s.at("memory_devices"))
            if (d.at("type") == "virtio-mem" && number_in(d.at("addr")) <= at.value &&
                (below == nullptr || number_in(below->at("addr")) < number_in(d.at("addr"))))
                below = &d;
        if (below == nullptr) throw std::runtime_error("memory of virtio-mem without a device");
        return *below;
    }
    lm::group_id group_of(const json& device, page_count block) {
        const std::string id = device.at("id");
        if (groups_.count(id) == 0) {
            const auto made = m_.system->add_group({m_.node_of(device), true, block});
            groups_[id] = made ? *made : lm::no_group;
        }
        return groups_[id];
    }

    machine& m_;
    std::map<std::string, claim> held_;
    std::map<std::string, lm::group_id> groups_;
};

} // namespace zonal_test
