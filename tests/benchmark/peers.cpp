// SPDX-License-Identifier: BSL-1.0
#include <boost/icl/interval_map.hpp>
#ifdef PEER_ABSL
#include <absl/container/btree_map.h>
#endif
#ifdef PEER_LLVM
#include <llvm/ADT/IntervalMap.h>
#endif
#ifdef PEER_JUDY
#include <Judy.h>
#endif

#include "contestant.hpp"
#include "start_keyed.hpp"

using namespace zonal_benchmark;

namespace {

namespace icl = boost::icl;
struct icl_map {
    using interval = icl::right_open_interval<page>;
    icl::interval_map<page, tag, icl::partial_enricher, std::less, icl::inplace_plus,
                      icl::inter_section, interval>
        map;

    bool plug(const range& r) {
        if (icl::intersects(map, interval(r.start, r.end))) return false;
        map.set({interval(r.start, r.end), r.value});
        return true;
    }
    bool unplug(const range& r) {
        if (!icl::intersects(map, interval(r.start, r.end))) return false;
        map.erase(interval(r.start, r.end));
        return true;
    }
    static range plain(const auto& e) { return {e.first.lower(), e.first.upper(), e.second}; }
    range find(page p) const {
        const auto at = map.find(p);
        return at == map.end() ? range{} : plain(*at);
    }
    void for_each(auto f) const {
        for (const auto& e : map) f(plain(e));
    }
};

#ifdef PEER_LLVM
struct llvm_map {
    using kept = llvm::IntervalMap<page, tag, 8, llvm::IntervalMapHalfOpenInfo<page>>;
    kept::Allocator memory;
    kept map{memory};

    bool plug(const range& r) {
        if (!map.empty() && map.overlaps(r.start, r.end)) return false;
        map.insert(r.start, r.end, r.value);
        return true;
    }
    bool unplug(const range& r) {
        bool any = false;
        for (auto at = map.find(r.start); at.valid() && at.start() < r.end; any = true) {
            const range old = plain(at);
            if (old.start < r.start) {
                at.setStop(r.start);
                if (old.end > r.end) return map.insert(r.end, old.end, old.value), true;
                ++at;
            } else if (old.end > r.end) {
                at.setStart(r.end);
            } else {
                at.erase();
            }
        }
        return any;
    }
    static range plain(const auto& at) { return {at.start(), at.stop(), at.value()}; }
    range find(page p) const {
        const auto at = map.find(p);
        return !at.valid() || p < at.start() ? range{} : plain(at);
    }
    tag value(page p) const { return map.lookup(p, 0); }
    void for_each(auto f) const {
        for (auto at = map.begin(); at.valid(); ++at) f(plain(at));
    }
};
#endif

#ifdef PEER_JUDY
/// From a start to length and value, in one word.
struct judy_map {
    Pvoid_t map = nullptr;

    judy_map() = default;
    judy_map(const judy_map&) = delete;
    ~judy_map() { JudyLFreeArray(&map, nullptr); }

    template <auto search>
    range next(Word_t p) const {
        const PPvoid_t at = search(map, &p, nullptr);
        if (at == nullptr) return {};
        const auto word = reinterpret_cast<Word_t>(*at);
        return {p, p + (word >> 16), static_cast<tag>(word & 0xffff)};
    }
    void put(page start, page end, tag value) {
        *JudyLIns(&map, start, nullptr) = reinterpret_cast<Pvoid_t>((end - start) << 16 | value);
    }
    bool plug(range r) {
        const range above = next<JudyLFirst>(r.start), below = next<JudyLLast>(r.start);
        if ((above.value != 0 && above.start < r.end) || below.end > r.start) return false;
        if (above.start == r.end && above.value == r.value) {
            JudyLDel(&map, above.start, nullptr);
            r.end = above.end;
        }
        const bool joins_below = below.end == r.start && below.value == r.value;
        put(joins_below ? below.start : r.start, r.end, r.value);
        return true;
    }
    bool unplug(const range& r) {
        bool any = false;
        range at = next<JudyLLast>(r.start);
        if (at.end <= r.start) at = next<JudyLFirst>(r.start);
        for (; at.value != 0 && at.start < r.end; at = next<JudyLFirst>(r.start)) {
            any = true;
            if (at.start < r.start)
                put(at.start, r.start, at.value);
            else
                JudyLDel(&map, at.start, nullptr);
            if (at.end > r.end) put(r.end, at.end, at.value);
            if (at.end >= r.end) break;
        }
        return any;
    }
    range find(page p) const {
        const range r = next<JudyLLast>(p);
        return p < r.end ? r : range{};
    }
    void for_each(auto f) const {
        for (range r = next<JudyLFirst>(0); r.value != 0; r = next<JudyLNext>(r.start)) f(r);
    }
};
#endif

} // namespace

std::vector<contestant> zonal_benchmark::peers() {
    return {
        make_contestant<start_keyed<std::map<page, rest>>>("std::map"),
        make_contestant<flat_map<std::vector<std::pair<page, rest>>>>("sorted std::vector", 32768),
        make_contestant<flat_map<>>("Boost flat_map", 32768),
        make_contestant<icl_map>("Boost.ICL interval_map"),
#ifdef PEER_ABSL
        make_contestant<start_keyed<absl::btree_map<page, rest>>>("absl::btree_map"),
#endif
#ifdef PEER_LLVM
        make_contestant<llvm_map>("llvm::IntervalMap"),
#endif
#ifdef PEER_JUDY
        make_contestant<judy_map>("JudyL"),
#endif
    };
}
