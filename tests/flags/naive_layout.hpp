// SPDX-License-Identifier: BSL-1.0
#pragma once

// The packing engine once more, written for a reader and not for speed: bits are things that are
// handed out one by one. What zonal::pack answers must agree with this for any fields.

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <zonal/flags/field.hpp>
#include <zonal/flags/layout.hpp>

namespace zonal_test {

struct naive_field {
    zonal::fate outcome = zonal::fate::kept;
    unsigned missing =
        0; ///< bits asked for, by it and by those before it, that the word does not have
    std::vector<unsigned> bits; ///< its bits in the word, lowest first
};

inline std::vector<naive_field> naive_pack(unsigned word_bits,
                                           const std::vector<zonal::field_spec>& specs) {
    std::vector<std::size_t> by_claim(specs.size());
    for (std::size_t i = 0; i < specs.size(); ++i) by_claim[i] = i;
    std::stable_sort(by_claim.begin(), by_claim.end(), [&](std::size_t a, std::size_t b) {
        const auto needy = [&](std::size_t i) {
            return specs[i].otherwise == zonal::no_room::refuse ? 0 : 1;
        };
        return std::pair(specs[a].claim, needy(a)) < std::pair(specs[b].claim, needy(b));
    });

    // Who gets how many: each asked bit is an entry of a list, and the word has room for so many
    // entries.
    std::vector<naive_field> fields(specs.size());
    std::vector<unsigned> granted(specs.size());
    std::vector<std::size_t> charged, left_out;
    bool refused = false;
    for (std::size_t i : by_claim) {
        std::vector<std::size_t> before = charged;
        if (specs[i].counts_left_out) before.insert(before.end(), left_out.begin(), left_out.end());
        std::vector<std::size_t> wanted;
        for (unsigned bit = 0; bit < specs[i].width; ++bit) {
            if (before.size() < word_bits) ++granted[i];
            before.push_back(i);
            wanted.push_back(i);
        }
        for (std::size_t entry = word_bits; entry < before.size(); ++entry) ++fields[i].missing;
        if (granted[i] < specs[i].width) {
            switch (specs[i].otherwise) {
            case zonal::no_room::refuse:
                fields[i].outcome = zonal::fate::refused;
                refused = true;
                break;
            case zonal::no_room::take_rest:
                fields[i].outcome = zonal::fate::shrunk;
                wanted.resize(granted[i]);
                break;
            case zonal::no_room::side_table:
            case zonal::no_room::member:
                fields[i].outcome = zonal::fate::left_out;
                left_out.insert(left_out.end(), wanted.begin(), wanted.end());
                wanted.clear();
                break;
            }
        }
        granted[i] = static_cast<unsigned>(wanted.size());
        charged.insert(charged.end(), wanted.begin(), wanted.end());
    }
    if (refused) return fields;

    // Which bits: each field takes the outermost free ones of its end.
    std::vector<bool> taken(word_bits);
    for (std::size_t i = 0; i < specs.size(); ++i)
        for (unsigned n = 0; n < granted[i]; ++n) {
            unsigned bit = 0;
            if (specs[i].from == zonal::anchor::low)
                while (taken[bit]) ++bit;
            else
                for (bit = word_bits - 1; taken[bit];) --bit;
            taken[bit] = true;
            fields[i].bits.insert(
                std::lower_bound(fields[i].bits.begin(), fields[i].bits.end(), bit), bit);
        }
    return fields;
}

/// Fields that often just fit, or just do not.
inline std::vector<zonal::field_spec> random_specs(std::mt19937& random, unsigned count,
                                                   unsigned widest) {
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    std::vector<zonal::field_spec> specs(count);
    const unsigned claims = 1 + below(3);
    for (zonal::field_spec& s : specs) {
        s.width = below(8) == 0 ? 0 : below(widest + 1);
        s.otherwise = static_cast<zonal::no_room>(below(4));
        s.stored = static_cast<zonal::encoding>(below(2));
        s.from = static_cast<zonal::anchor>(below(2));
        s.claim = below(claims);
        s.counts_left_out = below(4) == 0;
    }
    return specs;
}

inline std::string describe(unsigned word_bits, const std::vector<zonal::field_spec>& specs) {
    static const char* const no_room[] = {"refuse", "side_table", "member", "take_rest"};
    std::ostringstream out;
    out << word_bits << " bits:";
    for (const zonal::field_spec& s : specs)
        out << " {" << s.width << ' ' << no_room[static_cast<int>(s.otherwise)]
            << (s.stored == zonal::encoding::inverted ? " inverted" : "")
            << (s.from == zonal::anchor::low ? " low" : " high") << " claim " << s.claim
            << (s.counts_left_out ? " counts left out" : "") << '}';
    return out.str();
}

template <unsigned N>
zonal::layout<N> pack(unsigned word_bits, const std::vector<zonal::field_spec>& specs) {
    zonal::field_spec array[N] = {};
    std::copy(specs.begin(), specs.end(), array);
    return zonal::pack(word_bits, array);
}

} // namespace zonal_test
