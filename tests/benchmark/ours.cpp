// SPDX-License-Identifier: BSL-1.0
#include <cstdlib>

#include <zonal/ext/allocated.hpp>
#include <zonal/ranges.hpp>

#include "beside_writer.hpp"

using namespace zonal_benchmark;
using namespace zonal;

namespace {

template <class Map>
struct of_ours {
    Map map;

    static pfn_range pages(const range& r) { return {pfn{r.start}, pfn{r.end}}; }
    bool plug(const range& r) { return map.insert(pages(r), r.value).has_value(); }
    bool unplug(const range& r) { return !map.erase(pages(r), missing::ignore)->is_zero(); }
    static range plain(const auto& e) {
        return {e.range.start().value(), e.range.end().value(), e.value};
    }
    range find(page p) const {
        const auto e = map.find(pfn{p});
        return e ? plain(*e) : range{};
    }
    tag value(page p) const { return map.value_at(pfn{p}).value_or(0); }
    void for_each(auto f) const {
        for (const auto& e : map) f(plain(e));
    }
};

template <class BackEnd>
using allocating = of_ours<pfn_range_map<tag, BackEnd, allocated<>>>;

/// In as much memory as the address space can need, of which what is not used is never touched.
using table = pfn_range_map<tag, block_table<block_order>, caller_storage>;
constexpr std::size_t slots = 4096 + 3;
table::slot* lend() { return static_cast<table::slot*>(std::calloc(slots, sizeof(table::slot))); }
struct memory {
    static inline auto& returned = *new std::vector<table::slot*>;
    table::slot* slot;

    memory() : slot(returned.empty() ? lend() : returned.back()) {
        if (!returned.empty()) returned.pop_back();
    }
    ~memory() { returned.push_back(slot); }
};
struct lent_table : memory, of_ours<table> {
    lent_table() : of_ours{table{slot, slots}} {}
    std::size_t bytes() const {
        table::slot* const untouched = lend();
        if (table copy{untouched, slots}; !copy.assign(map)) return 0;
        std::size_t used = slots * sizeof *untouched;
        while (reinterpret_cast<const char*>(untouched)[used - 1] == 0) --used;
        std::free(untouched);
        return sizeof map + used;
    }
};

template <class BackEnd>
struct beside_writer {
    using kept = concurrent<pfn_range_map<tag, BackEnd, allocated<>>>;
    kept map;

    explicit beside_writer(const std::vector<range>& ranges) {
        for (const range& r : ranges) change({r, true});
    }
    bool change(const zonal_benchmark::change& c) {
        const pfn_range r{pfn{c.what.start}, pfn{c.what.end}};
        return c.plug ? map.insert(r, c.what.value).has_value() : map.erase(r).has_value();
    }
    struct reader {
        typename kept::reader slot;
        typename kept::snapshot newest = slot.snapshot();

        explicit reader(beside_writer& of) : slot(of.map.attach().value()) {}
        tag value(page p) { return newest.refresh()->value_at(pfn{p}).value_or(0); }
        void pause() {}
    };
};

template <class Map, class BackEnd>
contestant make(std::string name, std::size_t most_changed = most) {
    contestant c = make_contestant<Map>(std::move(name), most_changed);
    for (const workload& w : read_workloads<beside_writer<BackEnd>>()) c.workloads.push_back(w);
    return c;
}

} // namespace

std::vector<contestant> zonal_benchmark::ours() {
    return {make<lent_table, block_table<block_order>>("block_table<15>"),
            make<allocating<sorted_leaves>, sorted_leaves>("sorted_leaves"),
            make<allocating<sorted_array>, sorted_array>("sorted_array", 32768)};
}
