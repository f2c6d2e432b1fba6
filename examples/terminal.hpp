// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a program may do with where it prints: colours and progress are for terminals only.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace terminal {

/// A terminal that can go back in a line.
inline bool shows(std::FILE* out) {
    const char* const kind = std::getenv("TERM");
    return isatty(fileno(out)) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

/// And whose user has not asked for none, see no-color.org.
inline bool shows_colour(std::FILE* out) {
    const char* const refused = std::getenv("NO_COLOR");
    return shows(out) && (refused == nullptr || *refused == '\0');
}

/// How wide `out` is: as the user says in COLUMNS, as the terminal says, or 120; from 60 to 240.
inline unsigned columns(std::FILE* out) {
    const char* const asked = std::getenv("COLUMNS");
    unsigned long wide = asked == nullptr ? 0 : std::strtoul(asked, nullptr, 10);
    winsize size{};
    if (wide == 0 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0) wide = size.ws_col;
    return static_cast<unsigned>(wide == 0 ? 120 : std::clamp(wide, 60ul, 240ul));
}

} // namespace terminal
