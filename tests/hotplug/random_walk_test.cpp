// SPDX-License-Identifier: BSL-1.0
#include <zonal/hotplug/hotplug_map.hpp>

#include "hotplug/support.hpp"
#include "test.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>

using namespace zonal;
using namespace zonal_test;

// Random calls, right and wrong ones, against a model that knows one page at a time. After each
// call the map, its memory and the resource tree say of each page what the model says: who owns it,
// and that is one.

namespace {

constexpr std::uint64_t all_pages = 64;
constexpr unsigned seeds[] = {1, 2, 3, 4};
#if defined(__SANITIZE_ADDRESS__)
constexpr unsigned steps = 50'000;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
constexpr unsigned steps = 50'000;
#else
constexpr unsigned steps = 300'000;
#endif
#else
constexpr unsigned steps = 300'000;
#endif

using waiting_room = quarantine<return_to_tree, in_place<4>>;
/// Ranges in no zone and in DMA32 return at once, Normal by way of a quarantine, Movable drained;
/// a device's stay with the driver. Any of them may refuse.
using rules =
    release<zones, otherwise<then<moody, return_to_tree>>, on<normal, then<moody, waiting_room>>,
            on<movable, drain_then<then<moody, return_to_tree>>>,
            on<lm::device, drain_then<then<moody, leave_to_driver>>>>;
// Room for all that can be: what fails for want of room is tested elsewhere.
using map_type = hotplug_map<zones, rules, in_place<all_pages + 8>, hooks<counting, guard>>;

constexpr zone_id none{zones::size};

/// A plugged range, as the model sees it.
struct range_model {
    pfn_range range;
    node_id node;
    zone_id zone;
    bool online;
    owner_id owner;
    unsigned pins = 0;
    bool leaving = false;
};
/// What one page is.
struct page_model {
    int range = 0;        ///< which of the ranges ever plugged; 0: not plugged
    int claim = 0;        ///< which entry of the tree; 0: free
    bool waiting = false; ///< in the quarantine
    friend bool operator==(const page_model&, const page_model&) = default;
};

/// Why a call may fail; it succeeds iff there is no reason.
struct reasons {
    unsigned bits = 0;
    void add(errc e, bool applies) {
        if (applies) bits |= 1u << static_cast<unsigned>(e);
    }
    template <class T>
    bool explain(const result<T>& said) const {
        if (said.has_value()) return bits == 0;
        return (bits >> static_cast<unsigned>(said.error()) & 1) != 0;
    }
};

class walk {
public:
    walk(unsigned seed, page_geometry g) : random_(seed), geometry_(g), map_(g) {}

    /// One random call. Empty if all is as it should be.
    std::string step() {
        moody* const policies[] = {
            &map_.policy_of<void>().get<moody>(), &map_.policy_of<normal>().get<moody>(),
            &map_.policy_of<movable>().get<moody>(), &map_.policy_of<lm::device>().get<moody>()};
        refuses_ = one_in(6);
        for (moody* p : policies) p->refuses = refuses_;
        guard& hook = map_.hook<guard>();
        hook.vetoes = one_in(8);
        hook.what = static_cast<hotplug_change>(below(4));
        vetoed_ = hook.vetoes ? static_cast<int>(hook.what) : -1;

        const std::string said = call();
        if (!said.empty()) return said;
        return check();
    }
    /// The deeper look, which costs more.
    std::string audit() const { return testing::fault_in(map_).template as<std::string>(); }
    unsigned successes = 0, failures = 0;
    std::size_t plugged() const { return handles_.size(); } ///< ever

private:
    // ---- chance ----

    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    pfn_range some_pages() {
        std::uint64_t unit = 1;
        if (!one_in(8))
            unit <<= one_in(2) ? geometry_.memory_block_order : geometry_.subsection_order;
        const std::uint64_t start = below(all_pages / unit) * unit;
        const std::uint64_t size = one_in(32) ? 0 : (1 + below(3)) * unit;
        return pages(start, start + size < all_pages ? start + size : all_pages);
    }
    node_id some_node() { return {one_in(64) ? 9u : below(2)}; }
    owner_id some_driver() { return one_in(2) ? nvdimm : gpu; }

    /// A range that is plugged; or one that was; or, rarely, nothing that ever was.
    struct pick {
        range_handle handle;
        range_model* live;
    };
    pick some_range() {
        if (handles_.empty() || one_in(64)) return {range_handle{}, nullptr};
        const bool dead = one_in(16);
        const auto& page = table_[below(all_pages)];
        int which = page.range;
        if (dead || which == 0) which = 1 + static_cast<int>(below(handles_.size()));
        const auto found = live_.find(which);
        return {handles_[static_cast<std::size_t>(which) - 1],
                found == live_.end() ? nullptr : &found->second};
    }
    int number_of(const range_model* r) const { return table_[r->range.start().value()].range; }

    // ---- what is expected ----

    template <class T>
    std::string judge(const char* what, const reasons& why, const result<T>& said) {
        ++(said.has_value() ? successes : failures);
        if (why.explain(said)) return {};
        return std::string(what) + " said " + outcome_of(said);
    }
    bool vetoes(hotplug_change what) const { return vetoed_ == static_cast<int>(what); }
    template <class F>
    bool any_page(pfn_range r, F f) const {
        for (auto p = r.start().value(); p < r.end().value(); ++p)
            if (f(table_[p])) return true;
        return false;
    }

    // ---- calls ----

    std::string call() {
        switch (below(24)) {
        case 0: return plug_offline();
        case 1: return plug<lm::dma32>(the_system);
        case 2: return plug<normal>(the_system);
        case 3: return plug<movable>(one_in(2) ? the_system : some_driver());
        case 4: return plug<lm::device>(one_in(4) ? the_system : some_driver());
        case 5: return online();
        case 6: return offline();
        case 7: return pin();
        case 8:
        case 9:
        case 10:
        case 11: return unpin(); // more often, so that ranges do become free
        case 12: return close();
        case 13: return drain_token();
        case 14: return drop_token();
        case 15:
        case 16: return unplug_token();
        case 17:
        case 18: return unplug_range();
        case 19: return one_in(4) ? driver_claims() : driver_releases();
        case 20: return driver_releases();
        case 21: return let_go();
        default: return drain_range();
        }
    }

    reasons plug_fails(pfn_range r, unit u, node_id node, owner_id owner) const {
        reasons why;
        why.add(errc::bad_range, r.empty());
        why.add(errc::misaligned, !geometry_.is_aligned(r, u));
        why.add(errc::out_of_reach, node.value >= 8);
        why.add(errc::vetoed, vetoes(hotplug_change::plug) && !r.empty());
        why.add(errc::overlap, any_page(r, [](const page_model& p) { return p.range != 0; }));
        if (!r.empty()) {
            const page_model& first = table_[r.start().value()];
            const bool within =
                first.claim != 0 && owner_of_claim_.at(first.claim) == owner &&
                !any_page(r, [&](const page_model& p) { return p.claim != first.claim; });
            // The system's own is what a device without a driver left, as a whole.
            const bool own =
                within && (owner != the_system || (left_by_device_.count(first.claim) &&
                                                   r.size() == pages_of(first.claim)));
            why.add(errc::busy,
                    !own && any_page(r, [](const page_model& p) { return p.claim != 0; }));
            why.add(errc::busy, any_page(r, [](const page_model& p) { return p.waiting; }));
        }
        return why;
    }
    page_count pages_of(int claim) const {
        std::uint64_t n = 0;
        for (const page_model& p : table_) n += p.claim == claim;
        return page_count{n};
    }
    void entered(range_handle h, const range_model& what) {
        handles_.push_back(h);
        const int number = static_cast<int>(handles_.size());
        live_.emplace(number, what);
        const bool claimed = table_[what.range.start().value()].claim != 0;
        if (!claimed) owner_of_claim_.emplace(++claims_, what.owner);
        if (!claimed && is_device(what)) left_by_device_.insert(claims_);
        for (auto p = what.range.start().value(); p < what.range.end().value(); ++p) {
            table_[p].range = number;
            if (!claimed) table_[p].claim = claims_;
        }
    }
    std::string plug_offline() {
        const pfn_range r = some_pages();
        const node_id node = some_node();
        const owner_id owner = one_in(4) ? some_driver() : the_system;
        const reasons why = plug_fails(r, unit::memory_block, node, owner);
        const auto said = map_.plug(r, {.node = node, .owner = owner});
        if (said) entered(*said, {r, node, none, false, owner});
        return judge("plug", why, said);
    }
    template <class Zone>
    std::string plug(owner_id owner) {
        const pfn_range r = some_pages();
        const node_id node = some_node();
        const unit u = Zone::traits.device ? unit::subsection : unit::memory_block;
        const reasons why = plug_fails(r, u, node, owner);
        const auto said = map_.plug<Zone>(r, {.node = node, .owner = owner});
        if (said) entered(*said, {r, node, id<Zone>, true, owner});
        return judge("plug into a zone", why, said);
    }
    static bool is_device(const range_model& r) { return r.zone == id<lm::device>; }

    std::string online() {
        const auto [h, r] = some_range();
        zone_id zone{below(5)};
        reasons why;
        why.add(errc::stale, r == nullptr);
        if (r != nullptr) {
            why.add(errc::vetoed, vetoes(hotplug_change::online));
            why.add(errc::bad_state, r->online || r->leaving || zone >= id<lm::device>);
        }
        const auto said = map_.online(h, zone);
        if (said) {
            r->zone = zone;
            r->online = true;
        }
        return judge("online", why, said);
    }
    std::string offline() {
        const auto [h, r] = some_range();
        reasons why;
        why.add(errc::stale, r == nullptr);
        if (r != nullptr) {
            why.add(errc::vetoed, vetoes(hotplug_change::offline));
            why.add(errc::bad_state, !r->online || r->leaving || is_device(*r));
            why.add(errc::busy, r->pins != 0);
        }
        const auto said = map_.offline(h);
        if (said) r->online = false;
        return judge("offline", why, said);
    }
    std::string pin() {
        const auto [h, r] = some_range();
        reasons why;
        why.add(errc::stale, r == nullptr);
        if (r != nullptr) why.add(errc::bad_state, !r->online || r->leaving);
        const auto said = map_.pin(h);
        if (said) ++r->pins;
        return judge("pin", why, said);
    }
    std::string unpin() {
        const auto [h, r] = some_range();
        reasons why;
        why.add(errc::stale, r == nullptr);
        if (r != nullptr) why.add(errc::not_found, r->pins == 0);
        const auto said = map_.unpin(h);
        if (said) --r->pins;
        return judge("unpin", why, said);
    }

    // Tokens: up to two of each kind are kept; one that is replaced is dropped, and so cancelled.
    using closed_token = std::optional<map_type::closed_type>;
    using drained_token = std::optional<map_type::drained_type>;
    template <class Token>
    void forget(Token& token) {
        if (token && !token->empty()) live_of(token->handle())->leaving = false;
        token.reset();
    }
    range_model* live_of(range_handle h) {
        for (auto& [number, r] : live_)
            if (handles_[static_cast<std::size_t>(number) - 1] == h) return &r;
        return nullptr;
    }
    std::string close() {
        const auto [h, r] = some_range();
        reasons why;
        why.add(errc::stale, r == nullptr);
        if (r != nullptr) why.add(errc::bad_state, r->leaving);
        auto said = map_.close(h);
        const std::string judged = judge("close", why, said);
        if (said) {
            r->leaving = true;
            closed_token& to = closed_[below(2)];
            forget(to);
            to.emplace(*std::move(said));
        }
        return judged;
    }
    std::string drain_token() {
        closed_token& from = closed_[below(2)];
        if (!from) return {};
        reasons why;
        why.add(errc::stale, from->empty());
        if (!from->empty()) why.add(errc::busy, live_of(from->handle())->pins != 0);
        auto said = map_.drain(*from);
        const std::string judged = judge("drain a token", why, said);
        if (said) keep(*std::move(said));
        return judged;
    }
    std::string drain_range() {
        const auto [h, r] = some_range();
        reasons why;
        why.add(errc::stale, r == nullptr);
        if (r != nullptr) {
            why.add(errc::bad_state, r->leaving);
            why.add(errc::busy, r->pins != 0);
        }
        auto said = map_.drain(h);
        const std::string judged = judge("drain", why, said);
        if (said) {
            r->leaving = true;
            keep(*std::move(said));
        }
        return judged;
    }
    void keep(map_type::drained_type&& token) {
        drained_token& to = drained_[below(2)];
        forget(to);
        to.emplace(std::move(token));
    }
    std::string drop_token() {
        if (one_in(2))
            forget(closed_[below(2)]);
        else
            forget(drained_[below(2)]);
        return {};
    }

    reasons unplug_fails(const range_model& r) const {
        reasons why;
        why.add(errc::vetoed, vetoes(hotplug_change::unplug));
        why.add(errc::out_of_reach, refuses_);
        why.add(errc::no_space, r.zone == id<normal> && waiting_.size() == 4);
        return why;
    }
    void left(range_model& r) {
        const pfn_range range = r.range;
        const bool returns = !is_device(r) && r.zone != id<normal>;
        const bool waits = r.zone == id<normal>;
        live_.erase(number_of(&r));
        for (auto p = range.start().value(); p < range.end().value(); ++p) {
            table_[p].range = 0;
            table_[p].waiting = waits;
        }
        if (waits) waiting_.push_back(range);
        if (returns) free_claim(range);
    }
    /// A claim that loses pages in its middle becomes two.
    void free_claim(pfn_range range) {
        const int claim = table_[range.start().value()].claim;
        for_pages(range, [&](std::uint64_t p) { table_[p].claim = 0; });
        bool above = false;
        for (auto p = range.end().value(); p < all_pages && table_[p].claim == claim; ++p) {
            if (!above) owner_of_claim_.emplace(++claims_, owner_of_claim_.at(claim));
            if (!above && left_by_device_.count(claim)) left_by_device_.insert(claims_);
            above = true;
            table_[p].claim = claims_;
        }
    }
    std::string unplug_token() {
        drained_token& token = drained_[below(2)];
        if (!token) return {};
        reasons why;
        why.add(errc::stale, token->empty());
        range_model* const r = token->empty() ? nullptr : live_of(token->handle());
        if (r != nullptr) why.bits |= unplug_fails(*r).bits;
        const auto said = map_.unplug(std::move(*token));
        if (said.has_value() != (token->empty() && r != nullptr)) return "the token is wrong";
        if (said) left(*r);
        return judge("unplug a token", why, said);
    }
    std::string unplug_range() {
        const auto [h, r] = some_range();
        reasons why;
        why.add(errc::stale, r == nullptr);
        if (r != nullptr) {
            why = unplug_fails(*r);
            why.add(errc::bad_state, r->zone == id<movable> || is_device(*r) || r->leaving);
            why.add(errc::busy, r->pins != 0);
        }
        const auto said = map_.unplug(h);
        if (said) left(*r);
        return judge("unplug", why, said);
    }

    std::string driver_claims() {
        const pfn_range r = some_pages();
        if (r.empty()) return {};
        reasons why;
        why.add(errc::busy, any_page(r, [](const page_model& p) { return p.claim != 0; }));
        const owner_id who = some_driver();
        const auto said = map_.resources().request(*bytes_of(r, geometry_), "claimed", who);
        if (said) {
            owner_of_claim_.emplace(++claims_, who);
            for_pages(r, [&](std::uint64_t p) { table_[p].claim = claims_; });
        }
        return judge("claim", why, said);
    }
    /// A driver lets go what it does not use; so does the system with device memory that has left.
    std::string driver_releases() {
        const std::uint64_t page = below(all_pages);
        const int claim = table_[page].claim;
        if (claim == 0) return {};
        pfn_range r;
        for (std::uint64_t p = 0; p < all_pages; ++p)
            if (table_[p].claim == claim) r = r.envelope(pages(p, p + 1));
        if (any_page(r, [](const page_model& p) { return p.range != 0 || p.waiting; })) return {};
        const owner_id who = one_in(4) ? some_driver() : owner_of_claim_.at(claim);
        reasons why;
        why.add(errc::busy, who != owner_of_claim_.at(claim));
        const auto said = release_region(map_.resources(), *bytes_of(r, geometry_), who);
        if (said) for_pages(r, [&](std::uint64_t p) { table_[p].claim = 0; });
        return judge("release", why, said);
    }
    std::string let_go() {
        auto& room = map_.policy_of<normal>().get<waiting_room>();
        const bool right = !waiting_.empty() && !one_in(4);
        const pfn_range r = right ? waiting_[below(waiting_.size())] : some_pages();
        reasons why;
        const auto found = std::find(waiting_.begin(), waiting_.end(), r);
        why.add(errc::not_found, found == waiting_.end());
        const auto said = room.let_go(r, map_.resources());
        if (said) {
            waiting_.erase(found);
            free_claim(r);
            for_pages(r, [&](std::uint64_t p) { table_[p].waiting = false; });
        }
        return judge("let_go", why, said);
    }

    // ---- what is so ----

    std::string check() {
        if (map_.size() != live_.size()) return "the map has another number of ranges";
        page_model seen[all_pages];
        std::string wrong;
        map_.for_each([&](const plugged_range& r) {
            const int number = table_[r.range.start().value()].range;
            const auto found = live_.find(number);
            if (found == live_.end()) return void(wrong = "a range is plugged that should not be");
            const range_model& m = found->second;
            const plugged_range expected{m.range, m.node,
                                         m.zone,  m.online,
                                         m.owner, handles_[static_cast<std::size_t>(number) - 1]};
            if (r != expected) wrong = "a range is not what it was";
            if (map_.pins(r.handle) != result<std::uint32_t>(m.pins)) wrong = "references are lost";
            for_pages(r.range, [&](std::uint64_t p) { seen[p].range = number; });
        });
        for (const auto& e : map_.policy_of<normal>().get<waiting_room>().waiting())
            for_pages(e.range, [&](std::uint64_t p) { seen[p].waiting = true; });
        const auto& tree = map_.resources();
        for (region_id e = tree.after(tree.root()); e; e = tree.after(e)) {
            const pfn_range r = *whole_pages_in(tree[e].range, geometry_);
            const int claim = table_[r.start().value()].claim;
            const owner_id whose = tree[e].name == "quarantine" ? in_quarantine
                                   : claim == 0                 ? anyone
                                                                : owner_of_claim_.at(claim);
            if (claim == 0 || tree[e].owner != whose || !tree[e].flags.busy)
                wrong = "an entry of the tree is somebody else's";
            for_pages(r, [&](std::uint64_t p) { seen[p].claim = claim; });
        }
        for (std::uint64_t p = 0; p < all_pages; ++p) {
            if (seen[p] != table_[p]) return "a page is not where it should be";
            if (seen[p].range != 0 && seen[p].waiting) return "a page has two owners";
            if ((seen[p].range != 0 || seen[p].waiting) && seen[p].claim == 0)
                return "a page is used and free";
        }
        if (!wrong.empty()) return wrong;
        const counting& told = map_.hook<counting>();
        if (told.announced != told.undone + told.happened) return "a hook waits for the end";
        return check_memory();
    }
    template <class F>
    static void for_pages(pfn_range r, F f) {
        for (auto p = r.start().value(); p < r.end().value(); ++p) f(p);
    }
    /// Pages have the zone of their range, and zones span and have what their pages say.
    std::string check_memory() const {
        struct zone_model {
            pfn_range span;
            std::uint64_t present = 0;
        };
        zone_model expected[2][zones::size];
        std::uint64_t in_zones = 0;
        for (const auto& [number, r] : live_) {
            if (!r.online) continue;
            zone_model& z = expected[r.node.value][r.zone.value];
            z.span = z.span.envelope(r.range);
            in_zones += r.range.size().value();
            if (!is_device(r)) z.present += r.range.size().value();
        }
        const auto& memory = map_.memory();
        for (node_id n{}; n.value < 2; ++n.value)
            for (zone_id z{}; z < none; ++z.value)
                if (const zone_model& e = expected[n.value][z.value];
                    memory.pages_of(n, z) != zone_pages{e.span, page_count{e.present}})
                    return "a zone is not what its pages say";
        if (memory.pages().pages().value() != in_zones) return "a page is in a zone, or not";
        for (const auto& e : memory.pages())
            for (auto p = e.range.start().value(); p < e.range.end().value(); ++p) {
                const auto found = live_.find(table_[p].range);
                if (found == live_.end() || !found->second.online ||
                    e.value != page_state{{found->second.node, found->second.zone},
                                          !is_device(found->second)})
                    return "a page is in another zone than its range";
            }
        return {};
    }

    std::mt19937 random_;
    page_geometry geometry_;
    map_type map_;
    page_model table_[all_pages];
    std::vector<range_handle> handles_; ///< of all ranges ever plugged
    std::map<int, range_model> live_;
    std::map<int, owner_id> owner_of_claim_;
    std::set<int> left_by_device_; ///< claims that were not made for RAM
    int claims_ = 0;
    std::vector<pfn_range> waiting_;
    closed_token closed_[2]; // after the map: their destructors reopen its ranges
    drained_token drained_[2];
    bool refuses_ = false;
    int vetoed_ = -1;
};

} // namespace

TEST_CASE("random calls: each page has one owner, and map, memory and tree agree on it",
          "[hotplug]") {
    const page_geometry geometries[] = {{12, 0, 0, 0}, {12, 1, 2, 2}};
    for (const page_geometry& g : geometries)
        for (const unsigned seed : seeds) {
            INFO("seed " << seed << ", section order " << g.section_order);
            walk w(seed, g);
            for (unsigned i = 0; i != steps; ++i) {
                std::string wrong = w.step();
                if (wrong.empty() && i % 64 == 0) wrong = w.audit();
                if (wrong.empty()) continue;
                INFO("step " << i);
                CAPTURE(wrong);
                FAIL();
            }
            // Both happen often enough to mean something.
            CHECK(w.successes > steps / 10);
            CHECK(w.failures > steps / 10);
            CHECK(w.plugged() > steps / 50);
        }
}
