// SPDX-License-Identifier: BSL-1.0

// Ten million random changes to a map of 2048 pages, side by side with the naive model, which is
// compared around the window after every one of them and as a whole now and then.
//
// ZONAL_RANDOM_SEED and ZONAL_RANDOM_STEPS in the environment choose another walk.

#include <zonal/ranges.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "../fuzz/range_entries.hpp"
#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::stoull(text, nullptr, 0) : otherwise;
}

constexpr std::uint64_t default_steps = instrumented ? 3'000'000 : 10'000'000;

/// splitmix64
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) : state_(seed) {}
    std::uint64_t below(std::uint64_t n) {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return (z ^ (z >> 31)) % n;
    }

private:
    std::uint64_t state_;
};

/// Adds up what an observer hears.
struct page_balance {
    std::int64_t pages = 0;
    std::int64_t ranges = 0;
    template <class T>
    void operator()(const range_event<T>& e) {
        const auto size = [](pfn_range r) { return static_cast<std::int64_t>(r.size().value()); };
        pages -= size(e.before);
        pages += size(e.after);
        pages += e.what == range_change::joined ? -size(e.upper) : size(e.upper);
        ranges += e.what == range_change::added || e.what == range_change::split;
        ranges -= e.what == range_change::removed || e.what == range_change::joined;
    }
};

template <class Way, std::size_t Room>
class random_walk {
    static constexpr std::uint64_t pages = 2048;
    using truth = model<pages, Way::merges>;

public:
    std::uint64_t refusals = 0; // for want of room

    explicit random_walk(std::uint64_t steps)
        : seed_(setting("ZONAL_RANDOM_SEED", 0x5eed)), random_(seed_) {
        for (step_ = 0; step_ != steps; ++step_) {
            const pfn_range r = window();
            change(r);
            look_around(r);
            ask(pfn{random_.below(pages + 2)});
            if (step_ % 65536 == 0) compare();
        }
        compare();
    }

private:
    void check(bool holds, const char* what) {
        if (!holds) FAIL(what << " in step " << step_ << " with ZONAL_RANDOM_SEED=" << seed_);
    }

    /// Mostly short ones, now and then half of everything.
    pfn_range window() {
        const std::uint64_t longest = random_.below(1000) == 0 ? pages / 2 : 24;
        const std::uint64_t start = random_.below(pages);
        const std::uint64_t end = start + 1 + random_.below(longest);
        return at(start, end < pages ? end : pages);
    }

    void change(pfn_range r) {
        const char v = static_cast<char>(1 + random_.below(3));
        const auto insert = [&](auto mode) {
            run(r, [&](auto& m, auto&... o) { return m.insert(r, v, mode, o...); });
        };
        const auto erase = [&](auto mode) {
            run(r, [&](auto& m, auto&... o) { return m.erase(r, mode, o...); });
        };
        const auto update = [&](auto mode) {
            const auto next = [](char old) { return old == 3 ? '\1' : static_cast<char>(old + 1); };
            run(r, [&](auto& m, auto&... o) { return m.update(r, next, mode, o...); });
        };
        switch (random_.below(10)) {
        case 0: return insert(overlap::refuse);
        case 1: return insert(overlap::keep);
        case 2: return insert(overlap::combine([](char a, char b) { return a < b ? b : a; }));
        case 3:
        case 4: return insert(overlap::replace);
        case 5: return erase(missing::refuse);
        case 6:
        case 7: return erase(missing::ignore);
        case 8: return update(missing::refuse);
        default: return update(missing::ignore);
        }
    }

    template <class Change>
    void run(pfn_range r, Change change) {
        const bool may_be_full = ranges_ + r.size().value() + 2 > Room;
        if (may_be_full) undo_ = truth_;
        const std::size_t others = ranges_ - ranges_at(r);
        errc expected = change(truth_);
        std::size_t ranges = others + ranges_at(r);
        if (ranges > Room && ranges > ranges_) {
            truth_ = undo_;
            expected = errc::no_space;
            ranges = ranges_;
            ++refusals;
        }
        page_balance heard;
        const auto pages_before = static_cast<std::int64_t>(map_.pages().value());
        check(outcome(change(map_, heard)) == expected, "outcome");
        check(map_.size() == ranges, "number of ranges");
        heard.pages += pages_before;
        heard.ranges += static_cast<std::int64_t>(ranges_);
        check(static_cast<std::int64_t>(map_.pages().value()) == heard.pages, "events");
        check(static_cast<std::int64_t>(ranges) == heard.ranges, "events");
        ranges_ = ranges;
    }
    /// How many ranges begin where a change of r can make a difference.
    std::size_t ranges_at(pfn_range r) const { return truth_.ranges(wider(r)); }
    static pfn_range wider(pfn_range r) {
        const auto start = r.start().value(), end = r.end().value();
        return at(start == 0 ? 0 : start - 1, end == pages ? end : end + 1);
    }

    /// The ranges in and beside r are those of the model.
    void look_around(pfn_range r) {
        const pfn_range here = wider(r);
        std::size_t begin_here = 0;
        for (const auto& e : map_.overlapping(here)) {
            const auto start = e.range.start().value(), last = e.range.end().value() - 1;
            begin_here += here.contains(e.range.start());
            check(truth_.begins(start) && truth_.ends(last), "borders");
            check(truth_.value(start) == e.value && truth_.value(last) == e.value, "value");
        }
        check(begin_here == truth_.ranges(here), "ranges here");
        check(map_.pages_in(here).value() == truth_.count(here), "pages here");
        check(map_.contains(r) == (truth_.count(r) == r.size().value()), "contains");
        check(map_.overlaps(r) == (truth_.count(r) != 0), "overlaps");
    }

    void ask(pfn p) {
        const auto found = map_.find(p);
        const bool there = p.value() < pages && truth_.value(p.value()) != 0;
        check(found.has_value() == there, "find");
        if (there)
            check(found->range.contains(p) && found->value == truth_.value(p.value()), "found");

        // The neighbours are the next ranges that begin and end outside of this one or this gap.
        const pfn_range here = found ? found->range : pfn_range{p, p};
        const auto below = map_.lower_neighbour(p), above = map_.upper_neighbour(p);
        auto last = std::min(here.start().value(), pages);
        while (last != 0 && !truth_.ends(last - 1)) --last;
        check(below ? below->range.end() == pfn{last} : last == 0, "lower neighbour");
        auto first = std::min(here.end().value(), pages);
        while (first != pages && !truth_.begins(first)) ++first;
        check(above ? above->range.start() == pfn{first} : first == pages, "upper neighbour");
    }

    void compare() {
        check(list_of(map_) == truth_.entries(), "ranges");
        check(map_.pages().value() == truth_.count(), "pages");
    }

    std::uint64_t seed_;
    std::uint64_t step_ = 0;
    random_numbers random_;
    truth truth_;
    truth undo_;
    std::size_t ranges_ = 0;
    typename Way::template map<char, Room> kept_;
    decltype(kept_.container)& map_ = kept_.container;
};

} // namespace

TEST_CASE("a long random walk agrees with the naive model", "[ranges]") {
    const auto steps = setting("ZONAL_RANDOM_STEPS", default_steps);
    const random_walk<way<kept_in_place, merge_equal>, 128> walk{steps};
    CHECK(walk.refusals > steps / 1000);
}

TEMPLATE_LIST_TEST_CASE("a random walk over every storage agrees with the naive model", "[ranges]",
                        every_way_below_2048) {
    const auto steps = setting("ZONAL_RANDOM_STEPS", default_steps / 20);
    const random_walk<TestType, 128> walk{steps};
    CHECK(walk.refusals > steps / 1000);
}

TEST_CASE("any bytes as a list of changes", "[ranges]") {
    const auto seed = setting("ZONAL_RANDOM_SEED", 0x5eed);
    random_numbers random{seed};
    for (unsigned round = 0; round != 2000; ++round) {
        std::vector<std::uint8_t> bytes(random.below(300));
        for (auto& b : bytes) b = static_cast<std::uint8_t>(random.below(256));
        try {
            any_range_changes(bytes.data(), bytes.size());
        } catch (const std::exception& broken) {
            FAIL(broken.what() << " in round " << round << " with ZONAL_RANDOM_SEED=" << seed);
        }
    }
    SUCCEED();
}
