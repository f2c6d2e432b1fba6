// SPDX-License-Identifier: BSL-1.0
#pragma once

// A thread that asks while another one changes the map a thousand times a second. A scheme has
//
//     scheme(ranges)         at first
//     change(c)              the writer's; false: not now
//     scheme::reader(s)      the reader's, as long as it asks: value(p); pause(), now and then
//
// What the reader's lookups take is its own CPU time; in `writer_us` is the writer's, a change.

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include <time.h>

#include "contestant.hpp"
#include "start_keyed.hpp"

namespace zonal_benchmark {

inline std::int64_t cpu_ns() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// Changes until it is told to stop, and then on to the end of a chunk: the map is as it was.
template <class Scheme>
class writer {
public:
    writer(Scheme& scheme, const std::vector<change>& changes)
        : thread_([this, &scheme, &changes] { run(scheme, changes); }) {}
    ~writer() { stop(); }

    double microseconds_a_change() {
        stop();
        return static_cast<double>(ns_) / 1000 / static_cast<double>(made_);
    }

private:
    void run(Scheme& scheme, const std::vector<change>& changes) {
        auto next = std::chrono::steady_clock::now();
        for (bool stops = false; !stops || made_ % work::churn_chunk != 0; ++made_) {
            if (!stops) std::this_thread::sleep_until(next += std::chrono::milliseconds(1));
            stops |= stop_.load();
            const std::int64_t before = cpu_ns();
            while (!scheme.change(changes[made_ % changes.size()])) std::this_thread::yield();
            ns_ += cpu_ns() - before;
        }
    }
    void stop() {
        stop_.store(true);
        if (thread_.joinable()) thread_.join();
    }

    std::atomic<bool> stop_ = false;
    std::size_t made_ = 0;
    std::int64_t ns_ = 0;
    std::thread thread_;
};

template <class Scheme>
std::uint64_t ask_all(Scheme& scheme, const std::vector<page>& questions) {
    typename Scheme::reader reader(scheme);
    std::uint64_t sum = 0;
    for (const page p : questions) sum += reader.value(p);
    return sum;
}

template <class Scheme, bool changes>
void read(benchmark::State& state, std::size_t n) {
    constexpr std::size_t chunk = 1024;
    const work& w = work_for(n);
    Scheme scheme(w.ascending);
    {
        std::optional<writer<Scheme>> other;
        if (changes) other.emplace(scheme, w.churn);
        {
            typename Scheme::reader reader(scheme);
            std::size_t at = 0;
            while (state.KeepRunningBatch(chunk)) {
                std::uint64_t sum = 0;
                for (std::size_t i = at; i != at + chunk; ++i) sum += reader.value(w.questions[i]);
                benchmark::DoNotOptimize(sum);
                at = (at + chunk) % w.questions.size();
                reader.pause();
            }
        }
        if (changes) state.counters["writer_us"] = other->microseconds_a_change();
    }
    if (ask_all(scheme, w.questions) != w.values) state.SkipWithError("wrong answers");
}

/// After each change the answers are those of a map that nobody else has.
template <class Scheme>
bool agrees_alone() {
    const work& w = work_for(64);
    const std::vector<page> questions(w.questions.begin(), w.questions.begin() + 64);
    Scheme scheme(w.ascending);
    const auto model = filled<start_keyed<std::map<page, rest>>>(w.ascending);
    for (const change& c : w.churn) {
        if (!(c.plug ? model->plug(c.what) : model->unplug(c.what)) || !scheme.change(c))
            return false;
        std::uint64_t expected = 0;
        for (const page p : questions) expected += model->find(p).value;
        if (ask_all(scheme, questions) != expected) return false;
    }
    return true;
}

template <class Scheme>
std::vector<workload> read_workloads() {
    constexpr double long_enough = 0.2; // for the writer to make some changes
    return {{"read_alone", read<Scheme, false>, 32768, long_enough},
            {"read_beside_writer", read<Scheme, true>, 32768, long_enough}};
}

} // namespace zonal_benchmark
