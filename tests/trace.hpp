// SPDX-License-Identifier: BSL-1.0
#pragma once

// Recorded traces of running kernels: JSON, a line each, in which a snapshot says only what is new
// since the one before. Here it says all.

#include <nlohmann/json.hpp>

#include "linux_mm/recorded.hpp"

#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

namespace zonal_test {

using nlohmann::json;

/// "0x1000", or a number.
inline std::uint64_t number_in(const json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    const auto& characters = value.get_ref<const std::string&>();
    std::size_t used = 0;
    const std::uint64_t number = std::stoull(characters, &used, 0);
    if (used != characters.size()) throw std::invalid_argument("'" + characters + "': no number");
    return number;
}

/// One trace, line by line:
///
///     for (trace t(path); t.next();)
///         if (t.is("snapshot")) compare(t.snapshot()["zones"]); else if (t.is("event")) ...
class trace {
public:
    /// Plain or compressed.
    explicit trace(const std::string& path) : path_(path), lines_(gunzip(path)) {}

    bool next() {
        std::string line;
        do
            if (!std::getline(lines_, line)) return false;
        while (line.empty());
        line_ = json::parse(line);
        if (is("snapshot")) carry_forward();
        return true;
    }

    /// The current line as it stands: header, event, snapshot, end.
    const json& line() const { return line_; }
    bool is(const char* kind) const { return line_.at("kind") == kind; }
    /// The last snapshot so far, with everything in it that has not changed since earlier ones.
    const json& snapshot() const { return snapshot_; }
    /// Where we are, for messages.
    std::string place() const {
        return path_.substr(path_.rfind('/') + 1) + " t" + line_.at("t").dump();
    }

private:
    void carry_forward() {
        if (const auto removed = line_.find("removed_keys"); removed != line_.end())
            for (const json& key : *removed) snapshot_.erase(key.get_ref<const std::string&>());
        snapshot_.erase("note");
        for (const auto& [key, value] : line_.items())
            if (key != "removed_keys") snapshot_[key] = value;
    }

    std::string path_;
    std::istringstream lines_;
    json line_;
    json snapshot_ = json::object();
};

inline std::string trace_path(const std::string& name) {
    return recorded + "/traces/" + name + ".jsonl.gz";
}

} // namespace zonal_test
