// SPDX-License-Identifier: BSL-1.0

#include "input.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include <sys/utsname.h>
#include <zlib.h>

namespace page_flags {

namespace {

std::string contents(const std::string& file) {
    const gzFile in = gzopen(file.c_str(), "rb");
    if (in == nullptr) throw user_error(file + ": cannot be read");
    std::string text;
    char piece[1 << 15];
    int got = 0;
    constexpr std::size_t largest = 16 << 20;
    while (text.size() <= largest && (got = gzread(in, piece, sizeof piece)) > 0)
        text.append(piece, static_cast<std::size_t>(got));
    gzclose(in);
    if (text.size() > largest) throw user_error(file + ": is too large for a configuration");
    if (got < 0) throw user_error(file + ": cannot be read to its end");
    if (text.empty()) throw user_error(file + ": is empty");
    return text;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

lm::version version_named(const std::string& name) {
    const auto version = lm::version_named(view(name));
    if (!version) throw user_error("'" + name + "' is not a kernel version such as 6.1");
    if (*version < lm::oldest)
        throw user_error("Linux " + name + " has no device zone; the oldest version is 4.3");
    return *version;
}

kernel_config read_config(const std::string& file, const std::string& kernel,
                          const std::string& arch) {
    kconfig_given given;
    if (!kernel.empty()) given.kernel = version_named(kernel);
    if (!arch.empty()) {
        given.arch = architecture_named(view(arch));
        if (given.arch == architecture::unknown) {
            std::string known;
            for (const auto& row : architecture_rows) known += " " + str(row.name);
            throw user_error("'" + arch + "' is not an architecture; known:" + known);
        }
    }
    const std::string text = contents(file);
    const auto read = read_kconfig(view(text), given);
    if (read) return *read;
    const auto [line, why, name] = read.error();
    throw user_error(file + ":" + std::to_string(line) + ": " + str(describe(why)) +
                     (name.empty() ? "" : " (" + str(name) + ")"));
}

std::string own_config() {
    namespace fs = std::filesystem;
    std::vector<std::string> places = {"/proc/config.gz"};
    utsname machine{};
    if (uname(&machine) == 0) places.push_back(std::string("/boot/config-") + machine.release);
    for (const std::string& place : places)
        if (fs::exists(place)) return place;
    std::error_code ignored;
    std::vector<std::string> others;
    for (const auto& entry : fs::directory_iterator("/boot", ignored))
        if (entry.path().filename().string().starts_with("config-"))
            others.push_back(entry.path().string());
    if (others.empty())
        throw user_error(
            "this machine shows no configuration (/proc/config.gz, /boot/config-*); name a FILE");
    return *std::max_element(others.begin(), others.end());
}

hex_word word_at(std::string_view line, std::size_t at) {
    if (line.substr(std::min(at, line.size()), 2) != "0x") return {};
    hex_word word;
    for (at += 2; at < line.size() && hex_digit(line[at]) >= 0; word.end = ++at) {
        word.too_long = word.too_long || word.raw >> 60 != 0;
        word.raw = word.raw << 4 | static_cast<unsigned>(hex_digit(line[at]));
    }
    return word;
}

std::size_t find_flags(std::string_view line, std::size_t from) {
    const std::string_view label = "flags:";
    for (std::size_t at = line.find(label, from); at != std::string_view::npos;
         at = line.find(label, at + 1)) {
        // Not gfp_flags: and the like.
        if (at != 0 &&
            (std::isalnum(static_cast<unsigned char>(line[at - 1])) != 0 || line[at - 1] == '_'))
            continue;
        const std::size_t word = line.find_first_not_of(' ', at + label.size());
        if (word != std::string_view::npos && line.substr(word, 2) == "0x") return word;
    }
    return std::string_view::npos;
}

std::vector<reported> read_reports(std::istream& in) {
    std::vector<reported> found;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        const auto complain = [&](const char* what) {
            throw user_error("stdin:" + std::to_string(number) + ": " + what);
        };
        const std::size_t first = line.find_first_not_of(' ');
        std::size_t at = word_at(line, first).end < line.size() ? first : find_flags(line, 0);
        for (; at != std::string::npos; at = find_flags(line, at)) {
            const hex_word word = word_at(line, at);
            if (word.end >= line.size()) break;
            const bool table = line[word.end] == ',' && at == first;
            if (line[word.end] != '(' && !table) continue;
            if (word.too_long) complain("a word of more than 64 bits");
            const std::size_t from = word.end + 1;
            const std::size_t to = line.find(table ? ',' : ')', from);
            if (to == std::string::npos && !table)
                complain("the line is cut off inside the brackets");
            found.push_back(
                {word.raw, line.substr(from, std::min(to, line.size()) - from), number});
        }
    }
    return found;
}

} // namespace page_flags
