// SPDX-License-Identifier: BSL-1.0
#pragma once

// What each map has to do. It has
//     plug(r)        gives the pages a value; false: some have one
//     unplug(r)      takes their values; false: none had one
//     find(p)        the range with its value, else value 0
//     value(p)       optional: the value, where that is quicker
//     for_each(f)    f(range), ascending
//     bytes()        optional: its size, where its memory is not from malloc

#include <map>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <malloc.h>
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#define CALLGRIND_DUMP_STATS_AT(name) static_cast<void>(name)
#endif

#include "work.hpp"

namespace zonal_benchmark {

inline std::string running; ///< the benchmark's name

inline const work& work_for(std::size_t n) {
    static std::map<std::size_t, work> made;
    return made.try_emplace(n, n).first->second;
}

template <class Map>
tag value_at(const Map& map, page p) {
    if constexpr (requires { map.value(p); })
        return map.value(p);
    else
        return map.find(p).value;
}

template <class Map>
std::unique_ptr<Map> filled(const std::vector<range>& ranges) {
    auto map = std::make_unique<Map>();
    for (const range& r : ranges) map->plug(r);
    return map;
}

/// The map of n ranges that is asked and changed, and its size.
template <class Map>
struct resident {
    std::unique_ptr<Map> map;
    std::size_t bytes;

    explicit resident(std::size_t n) {
        const auto in_use = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
        if constexpr (requires { map->bytes(); }) {
            map = filled<Map>(work_for(n).ascending);
            bytes = map->bytes();
        } else { // the mean of many: malloc does not tell what it keeps for small ones
            std::vector<std::unique_ptr<Map>> copies(1 + 4096 / n);
            const std::size_t before = in_use();
            for (auto& copy : copies) copy = filled<Map>(work_for(n).ascending);
            bytes = (in_use() - before) / copies.size();
            map = std::move(copies.front());
        }
    }
    static resident& of(std::size_t n) {
        static std::map<std::size_t, resident> made;
        return made.try_emplace(n, n).first->second;
    }
};

/// A pass makes `count` operations and must come to `expected`. Callgrind, if it runs this, counts
/// the instructions of the passes alone (instructions.py).
template <class Pass>
void time(benchmark::State& state, std::size_t count, std::uint64_t expected, Pass pass) {
    bool right = true;
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(count))) {
        CALLGRIND_TOGGLE_COLLECT;
        right &= pass() == expected;
        CALLGRIND_TOGGLE_COLLECT;
        benchmark::ClobberMemory();
    }
    const std::string counted = running + ' ' + std::to_string(state.iterations());
    CALLGRIND_DUMP_STATS_AT(counted.c_str());
    if (!right) state.SkipWithError("wrong answers");
}

/// answer(map, p, last & none) for each question p, where `none` is 0, which only we know.
template <class Map, auto expected, auto answer>
void ask(benchmark::State& state, std::size_t n) {
    const work& w = work_for(n);
    const Map& map = *resident<Map>::of(n).map;
    page none = 0;
    benchmark::DoNotOptimize(none);
    time(state, w.questions.size(), w.*expected, [&] {
        std::uint64_t sum = 0, last = 0;
        for (const page p : w.questions) sum += last = answer(map, p, last & none);
        return sum;
    });
}
template <class Map, auto changes, std::size_t chunk>
void change_all(benchmark::State& state, std::size_t n) {
    const std::vector<change>& all = work_for(n).*changes;
    Map& map = *resident<Map>::of(n).map;
    std::size_t at = 0;
    time(state, chunk, chunk, [&] {
        std::uint64_t done = 0;
        for (std::size_t i = at; i != at + chunk; ++i)
            done += all[i].plug ? map.plug(all[i].what) : map.unplug(all[i].what);
        at = (at + chunk) % all.size();
        return done;
    });
}
template <class Map, auto ranges>
void build(benchmark::State& state, std::size_t n) {
    const std::vector<range>& all = work_for(n).*ranges;
    time(state, n, all[0].value, [&] { return value_at(*filled<Map>(all), all[0].start); });
}
template <class Map>
void iterate(benchmark::State& state, std::size_t n) {
    const auto& [map, bytes] = resident<Map>::of(n);
    time(state, n, work_for(n).all, [&] {
        std::uint64_t sum = 0;
        map->for_each([&](const range& r) { sum += digest(r); });
        return sum;
    });
    state.counters["bytes a range"] = static_cast<double>(bytes) / static_cast<double>(n);
}

/// Random changes, after each of which every block is compared with an array.
template <class Map>
bool agrees_with_model() {
    constexpr std::size_t blocks = 96;
    std::mt19937_64 random(1);
    for (int life = 0; life != 5; ++life) {
        Map map;
        std::vector<tag> model(blocks);
        for (std::size_t step = 0; step != 200; ++step) {
            const std::size_t first = 1 + random() % (blocks - 2);
            const std::size_t most = step % 7 == 0 ? 24 : 4;
            const std::size_t last = std::min(blocks - 1, first + 1 + random() % most);
            const auto value = static_cast<tag>(random() % 5 < 3 ? 1 + random() % 3 : 0);
            const range r{first * block, last * block, value};
            const bool met = std::any_of(&model[first], &model[last], [](tag v) { return v != 0; });
            const bool changes = value != 0 ? !met : met;
            if ((value != 0 ? map.plug(r) : map.unplug(r)) != changes) return false;
            if (changes) std::fill(&model[first], &model[last], value);

            std::vector<range> expected, walked;
            for (std::size_t i = 0, next = 0; i != blocks; i = next) {
                while (next != blocks && model[next] == model[i]) ++next;
                const range here{i * block, next * block, model[i]};
                if (here.value != 0) expected.push_back(here);
                for (page p = here.start + random() % block; p < here.end; p += block) {
                    const range found = map.find(p);
                    if (value_at(map, p) != here.value || found.value != here.value) return false;
                    if (here.value != 0 && found != here) return false;
                }
            }
            map.for_each([&](const range& e) { walked.push_back(e); });
            if (walked != expected) return false;
        }
    }
    return true;
}

inline constexpr std::size_t most = 1048576;
struct workload {
    const char* name;
    void (*run)(benchmark::State&, std::size_t n);
    std::size_t most_ranges = most;
    double least_seconds = 0;
};
struct contestant {
    std::string name;
    bool (*agrees_with_model)();
    std::vector<workload> workloads;
};

/// most_changed: with more ranges, a change takes too long to be worth a minute.
template <class Map>
contestant make_contestant(std::string name, std::size_t most_changed = most) {
    constexpr auto value = [](const Map& m, page p, page) { return value_at(m, p); };
    constexpr auto next = [](const Map& m, page p, page none) { return value_at(m, p ^ none); };
    constexpr auto whole = [](const Map& m, page p, page) {
        const range r = m.find(p);
        return r.value != 0 ? digest(r) : 0;
    };
    return {std::move(name),
            agrees_with_model<Map>,
            {{"lookup", ask<Map, &work::values, value>},
             {"lookup_dependent", ask<Map, &work::values, next>},
             {"lookup_range", ask<Map, &work::found, whole>},
             {"churn", change_all<Map, &work::churn, work::churn_chunk>, most_changed},
             {"split_merge", change_all<Map, &work::splits, work::split_chunk>, most_changed},
             {"build_ascending", build<Map, &work::ascending>},
             {"build_random", build<Map, &work::shuffled>, most_changed},
             {"iterate", iterate<Map>}}};
}

std::vector<contestant> ours();
std::vector<contestant> peers();
std::vector<contestant> readers(); // peers of what is read beside a writer

} // namespace zonal_benchmark
