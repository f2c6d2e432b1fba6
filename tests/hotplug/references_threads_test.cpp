// SPDX-License-Identifier: BSL-1.0

// Threads take and drop references while one thread closes, cancels, drains, unplugs and plugs
// again. A program of its own, so that it can be run under a thread sanitizer, which sees every
// reference that survives an unplug: who has one reads what the policy clears.

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "hotplug/support.hpp"

using namespace zonal;
using namespace zonal_test;

namespace {

constexpr unsigned users = 3;
constexpr unsigned slots = 2;
constexpr std::uint64_t cleared = ~std::uint64_t{0};

/// What is in the pages of each range: the generation of its handle, while it is plugged. No
/// atomics: the references are what keeps the threads apart.
std::uint64_t contents[slots];

struct clear_contents {
    void operator()(pfn_range r) const { contents[r.start().value() / 4] = cleared; }
};
using rules = release<zones, otherwise<return_to_tree>,
                      on<lm::device, drain_then<then<moody, zero_with<clear_contents>>>>>;
using map_type = hotplug_map<zones, rules, in_place<slots>, named_holders<users>>;

/// The handles that there are, for all to see.
std::atomic<std::uint64_t> published[slots];
std::atomic<bool> stop{false};

[[noreturn]] void fail_with(const char* what) {
    std::fprintf(stderr, "references_threads: %s\n", what);
    std::_Exit(1);
}
void require(bool holds, const char* what) {
    if (!holds) fail_with(what);
}

struct totals {
    std::uint64_t taken = 0, refused = 0, stale = 0;
};

void use(map_type& map, unsigned number, totals& count) {
    const owner_id me{number + 1};
    std::uint32_t random = number + 1;
    while (!stop.load(std::memory_order_relaxed)) {
        random = random * 1664525 + 1013904223;
        const std::uint64_t said = published[random >> 31].load(std::memory_order_acquire);
        const range_handle h{static_cast<std::uint32_t>(said >> 32),
                             static_cast<std::uint32_t>(said)};
        const unsigned times = 1 + (random >> 8) % 3;
        unsigned taken = 0;
        for (; taken != times; ++taken) {
            const auto pinned = map.pin(h, me);
            if (!pinned) {
                const errc why = pinned.error();
                require(why == errc::bad_state || why == errc::stale, "pin failed otherwise");
                ++(why == errc::stale ? count.stale : count.refused);
                break;
            }
            ++count.taken;
            require(contents[random >> 31] == h.generation, "a reference to what is gone");
        }
        if ((random >> 4) % 8 == 0) std::this_thread::yield();
        for (unsigned i = 0; i != taken; ++i) {
            require(contents[random >> 31] == h.generation, "it went while it was referenced");
            require(map.unpin(h, me).has_value(), "a reference was lost");
        }
        if (taken == 0) std::this_thread::yield();
    }
}

/// Rounds of removal, until each way it can end has been seen often.
struct ways {
    std::uint64_t cancelled = 0, given_up = 0, refused = 0, removed = 0;
};

void plug(map_type& map, unsigned i) {
    const std::uint64_t start = 4 * i;
    // The contents must be there before the first reference is.
    static std::uint32_t generations[slots]{};
    contents[i] = generations[i];
    const auto h =
        map.plug<lm::device>(pages(start, start + 4), {.owner = nvdimm, .name = "pmem"}).value();
    require(h.slot == i && h.generation == generations[i]++, "another slot than expected");
    published[i].store(std::uint64_t{h.slot} << 32 | h.generation, std::memory_order_release);
}

void remove(map_type& map, unsigned i, std::uint32_t random, ways& count) {
    const auto h = map.find(pfn{4 * i}).value().handle;
    const auto now_and_then = [](std::uint32_t) { return std::this_thread::yield(), false; };
    if (random % 4 == 0) {
        auto closing = map.close(h).value();
        if (random % 8 == 0) std::this_thread::yield();
        ++count.cancelled;
        return; // dropped: cancelled
    }
    if (random % 4 == 1) {
        unsigned patience = random / 4 % 4;
        if (!map.drain(h, [&](std::uint32_t) { return patience-- == 0; })) ++count.given_up;
        return;
    }
    auto drained = map.drain(h, now_and_then).value();
    moody& policy = map.policy_of<lm::device>().get<moody>();
    policy.refuses = random % 16 == 2;
    const auto gone = map.unplug(std::move(drained));
    if (!gone) {
        ++count.refused;
        return;
    }
    ++count.removed;
    require(contents[i] == cleared, "unplugged, and not given back");
    for (int j = 0; j != 20; ++j)
        require(map.pin(h, owner_id{9}) == fail(errc::stale), "a reference to what is gone");
    plug(map, i);
}

} // namespace

int main() {
    static map_type map;
    for (unsigned i = 0; i != slots; ++i) plug(map, i);
    totals used[users];
    std::vector<std::thread> threads;
    for (unsigned i = 0; i != users; ++i)
        threads.emplace_back([i, &used] { use(map, i, used[i]); });

    ways seen;
    std::uint32_t random = 42;
    for (int round = 0; round != 40'000; ++round) {
        if (round % 4 == 0) std::this_thread::yield();
        random = random * 1664525 + 1013904223;
        remove(map, random >> 31, random >> 8, seen);
    }
    stop = true;
    for (std::thread& t : threads) t.join();

    std::uint64_t taken = 0;
    for (const totals& t : used) taken += t.taken;
    for (unsigned i = 0; i != slots; ++i) {
        const auto h = map.find(pfn{4 * i}).value().handle;
        require(map.pins(h) == result<std::uint32_t>(0u), "references are left over");
        require(
            map.for_each_holder(h, [](holder) { fail_with("a holder is left over"); }).has_value(),
            "the range is gone");
    }
    std::printf("%ju references; removals: %ju cancelled, %ju given up, %ju refused, %ju done\n",
                std::uintmax_t{taken}, std::uintmax_t{seen.cancelled},
                std::uintmax_t{seen.given_up}, std::uintmax_t{seen.refused},
                std::uintmax_t{seen.removed});
    require(taken > 1000 && seen.cancelled > 100 && seen.refused > 100 && seen.removed > 100,
            "too little happened to mean anything");
}
