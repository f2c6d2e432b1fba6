// SPDX-License-Identifier: BSL-1.0
#pragma once

// A driver's memory, page by page: ranges that are mapped together, and unmapped when nobody has a
// reference to a page any more.
//
//     device_memory<machine, lm::device, device_fs_dax, nvdimm, words_in<word>> pmem(
//         map, driver, words_in<word>(pages));
//     pmem.map({{{pfn{0x100}, pfn{0x180}}}, {{pfn{0x200}, pfn{0x280}}}}, {.owner = driver_id});
//     pmem.get(pfn{0x123});
//     pmem.unmap();                   // busy: pmem.in_use() is 1 reference, to 1 page, pfn 0x123
//     pmem.put(pfn{0x123});           // and driver.page_idle(pfn{0x123}) is called
//     pmem.unmap();
//
// When not to use it: for a range that is used as a whole, hotplug_map's pin and unpin are enough.

#include <zonal/device/kinds.hpp>
#include <zonal/device/page_words.hpp>
#include <zonal/hotplug/hotplug_map.hpp>

namespace zonal::inline v0 {

/// A range to be mapped. Nobody gets its first pages if they are metadata, and they have no words.
struct device_range {
    pfn_range pages{};
    page_count metadata{};
};

struct device_usage {
    std::uint64_t references = 0;
    page_count pages{}; ///< that have some
    pfn first{};        ///< the lowest of them, if there is one
    friend constexpr bool operator==(const device_usage&, const device_usage&) = default;
};

/// Up to MaxRanges ranges of a hotplug_map's device zone, which stay there when the object goes.
/// Once it is mapped, any number of threads may do what takes a pfn, while one counts all references
/// and unmaps; the object and the words stay until they have heard of it. The driver is told by the thread that
/// drops a page's last reference; until it returns the page cannot be taken, nor its range leave.
/// Models: mm/memremap.c memremap_pages(), memunmap_pages() and free_zone_device_page().
template <class Map, class Zone, class Kind, class Driver, class Words, unsigned MaxRanges = 4>
class device_memory {
    using page_word = typename Words::word;
    static constexpr zone_id zone = Map::zones::template id_of<Zone>;
    static constexpr bool tells = Kind::reference != last_put::tells_nobody;
    static_assert(Zone::traits.device, "device_memory: the zone (second argument) is no device's");
    static_assert(std::is_void_v<typename device_kind_lacks_duty<Kind, Driver>::named>);
    static_assert(std::is_void_v<typename page_words_too_narrow_for_zone<
                      page_word, zone.value, page_word::template max<zone_id>>::named>);
    static_assert(!tells || Words::are_kept,
                  "device_memory: computed words count no references, so "
                  "the driver could not be told; take words_in<Word>");

public:
    explicit constexpr device_memory(Map& map, Driver& driver, Words words = {})
        : map_(map), driver_(driver), words_(std::move(words)) {}
    device_memory(const device_memory&) = delete;
    device_memory& operator=(const device_memory&) = delete;

    /// Plugs all ranges, or none.
    /// Fails: bad_state  mapped already; bad_range  no pages but metadata; no_space  too few words;
    ///        out_of_reach  a node or section is larger than the words can say;
    ///        or as hotplug_map::plug. Ranges plugged by then are taken back, unless a hook holds
    ///        one: then it is mapped, and unmap goes on.
    template <unsigned N>
        requires(N <= MaxRanges)
    constexpr result<done> map(const device_range (&ranges)[N], const plug_options& how = {}) {
        if (mapped_) return fail(errc::bad_state);
        count_ = 0;
        node_ = how.node;
        std::uint64_t words = 0;
        for (unsigned i = 0; i < N; ++i) {
            const auto& [all, metadata] = ranges[i];
            if (all.size() <= metadata) return fail(errc::bad_range);
            if (const auto last = word_of(all.end() - page_count{1}); !last)
                return fail(last.error());
            ranges_[i] = {all, {all.start() + metadata, all.end()}, words, {}};
            words += ranges_[i].pages.size().value();
        }
        if constexpr (Words::are_kept)
            if (words > words_.capacity()) return fail(errc::no_space);
        const auto plugged = plug_from(0, N, how);
        for (unsigned i = 0; i < N; ++i)
            mapped_ = mapped_ || map_.about(ranges_[i].handle).has_value();
        count_ = mapped_ ? N : 0;
        return plugged;
    }

    /// Closes all ranges, waits for their references to go until `stop(how many there are)` says
    /// true, and takes all out, the last one first; without `stop`, looks once.
    /// Fails: bad_state  not mapped, or somebody removes a range of it;
    ///        busy       stopped: all ranges are open again;
    ///        or as hotplug_map::unplug: those after the refused range have left, the others are
    ///        open again; another call goes on.
    template <std::predicate<std::uint64_t> Stop = look_once>
    constexpr result<done> unmap(Stop stop = {}) {
        if (!mapped_) return fail(errc::bad_state);
        const auto gone = take_out_from(0, stop);
        mapped_ = !gone.has_value();
        return gone;
    }

    // What follows fails with `not_found` if no such page was mapped; get and fault fail with `stale`
    // if it is gone.

    /// Takes a reference to a page.
    /// Fails: bad_state  it is being unmapped; no_space  its range cannot have more;
    ///        busy       the driver is just being told that the page has lost its last one.
    constexpr result<done> get(pfn p) {
        const auto at = range_of(p);
        if (!at) return fail(errc::not_found);
        if (const auto held = map_.pin(at->handle); !held) return held;
        if constexpr (Words::are_kept) {
            const auto taken =
                detail::update(page_in(words_, *at, p).*Words::references, [](count n) {
                    if (n == telling) return result<count>(fail(errc::busy));
                    return result<count>(n + 1); // each is one of the range's, which are no more
                });
            if (!taken) return static_cast<void>(map_.unpin(at->handle)), fail(taken.error());
        }
        return done{};
    }
    /// Drops one; if it was the page's last, the driver is told.
    /// Fails: not_found  there is none.
    constexpr result<done> put(pfn p) {
        const auto at = range_of(p);
        if (!at) return fail(errc::not_found);
        if constexpr (Words::are_kept) {
            count& references = page_in(words_, *at, p).*Words::references;
            const auto left = detail::update(references, [](count n) -> result<count> {
                if (n == 0 || n == telling) return fail(errc::not_found);
                return tells && n == 1 ? telling : n - 1;
            });
            if (!left) return fail(left.error());
            if (*left == telling) {
                if constexpr (told_of_free_pages<Driver> && Kind::reference == last_put::tells_free)
                    driver_.page_free(p);
                if constexpr (told_of_idle_pages<Driver> && Kind::reference == last_put::tells_idle)
                    driver_.page_idle(p);
                detail::exchange_bits(references, telling, count{0});
            }
        }
        return map_.unpin(at->handle);
    }
    /// A processor touches a page that somebody has a reference to.
    /// Fails: bad_state  processors cannot use this kind; or why the driver cannot migrate it.
    constexpr result<done> fault(pfn p) {
        const auto at = range_of(p);
        if (!at) return fail(errc::not_found);
        if (const auto held = map_.pins(at->handle); !held) return fail(held.error());
        if constexpr (migrates_pages<Driver> && Kind::processor == touching::migrates_it)
            return driver_.migrate_to_ram(p);
        if constexpr (Kind::processor == touching::is_refused) return fail(errc::bad_state);
        return done{};
    }

    /// The references to all pages.
    [[nodiscard]] constexpr std::uint64_t references() const {
        std::uint64_t sum = 0;
        for (unsigned i = 0; i < count_; ++i) sum += map_.pins(ranges_[i].handle).value_or(0);
        return sum;
    }
    /// The references to a page; 1 while the driver is being told that there are none.
    [[nodiscard]] constexpr result<std::uint32_t> references(pfn p) const {
        if constexpr (page_words_are_kept<Words>::check())
            if (const auto at = range_of(p))
                return detail::load_acquire(page_in(words_, *at, p).*Words::references) & most;
        return fail(errc::not_found);
    }
    /// How far a removal is. Cost: O(pages).
    [[nodiscard]] constexpr device_usage in_use() const {
        device_usage usage{.references = references()};
        for (unsigned i = 0; i < count_; ++i)
            for (pfn p = ranges_[i].pages.start(); p < ranges_[i].pages.end(); ++p) {
                if (references(p).value_or(0) == 0) continue;
                if (usage.pages.is_zero() || p < usage.first) usage.first = p;
                usage.pages += page_count{1};
            }
        return usage;
    }

    [[nodiscard]] constexpr result<typename page_word::word_type> word(pfn p) const {
        const auto at = range_of(p);
        if (!at) return fail(errc::not_found);
        if constexpr (Words::are_kept)
            return detail::load_acquire(page_in(words_, *at, p).*Words::flags);
        else
            return word_of(p);
    }
    /// The page's struct, as in word::in(page->flags).atomic_set(...).
    [[nodiscard]] constexpr result<typename Words::page*> page(pfn p) {
        if constexpr (page_words_are_kept<Words>::check())
            if (const auto at = range_of(p)) return &page_in(words_, *at, p);
        return fail(errc::not_found);
    }

private:
    using count = std::uint32_t;
    static constexpr count most = ~count{0} >> 1;
    static constexpr count telling = most + 2; ///< of one reference, that it has been dropped
    struct mapped {
        pfn_range all{};
        pfn_range pages{}; ///< all but the metadata
        std::uint64_t words_before = 0;
        range_handle handle{};
    };

    [[nodiscard]] constexpr const mapped* range_of(pfn p) const {
        for (unsigned i = 0; i < count_; ++i)
            if (ranges_[i].pages.contains(p)) return &ranges_[i];
        return nullptr;
    }
    [[nodiscard]] static constexpr auto& page_in(auto& words, const mapped& m, pfn p) {
        return words.data()[m.words_before + (p - m.pages.start()).value()];
    }
    [[nodiscard]] constexpr auto word_of(pfn p) const {
        const section_id section{map_.memory().geometry().index_of(p, unit::section)};
        return device_word<page_word>(zone, node_, section);
    }

    constexpr result<done> plug_from(unsigned i, unsigned n, const plug_options& how) {
        if (i == n) return done{};
        mapped& m = ranges_[i];
        if constexpr (Words::are_kept)
            for (pfn p = m.pages.start(); p < m.pages.end(); ++p) {
                auto& page = page_in(words_, m, p);
                page.*Words::flags = *word_of(p);
                page.*Words::references = 0;
            }
        const auto plugged = map_.template plug<Zone>(m.all, how);
        if (!plugged) return fail(plugged.error());
        m.handle = *plugged;
        const auto others = plug_from(i + 1, n, how);
        if (!others) static_cast<void>(map_.undo_plug(m.handle));
        return others;
    }
    template <class Stop>
    constexpr result<done> take_out_from(unsigned i, Stop& stop) {
        if (i == count_) {
            while (const std::uint64_t n = references())
                if (stop(n)) return fail(errc::busy);
            return done{};
        }
        auto token = map_.close(ranges_[i].handle);
        if (!token && token.error() != errc::stale) return fail(token.error());
        if (const auto others = take_out_from(i + 1, stop); !others || !token) return others;
        return map_.unplug(*map_.drain(*token)); // closed, and nobody is left
    }

    Map& map_;
    Driver& driver_;
    [[no_unique_address]] Words words_;
    mapped ranges_[MaxRanges]{};
    node_id node_{};
    unsigned count_ = 0;
    bool mapped_ = false;
};

} // namespace zonal::inline v0
