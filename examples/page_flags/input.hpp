// SPDX-License-Identifier: BSL-1.0
#pragma once

// What page_flags reads: .config files, and page words in any text.

#include <cstdint>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "kconfig.hpp"
#include "layout_name.hpp"

namespace page_flags {

namespace lm = zonal::linux_mm;

inline std::string str(zonal::text t) { return t.as<std::string>(); }
inline zonal::text view(std::string_view s) { return {s.data(), s.size()}; }

/// What the user did wrong, in one line; the program ends with status 2.
struct user_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The version that `--kernel` names ("6.1", "6.1.192-amd64").
lm::version version_named(const std::string& name);

/// The .config in a file, plain or compressed. `kernel` and `arch` are what the user knows better;
/// empty: the file.
kernel_config read_config(const std::string& file, const std::string& kernel,
                          const std::string& arch);

/// Where this machine keeps its own configuration.
std::string own_config();

/// The hexadecimal number with 0x in front that stands at a place of a line, and where it ends; `end` is
/// npos when there is none. A number of more than 64 bits is `too_long`.
struct hex_word {
    std::size_t end = std::string_view::npos;
    std::uint64_t raw = 0;
    bool too_long = false;
};
hex_word word_at(std::string_view line, std::size_t at);

/// Where the next word of page flags begins: behind "flags:" as in a dmesg. npos: there is none.
std::size_t find_flags(std::string_view line, std::size_t from);

/// A word, and what the report says it means.
struct reported {
    std::uint64_t raw = 0;
    std::string printed;
    std::size_t line = 0;
};

/// Every word with its decoded form: "flags: 0x…(names|fields)" anywhere in a text, and lines that begin
/// with "0x…(names|fields)" or, as in a table, "0x…,names|fields,".
std::vector<reported> read_reports(std::istream& in);

} // namespace page_flags
