// SPDX-License-Identifier: BSL-1.0

// The range maps beside their peers, as a table; all flags are Google Benchmark's:
//
//     zonal_benchmark --benchmark_filter='^lookup/(64|1024)/'      # workload/ranges/map
//
// Status 1: a map answered wrongly.

#include <cstdio>
#include <iostream>

#include "contestant.hpp"

using namespace zonal_benchmark;

namespace {

constexpr std::size_t sizes[] = {4, 16, 64, 1024, 32768, most};

std::string name_of(const std::string& workload, std::size_t n, const contestant& c) {
    return workload + '/' + std::to_string(n) + '/' + c.name;
}
std::string number(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", x < 10 ? 2 : x < 100 ? 1 : 0, x);
    return text;
}

/// The peers of our maps, and of our maps that are read beside a writer.
std::vector<contestant> others() {
    std::vector<contestant> all = peers();
    for (contestant& c : readers()) all.push_back(std::move(c));
    return all;
}

/// In brackets: how many times ours goes into the best peer.
class table : public benchmark::BenchmarkReporter {
public:
    bool failed = false;

    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            const std::string name = run.run_name.function_name;
            if (run.error_occurred) std::cerr << name << ": " << run.error_message << '\n';
            failed |= run.error_occurred;
            if (run.repetitions > 1 && run.aggregate_name != "median") continue;
            took_[name] = run.GetAdjustedCPUTime();
            std::cerr << name << ' ' << number(took_[name]) << " ns\n";
            for (const auto& [counter, value] : run.counters)
                took_[counter + name.substr(name.find('/'))] = value;
        }
    }
    void Finalize() override {
        std::cout << "| ns an operation | ranges | best peer |";
        for (const contestant& c : ours_) std::cout << ' ' << c.name << " |";
        std::cout << "\n| --- | ---: | ---: |";
        for (std::size_t i = 0; i != ours_.size(); ++i) std::cout << " ---: |";
        std::cout << '\n';
        for (const workload& w : ours_[0].workloads)
            for (const std::size_t n : sizes) print(w.name, n);
        for (const std::size_t n : sizes) print("writer_us", n); // CPU time of a change
        for (const std::size_t n : sizes) print("bytes a range", n);
        std::cout << PEERS_MISSING;
    }

private:
    void print(const std::string& workload, std::size_t n) {
        std::pair<double, std::string> best{};
        for (const contestant& c : peers_)
            if (const double took = took_[name_of(workload, n, c)]; took != 0)
                if (best.first == 0 || took < best.first) best = {took, c.name};
        if (best.first == 0) return;
        std::cout << "| " << workload << " | " << n << " | " << best.second << ' '
                  << number(best.first) << " |";
        for (const contestant& c : ours_) {
            const double took = took_[name_of(workload, n, c)];
            if (took != 0)
                std::cout << ' ' << number(took) << " (" << number(best.first / took) << ')';
            std::cout << " |";
        }
        std::cout << '\n';
    }

    const std::vector<contestant> ours_ = ours(), peers_ = others();
    std::map<std::string, double> took_; // or how large it is
};

} // namespace

int main(int argc, char** argv) {
    char repetitions[] = "--benchmark_repetitions=5", time[] = "--benchmark_min_time=0.02";
    std::vector<char*> flags{argv[0], repetitions, time};
    flags.insert(flags.end(), argv + 1, argv + argc);
    int count = static_cast<int>(flags.size());
    benchmark::Initialize(&count, flags.data());
    if (benchmark::ReportUnrecognizedArguments(count, flags.data())) return 2;

    std::vector<contestant> all = ours();
    for (contestant& c : others()) all.push_back(std::move(c));
    for (const contestant& c : all)
        if (!c.agrees_with_model()) {
            std::cerr << c.name << " differs from the model\n";
            return 1;
        }
    for (const workload& each : all[0].workloads)
        for (const std::size_t n : sizes)
            for (const contestant& c : all)
                for (const workload& w : c.workloads)
                    if (std::string(w.name) == each.name && n <= w.most_ranges) {
                        const std::string name = name_of(w.name, n, c);
                        auto* const made = benchmark::RegisterBenchmark(
                            name.c_str(), [run = w.run, n, name](auto& state) {
                                running = name;
                                run(state, n);
                            });
                        if (w.least_seconds != 0) made->MinTime(w.least_seconds);
                    }
    table results;
    benchmark::RunSpecifiedBenchmarks(&results);
    return results.failed;
}
