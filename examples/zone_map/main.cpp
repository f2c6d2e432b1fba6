// SPDX-License-Identifier: BSL-1.0

// zone_map: where a system's physical memory lies, in which zones, and whose it is. See --help.

#include <cstdio>
#include <exception>
#include <fstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "../terminal.hpp"

#include "check.hpp"
#include "strip.hpp"

int main(int argc, char** argv) try {
    std::string root, svg;
    bool check = false;
    CLI::App app{"Draws the physical address space of this machine, or of a captured one: zones, "
                 "memory blocks, owners.",
                 "zone_map"};
    app.add_option("--root", root,
                   "directory with a captured proc/ and sys/; this machine if none");
    app.add_option("--svg", svg, "also draw it as SVG in this file");
    app.add_flag("--check", check,
                 "derive each zone's span and present pages and compare with proc/zoneinfo");
    app.footer("Exit status: 0; 1 when --check finds a difference; 2 on an error.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        fmt::print(stderr, "zone_map: {}\n", error.what());
        return 2;
    }

    const zone_map::machine m = zone_map::understand(zone_map::read_tree(root));
    const zone_map::ownership found = owners_of(m);
    fmt::print("{}", draw(m, found, terminal::columns(stdout), terminal::shows_colour(stdout)));
    if (m.has_masked_iomem)
        fmt::print(
            "\n{}proc/iomem shows no addresses to this user: the owners above are what the "
            "firmware and the memory blocks\ntell. Try sudo, or --root with a captured tree.\n",
            m.source.root);
    if (!svg.empty()) {
        std::ofstream out(svg);
        out << draw_svg(m, found);
        if (!out.flush()) throw zone_map::user_error(svg + ": cannot be written");
        fmt::print("\ndrawn in {}\n", svg);
    }
    if (!check) return 0;
    const zone_map::comparison compared = compare(m, found);
    fmt::print("\n{}", report(m, compared));
    return compared.differences() == 0 ? 0 : 1;
} catch (const std::exception& error) {
    std::fflush(stdout);
    fmt::print(stderr, "zone_map: {}\n", error.what());
    return 2;
}
