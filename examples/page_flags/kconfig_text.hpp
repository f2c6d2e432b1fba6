// SPDX-License-Identifier: BSL-1.0
#pragma once

// The text of a `.config`, line by line: which options it sets, for which kernel.
//
// The text may be anything: a wrong file, a cut one, random bytes. Every answer is either complete
// or an error with the line to look at; nothing is allocated and nothing is guessed. Of
// contradictory lines the last counts, as when a kernel is configured.

#include <zonal/core/result.hpp>
#include <zonal/core/text.hpp>
#include <zonal/linux_mm/version.hpp>

#include "kconfig_option.hpp"

namespace page_flags {

using namespace zonal;
using namespace zonal::linux_mm;

enum class kconfig_reason : unsigned char {
    not_text = 1,
    not_an_option,
    bad_value,
    out_of_range,
    cut_number,
    bad_version,
    no_version,
    too_old,
    no_memory_model,
    missing_number,
    unknown_addresses,
};

/// One clear line, to follow "FILE:LINE: OPTION: ".
[[nodiscard]] constexpr text describe(kconfig_reason why) noexcept {
    switch (why) {
    case kconfig_reason::not_text: return "a control character; is the file binary or compressed?";
    case kconfig_reason::not_an_option: return "neither a comment nor CONFIG_NAME=value";
    case kconfig_reason::bad_value: return "not a value that this option can have";
    case kconfig_reason::out_of_range: return "a number outside the limits of this option";
    case kconfig_reason::cut_number: return "the file ends inside this line, the number may be cut";
    case kconfig_reason::bad_version: return "a header without a kernel version";
    case kconfig_reason::no_version:
        return "no header names the kernel version, and none was given";
    case kconfig_reason::too_old: return "kernels before 4.3 are not modelled";
    case kconfig_reason::no_memory_model:
        return "no memory model is set; this is not a complete .config";
    case kconfig_reason::missing_number:
        return "this option is on, but a number that belongs to it is missing";
    case kconfig_reason::unknown_addresses:
        return "the address width of this architecture is not known";
    }
    return "unknown";
}

struct kconfig_error {
    unsigned long line = 0; ///< counted from 1; the last one where something is missing
    kconfig_reason why{};
    text name; ///< the option, without CONFIG_; may be empty
    friend constexpr bool operator==(const kconfig_error&, const kconfig_error&) = default;
};

/// What a `.config` says about the options of kconfig_option.hpp.
struct kconfig_text {
    option_values options;
    version kernel; ///< {0, 0}: the text has no header
    unsigned long kernel_line = 0;
    unsigned long line_of[option_count] = {}; ///< where each option was set last; 0: nowhere
    unsigned long lines = 0;
};

namespace detail {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

[[nodiscard]] constexpr bool is_name(text name) noexcept {
    for (char c : name)
        if (!is_digit(c) && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c != '_')
            return false;
    return !name.empty();
}

[[nodiscard]] constexpr std::size_t find(text in, char wanted) noexcept {
    std::size_t i = 0;
    while (i < in.size && in[i] != wanted) ++i;
    return i;
}

/// Takes the digits at the front of `from`; numbers too large for any option stay at the limit.
[[nodiscard]] constexpr unsigned take_number(text& from) noexcept {
    constexpr unsigned limit = 100'000'000;
    unsigned n = 0;
    for (; !from.empty() && is_digit(from[0]); from = from.sub(1))
        n = n < limit ? n * 10 + static_cast<unsigned>(from[0] - '0') : limit;
    return n;
}

[[nodiscard]] constexpr bool cut_end(text& from, text end) noexcept {
    if (from.size < end.size || !(from.sub(from.size - end.size) == end)) return false;
    from = from.sub(0, from.size - end.size);
    return true;
}

/// Reads one line into `to`; a line number of 0 is success.
[[nodiscard]] constexpr kconfig_error read_line(text line, bool ended, kconfig_text& to) noexcept {
    const unsigned long at = to.lines;
    for (char c : line)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
            return {at, kconfig_reason::not_text, {}};
    if (line.starts_with("# Linux/") && cut_end(line, " Kernel Configuration")) {
        line = line.sub(8);
        to.kernel = linux_mm::version_named(line.sub(find(line, ' ') + 1)).value_or(version{});
        to.kernel_line = at;
        return {};
    }
    const bool off = line.starts_with("# CONFIG_") && cut_end(line, " is not set");
    if (line.empty() || (line[0] == '#' && !off)) return {};
    if (!off && !line.starts_with("CONFIG_")) return {at, kconfig_reason::not_an_option, {}};

    line = line.sub(off ? 9 : 7);
    const text name = line.sub(0, find(line, '='));
    if (!is_name(name) || off != (name.size == line.size))
        return {at, kconfig_reason::not_an_option, {}};
    const option what = option_named(name);
    if (what == option::none) return {};

    text value = line.sub(name.size + 1);
    const text known = row_of(what).name; // outlives the file
    unsigned number = 0;
    if (is_number(what) && !off) {
        if (value.empty() || !is_digit(value[0])) return {at, kconfig_reason::bad_value, known};
        number = take_number(value);
        if (!value.empty()) return {at, kconfig_reason::bad_value, known};
        if (!ended) return {at, kconfig_reason::cut_number, known};
        if (number < row_of(what).least || number > row_of(what).greatest)
            return {at, kconfig_reason::out_of_range, known};
    } else if (!off) {
        if (!(value == "y") && !(value == "n")) return {at, kconfig_reason::bad_value, known};
        number = value == "y" ? 1 : 0;
    }
    to.options.set(what, number);
    to.line_of[static_cast<unsigned>(what)] = at;
    return {};
}

} // namespace detail

/// Reads the options out of a `.config`.
/// Fails: not_text, not_an_option, bad_value, out_of_range, cut_number  at the first line that is
/// so.
/// Cost:  linear in the text; never allocates.
/// Models: scripts/kconfig/confdata.c conf_read_simple(); differs: what Kconfig warns about is an
///         error here.
[[nodiscard]] constexpr result<kconfig_text, kconfig_error> read_kconfig_text(text file) noexcept {
    kconfig_text to;
    while (!file.empty()) {
        text line = file.sub(0, detail::find(file, '\n'));
        const bool ended = line.size < file.size;
        file = file.sub(line.size + (ended ? 1 : 0));
        if (!line.empty() && line[line.size - 1] == '\r') line = line.sub(0, line.size - 1);
        ++to.lines;
        const kconfig_error error = detail::read_line(line, ended, to);
        if (error.line != 0) return fail(error);
    }
    return to;
}

} // namespace page_flags
