// SPDX-License-Identifier: BSL-1.0

// Every change to every map of eight pages, for every policy: all states that any sequence of
// changes reaches, and from each of them every change, with an observer and without, with exactly the
// room that the result needs and with one range less.
//
// A map's state is the list of its ranges. So once each state is visited, all sequences are covered,
// those of up to four changes and all longer ones.

#include <zonal/ranges.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "../test.hpp"
#include "kept.hpp"
#include "model.hpp"

using namespace zonal_test;

namespace {

/// One change of one window.
struct change {
    enum kind : unsigned char {
        insert_refusing,
        insert_replacing,
        insert_keeping,
        insert_combining,
        erase_all_of_it,
        erase_what_is_there,
        update_all_of_it,
        update_what_is_there,
        update_to_one,
        kinds
    } what{};
    pfn_range r;
};

template <char Values>
constexpr char other(char v) {
    return v == Values ? 1 : static_cast<char>(v + 1);
}
constexpr char one(char) { return 1; }

/// Makes the change to a map or to a model.
template <char Values, class M, class... Observer>
errc make(M& m, const change& c, Observer&... o) {
    // Equal values come to differ and different ones to be equal.
    const auto swap = [](char old, char v) { return old == v ? other<Values>(v) : v; };
    const auto change_value = [](char v) { return other<Values>(v); };
    const auto code = [](auto r) {
        if constexpr (std::is_same_v<decltype(r), errc>)
            return r;
        else
            return outcome(r);
    };
    switch (c.what) {
    case change::insert_refusing: return code(m.insert(c.r, 1, overlap::refuse, o...));
    case change::insert_replacing: return code(m.insert(c.r, 1, overlap::replace, o...));
    case change::insert_keeping: return code(m.insert(c.r, 1, overlap::keep, o...));
    case change::insert_combining: return code(m.insert(c.r, 1, overlap::combine(swap), o...));
    case change::erase_all_of_it: return code(m.erase(c.r, missing::refuse, o...));
    case change::erase_what_is_there: return code(m.erase(c.r, missing::ignore, o...));
    case change::update_all_of_it: return code(m.update(c.r, change_value, missing::refuse, o...));
    case change::update_what_is_there:
        return code(m.update(c.r, change_value, missing::ignore, o...));
    case change::update_to_one: return code(m.update(c.r, one, missing::ignore, o...));
    case change::kinds: break;
    }
    return errc::bad_state;
}

/// The changes of every state with Pages pages and Values values.
template <class Way, std::uint64_t Pages, char Values, std::size_t Room>
class every_change {
    using state = model<Pages, Way::merges>;
    using kept = typename Way::template map<char, Room>;
    using reference = pfn_range_map<char, in_place<Pages>, typename Way::coalescing>;

public:
    std::size_t states = 0;
    std::size_t changes = 0;
    std::size_t refusals = 0; // for want of room

    every_change() {
        std::vector<state> todo{state{}};
        std::vector<bool> seen(std::size_t{1} << 3 * Pages);
        seen[key(state{})] = true;
        for (; !todo.empty(); ++states) {
            before_ = todo.back();
            todo.pop_back();
            load();
            for (auto what = 0; what != change::kinds; ++what)
                for (std::uint64_t start = 0; start != Pages; ++start)
                    for (std::uint64_t end = start + 1; end <= Pages; ++end) {
                        const change c{static_cast<change::kind>(what), at(start, end)};
                        const state after = try_change(c);
                        if (seen[key(after)]) continue;
                        seen[key(after)] = true;
                        todo.push_back(after);
                    }
        }
    }

private:
    static std::size_t key(const state& s) {
        std::size_t bits = 0;
        for (std::uint64_t p = 0; p != Pages; ++p)
            bits = bits << 3 | static_cast<std::size_t>(s.value(p) * 2 + s.begins(p));
        return bits;
    }

    void load() {
        before_list_ = before_.entries();
        loaded_.clear();
        for (const auto& e : before_list_)
            if (!loaded_.insert(e.range, e.value)) wrong("loading", {});
    }

    state try_change(const change& c) {
        state after = before_;
        const errc expected = make<Values>(after, c);
        const auto list = after.entries();
        const std::size_t room = std::max(before_list_.size(), list.size());
        run(c, room, expected, list);
        if (list.size() > before_list_.size()) run(c, room - 1, errc::no_space, before_list_);
        ++changes;
        return after;
    }

    void run(const change& c, std::size_t room, errc expected,
             const std::vector<range_entry<char>>& list) {
        if (!kept::exact) {
            if (before_list_.size() > Room) return; // not a state of this map
            if (list.size() > Room) return run(c, Room, errc::no_space, before_list_);
            if (expected == errc::no_space && room != Room) return; // there is room
        }
        refusals += expected == errc::no_space;

        kept quiet{room};
        if (!quiet.container.assign(loaded_)) wrong("assign", c);
        if (make<Values>(quiet.container, c) != expected) wrong("outcome", c);
        if (!equal(quiet.container, list)) wrong("ranges", c);
        // What is reported does not depend on the storage.
        if (kept::exact || expected == errc::no_space) return;

        kept observed{room};
        if (!observed.container.assign(loaded_)) wrong("assign", c);
        mirror<char> heard{before_list_};
        if (make<Values>(observed.container, c, heard) != expected) wrong("observed outcome", c);
        if (!equal(observed.container, list)) wrong("observed ranges", c);
        if (heard.entries() != list || heard.lies != 0) wrong("events", c);
        if (Way::merges && heard.events != 0 && list == before_list_) wrong("no change", c);
    }

    template <class Container>
    static bool equal(const Container& container, const std::vector<range_entry<char>>& list) {
        if (container.size() != list.size()) return false;
        page_count pages{};
        auto i = container.begin();
        for (const auto& e : list) {
            if (!(*i++ == e)) return false;
            pages += e.range.size();
        }
        return i == container.end() && container.pages() == pages;
    }

    void wrong(const char* what, const change& c) {
        std::string text = what;
        text += " of change " + std::to_string(c.what) + " of " +
                std::to_string(c.r.start().value()) + ".." + std::to_string(c.r.end().value()) +
                " of:";
        for (const auto& e : before_list_)
            text += ' ' + std::to_string(e.range.start().value()) + ".." +
                    std::to_string(e.range.end().value()) + '=' + std::to_string(e.value);
        FAIL(text);
    }

    state before_;
    std::vector<range_entry<char>> before_list_;
    reference loaded_;
};

template <class Way>
constexpr bool is_in_place = !Way::template map<char, 8>::exact;

} // namespace

TEMPLATE_LIST_TEST_CASE("every change to every map of eight pages", "[ranges]",
                        every_way_below_64) {
    constexpr std::uint64_t pages = instrumented ? 6 : 8;
    const every_change<TestType, pages, TestType::merges ? 2 : 1, 8> tried;
    if (TestType::merges)
        CHECK(tried.states == (instrumented ? 729 : 6561)); // each page a, b or nothing
    else
        CHECK(tried.states == (instrumented ? 233 : 1597)); // nothing, new, or the page below's
    CHECK(tried.changes == tried.states * change::kinds * (pages * (pages + 1) / 2));
    CHECK((tried.refusals != 0) == !is_in_place<TestType>);
}

TEMPLATE_LIST_TEST_CASE("every change to every map of six pages whose values stay apart",
                        "[ranges]", every_way_below_64) {
    if constexpr (!TestType::merges) {
        const every_change<TestType, 6, 2, 6> tried;
        CHECK(tried.states == 2131); // nothing, a new a, a new b, or the page below's
    }
}

TEMPLATE_LIST_TEST_CASE("every change with room for three ranges only", "[ranges]",
                        every_way_below_64) {
    if constexpr (is_in_place<TestType>) {
        constexpr std::uint64_t pages = instrumented ? 6 : 8;
        const every_change<TestType, pages, TestType::merges ? 2 : 1, 3> tried;
        CHECK(tried.refusals > 300);
    }
}
