// SPDX-License-Identifier: BSL-1.0
#pragma once

// The page words of device memory, as a storage policy.
//
//     computed_words<Word>      kept nowhere: they follow from the zone, node and section of a run
//     words_in<Word>            in structs that the caller lends, beside a count of references
//     words_in<Word, my_page>   in the caller's own: members flags and references, or name others
//
// Nothing is allocated: a device can have hundreds of millions of pages, and what their words are
// paid with is the driver's choice (see metadata.hpp).

#include <zonal/core/storage.hpp>
#include <zonal/flags/page_word.hpp>

namespace zonal::inline v0 {

template <class Word>
struct device_page {
    typename Word::word_type flags = 0;
    std::uint32_t references = 0;
};

template <class Word>
struct computed_words {
    static constexpr bool are_kept = false;
    using word = Word;
    using page = void;
};
template <class Word, class Page = device_page<Word>, auto Flags = &Page::flags,
          auto References = &Page::references>
struct words_in : caller_storage::slots<Page> {
    static constexpr bool are_kept = true;
    static constexpr auto flags = Flags;
    static constexpr auto references = References;
    using word = Word;
    using page = Page;
    using caller_storage::slots<Page>::slots;
};

// What a compile error names.
template <class Word, std::uint64_t Zone, std::uint64_t AtMost>
struct page_words_too_narrow_for_zone : detail::mistake {
    static_assert(Zone <= AtMost,
                  "device_memory: the zone does not fit the words (arguments: the word, the zone's "
                  "id, the most its field holds); give them zone_of<the map's zone set>");
};
template <class Words>
struct page_words_are_kept {
    static consteval bool check() {
        static_assert(Words::are_kept,
                      "device_memory: computed words are in no structs and count no page's "
                      "references; take words_in<Word>, or ask for the references to all pages");
        return Words::are_kept;
    }
};

/// The word of a page without flags: zone, node unless it was left out, section if it has bits.
/// Fails: out_of_reach  one of them is larger than its field holds; without a field, that is 0.
template <class Word>
[[nodiscard]] constexpr result<typename Word::word_type> device_word(zone_id zone, node_id node,
                                                                     section_id section) noexcept {
    constexpr auto field = [](text name) {
        for (const placed_field& f : Word::placed)
            if (f.asked.name == name) return f;
        return placed_field{};
    };
    constexpr placed_field n = field(node_id::field_name);
    constexpr placed_field s = field(section_id::field_name);
    if ((n.outcome != fate::left_out && !n.holds(node.value)) ||
        (s.is_present() && !s.holds(section.value)))
        return fail(errc::out_of_reach);
    const auto word = n.put(node.value) | s.put(section.value);
    return Word::checked_set(static_cast<typename Word::word_type>(word), zone);
}

} // namespace zonal::inline v0
