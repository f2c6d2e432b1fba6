// SPDX-License-Identifier: BSL-1.0

// The fuzz targets with random bytes and randomly damaged recorded data, for compilers without libFuzzer.

#include "fuzz/entries.hpp"

#include "linux_mm/printing.hpp"
#include "test.hpp"

#include <functional>
#include <random>

using namespace zonal_test;

namespace {

constexpr std::uint64_t fixed_seed = 20150909;

using bytes = std::string;
using entry = std::function<void(const std::uint8_t*, std::size_t)>;

void call(const entry& target, const bytes& input) {
    target(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// What the readers look out for.
const char* const pieces[] = {"0",       "9",     "99999999999", "=",       "y", "n", "\n",
                              "|",       ":",     "+",           ",",       "/", "-", "0x",
                              "locked|", "zone=", "node=",       "CONFIG_", "# "};

/// Changes, inserts, removes or repeats bytes or pieces, once or a few times.
bytes damaged(bytes input, std::mt19937_64& random) {
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    for (std::size_t times = 1 + below(4); times != 0; --times) {
        const std::size_t at = below(input.size() + 1);
        switch (below(7)) {
        case 0:
            if (at < input.size()) input[at] = static_cast<char>(random());
            break;
        case 1: input.insert(at, 1, static_cast<char>(random())); break;
        case 2: input.erase(at, 1 + below(8)); break;
        case 3: input.insert(at, input.substr(below(input.size() + 1), 1 + below(16))); break;
        case 4: input.resize(at); break;
        case 5: input.insert(at, pieces[below(std::size(pieces))]); break;
        case 6: { // where a number ends
            const std::size_t digit = input.find_first_of("0123456789", at);
            if (digit != bytes::npos) input.insert(digit, pieces[below(3)]);
            break;
        }
        }
    }
    return input;
}

/// Random bytes of any length up to 64, then each seed damaged, `rounds` times; the seed and the input of a failure
/// are printed.
void shower(const entry& target, const std::vector<bytes>& seeds, unsigned rounds) {
    std::mt19937_64 random(fixed_seed);
    for (unsigned round = 0; round < rounds; ++round) {
        bytes noise(random() % 64, '\0');
        for (char& c : noise) c = static_cast<char>(random());
        std::vector<bytes> inputs = {noise};
        for (const bytes& s : seeds) inputs.push_back(damaged(s, random));
        for (const bytes& input : inputs) {
            try {
                call(target, input);
            } catch (const std::exception& broken) {
                std::string hex_digits;
                for (char c : input) {
                    hex_digits += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
                    hex_digits += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
                }
                FAIL("seed " << fixed_seed << ", round " << round << ": " << broken.what()
                             << "; the input in hex: " << hex_digits);
            }
        }
    }
    SUCCEED();
}

} // namespace

TEST_CASE("any bytes are a .config or an error on one of its lines", "[fuzz]") {
    std::vector<bytes> seeds;
    for (const char* package :
         {"linux-headers-6.1.0-56-cloud-amd64", "linux-headers-6.1.0-50-armmp-lpae",
          "linux-headers-7.2.13+deb14-s390x"}) {
        // The lines that matter, so that damage hits them.
        std::istringstream in(config_text(package));
        bytes seed(5, '\0');
        for (std::string line; std::getline(in, line);)
            for (const page_flags::option_row& row : page_flags::option_rows)
                if (line.rfind("# Linux", 0) == 0 ||
                    line.rfind("CONFIG_" + row.name.as<std::string>() + "=", 0) == 0) {
                    seed += line + "\n";
                    break;
                }
        CHECK(seed.size() > 300);
        seeds.push_back(seed);
    }
    for (const bytes& seed : seeds) call(any_kconfig, seed);
    shower(any_kconfig, seeds, 1000);
}

TEST_CASE("any bytes are the name of a layout or an error, and any word is printed as explained",
          "[fuzz]") {
    const bytes start(9, '\0');
    shower(any_layout,
           {start + "6.1/64:node=10,zone=3,lastcpupid=21:MF+UNCACHED",
            start + "4.3/32:zone=2:EXT+THP",
            start + "7.3/64:section=10,node=4,zone=2,lastcpupid=17,kasantag=4:MF+IDLE",
            bytes(8, '\x5a') + "\1" + bytes(40, '\x33')},
           2000);
}

TEST_CASE("any bytes are lines of a report, and what explains them explains them all", "[fuzz]") {
    std::vector<bytes> seeds;
    for (const public_report& r : public_reports()) {
        char word[32];
        std::snprintf(word, sizeof word, "0x%llx ", static_cast<unsigned long long>(r.raw));
        seeds.push_back(word + r.decoded + "\n");
        if (seeds.size() % 3 == 0) seeds.back() += seeds.front();
    }
    shower(any_report, seeds, 3);
}
