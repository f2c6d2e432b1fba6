// SPDX-License-Identifier: BSL-1.0
#include <mutex>
#include <shared_mutex>

#ifdef PEER_URCU
#define _LGPL_SOURCE
#include <urcu/urcu-memb.h>
#include <urcu/urcu-qsbr.h>
#endif

#include "beside_writer.hpp"

using namespace zonal_benchmark;

namespace {

using sorted_vector = flat_map<std::vector<std::pair<page, rest>>>;

template <class Map>
bool apply(Map& map, const change& c) {
    return c.plug ? map.plug(c.what) : map.unplug(c.what);
}

template <class Map>
struct locked {
    Map map;
    std::shared_mutex mutex;

    explicit locked(const std::vector<range>& ranges) : map(*filled<Map>(ranges)) {}
    bool change(const zonal_benchmark::change& c) {
        const std::unique_lock lock(mutex);
        return apply(map, c);
    }
    struct reader {
        locked& of;
        tag value(page p) {
            const std::shared_lock lock(of.mutex);
            return of.map.find(p).value;
        }
        void pause() {}
    };
};

/// A sorted array in place; who reads while it changes reads again.
struct sequence_lock {
    struct entry {
        std::atomic<page> start, end;
        std::atomic<tag> value;
    };
    sorted_vector next; // the writer's
    std::vector<entry> entries;
    std::atomic<std::size_t> size = 0;
    alignas(64) std::atomic<unsigned> sequence = 0;
    static constexpr auto relaxed = std::memory_order_relaxed;

    explicit sequence_lock(const std::vector<range>& ranges) : entries(ranges.size() + 64) {
        next = *filled<sorted_vector>(ranges);
        copy();
    }
    bool change(const zonal_benchmark::change& c) {
        if (!apply(next, c)) return false;
        sequence.store(sequence.load(relaxed) + 1, relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        copy();
        sequence.store(sequence.load(relaxed) + 1, std::memory_order_release);
        return true;
    }
    void copy() {
        std::size_t i = 0;
        for (const auto& [start, more] : next.map) {
            entry& e = entries[i++];
            if (e.start.load(relaxed) != start) e.start.store(start, relaxed);
            if (e.end.load(relaxed) != more.end) e.end.store(more.end, relaxed);
            if (e.value.load(relaxed) != more.value) e.value.store(more.value, relaxed);
        }
        size.store(i, relaxed);
    }
    tag find(page p) const {
        const entry* at = entries.data();
        std::size_t left = size.load(relaxed);
        if (left == 0) return 0;
        for (std::size_t half = left / 2; left > 1; left -= half, half = left / 2)
            at += at[half].start.load(relaxed) <= p ? half : 0;
        return at->start.load(relaxed) <= p && p < at->end.load(relaxed) ? at->value.load(relaxed)
                                                                         : tag{0};
    }
    struct reader {
        const sequence_lock& of;
        tag value(page p) {
            for (;;) {
                const unsigned before = of.sequence.load(std::memory_order_acquire);
                const tag found = of.find(p);
                std::atomic_thread_fence(std::memory_order_acquire);
                if (before % 2 == 0 && of.sequence.load(relaxed) == before) return found;
            }
        }
        void pause() {}
    };
};

/// A copy for each change.
struct shared_copy {
    std::atomic<std::shared_ptr<const sorted_vector>> newest;

    explicit shared_copy(const std::vector<range>& ranges)
        : newest(std::make_shared<const sorted_vector>(*filled<sorted_vector>(ranges))) {}
    bool change(const zonal_benchmark::change& c) {
        const auto next = std::make_shared<sorted_vector>(*newest.load());
        const bool changed = apply(*next, c);
        newest.store(next);
        return changed;
    }
    struct reader {
        const shared_copy& of;
        tag value(page p) { return of.newest.load(std::memory_order_acquire)->find(p).value; }
        void pause() {}
    };
};

#ifdef PEER_URCU
struct memb {
    static void enter() { urcu_memb_register_thread(); }
    static void leave() { urcu_memb_unregister_thread(); }
    static void lock() { urcu_memb_read_lock(); }
    static void unlock() { urcu_memb_read_unlock(); }
    static void pause() {}
    static void synchronize() { urcu_memb_synchronize_rcu(); }
};
struct qsbr {
    static void enter() { urcu_qsbr_register_thread(); }
    static void leave() { urcu_qsbr_unregister_thread(); }
    static void lock() {}
    static void unlock() {}
    static void pause() { urcu_qsbr_quiescent_state(); }
    static void synchronize() { urcu_qsbr_synchronize_rcu(); }
};

/// A copy for each change, which readers need not count.
template <class Flavour>
struct rcu_copy {
    std::atomic<sorted_vector*> newest;

    explicit rcu_copy(const std::vector<range>& ranges)
        : newest(filled<sorted_vector>(ranges).release()) {}
    rcu_copy(const rcu_copy&) = delete;
    ~rcu_copy() { delete newest.load(); }
    bool change(const zonal_benchmark::change& c) {
        auto* const old = newest.load();
        auto* const next = new sorted_vector(*old);
        const bool changed = apply(*next, c);
        newest.store(next, std::memory_order_release);
        Flavour::synchronize();
        delete old;
        return changed;
    }
    struct reader {
        const rcu_copy& of;
        explicit reader(const rcu_copy& from) : of(from) { Flavour::enter(); }
        reader(const reader&) = delete;
        ~reader() { Flavour::leave(); }
        tag value(page p) {
            Flavour::lock();
            const tag found = of.newest.load(std::memory_order_acquire)->find(p).value;
            Flavour::unlock();
            return found;
        }
        void pause() { Flavour::pause(); }
    };
};
#endif

template <class Scheme>
contestant make_reader(std::string name) {
    return {std::move(name), agrees_alone<Scheme>, read_workloads<Scheme>()};
}

} // namespace

std::vector<contestant> zonal_benchmark::readers() {
    return {
        make_reader<locked<sorted_vector>>("shared_mutex, sorted std::vector"),
        make_reader<locked<start_keyed<std::map<page, rest>>>>("shared_mutex, std::map"),
        make_reader<sequence_lock>("sequence lock, sorted array"),
        make_reader<shared_copy>("atomic shared_ptr, sorted std::vector"),
#ifdef PEER_URCU
        make_reader<rcu_copy<memb>>("liburcu memb, sorted std::vector"),
        make_reader<rcu_copy<qsbr>>("liburcu qsbr, sorted std::vector"),
#endif
    };
}
