// SPDX-License-Identifier: BSL-1.0
#pragma once

// The three things that page_flags does. Each returns the program's exit status: 0, or 1 for "no".

#include <string>
#include <vector>

namespace page_flags {

/// What the user said on the command line; empty members were not said.
struct request {
    std::string kernel, arch, svg, config, layout;
    std::vector<std::string> files, words;
};

/// Draws the word of each .config; 1 if a kernel refuses one of them.
int show_layouts(const request& asked);
/// Prints words as the kernel of a configuration does.
int decode_words(const request& asked);
/// Says which layouts explain the words on stdin; 1 if none does.
int infer_layouts();

} // namespace page_flags
