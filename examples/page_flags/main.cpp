// SPDX-License-Identifier: BSL-1.0

// page_flags: what a kernel keeps in the word of flags of a page. See --help.

#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "commands.hpp"
#include "input.hpp"

int main(int argc, char** argv) try {
    page_flags::request asked;
    CLI::App app{"Draws, decodes and infers the page flags word of Linux kernels from 4.3 on.",
                 "page_flags"};
    app.require_subcommand(1);
    app.footer("Exit status: 0; 1 when a kernel refuses a configuration or no layout explains the "
               "words; 2 on an error.");

    CLI::App& layout = *app.add_subcommand(
        "layout", "Draw the word that a .config gives, and what fell out of it");
    layout.add_option("--kernel", asked.kernel,
                      "kernel version, if the file does not say or to ask what-if");
    layout.add_option("--arch", asked.arch, "architecture, if the file does not say");
    layout.add_option("--svg", asked.svg, "also draw it as SVG in this file");
    layout.add_option("FILE", asked.files,
                      ".config files, plain or compressed; this machine's own if none");

    CLI::App& decode =
        *app.add_subcommand("decode", "Print words as the kernel would, with the zone's name");
    decode.add_option("--kernel", asked.kernel, "kernel version, if the file does not say");
    decode.add_option("--arch", asked.arch, "architecture, if the file does not say");
    CLI::Option* config =
        decode.add_option("--config", asked.config, ".config file; this machine's own if none");
    decode.add_option("--layout", asked.layout, "layout by name, as infer prints it")
        ->excludes(config);
    decode.add_option("HEX", asked.words, "words; without any, every 'flags: 0x...' on stdin");

    CLI::App& infer =
        *app.add_subcommand("infer", "Find the layouts that explain words given raw and decoded on "
                                     "stdin: 0x57ff...(slab|node=1|zone=2)");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        fmt::print(stderr, "page_flags: {}\n", error.what());
        return 2;
    }
    if (layout) return page_flags::show_layouts(asked);
    if (decode) return page_flags::decode_words(asked);
    if (infer) return page_flags::infer_layouts();
    return 2;
} catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "page_flags: {}\n", error.what());
    return 2;
}
