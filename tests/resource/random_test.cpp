// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource.hpp>

#include "fuzz/resource_entries.hpp"
#include "resource/trees.hpp"
#include "test.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace zonal;
using namespace zonal_test;

// A random walk over 64 addresses, step by step against a tree that is as simple as it can be: an
// entry has its bytes' first and last number and a vector of entries. Nothing of the library is
// used for it but the names of errors. Half of the walks are at the top of the address space.

namespace {

constexpr int addresses = 64;

struct naive {
    int first = 0;
    int last = addresses - 1;
    int name = 0;
    region_flags flags{.memory = true};
    unsigned kind = 0;
    owner_id owner{};
    std::vector<naive> inside{};

    bool has(int a) const { return first <= a && a <= last; }
    bool has(const naive& n) const { return first <= n.first && n.last <= last; }
    bool meets(const naive& n) const { return first <= n.last && n.first <= last; }
    bool belongs_to(owner_id who) const { return who == anyone || who == owner; }
    void sort() {
        std::sort(inside.begin(), inside.end(),
                  [](const naive& a, const naive& b) { return a.first < b.first; });
    }
    unsigned count() const {
        unsigned n = 0;
        for (const naive& c : inside) n += 1 + c.count();
        return n;
    }
    bool all_belong_to(owner_id who) const {
        return belongs_to(who) && std::all_of(inside.begin(), inside.end(),
                                              [&](const naive& c) { return c.all_belong_to(who); });
    }
};

struct refusal {
    errc why;
};

/// What the calls of the tree do, said once more. Each throws its refusal before it changes
/// anything, or the caller takes its copy back.
class model {
public:
    explicit model(unsigned room) : room_(room) {}

    naive root;

    /// The entries in the order of a walk, parents first, and where each hangs.
    struct entry {
        naive* e;
        naive* parent;
        unsigned depth;
    };
    std::vector<entry> walk() {
        std::vector<entry> all;
        walk(root, 0, all);
        return all;
    }

    void insert(naive n, insert_mode mode, naive& within) {
        if (!within.has(n)) throw refusal{errc::out_of_reach};
        if (mode == insert_mode::conflict) {
            for (const naive& c : within.inside)
                if (c.meets(n))
                    throw refusal{c.first == n.first && c.last == n.last ? errc::exists
                                                                         : errc::overlap};
            return add(n, within);
        }
        for (;;) {
            naive* to = &within;
            for (bool deeper = true; deeper;) {
                deeper = false;
                for (naive& c : to->inside)
                    if (c.has(n) && !n.has(c)) {
                        to = &c;
                        deeper = true;
                        break;
                    }
            }
            const auto partly = [&](const naive& c) { return c.meets(n) && !n.has(c); };
            const auto in_the_way = std::find_if(to->inside.begin(), to->inside.end(), partly);
            if (in_the_way == to->inside.end()) {
                check_room();
                const auto is_inside = [&](const naive& c) { return n.has(c); };
                for (const naive& c : to->inside)
                    if (is_inside(c)) n.inside.push_back(c);
                std::erase_if(to->inside, is_inside);
                return add(n, *to);
            }
            if (mode == insert_mode::adopt) throw refusal{errc::overlap};
            n.first = std::min(n.first, in_the_way->first);
            n.last = std::max(n.last, in_the_way->last);
        }
    }
    void request(naive n, naive& within) {
        if (!within.has(n)) throw refusal{errc::out_of_reach};
        naive* to = &within;
        for (;;) {
            const auto c = std::find_if(to->inside.begin(), to->inside.end(),
                                        [&](const naive& each) { return each.meets(n); });
            if (c == to->inside.end()) break;
            if (c->flags.busy) throw refusal{errc::busy};
            if (!c->has(n)) throw refusal{errc::overlap};
            to = &*c;
        }
        n.flags = {.memory = to->flags.memory, .system_ram = to->flags.system_ram, .busy = true};
        n.kind = to->kind;
        add(n, *to);
    }
    void release(entry at, owner_id who, children mode) {
        may(at, who);
        if (!at.e->inside.empty() && mode == children::refuse) throw refusal{errc::busy};
        if (mode == children::take_along && !at.e->all_belong_to(who)) throw refusal{errc::busy};
        std::vector<naive> freed;
        if (mode == children::move_up) freed = at.e->inside;
        at.parent->inside.erase(at.parent->inside.begin() + (at.e - at.parent->inside.data()));
        at.parent->inside.insert(at.parent->inside.end(), freed.begin(), freed.end());
        at.parent->sort();
    }
    void adjust(entry at, int first, int last, owner_id who) {
        may(at, who);
        naive to = *at.e;
        to.first = first;
        to.last = last;
        if (!at.parent->has(to)) throw refusal{errc::out_of_reach};
        for (const naive& c : at.parent->inside)
            if (&c != at.e && (c.meets(to) || (c.first < first) != (c.first < at.e->first)))
                throw refusal{errc::overlap};
        for (const naive& c : at.e->inside)
            if (!to.has(c)) throw refusal{errc::busy};
        *at.e = to;
    }
    void split(entry at, int cut, owner_id who) {
        may(at, who);
        if (cut <= at.e->first || cut > at.e->last) throw refusal{errc::bad_range};
        for (const naive& c : at.e->inside)
            if (c.has(cut) && c.first != cut) throw refusal{errc::busy};
        check_room();
        replace(at, {{at.e->first, cut - 1}, {cut, at.e->last}});
    }
    void merge(entry at, owner_id who) {
        may(at, who);
        if (!at.e->flags.memory || !at.e->flags.busy || !at.e->flags.system_ram)
            throw refusal{errc::bad_state};
        at.e->flags.mergeable = true;
        std::vector<naive>& s = at.parent->inside;
        auto i = static_cast<std::size_t>(at.e - s.data());
        const auto fit = [&](std::size_t a) {
            return a + 1 < s.size() && s[a].last + 1 == s[a + 1].first && s[a].inside.empty() &&
                   s[a + 1].inside.empty() && s[a].flags == s[a + 1].flags &&
                   s[a].name == s[a + 1].name && s[a].kind == s[a + 1].kind &&
                   s[a].owner == s[a + 1].owner;
        };
        const auto join = [&](std::size_t a) {
            s[a].last = s[a + 1].last;
            s.erase(s.begin() + static_cast<std::ptrdiff_t>(a) + 1);
        };
        if (fit(i)) join(i);
        if (i != 0 && fit(i - 1)) join(i - 1);
    }
    void set_flags(entry at, region_flags flags, owner_id who) {
        may(at, who);
        at.e->flags = flags;
    }
    void release_region(int first, int last, owner_id who) {
        errc why = errc::not_found;
        for (const entry& at : walk())
            if (at.e->first == first && at.e->last == last && at.e->flags.busy) {
                if (at.e->belongs_to(who)) return release(at, who, children::refuse);
                why = errc::busy;
            }
        throw refusal{why};
    }
    void release_adjustable(int first, int last, owner_id who) {
        std::vector<naive*> hit;
        for (int a = first; a <= last; ++a) { // byte by byte
            naive* found = nullptr;
            errc why = errc::not_found;
            for (const entry& at : walk())
                if (found == nullptr && at.e->has(a) && at.e->flags.busy && at.e->flags.memory) {
                    if (at.e->belongs_to(who)) found = at.e;
                    why = errc::busy;
                }
            if (found == nullptr) throw refusal{why};
            for (const naive& c : found->inside)
                if (c.has(a)) throw refusal{errc::busy};
            if (hit.empty() || hit.back() != found) hit.push_back(found);
        }
        if (hit.size() == 1 && hit[0]->first < first && last < hit[0]->last) check_room();
        // From above, so that the pointers below stay good: entries move only behind a change.
        std::vector<entry> all = walk();
        for (auto h = hit.rbegin(); h != hit.rend(); ++h) {
            const auto at = std::find_if(all.begin(), all.end(),
                                         [&](const entry& each) { return each.e == *h; });
            std::vector<std::pair<int, int>> left;
            if (at->e->first < first) left.push_back({at->e->first, first - 1});
            if (last < at->e->last) left.push_back({last + 1, at->e->last});
            replace(*at, left);
        }
    }

private:
    static void walk(naive& n, unsigned depth, std::vector<entry>& all) {
        for (naive& c : n.inside) {
            all.push_back({&c, &n, depth});
            walk(c, depth + 1, all);
        }
    }
    void check_room() const {
        if (root.count() == room_) throw refusal{errc::no_space};
    }
    void add(const naive& n, naive& to) {
        if (root.count() + n.count() >= room_) throw refusal{errc::no_space};
        to.inside.push_back(n);
        to.sort();
    }
    static void may(const entry& at, owner_id who) {
        if (!at.e->belongs_to(who)) throw refusal{errc::busy};
    }
    /// The entry becomes one for each of these ranges, and what lies in it goes where it lies.
    static void replace(entry at, const std::vector<std::pair<int, int>>& ranges) {
        const naive old = *at.e;
        std::vector<naive>& s = at.parent->inside;
        auto i = s.erase(s.begin() + (at.e - s.data()));
        for (const auto& [first, last] : ranges) {
            naive part = old;
            part.first = first;
            part.last = last;
            std::erase_if(part.inside, [&](const naive& c) { return !part.has(c); });
            i = s.insert(i, part) + 1;
        }
    }

    unsigned room_;
};

constexpr text names[] = {"a", "b", "c"};

class walker {
public:
    walker(std::uint64_t seed, std::uint64_t base, unsigned room)
        : random_(seed), base_(base), slots_(room), model_(room),
          tree_(region{.range = bytes(0, addresses - 1), .flags = {.memory = true}}, slots_.data(),
                std::size_t{room}) {}

    void step() {
        const naive before = model_.root;
        std::vector<region_id> ids = all_ids();
        const owner_id who = any_owner();
        const auto [first, last] = some_range();
        auto entries = model_.walk();
        // One entry, as the model and the tree know it; the last number stands for the root.
        const std::size_t i = number(static_cast<unsigned>(entries.size()));
        const bool is_root = i == entries.size();
        const region_id id = is_root ? tree_.root() : ids[i];
        const int what = static_cast<int>(number(8));
        std::string ours;
        std::string theirs = "done";
        try {
            if (what == 0) {
                const auto mode = static_cast<insert_mode>(number(2));
                const naive n = some_entry(first, last);
                ours = outcome_of(tree_.insert(as_region(n), mode, id));
                model_.insert(n, mode, is_root ? model_.root : *entries[i].e);
            } else if (what == 1) {
                naive n = some_entry(first, last);
                ours =
                    outcome_of(tree_.request(bytes(first, last), names[n.name], n.owner, {}, id));
                model_.request(n, is_root ? model_.root : *entries[i].e);
            } else if (what == 2) {
                ours = outcome_of(release_region(tree_, bytes(first, last), who));
                model_.release_region(first, last, who);
            } else if (what == 3) {
                ours = outcome_of(release_adjustable(tree_, bytes(first, last), who));
                model_.release_adjustable(first, last, who);
            } else if (is_root) {
                ours = outcome_of(tree_.adjust(id, bytes(first, last), who));
                throw refusal{errc::bad_state};
            } else if (what == 4) {
                const auto mode = static_cast<children>(number(2));
                ours = outcome_of(tree_.release(id, who, mode));
                model_.release(entries[i], who, mode);
            } else if (what == 5) {
                ours = outcome_of(tree_.adjust(id, bytes(first, last), who));
                model_.adjust(entries[i], first, last, who);
            } else if (what == 6) {
                ours = outcome_of(tree_.split(id, bytes(first, first).start(), who));
                model_.split(entries[i], first, who);
            } else if (what == 7) {
                ours = outcome_of(tree_.merge(id, who));
                model_.merge(entries[i], who);
            } else {
                const region_flags flags = some_flags();
                ours = outcome_of(tree_.set_flags(id, flags, who));
                model_.set_flags(entries[i], flags, who);
            }
        } catch (const refusal& r) {
            theirs = string_of(name_of(r.why));
            model_.root = before;
        }
        ++seen_[theirs];
        INFO("call " << what << " of [" << first << ", " << last << "] on entry " << i);
        REQUIRE(ours == theirs);
        compare();
        if (theirs != "done") REQUIRE(all_ids() == ids);
        ask();
    }

    std::map<std::string, unsigned> seen_;

private:
    static std::string string_of(text t) { return t.as<std::string>(); }
    unsigned number(unsigned most) {
        return std::uniform_int_distribution<unsigned>{0, most}(random_);
    }
    address_range bytes(int first, int last) const {
        return address_range::inclusive(phys_addr{base_ + static_cast<unsigned>(first)},
                                        phys_addr{base_ + static_cast<unsigned>(last)})
            .value();
    }
    /// Of any size, but often one that begins or ends where an entry does.
    std::pair<int, int> some_range() {
        int first = static_cast<int>(number(addresses - 1));
        int last = std::min<int>(first + static_cast<int>(number(15)), addresses - 1);
        auto entries = model_.walk();
        if (!entries.empty()) {
            const naive& n = *entries[number(static_cast<unsigned>(entries.size()) - 1)].e;
            const naive& m = *entries[number(static_cast<unsigned>(entries.size()) - 1)].e;
            const unsigned way = number(7);
            if (way == 0) first = n.first;
            if (way == 1) last = n.last;
            if (way == 2 && n.last + 1 < addresses) first = n.last + 1;
            if (way == 3 && n.first > 0) last = n.first - 1;
            if (way == 4) first = n.first, last = n.last;
            if (way == 5) first = n.first, last = m.last;
        }
        return {std::min(first, last), std::max(first, last)};
    }
    owner_id any_owner() {
        const unsigned n = number(5);
        return n == 0 ? driver : n == 1 ? anyone : the_system;
    }
    region_flags some_flags() {
        return {.memory = number(9) != 0,
                .system_ram = number(1) != 0,
                .busy = number(1) != 0,
                .mergeable = number(1) != 0};
    }
    naive some_entry(int first, int last) {
        return {first,        last,      static_cast<int>(number(1)),
                some_flags(), number(1), number(3) == 0 ? driver : the_system};
    }
    region as_region(const naive& n) const {
        return {bytes(n.first, n.last), names[n.name], n.flags, {n.kind}, n.owner};
    }
    std::vector<region_id> all_ids() const {
        std::vector<region_id> ids;
        for (region_id e = tree_.after(tree_.root()); e; e = tree_.after(e)) ids.push_back(e);
        return ids;
    }
    void compare() {
        const auto ids = all_ids();
        const auto entries = model_.walk();
        REQUIRE(ids.size() == entries.size());
        REQUIRE(tree_.size() == ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            INFO("entry " << i);
            REQUIRE(tree_.is_live(ids[i]));
            REQUIRE(tree_[ids[i]] == as_region(*entries[i].e));
            unsigned depth = 0;
            for (region_id up = tree_.parent(ids[i]); up != tree_.root(); up = tree_.parent(up))
                ++depth;
            REQUIRE(depth == entries[i].depth);
        }
    }
    /// The questions, answered byte by byte.
    void ask() {
        const auto [first, last] = some_range();
        const region_query query{some_flags(), {number(1)}};
        bool some = false;
        bool others = false;
        int matched = 0;
        for (int a = first; a <= last; ++a) {
            bool taken = false;
            bool matching = false;
            for (const auto& at : model_.walk())
                if (at.e->has(a)) {
                    taken = true;
                    matching = matching || query.matches(as_region(*at.e));
                }
            (matching ? some : others) |= taken;
            matched += matching ? 1 : 0;
        }
        REQUIRE(relation_to(tree_, bytes(first, last), query) == (!some    ? relation::disjoint
                                                                  : others ? relation::mixed
                                                                           : relation::intersects));
        std::uint64_t in_parts = 0;
        for_each_match(tree_, bytes(first, last), query, [&](address_range part, region_id) {
            in_parts += part.bytes();
            return true;
        });
        REQUIRE(in_parts == static_cast<unsigned>(matched));

        naive* deepest = nullptr;
        for (const auto& at : model_.walk())
            if (at.e->has(first)) deepest = at.e;
        const auto found = find(tree_, bytes(first, first).start());
        REQUIRE(found.has_value() == (deepest != nullptr));
        if (found) REQUIRE(tree_[*found] == as_region(*deepest));

        // Addresses here start at a multiple of 64.
        const bool from_above = number(1) != 0;
        const int size = 1 + static_cast<int>(number(12));
        const int alignment = 1 << number(3);
        int best = -1;
        for (int a = first; a + size - 1 <= last; ++a) {
            naive n;
            n.first = a;
            n.last = a + size - 1;
            bool is_free = a % alignment == 0;
            for (const naive& c : model_.root.inside) is_free = is_free && !c.meets(n);
            if (is_free && (best < 0 || from_above)) best = a;
        }
        const auto hole = find_free(tree_, {.bytes = static_cast<unsigned>(size),
                                            .alignment = static_cast<unsigned>(alignment),
                                            .window = bytes(first, last),
                                            .from_above = from_above});
        REQUIRE(hole.has_value() == (best >= 0));
        if (hole) REQUIRE(*hole == bytes(best, best + size - 1));
    }

    std::mt19937_64 random_;
    std::uint64_t base_;
    std::vector<region_slot> slots_;
    model model_;
    resource_tree<caller_storage> tree_;
};

void walks(std::uint64_t seed, std::uint64_t base, unsigned room, unsigned steps) {
    walker w(seed, base, room);
    for (unsigned step = 0; step < steps; ++step) {
        INFO("seed " << seed << ", base " << base << ", room for " << room << ", step " << step);
        w.step();
    }
    // The walk came to every answer.
    for (const char* answer : {"done", "overlap", "exists", "not_found", "bad_range",
                               "out_of_reach", "busy", "bad_state", "no_space"}) {
        INFO(answer);
        if (room < 10 || answer != std::string("no_space")) CHECK(w.seen_[answer] > steps / 1000);
    }
}

} // namespace

TEST_CASE("a random walk agrees with a naive tree, with room for few entries",
          "[resource][random]") {
    walks(1, 0x1000, 4, 40'000);
    walks(2, ~std::uint64_t{0} - (addresses - 1), 6, 40'000);
}

TEST_CASE("a random walk agrees with a naive tree, with room for many", "[resource][random]") {
    walks(3, 0, 10, 40'000);
    walks(4, ~std::uint64_t{0} - (addresses - 1), 14, 40'000);
}

TEST_CASE("any bytes are calls that leave a tree, and a map or an error on one of its lines",
          "[resource][random]") {
    constexpr std::uint64_t seed = 20150909;
    std::mt19937_64 random(seed);
    const std::string map = "00100000-1ffdefff : System RAM\n"
                            "  01000000-01e01d31 : Kernel code\n"
                            "    01000000-01000fff : text\n"
                            "20000000-febfffff : PCI Bus 0000:00\n";
    for (unsigned round = 0; round < 3000; ++round) {
        std::string bytes(random() % 400, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        std::string damaged = map;
        for (auto n = 1 + random() % 3; n != 0; --n) {
            const auto where = random() % damaged.size();
            if (n == 3)
                damaged.erase(where, 1 + random() % 4);
            else
                damaged[where] = "0123456789abcdef -:\n"[random() % 20];
        }
        INFO("seed " << seed << ", round " << round);
        REQUIRE_NOTHROW(
            any_resource_calls(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
        REQUIRE_NOTHROW(
            any_iomem(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
        REQUIRE_NOTHROW(
            any_iomem(reinterpret_cast<const std::uint8_t*>(damaged.data()), damaged.size()));
    }
}
