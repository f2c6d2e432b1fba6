// SPDX-License-Identifier: BSL-1.0
#pragma once

// The events of a trace as calls of this library.

#include "replay/drivers.hpp"
#include "replay/resource_calls.hpp"

namespace zonal_test {

inline std::string name_of(lm::answer a) {
    if (a) return "null";
    switch (a.error()) {
    case lm::kernel_error::no_entry: return "ENOENT";
    case lm::kernel_error::no_address: return "ENXIO";
    case lm::kernel_error::too_big: return "E2BIG";
    case lm::kernel_error::no_memory: return "ENOMEM";
    case lm::kernel_error::busy: return "EBUSY";
    case lm::kernel_error::exists: return "EEXIST";
    case lm::kernel_error::invalid: return "EINVAL";
    case lm::kernel_error::kernel_bug: return "KERNEL_BUG";
    }
    return "?";
}

/// What became of an event, to compare with what was recorded.
struct our_outcome {
    std::string error = "";   ///< "" if it is decided outside
    std::string outside = ""; ///< then: by what
    std::string words = "";   ///< a kernel module's result; "" if it says nothing of ours
    std::string plugged = ""; ///< what became of a DIMM's memory
    std::string warning = ""; ///< whether a call that answers nothing warned
};
inline our_outcome decided_by(const char* whom) { return {.outside = whom}; }

/// A DIMM that the system refuses stays in its slot, and no error says so.
inline std::string plugged(lm::answer a) {
    if (a) return "added";
    return a.error() == lm::kernel_error::exists ? "was there" : "refused";
}
inline bool says(const json& event, const char* what) {
    for (const std::string message : event.value("dmesg", json::array()))
        if (message.find(what) != message.npos) return true;
    return false;
}
inline std::string recorded_plug(const json& event) {
    if (event.at("guest_changed")) return "added";
    return says(event, "add_memory failed") ? "refused" : "was there";
}
inline std::string recorded_warning(const json& event) {
    return says(event, "nonexistent resource") || says(event, "WARNING") ? "warned" : "silent";
}

class events {
public:
    explicit events(machine& m)
        : m_(m), drivers_(m), resources_(m.system->tree, m.names, quirks()) {}

    /// `next` is the snapshot after the event, or after some more.
    our_outcome operator()(const json& event, const json& next, bool is_last) {
        const std::string op = event.at("op");
        const std::string kernels =
            event.at("errno").is_null() ? "null" : event.at("errno").get<std::string>();
        m_.take_settings(next);
        if (event.value("via", "") == "mhporacle") return call(op, event);
        const json& args = event.at("args");
        our_outcome o = decided_by("tools");
        if (kernels == "QEMU")
            o = decided_by("QEMU");
        else if (op == "device_add" && args.at("driver") == "pc-dimm")
            o = plug(args, next);
        else if (op == "device_del")
            o = unplug(event, kernels);
        else if (args.contains("block"))
            o = block(op, args.at("block").get<std::uint64_t>(), args.at("value"), kernels);
        else if (op == "sysfs_write")
            o = write(args);
        else if (op == "daxctl_devdax")
            o = release(args.at("cmd"));
        if (is_last) drivers_.follow(next, args.value("cmd", ""));
        return o;
    }

private:
    lm::resource_quirks quirks() const { return lm::resource_quirks_for(m_.kernel).value(); }

    our_outcome plug(const json& args, const json& next) {
        for (const json& d : next.at("memory_devices"))
            if (d.at("id") == args.at("id")) return {.plugged = plugged(m_.plug_dimm(d))};
        throw std::runtime_error("a DIMM that no snapshot shows");
    }
    our_outcome unplug(const json& event, const std::string& kernels) {
        const auto found = m_.dimms.find(event.at("args").at("id"));
        if (found == m_.dimms.end()) throw std::runtime_error("a DIMM that never came");
        const dimm d = found->second;
        our_outcome o = decided_by("nothing"); // of what was refused, nothing leaves
        if (!(d.group == lm::no_group)) {
            std::set<std::uint64_t> pinned;
            if (kernels != "null") pinned = pinned_blocks(event);
            const auto gone = lm::unplug(*m_.system, d.start, d.bytes, [&](std::uint64_t b) {
                return refuses_offline_ || pinned.count(b) != 0;
            });
            if (!gone)
                return {gone.error() == lm::kernel_error::busy ? "GUEST_REFUSED" : name_of(gone)};
            o = {name_of(m_.system->remove_group(d.group))};
        }
        m_.dimms.erase(found);
        return o;
    }
    our_outcome release(const std::string& command) {
        const auto gone = drivers_.release(command);
        if (!gone) return decided_by("tools");
        // An exit status is what is left of a negative errno.
        return {*gone ? "null" : "exit " + std::to_string(256 - static_cast<int>(gone->error()))};
    }
    /// Blocks with pages that cannot be moved away, as far as the kernel told which.
    std::set<std::uint64_t> pinned_blocks(const json& event) const {
        std::set<std::uint64_t> pinned;
        for (const std::string message : event.value("dmesg", json::array())) {
            unsigned long long number = 0;
            if (std::sscanf(message.c_str(), "memory memory%llu: Offline failed", &number) == 1)
                pinned.insert(number);
            const auto at = message.find(" pfn:0x");
            if (message.rfind("page:", 0) != 0 || at == message.npos) continue;
            const pfn page{std::stoull(message.substr(at + 5), nullptr, 16)};
            const auto owner = m_.system->memory.owner_of(page);
            if (owner && !linux_zones::traits_of(owner->zone).movable)
                pinned.insert(m_.system->geometry().index_of(page, unit::memory_block));
        }
        return pinned;
    }
    our_outcome block(const std::string& op, std::uint64_t number, const std::string& value,
                      const std::string& kernels) {
        const char* refuser = nullptr;
        if (op == "offline") {
            if (refuses_offline_)
                refuser = "notifier";
            else if (kernels == "EBUSY")
                refuser = "pinned pages";
            return change(refuser, [&](linux_system& s) { return s.offline(number); });
        }
        if (op != "online" && op != "online_kernel" && op != "online_movable")
            return decided_by("files");
        if (refuses_online_) refuser = "notifier";
        return change(
            refuser, [&](linux_system& s) { return s.online(number, machine::type_named(value)); });
    }
    /// Whoever refuses is asked after everything that the library looks at: its answer would be yes.
    template <class Call>
    our_outcome change(const char* refuser, Call call) {
        if (refuser == nullptr) return {name_of(call(*m_.system))};
        const auto copy = std::make_unique<linux_system>(*m_.system);
        const lm::answer would = call(*copy);
        return would ? decided_by(refuser) : our_outcome{name_of(would)};
    }
    our_outcome write(const json& args) {
        const std::string path = args.at("path"), value = args.at("value");
        const auto ends = [&](const char* what) {
            const std::string w = what;
            return path.size() >= w.size() && path.compare(path.size() - w.size(), w.npos, w) == 0;
        };
        // A notifier that was told to refuse does so, whatever the block.
        if (ends("MEM_GOING_ONLINE/error")) refuses_online_ = value != "0";
        if (ends("MEM_GOING_OFFLINE/error")) refuses_offline_ = value != "0";
        return decided_by("files");
    }

    // ---- calls of the kernel's functions ----

    our_outcome call(const std::string& op, const json& event) {
        args_ = event.at("args").at("args");
        if (op.rfind("add_memory", 0) == 0) return add(op);
        if (op == "remove_memory")
            return {name_of(m_.system->remove_memory(address(0), number(1)))};
        if (op == "offline_and_remove") {
            const auto pinned = pinned_blocks(event);
            return {name_of(
                lm::offline_and_remove(*m_.system, address(0), number(1),
                                       [&](std::uint64_t b) { return pinned.count(b) != 0; }))};
        }
        if (op == "memremap") return map();
        if (op == "memunmap") return unmap();
        const outcome o = resources_(event);
        if (op == "release" || op == "release_adjustable") {
            our_outcome silent = decided_by("nothing");
            // The others warn but once.
            if (op == "release" || recorded_warning(event) == "warned")
                silent.warning = o.warned ? "warned" : "silent";
            return silent;
        }
        return {.error = o.error == "null" ? o.error : o.error.substr(1, o.error.size() - 2),
                .words = o.words};
    }
    std::uint64_t number(std::size_t i) const { return number_in(args_.at(i)); }
    phys_addr address(std::size_t i) const { return phys_addr{number(i)}; }

    our_outcome add(const std::string& op) {
        const auto flags = number(3);
        lm::memory_wishes how{.name = m_.intern("System RAM"),
                              .driver_managed = op != "add_memory",
                              .merge = (flags & 1) != 0,
                              .metadata_on_memory = (flags & 2) != 0};
        if (op == "add_memory_driver")
            how.name = m_.intern("System RAM (" + args_.at(4).get<std::string>() + ")");
        if (op == "add_memory_rawname") how.name = m_.intern(args_.at(4));
        return {name_of(m_.system->add_memory({number(0)}, address(1), number(2), how))};
    }

    static constexpr unsigned most_ranges = 16;
    struct mapping {
        byte_range ranges[most_ranges] = {};
        unsigned count = 0;
    };
    our_outcome map() {
        const std::string id = args_.at(0);
        if (mappings_.count(id) != 0) return decided_by("module");
        mapping made;
        for (std::size_t i = 4; i + 1 < args_.size() && made.count < most_ranges; i += 2)
            made.ranges[made.count++] = {address(i), phys_addr{number(i) + number(i + 1)}};
        const page_count reserve{number(2)}, room{number(3)};
        const pfn first{made.ranges[0].start.value >> 12};
        words_in_range words({first, reserve + room}, room, reserve);
        const auto mapped = lm::memremap(*m_.system, {number(1)}, made.ranges, made.count,
                                         (reserve + room).is_zero() ? nullptr : &words);
        if (!mapped) return {name_of(mapped)};
        if (!reserve.is_zero()) m_.unwritten.insert(first);
        mappings_[id] = made;
        return {.error = name_of(mapped),
                .words = "ret=0 altmap alloc=0x" + hex(words.in_use().value()) + " align=0x" +
                         hex(words.skipped().value()) + " free=0x" + hex(room.value())};
    }
    our_outcome unmap() {
        const auto found = mappings_.find(args_.at(0));
        if (found == mappings_.end()) return decided_by("module");
        if (!lm::memunmap(*m_.system, found->second.ranges, found->second.count))
            throw std::runtime_error("no room to unmap");
        m_.unwritten.erase(pfn{found->second.ranges[0].start.value >> 12});
        mappings_.erase(found);
        return decided_by("nothing");
    }

    machine& m_;
    drivers drivers_;
    resource_calls<resource_tree<in_place<1024>>> resources_;
    bool refuses_online_ = false, refuses_offline_ = false;
    json args_;
    std::map<std::string, mapping> mappings_;
};

} // namespace zonal_test
