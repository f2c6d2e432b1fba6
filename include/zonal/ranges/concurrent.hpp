// SPDX-License-Identifier: BSL-1.0
#pragma once

// A map or set of ranges that many threads ask while one changes it. Readers do not wait.
//
//     concurrent<pfn_range_map<char, in_place<64>>> map;
//     map.insert({pfn{0x100}, pfn{0x200}}, 'a');               // the writer
//
//     auto reader = map.attach().value();                      // once a thread
//     auto entry = reader->find(pfn{0x180});                   // in the newest state
//     auto now = reader.snapshot();                            // several lookups that agree
//     bool alone = now->contains(pfn{0x180}) && now->size() == 1;
//     entry = now.refresh()->find(pfn{0x190});                 // cheapest: stays if it can
//
// A change is made in a version of the map that nobody reads (versions.hpp), which then becomes the
// newest; the others make up for it, in its window, when it is their turn. So readers see the state
// before or after each change.
//
// Readers are wait-free: to enter a version takes at most three loads and three stores, to leave it
// one store, whatever others do; `refresh` is one load when nothing has changed. They write only
// their own slot. The writer's steps are bounded: it looks at the slots as often as its policy
// says, and a change fails when readers stay in all the other versions.
//
// Why not a lock or a sequence count: a writer that is interrupted halfway would stop all readers.
// When not to use it: there is room for one copy only, or changes are as frequent as lookups.

#include <zonal/ranges/versions.hpp>

namespace zonal::inline v0 {

/// A pfn_range_map or pfn_range_set.
template <class Map>
concept map_or_set_of_ranges = std::is_same_v<Map, std::remove_cv_t<Map>> && requires(Map* m) {
    []<class... Args>(const range_container<Args...>*) {}(m);
};

/// Changes are made one at a time. Each is published as a whole or, on failure, not at all;
/// observers hear of it before readers see it. Besides what the map's own calls say, each
/// Requires: values can be copied while others read them, as with anything but home-made counts.
/// Fails:    no_space  readers are in all the other versions, or the free one has no room.
/// Cost:     about three times the map's own; O(n) with a version that was read during 16 changes.
template <map_or_set_of_ranges Map, class... Policies>
class concurrent {
    using policies = policy_slots<readers_slot, versions_slot, writers_slot>;
    static_assert(std::is_void_v<typename policies::template mistake<Policies...>::named>);
    using readers = policy_for<readers_slot, fixed_readers<8>, Policies...>;
    static_assert(reader_policy<readers>);
    using writers = policy_for<writers_slot, one_writer, Policies...>;
    using version = detail::version<Map>;
    static constexpr unsigned version_count =
        policy_for<versions_slot, versions<3>, Policies...>::size;
    static constexpr unsigned remembered = 32; // windows of changes

public:
    /// A state of the map. What it hands out by reference, or as a view, lives as long as it does.
    class snapshot {
    public:
        snapshot(snapshot&&) = delete;
        constexpr ~snapshot() { slot_.leave(); }

        [[nodiscard]] constexpr const Map& operator*() const noexcept { return *map_; }
        [[nodiscard]] constexpr const Map* operator->() const noexcept { return map_; }

        /// Moves on to the newest state.
        /// Requires: the reader has no other snapshot.
        constexpr snapshot& refresh() {
            if (detail::load_acquire(of_.newest_) != version_) [[unlikely]] {
                expects(!slot_.is_nested(), "concurrent: a snapshot within another cannot move on");
                version_ = slot_.move_to(of_.newest_);
                map_ = &of_.versions_[version_];
            }
            return *this;
        }

    private:
        friend concurrent;
        constexpr snapshot(const concurrent& of, reader_slot& slot) noexcept
            : of_(of), slot_(slot), version_(slot.enter(of.newest_)),
              map_(&of.versions_[version_]) {}

        const concurrent& of_;
        reader_slot& slot_;
        unsigned version_;
        const Map* map_;
    };

    /// Has a slot for as long as it lives. For one thread at a time; ends before the map.
    class reader {
    public:
        constexpr reader(reader&& other) noexcept
            : of_(other.of_), slot_(std::exchange(other.slot_, nullptr)) {}
        constexpr ~reader() {
            if (slot_ != nullptr) slot_->give_back();
        }

        /// The newest state; within another snapshot of this reader, the same state again.
        [[nodiscard]] constexpr concurrent::snapshot snapshot() const noexcept {
            return {of_, *slot_};
        }
        /// For one lookup: a snapshot that ends with the expression.
        [[nodiscard]] constexpr concurrent::snapshot operator->() const noexcept {
            return snapshot();
        }

    private:
        friend concurrent;
        constexpr reader(const concurrent& of, reader_slot& slot) noexcept
            : of_(of), slot_(&slot) {}

        const concurrent& of_;
        reader_slot* slot_;
    };

    constexpr concurrent() = default;
    /// From a map a version, where storage is not made from nothing; the first has the ranges.
    template <std::same_as<Map>... Maps>
        requires(sizeof...(Maps) == version_count)
    explicit constexpr concurrent(Maps... maps) noexcept : versions_{{std::move(maps)}...} {
        versions_[0].change = changes_ = remembered + 1; // the others have missed too many
    }
    concurrent(concurrent&&) = delete;

    /// Fails: no_space  all slots are taken.
    constexpr result<reader> attach() noexcept {
        for (reader_slot& slot : readers_)
            if (slot.take()) return reader{*this, slot};
        return fail(errc::no_space);
    }
    /// The newest state, for who makes the changes and so needs no slot.
    /// Requires: nobody makes a change meanwhile.
    [[nodiscard]] constexpr const Map& newest() const noexcept { return versions_[newest_]; }

    // ---- changes: the map's own ----

    template <class... Args>
    constexpr auto insert(pfn_range r, Args&&... args) {
        return change(r, [&](Map& m) { return m.insert(r, std::forward<Args>(args)...); });
    }
    template <class... Args>
    constexpr auto update(pfn_range r, Args&&... args) {
        return change(r, [&](Map& m) { return m.update(r, std::forward<Args>(args)...); });
    }
    template <class... Args>
    constexpr auto erase(pfn_range r, Args&&... args) {
        return change(r, [&](Map& m) { return m.erase(r, std::forward<Args>(args)...); });
    }

    /// Several changes that readers see as one: make(map) makes them; a failure takes them back.
    /// Requires: it changes no pages outside of the window.
    template <class F>
    constexpr std::invoke_result_t<F&, Map&> change(pfn_range window, F make) {
        writers_.lock();
        const locked unlock_later{writers_};
        version* const next = free_version();
        if (next == nullptr || !catch_up(*next)) return fail(errc::no_space);
        next->unfinished = window;
        auto made = make(static_cast<Map&>(*next));
        if (!made) return made;
        next->unfinished = {};
        next->change = ++changes_;
        windows_[changes_ % remembered] = window;
        detail::store_ordered(newest_, static_cast<unsigned>(next - versions_));
        for (unsigned v = 0; v != version_count; ++v) // before their windows are forgotten
            if (const auto missed = changes_ - versions_[v].change;
                missed >= remembered / 2 && missed <= remembered && !is_read(v))
                static_cast<void>(catch_up(versions_[v]));
        return made;
    }

private:
    struct locked {
        writers& by;
        constexpr ~locked() { by.unlock(); }
    };

    [[nodiscard]] constexpr bool is_read(unsigned v) noexcept {
        for (const reader_slot& slot : readers_)
            if (slot.is_in(v)) return true;
        return false;
    }
    /// The latest of the versions that nobody reads, if any.
    [[nodiscard]] constexpr version* free_version() {
        for (unsigned times = 1;; ++times) {
            version* latest = nullptr;
            for (unsigned v = 0; v != version_count; ++v)
                if (v != newest_ && (latest == nullptr || latest->change < versions_[v].change) &&
                    !is_read(v))
                    latest = &versions_[v];
            // One that has to be copied as a whole only if no other comes free.
            const bool quick = latest != nullptr && changes_ - latest->change <= remembered;
            if (quick || !writers_.wait(times)) return latest;
        }
    }
    [[nodiscard]] constexpr bool catch_up(version& v) const {
        const version& from = versions_[newest_];
        bool there = changes_ - v.change <= remembered && v.copy(from, v.unfinished);
        for (; there && v.change != changes_; v.change += there)
            there = v.copy(from, windows_[(v.change + 1) % remembered]);
        // From one window to the next there can be more ranges than before and than afterwards.
        if (!there && !v.assign(from)) return false;
        v.change = changes_;
        v.unfinished = {};
        return true;
    }

    alignas(detail::cache_line) unsigned newest_ = 0;
    version versions_[version_count];
    [[no_unique_address]] readers readers_{};
    // Only for who makes changes.
    alignas(detail::cache_line) std::uint64_t changes_ = 0;
    pfn_range windows_[remembered]{};
    [[no_unique_address]] writers writers_{};
};

} // namespace zonal::inline v0
