// SPDX-License-Identifier: BSL-1.0
#pragma once

// Rows of a CSV file by column name: enough for the recorded tables (quoted cells, no line breaks
// inside).

#include <fstream>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace zonal_test {

inline std::vector<std::string> split_csv(std::string_view line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"') {
            if (quoted && i + 1 < line.size() && line[i + 1] == '"')
                cells.back() += line[++i];
            else
                quoted = !quoted;
        } else if (c == ',' && !quoted) {
            cells.emplace_back();
        } else if (c != '\r') {
            cells.back() += c;
        }
    }
    return cells;
}

class csv {
public:
    explicit csv(std::istream& in) : in_(in) {
        std::string line;
        std::getline(in_, line);
        header_ = split_csv(line);
        for (std::size_t i = 0; i < header_.size(); ++i) column_[header_[i]] = i;
    }

    /// Reads the next row; false at the end of the input.
    bool next() {
        std::string line;
        while (std::getline(in_, line)) {
            ++line_;
            if (line.empty()) continue;
            cells_ = split_csv(line);
            cells_.resize(header_.size());
            return true;
        }
        return false;
    }

    const std::vector<std::string>& header() const { return header_; }
    const std::vector<std::string>& cells() const { return cells_; }
    bool has(const std::string& name) const { return column_.count(name) != 0; }
    std::size_t line() const { return line_; } // 1 = the header

    /// The cell of this row under that column; empty where the table has no such column.
    const std::string& operator[](const std::string& name) const {
        static const std::string none;
        const auto at = column_.find(name);
        return at == column_.end() ? none : cells_[at->second];
    }

    unsigned long long number(const std::string& name, int base = 10) const {
        const std::string& cell = (*this)[name];
        if (cell.empty()) return 0;
        std::size_t used = 0;
        unsigned long long value = 0;
        try {
            value = std::stoull(cell, &used, base);
        } catch (const std::logic_error&) {
            used = 0;
        }
        if (used != cell.size() || cell[0] == '-')
            throw std::invalid_argument(name + ": '" + cell + "' is not a number");
        return value;
    }

private:
    std::istream& in_;
    std::vector<std::string> header_, cells_;
    std::unordered_map<std::string, std::size_t> column_;
    std::size_t line_ = 1;
};

} // namespace zonal_test
