// SPDX-License-Identifier: BSL-1.0

// Random mapping, referencing and unmapping side by side with a model that only counts, compared
// after every step. ZONAL_RANDOM_SEED in the environment chooses another walk.

#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "../test.hpp"
#include "setup.hpp"

using namespace zonal_test;

namespace {

constexpr std::uint64_t span = 64;

/// Two drivers share 64 pages, in subsections of two.
template <class Kind, class Words>
class walk {
    using map_type = hotplug_map<zones, rules, in_place<16>>;
    using memory_type = device_memory<map_type, lm::device, Kind, driver, Words, 3>;

    struct model {
        std::vector<pfn_range> plugged;
        std::vector<pfn_range> ranges;            // mapped, without metadata
        std::map<std::uint64_t, unsigned> counts; // of pages, those that are not 0
        unsigned told = 0;
        unsigned sum(pfn_range in = pages(0, span)) const {
            unsigned all = 0;
            for (const auto& [p, n] : counts) all += in.contains(pfn{p}) ? n : 0;
            return all;
        }
        const pfn_range* range_of(pfn p) const {
            for (const pfn_range& r : ranges)
                if (r.contains(p)) return &r;
            return nullptr;
        }
    };

public:
    explicit walk(std::uint64_t seed) : random_(seed) {}

    void run(unsigned steps) {
        while (steps-- != 0) {
            const bool second = below(2) != 0;
            step(second ? b_ : a_, second ? model_b_ : model_a_, second ? told_b_ : told_a_);
            compare();
        }
    }
    unsigned maps = 0, refusals = 0, unmaps = 0;

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }

    void step(memory_type& m, model& truth, driver& told) {
        pfn p{below(span)};
        switch (below(10)) {
        case 0: map(m, truth); break;
        case 1: {
            const bool can = !truth.ranges.empty() && truth.counts.empty();
            REQUIRE(m.unmap().has_value() == can);
            if (can) truth.ranges.clear(), truth.plugged.clear(), ++unmaps;
            break;
        }
        case 2:
        case 3:
        case 4: {
            const bool can = truth.range_of(p) != nullptr;
            REQUIRE(m.get(p).has_value() == can);
            if (can) ++truth.counts[counted(truth, p)];
            break;
        }
        default: {
            if (below(4) != 0 && !truth.counts.empty()) p = pfn{truth.counts.begin()->first};
            const auto has =
                truth.range_of(p) ? truth.counts.find(counted(truth, p)) : truth.counts.end();
            const bool can = has != truth.counts.end();
            REQUIRE(m.put(p).has_value() == can);
            if (!can) break;
            if (--has->second == 0) {
                if (Kind::reference != last_put::tells_nobody) {
                    ++truth.told;
                    REQUIRE(told.last == p);
                }
                truth.counts.erase(has);
            }
        }
        }
        REQUIRE(told.told == truth.told);
    }
    /// With computed words all references to a range are alike.
    static std::uint64_t counted(const model& truth, pfn p) {
        return Words::are_kept ? p.value() : truth.range_of(p)->start().value();
    }

    void map(memory_type& m, model& truth) {
        device_range wanted[3];
        for (device_range& w : wanted) {
            const std::uint64_t start = below(span / 2) * 2;
            w = {pages(start, start + 2 * below(5) + (below(16) == 0)), page_count{below(3)}};
        }
        bool can = truth.ranges.empty();
        std::uint64_t words = 0;
        for (unsigned i = 0; i < 3; ++i) {
            const pfn_range all = wanted[i].pages;
            if (all.size() <= wanted[i].metadata || all.end().value() % 2 != 0) can = false;
            words += all.size().value();
            for (unsigned j = 0; j < i; ++j)
                if (all.overlaps(wanted[j].pages)) can = false;
            for (const model* other : {&model_a_, &model_b_})
                for (const pfn_range& r : other->plugged)
                    if (all.overlaps(r)) can = false;
        }
        for (const device_range& w : wanted) words -= w.metadata.value();
        if (Words::are_kept && words > 20) can = false;
        const owner_id who{static_cast<std::uint32_t>(below(2))};
        REQUIRE(m.map(wanted, {.owner = who}).has_value() == can);
        if (!can) {
            ++refusals;
            REQUIRE(map_.resources().size() == 0); // what was claimed is not any more
            return;
        }
        ++maps;
        for (const device_range& w : wanted) {
            truth.plugged.push_back(w.pages);
            truth.ranges.push_back({w.pages.start() + w.metadata, w.pages.end()});
        }
        drop_entries();
    }
    /// leave_to_driver leaves entries behind, which their owners release some time later.
    void drop_entries() {
        auto& tree = map_.resources();
        for (region_id e = tree.first_child(tree.root()); e; e = tree.first_child(tree.root()))
            REQUIRE(tree.release(e, anyone));
    }

    void compare() {
        std::size_t ranges = 0;
        for (const auto& [m, truth] : {std::pair{&a_, &model_a_}, std::pair{&b_, &model_b_}}) {
            ranges += truth->ranges.size();
            REQUIRE(m->references() == truth->sum());
            if constexpr (Words::are_kept) {
                device_usage usage{truth->sum(), page_count{truth->counts.size()}, {}};
                if (!truth->counts.empty()) usage.first = pfn{truth->counts.begin()->first};
                REQUIRE(m->in_use() == usage);
            }
        }
        REQUIRE(map_.size() == ranges);
        for (pfn p; p < pfn{span}; ++p) {
            bool mapped = false;
            for (const auto& [m, truth] : {std::pair{&a_, &model_a_}, std::pair{&b_, &model_b_}}) {
                if (!truth->range_of(p)) continue;
                mapped = true;
                REQUIRE(word::get<zone_id>(*m->word(p)) == zones::id_of<lm::device>);
                REQUIRE(word::get<section_id>(*m->word(p)).value == p.value() / 8);
            }
            if (mapped) REQUIRE(map_.memory().owner_of(p)->zone == zones::id_of<lm::device>);
        }
    }

    std::mt19937_64 random_;
    map_type map_{page_geometry{12, 1, 3, 3}};
    page structs_[2][20];
    driver told_a_, told_b_;
    memory_type a_ = made(told_a_, 0);
    memory_type b_ = made(told_b_, 1);
    model model_a_, model_b_;

    memory_type made(driver& d, unsigned which) {
        if constexpr (Words::are_kept)
            return memory_type(map_, d, Words(structs_[which]));
        else
            return memory_type(map_, d);
    }
};

std::uint64_t seed() {
    const char* text = std::getenv("ZONAL_RANDOM_SEED");
    return text ? std::stoull(text, nullptr, 0) : 0x5eed;
}

template <class Kind, class Words>
void walk_at_random() {
    INFO("ZONAL_RANDOM_SEED=" << seed());
    walk<Kind, Words> w(seed());
    w.run(20000);
    CHECK(w.maps > 100);
    CHECK(w.refusals > 100);
    CHECK(w.unmaps > 100);
}

} // namespace

TEST_CASE("device memory counts like its model, with words kept", "[device]") {
    walk_at_random<device_fs_dax, words_in<word>>();
    walk_at_random<device_generic, words_in<word>>();
}
TEST_CASE("device memory counts like its model, with words computed", "[device]") {
    walk_at_random<device_generic, computed_words<word>>();
}
