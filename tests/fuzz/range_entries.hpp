// SPDX-License-Identifier: BSL-1.0
#pragma once

// What must hold of a map of ranges for any bytes as a list of changes: it is what the naive model is,
// an observer could have kept it, and a refused change changes nothing.

#include <zonal/ranges.hpp>

#include "fuzz/entries.hpp"
#include "ranges/kept.hpp"
#include "ranges/model.hpp"
#include "ranges/sorted_leaves_fault.hpp"

namespace zonal_test {

template <class Way, std::size_t room = 12>
class changed_map {
public:
    /// Three bytes a change: what and which value, from where, how far.
    changed_map(byte_reader bytes) {
        while (bytes.size() != 0) {
            const auto what = bytes.take(1);
            const auto start = bytes.take(1) % pages;
            const auto end = std::min(start + bytes.take(1) % pages, pages);
            change(what % 10, static_cast<char>(1 + what / 10 % 3), at(start, end));
            check();
        }
    }

private:
    void change(std::uint64_t what, char v, pfn_range r) {
        const auto higher = overlap::combine([](char a, char b) { return a < b ? b : a; });
        const auto next = [](char c) { return c == 3 ? '\1' : static_cast<char>(c + 1); };
        const auto insert = [&](auto mode) {
            run([&](auto& m, auto&... o) { return m.insert(r, v, mode, o...); });
        };
        const auto erase = [&](auto mode) {
            run([&](auto& m, auto&... o) { return m.erase(r, mode, o...); });
        };
        const auto update = [&](auto mode) {
            run([&](auto& m, auto&... o) { return m.update(r, next, mode, o...); });
        };
        switch (what) {
        case 0: return insert(overlap::refuse);
        case 1: return insert(overlap::keep);
        case 2: return insert(higher);
        case 3: return erase(missing::refuse);
        case 4: return erase(missing::ignore);
        case 5: return update(missing::refuse);
        case 6: return update(missing::ignore);
        case 7:
            return search({.size = page_count{1} + r.size(),
                           .alignment = page_count{static_cast<std::uint64_t>(v)}});
        default: return insert(overlap::replace);
        }
    }
    template <class Change>
    void run(Change change) {
        const auto before = truth_;
        const errc expected = change(truth_);
        const bool fits = truth_.ranges() <= room;
        const errc came = outcome(change(map_, heard_));
        if (!fits) truth_ = before;
        must(came == (fits ? expected : errc::no_space), "a change has another outcome");
    }
    void search(hole_request what) {
        for (const search_from side : {search_from::below, search_from::above}) {
            what.from = side;
            what.window = at(0, pages);
            const auto hole = map_.find_hole(what);
            if (hole) {
                must(!map_.overlaps(*hole) && hole->size() == what.size, "a hole is none");
                must(what.window.contains(*hole), "a hole lies outside of the window");
                must(hole->start().value() % what.alignment.value() == 0, "a hole is misaligned");
            } else {
                for (const pfn_range gap : map_.gaps(what.window))
                    must(!place_in(gap, what), "a hole was not found");
            }
        }
    }
    void check() {
        const auto list = list_of(map_);
        if constexpr (requires { testing::fault_in(map_); })
            must(testing::fault_in(map_).empty(), "the leaves do not agree with the table");
        must(list == truth_.entries(), "the ranges are not those of the model");
        must(map_.pages().value() == truth_.count(), "pages were counted wrong");
        must(heard_.lies == 0 && heard_.entries() == list, "an observer heard something else");
        page_count gaps{};
        for (const pfn_range gap : map_.gaps(at(0, pages))) gaps += gap.size();
        must(gaps + map_.pages() == page_count{pages}, "pages are neither in ranges nor in gaps");
    }

    static constexpr std::uint64_t pages = 64;
    typename Way::template map<char, room> kept_;
    decltype(kept_.container)& map_ = kept_.container;
    model<pages, Way::merges> truth_;
    mirror<char> heard_;
};

/// The first byte chooses the policies.
inline void any_range_changes(const std::uint8_t* data, std::size_t size) {
    byte_reader bytes(data, size);
    switch (bytes.take(1) % 9) {
    case 0: return static_cast<void>(changed_map<way<kept_in_place, merge_equal>>{bytes});
    case 1: return static_cast<void>(changed_map<way<kept_by_caller, keep_apart>>{bytes});
    case 2: return static_cast<void>(changed_map<way<kept_by_allocator, merge_equal>>{bytes});
    case 3:
        return static_cast<void>(changed_map<way<kept_in_place, merge_equal, page_table>>{bytes});
    case 4:
        return static_cast<void>(changed_map<way<kept_in_place, merge_equal, page_blocks>>{bytes});
    case 5:
        return static_cast<void>(changed_map<way<kept_in_place, keep_apart, page_blocks>>{bytes});
    case 6:
        return static_cast<void>(
            changed_map<way<kept_in_place, merge_equal, sorted_leaves>, 40>{bytes});
    case 7:
        return static_cast<void>(
            changed_map<way<kept_in_place, keep_apart, sorted_leaves>, 40>{bytes});
    default:
        return static_cast<void>(changed_map<way<kept_in_place, keep_apart, page_table>>{bytes});
    }
}

} // namespace zonal_test
