// SPDX-License-Identifier: BSL-1.0

// Threads that ask a concurrent map while one changes it, two ways:
//
//   every answer is checked against the states that were current at some time between question and
//   answer, and no reader sees an older state than before;
//
//   nothing but the map orders the threads (so that a thread sanitizer sees what the map itself
//   orders), and readers check what is true of every state.
//
// ZONAL_RANDOM_STEPS in the environment says how many changes. Prints what it did; exit status 1 on
// the first wrong answer.

#include <zonal/ranges/concurrent.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <zonal/ranges/pfn_range_map.hpp>

using namespace zonal;

namespace {

constexpr std::uint64_t page_limit = 64;
constexpr unsigned reader_threads = 3;

[[noreturn]] void wrong(const char* what) {
    std::fprintf(stderr, "concurrent_stress: %s\n", what);
    std::_Exit(1);
}

class random_numbers { // splitmix64
public:
    explicit random_numbers(std::uint64_t seed) : state_(seed) {}
    std::uint64_t below(std::uint64_t n) {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return (z ^ (z >> 31)) % n;
    }
    pfn_range range(std::uint64_t limit) {
        const std::uint64_t start = below(limit), end = start + 1 + below(12);
        return {pfn{start}, pfn{end < limit ? end : limit}};
    }

private:
    std::uint64_t state_;
};

/// The value of each page, or 0.
struct state {
    std::array<char, page_limit> value{};

    friend bool operator==(const state&, const state&) = default;

    [[nodiscard]] bool agrees(pfn p, const result<range_entry<char>>& found) const {
        const std::uint64_t page = p.value();
        if (value[page] == 0 || !found) return (value[page] == 0) == !found;
        std::uint64_t start = page, end = page + 1;
        while (start != 0 && value[start - 1] == value[page]) --start;
        while (end != page_limit && value[end] == value[page]) ++end;
        return *found == range_entry<char>{{pfn{start}, pfn{end}}, value[page]};
    }
    template <class Map>
    [[nodiscard]] static state of(const Map& map) {
        state s;
        for (const auto& e : map)
            for (auto p = e.range.start().value(); p != e.range.end().value(); ++p)
                s.value[p] = e.value;
        return s;
    }
};

/// All states there were, by number. State `begun` may be current, state `ended` or a later one is.
class history {
public:
    explicit history(std::size_t steps) : states_(steps + 1) {}

    void begin(std::size_t k, const state& s) {
        states_[k] = s;
        begun_.store(k, std::memory_order_release);
    }
    void end(std::size_t k) { ended_.store(k, std::memory_order_release); }
    [[nodiscard]] const state& operator[](std::size_t k) const { return states_[k]; }
    [[nodiscard]] std::size_t begun() const { return begun_.load(std::memory_order_acquire); }
    [[nodiscard]] std::size_t ended() const { return ended_.load(std::memory_order_acquire); }

private:
    std::vector<state> states_;
    std::atomic<std::size_t> begun_{0}, ended_{0};
};

/// What one reader knows about which state it is in.
class position {
public:
    explicit position(const history& h) : history_(h) {}

    void before_question() { oldest_ = std::max(oldest_, history_.ended()); }
    /// Requires: the question was asked after before_question().
    template <class Agrees>
    void answered(const char* what, const Agrees& agrees) {
        const std::size_t newest = history_.begun();
        while (oldest_ <= newest && !agrees(history_[oldest_])) ++oldest_;
        if (oldest_ > newest) wrong(what);
    }
    [[nodiscard]] std::size_t oldest() const { return oldest_; }

private:
    const history& history_;
    std::size_t oldest_ = 0;
};

template <class Concurrent>
struct checked_walk {
    Concurrent map;
    history past;
    std::size_t steps;
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> answers{0};

    explicit checked_walk(std::size_t n) : past(n), steps(n) {}

    void write() {
        random_numbers random{1};
        std::uint64_t refused = 0;
        for (std::size_t k = 1; k <= steps; ++k) {
            const pfn_range r = random.range(page_limit);
            const char v = static_cast<char>('a' + random.below(3));
            const std::uint64_t kind = random.below(4);
            state next = past[k - 1];
            for (auto p = r.start().value(); p != r.end().value(); ++p) {
                char& old = next.value[p];
                if (kind == 0 || (kind == 1 && old == 0) || (kind == 2 && old != 0)) old = v;
                if (kind == 3) old = 0;
            }
            past.begin(k, next);
            for (;; ++refused) {
                const bool made = kind == 0   ? map.insert(r, v, overlap::replace).has_value()
                                  : kind == 1 ? map.insert(r, v, overlap::keep).has_value()
                                  : kind == 2 ? map.update(
                                                       r, [=](char) { return v; }, missing::ignore)
                                                    .has_value()
                                              : map.erase(r, missing::ignore).has_value();
                if (made) break;
                if (state::of(map.newest()) != past[k - 1]) wrong("a failure changed something");
                std::this_thread::yield();
            }
            past.end(k);
            if (k % 64 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        stop = true;
        std::printf("  %zu changes, refused %llu times; ", steps,
                    static_cast<unsigned long long>(refused));
    }

    void read(unsigned thread) {
        random_numbers random{100 + thread};
        position here{past};
        std::uint64_t count = 0;
        while (!stop.load(std::memory_order_relaxed)) {
            auto attached = map.attach();
            if (!attached) wrong("there is no slot");
            auto& reader = *attached;
            for (int i = 0; i != 200; ++i) {
                const pfn p{random.below(page_limit)};
                const auto agrees = [&](const auto& found) {
                    return [&found, p](const state& s) { return s.agrees(p, found); };
                };
                here.before_question();
                if (random.below(4) != 0) {
                    const auto found = reader->find(p);
                    here.answered("a lookup", agrees(found));
                    ++count;
                    continue;
                }
                auto now = reader.snapshot();
                const state seen = state::of(*now);
                here.answered("a snapshot", [&](const state& s) { return s == seen; });
                if (random.below(1000) == 0)
                    std::this_thread::sleep_for(std::chrono::microseconds(300));
                if (random.below(8) == 0) std::this_thread::yield();
                if (!seen.agrees(p, now->find(p)) || !seen.agrees(p, reader->find(p)) ||
                    state::of(*now) != seen)
                    wrong("a snapshot changed");
                for (std::uint64_t more = random.below(30); more != 0; --more, ++count) {
                    here.before_question();
                    const auto found = now.refresh()->find(p);
                    here.answered("a refreshed snapshot", agrees(found));
                }
            }
        }
        answers += count;
    }

    static void run(const char* name, std::size_t steps) {
        checked_walk walk{steps};
        std::printf("%s\n", name);
        std::vector<std::thread> threads;
        for (unsigned t = 0; t != reader_threads; ++t)
            threads.emplace_back([&walk, t] { walk.read(t); });
        walk.write();
        for (auto& t : threads) t.join();
        std::printf("%llu lookups\n", static_cast<unsigned long long>(walk.answers.load()));
    }
};

/// In every state the pages from page_limit on have the values of those below.
template <class Concurrent>
void run_unordered(const char* name, std::size_t steps) {
    Concurrent map;
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread != reader_threads; ++thread)
        threads.emplace_back([&, thread] {
            random_numbers random{thread};
            auto reader = map.attach().value();
            while (!stop.load(std::memory_order_relaxed)) {
                // Where there are more threads than processors, most wait here, in no version.
                std::this_thread::yield();
                auto now = reader.snapshot();
                for (int i = 0; i != 20; ++i) {
                    const pfn p{random.below(page_limit)};
                    const auto low = now->find(p), high = now->find(p + page_count{page_limit});
                    if (low.has_value() != high.has_value()) wrong("half of a change was seen");
                    if (low && (low->value != high->value ||
                                low->range.start() + page_count{page_limit} != high->range.start()))
                        wrong("a half of another change was seen");
                    if (thread != 0) now.refresh();
                }
            }
        });
    random_numbers random{2};
    for (std::size_t k = 0; k != steps; ++k) {
        const pfn_range low = random.range(page_limit - 1);
        const pfn_range high{low.start() + page_count{page_limit}, low.size()};
        const char v = static_cast<char>('a' + random.below(3));
        const bool erase = random.below(2) == 0;
        const auto change_both = [&](auto& m) -> result<done> {
            for (const pfn_range r : {low, high})
                if (erase ? !m.erase(r, missing::ignore) : !m.insert(r, v, overlap::replace))
                    return fail(errc::no_space);
            return done{};
        };
        while (!map.change({low.start(), high.end()}, change_both)) std::this_thread::yield();
        if (k % 64 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    stop = true;
    for (auto& t : threads) t.join();
    std::printf("%s, unordered: %zu changes\n", name, steps);
}

template <class... Policies>
void run_both(const char* name, std::size_t steps) {
    using map = concurrent<pfn_range_map<char, in_place<2 * page_limit>>, Policies...>;
    checked_walk<map>::run(name, steps);
    run_unordered<map>(name, steps);
}

} // namespace

int main() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const char* setting = std::getenv("ZONAL_RANDOM_STEPS");
    const std::size_t steps = setting ? std::stoull(setting) : 10'000;
    run_both<versions<2>, fixed_readers<reader_threads>>("2 versions", steps);
    run_both<versions<3>, fixed_readers<8>>("3 versions", steps);
    run_both<versions<reader_threads + 2>>("a version for each reader, and two", steps);
}
