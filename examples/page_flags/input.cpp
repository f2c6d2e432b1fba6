// SPDX-License-Identifier: BSL-1.0

#include "input.hpp"

#include <algorithm>
#include <cstdio>
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
    while ((got = gzread(in, piece, sizeof piece)) > 0)
        text.append(piece, static_cast<std::size_t>(got));
    gzclose(in);
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
    unsigned major = 0;
    unsigned minor = 0;
    if (name.size() > 64 || std::sscanf(name.c_str(), "%4u.%4u", &major, &minor) != 2)
        throw user_error("'" + name + "' is not a kernel version such as 6.1");
    const lm::version v{static_cast<unsigned short>(major), static_cast<unsigned short>(minor)};
    if (v < lm::oldest)
        throw user_error("Linux " + name + " has no device zone; the oldest version is 4.3");
    return v;
}

lm::kernel_config read_config(const std::string& file, const std::string& kernel,
                              const std::string& arch) {
    lm::kconfig_given given;
    if (!kernel.empty()) given.kernel = version_named(kernel);
    if (!arch.empty()) {
        given.arch = lm::architecture_named(view(arch));
        if (given.arch == lm::architecture::unknown) {
            std::string known;
            for (const auto& row : lm::architecture_rows) known += " " + str(row.name);
            throw user_error("'" + arch + "' is not an architecture; known:" + known);
        }
    }
    const std::string text = contents(file);
    const auto read = lm::read_kconfig(view(text), given);
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

found_word find_word(std::string_view line, std::size_t from) {
    for (std::size_t at = line.find("0x", from); at != std::string_view::npos;
         at = line.find("0x", at + 1)) {
        found_word word;
        std::size_t digits = 0;
        for (word.end = at + 2; word.end < line.size() && hex_digit(line[word.end]) >= 0;
             ++word.end) {
            word.raw = word.raw << 4 | static_cast<unsigned>(hex_digit(line[word.end]));
            if (word.raw != 0) ++digits;
        }
        word.too_long = digits > 16;
        if (word.end > at + 2) return word;
    }
    return {};
}

std::vector<reported> read_reports(std::istream& in) {
    std::vector<reported> found;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number)
        for (auto word = find_word(line, 0); word.end < line.size();
             word = find_word(line, word.end)) {
            const char open = line[word.end];
            if (open != '(' && open != ',') continue;
            if (word.too_long)
                throw user_error("stdin:" + std::to_string(number) +
                                 ": a word of more than 64 bits");
            const std::size_t from = word.end + 1;
            std::size_t to = line.find(open == '(' ? ')' : ',', from);
            if (to == std::string::npos && open == '(')
                throw user_error("stdin:" + std::to_string(number) +
                                 ": the line is cut off inside the brackets");
            to = std::min(to, line.size());
            found.push_back({word.raw, line.substr(from, to - from), number});
        }
    return found;
}

} // namespace page_flags
