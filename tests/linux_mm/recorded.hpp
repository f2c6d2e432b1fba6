// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the tests of linux_mm need of the recorded data: files, compressed files, names.

#include <zonal/core/text.hpp>
#include <zonal/linux_mm/version.hpp>

#include <zlib.h>

#include <cctype>
#include <stdexcept>
#include <string>

namespace zonal_test {

inline const std::string recorded = ZONAL_TEST_DATA;

inline zonal::text view(const std::string& s) { return {s.data(), s.size()}; }
inline std::string string_of(zonal::text t) { return t.as<std::string>(); }

/// "6.12" or "6.12.107+deb13".
inline zonal::linux_mm::version version_of(const std::string& s) {
    const std::size_t dot = s.find('.');
    return {static_cast<unsigned short>(std::stoul(s)),
            static_cast<unsigned short>(std::stoul(s.substr(dot + 1)))};
}

/// The contents of a gzip file (or of a plain one); throws if it is not there.
inline std::string gunzip(const std::string& path) {
    gzFile in = gzopen(path.c_str(), "rb");
    if (in == nullptr) throw std::runtime_error("cannot read " + path);
    std::string out;
    char piece[1 << 14];
    for (int got = 0; (got = gzread(in, piece, sizeof piece)) > 0;)
        out.append(piece, static_cast<std::size_t>(got));
    gzclose(in);
    return out;
}

/// The `.config` of a recorded distribution kernel.
inline std::string config_text(const std::string& package) {
    return gunzip(recorded + "/distro/configs/" + package + ".config.gz");
}

} // namespace zonal_test
