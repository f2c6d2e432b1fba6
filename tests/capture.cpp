// SPDX-License-Identifier: BSL-1.0

// capture TRACE T DIRECTORY: writes snapshot T of a trace as a tree that `zone_map --root` reads.

#include "capture.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

int main(int argc, char** argv) try {
    if (argc != 4) throw std::invalid_argument("usage: capture TRACE T DIRECTORY");
    zonal_test::json boot;
    for (zonal_test::trace t(argv[1]); t.next();) {
        if (t.is("event") && t.line().at("op") == "boot") boot = t.line();
        if (!t.is("snapshot") || t.line().at("t") != std::stoul(argv[2])) continue;
        for (const auto& [path, contents] : zonal_test::capture(boot, t.snapshot())) {
            const auto file = std::filesystem::path(argv[3]) / path;
            std::filesystem::create_directories(file.parent_path());
            if (!(std::ofstream(file) << contents))
                throw std::runtime_error(file.string() + ": cannot be written");
        }
        return 0;
    }
    throw std::invalid_argument("no snapshot of that number");
} catch (const std::exception& error) {
    std::cerr << "capture: " << error.what() << '\n';
    return 2;
}
