// SPDX-License-Identifier: BSL-1.0

// hotplug_replay TRACE...: replays recorded kernel events through the library and compares after
// every event. Exit status: 0 all equal, 1 a difference (the first one is printed), 2 no trace.

#include <zonal/config.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

/// Where we are, for what a trace says that nothing can mean, such as a page beyond all memory.
inline std::string line_of_trace;

struct refuse_trace {
    [[noreturn]] void operator()(const char* what) const {
        std::fprintf(stderr, "%s: %s\n", line_of_trace.c_str(), what);
        std::exit(2);
    }
};
template <>
inline constexpr auto zonal::panic_handler<> = refuse_trace{};

#include "../examples/terminal.hpp"

#include "replay/events.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

using namespace zonal_test;

namespace {

/// How many rows of a kind were compared, and how many are decided outside.
struct tally {
    std::map<std::string, std::uint64_t> compared, outside;
};

class difference : public std::runtime_error {
    using runtime_error::runtime_error;
};

void compare(const char* kind, const rows& recorded_rows, const rows& our_rows, tally& counts) {
    counts.compared[kind] += recorded_rows.size();
    const std::string d = first_difference(recorded_rows, our_rows);
    if (!d.empty()) throw difference(std::string(kind) + "\n" + d);
}

rows without_foreign(const rows& all) {
    rows out;
    for (const std::string& r : all)
        if (!machine::is_foreign(r.substr(r.find(" : ") + 3))) out.push_back(r);
    return out;
}

/// Linux lets a node that comes online span less than its devices, as the comparison of spans has
/// found by now. All else is as it should be.
text fault_in(const linux_system& s) {
    auto memory = s.memory;
    for (node_id n{}; n.value < linux_system::nodes(); ++n.value)
        for (zone_id z{}; z.value < linux_zones::size; ++z.value) {
            const pfn_range zone = memory.pages_of(n, z).span;
            memory.set_spans({n, z}, {zone, memory.node_span(n).envelope(zone)});
        }
    return testing::fault_in(memory);
}

void compare_snapshot(machine& m, const json& s, bool all_of_tree, tally& counts) {
    compare("zones", m.recorded_zones(s), m.zone_rows(), counts);
    compare("k_pgdat", machine::recorded_nodes(s), m.node_rows(), counts);
    compare("blocks", machine::recorded_blocks(s), m.block_rows(), counts);
    compare("k_sections", machine::recorded_sections(s), m.section_rows(), counts);
    compare("k_page_zones", m.recorded_words(s), m.word_rows(), counts);
    if (const text fault = fault_in(*m.system); !fault.empty())
        throw difference("the maps disagree: " + string_of(fault));
    const rows theirs = iomem_rows(s), ours = iomem_rows(m.system->tree);
    if (all_of_tree) return compare("iomem", theirs, ours, counts);
    const rows of_memory = without_foreign(theirs);
    compare("iomem", of_memory, without_foreign(ours), counts);
    counts.outside["iomem"] += theirs.size() - of_memory.size();
    if (theirs != ours) m.graft_foreign(s);
    if (theirs != iomem_rows(m.system->tree)) throw difference("other entries do not fit");
}

void compare_outcome(const json& event, const our_outcome& o, tally& counts) {
    if (!o.outside.empty()) ++counts.outside["errno of " + o.outside];
    if (!o.error.empty()) {
        const json& e = event.at("errno");
        compare("errno", {e.is_null() ? "null" : e.get<std::string>()}, {o.error}, counts);
    }
    if (!o.words.empty())
        compare("result", {event.at("result").get<std::string>()}, {o.words}, counts);
    if (!o.plugged.empty()) compare("plug", {recorded_plug(event)}, {o.plugged}, counts);
    if (!o.warning.empty()) compare("warning", {recorded_warning(event)}, {o.warning}, counts);
}

/// On a terminal: how many of the traces are done, and which one runs; nothing once it is destroyed.
class progress {
public:
    progress(std::size_t done, std::size_t all, const std::string& path)
        : shown_(all > 1 && terminal::shows(stderr)) {
        if (shown_)
            std::cerr << "\r\x1b[K" << done << '/' << all << ' '
                      << path.substr(path.rfind('/') + 1).substr(0, 48) << std::flush;
    }
    ~progress() {
        if (shown_) std::cerr << "\r\x1b[K" << std::flush;
    }
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

private:
    bool shown_;
};

/// Throws `difference`, or another exception if the file is no trace.
tally replay(const std::string& path) {
    unsigned long line = 0;
    std::string place = path;
    line_of_trace = path + ":1";
    tally counts;
    try {
        trace t(path);
        std::unique_ptr<machine> m; // from the first snapshot on
        std::unique_ptr<events> run;
        std::vector<std::pair<std::string, json>> pending; // events since the last snapshot
        while (line_of_trace = path + ":" + std::to_string(++line), t.next()) {
            place = t.place();
            if (t.is("event") && t.line().at("op") != "boot")
                pending.emplace_back(line_of_trace, t.line());
            if (t.is("event") || t.is("header")) continue;
            if (m == nullptr) {
                m = std::make_unique<machine>(boot_trace(path));
                run = std::make_unique<events>(*m);
            }
            bool only_calls = !pending.empty();
            const std::string snapshots_line = line_of_trace;
            for (const auto& [event_line, e] : pending) {
                line_of_trace = event_line;
                only_calls = only_calls && e.value("via", "") == "mhporacle";
                compare_outcome(e, (*run)(e, t.snapshot(), &e == &pending.back().second), counts);
            }
            line_of_trace = snapshots_line;
            pending.clear();
            if (t.is("snapshot")) compare_snapshot(*m, t.snapshot(), only_calls, counts);
        }
        if (m == nullptr || t.line().at("kind") != "end")
            throw std::runtime_error("ends too early");
    } catch (const difference& d) {
        throw difference(place + ": " + d.what());
    } catch (const std::exception& e) {
        throw std::runtime_error(line_of_trace + ": " + e.what());
    }
    return counts;
}

void print(const std::string& path, const tally& counts) {
    std::cout << path.substr(path.rfind('/') + 1) << ":";
    for (const auto& [kind, n] : counts.compared) std::cout << ' ' << kind << ' ' << n;
    for (const auto& [kind, n] : counts.outside) std::cout << ", outside: " << kind << ' ' << n;
    std::cout << '\n';
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Replays recorded kernel events and compares after every one."};
    std::vector<std::string> paths;
    bool verbose = false;
    app.add_option("TRACE", paths, "traces, .jsonl or .jsonl.gz")->required();
    app.add_flag("--verbose", verbose, "how many of what were compared, for each trace");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }

    int status = 0;
    std::size_t done = 0;
    for (const std::string& path : paths) {
        try {
            const tally counts = [&] {
                const progress shown(done++, paths.size(), path);
                return replay(path);
            }();
            if (verbose) print(path, counts);
        } catch (const difference& d) {
            std::cout << d.what() << '\n';
            if (status == 0) status = 1;
        } catch (const std::exception& e) {
            std::cerr << e.what() << '\n';
            status = 2;
        }
    }
    return status;
}
