// SPDX-License-Identifier: BSL-1.0

#include "input.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/resource/iomem_read.hpp>

namespace zone_map {

namespace {

constexpr const char* iomem_path = "proc/iomem";
constexpr const char* zoneinfo_path = "proc/zoneinfo";
constexpr std::uint64_t end_of_blocks = 1ull << 62; ///< so that every block has an end

const std::string blocks_path = "sys/devices/system/memory/";
const std::string firmware_path = "sys/firmware/memmap/";

/// A file's lines with their numbers; each is what is left to read of it.
struct line_reader {
    const captured& source;
    std::string path;
    std::string_view rest, line{};
    unsigned long number = 0;

    line_reader(const captured& from, const std::string& file) : source(from), path(file) {
        const auto found = from.files.find(file);
        if (found == from.files.end()) throw user_error(from.root + file + ": cannot be read");
        if (found->second.empty()) throw user_error(from.root + file + ": is empty");
        rest = found->second;
    }
    bool next() {
        if (rest.empty()) return false;
        line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        ++number;
        return true;
    }
    [[noreturn]] void complain(const std::string& what) const {
        throw user_error(source.root + path + ":" + std::to_string(number) + ": " + what);
    }
    std::string_view word() {
        line.remove_prefix(std::min(line.find_first_not_of(" \t,"), line.size()));
        const std::string_view w = line.substr(0, line.find_first_of(" \t,"));
        line.remove_prefix(w.size());
        return w;
    }
    std::uint64_t count(int base, std::uint64_t most) {
        std::string_view w = word();
        if (base == 16 && w.starts_with("0x")) w.remove_prefix(2);
        std::uint64_t n = 0;
        const auto end = std::from_chars(w.data(), w.data() + w.size(), n, base);
        if (w.empty() || end.ec != std::errc{} || end.ptr != w.data() + w.size() || n > most)
            complain("'" + std::string(w) + "' is not a number that can stand here");
        return n;
    }
};

line_reader first_line_of(const captured& source, const std::string& path) {
    line_reader file(source, path);
    static_cast<void>(file.next());
    return file;
}
std::uint64_t number_in(const captured& source, const std::string& path, std::uint64_t most) {
    return first_line_of(source, path).count(16, most);
}
std::string text_in(const captured& source, const std::string& path) {
    return std::string(first_line_of(source, path).line);
}
node_id node_named(const captured& source, const std::string& path, std::size_t digits) {
    std::uint64_t n = 0;
    const char* const last = path.data() + path.size();
    const auto end = std::from_chars(path.data() + digits, last, n);
    if (end.ec != std::errc{} || end.ptr != last || n > 0xffff)
        throw user_error(source.root + path + ": is not named after a node");
    return {n};
}

std::vector<reported_zone> read_zones(line_reader& file) {
    constexpr std::pair<std::string_view, std::optional<std::uint64_t> reported_zone::*> counts[] =
        {{"spanned", &reported_zone::spanned},
         {"present", &reported_zone::present},
         {"managed", &reported_zone::managed},
         {"start_pfn:", &reported_zone::start}};
    std::vector<reported_zone> rows;
    while (file.next())
        for (std::string_view word = file.word(); !word.empty(); word = file.word()) {
            if (word == "Node") {
                const node_id node{file.count(10, 0xffff)};
                const auto zone = file.word() == "zone"
                                      ? lm::all_zones::list.find(view(file.word()))
                                      : zonal::fail(zonal::errc::not_found);
                if (!zone) file.complain("not 'Node N, zone NAME' with a zone that Linux has");
                rows.push_back({node, *zone});
            }
            for (const auto& [name, count] : counts)
                if (word == name && !rows.empty()) rows.back().*count = file.count(10, pfn::limit);
        }
    if (rows.empty()) file.complain("no 'Node N, zone NAME' in the file");
    return rows;
}

void read_zoneinfo(machine& m) {
    const zonal::zone_list& all = lm::all_zones::list;
    line_reader file(m.source, zoneinfo_path);
    const std::vector<reported_zone> rows = read_zones(file);
    for (zone_id z{}; z.value < all.size; ++z.value)
        if (std::any_of(rows.begin(), rows.end(), [&](auto& r) { return r.zone == z; }))
            static_cast<void>(m.zones.add(all[z]));
    for (const auto& [node, zone, spanned, present, managed, start] : rows) {
        const std::string name = fmt::format("Node {}, zone {}", node.value, str(all[zone].name));
        if (!spanned || !present || !managed || (*present != 0 && !start))
            file.complain(name + " lacks one of spanned, present, managed, start_pfn");
        if (*spanned > pfn::limit - start.value_or(0))
            file.complain(name + " ends beyond all pages");
        m.zone_rows.push_back({node, *m.zones.find(all[zone].name), pfn{start.value_or(0)},
                               page_count{*spanned}, page_count{*present}, page_count{*managed}});
    }
}

} // namespace

std::vector<reported_zone> reported_zones(const captured& files) {
    line_reader file(files, zoneinfo_path);
    return read_zones(file);
}

void read_blocks(machine& m) {
    if (!m.source.files.contains(blocks_path + "block_size_bytes")) return;
    const std::uint64_t bytes =
        number_in(m.source, blocks_path + "block_size_bytes", end_of_blocks);
    if (!std::has_single_bit(bytes) || bytes >> m.geometry.page_bytes_log2 == 0)
        throw user_error(m.source.root + blocks_path + "block_size_bytes:1: not a power of two");
    auto& order = m.geometry.memory_block_order;
    order = static_cast<unsigned>(std::countr_zero(bytes)) - m.geometry.page_bytes_log2;
    m.geometry.section_order = std::min(m.geometry.section_order, order);
    m.geometry.subsection_order = std::min(m.geometry.subsection_order, order);

    for (const auto& [path, contents] : m.source.files) {
        if (!path.starts_with(blocks_path + "memory") || !path.ends_with("/state")) continue;
        const std::string directory = path.substr(0, path.size() - 5);
        const std::uint64_t index =
            number_in(m.source, directory + "phys_index", end_of_blocks / bytes - 1);
        memory_block b{{pfn{index << order}, m.geometry.pages_of(zonal::unit::memory_block)},
                       text_in(m.source, path),
                       text_in(m.source, directory + "valid_zones"),
                       {}};
        // Kernels before 4.13 add those that the block could move to.
        if (b.is_online()) b.zones = b.zones.substr(0, b.zones.find(' '));
        for (auto f = m.source.files.upper_bound(directory + "node");
             f != m.source.files.end() && f->first.starts_with(directory + "node"); ++f)
            b.nodes.push_back(node_named(m.source, f->first, directory.size() + 4));
        if (b.nodes.empty()) b.nodes.push_back({});
        m.blocks.push_back(std::move(b));
    }
    std::sort(m.blocks.begin(), m.blocks.end(), [](const memory_block& a, const memory_block& b) {
        return a.pages.start() < b.pages.start();
    });
}

namespace {

void read_iomem(machine& m) {
    const line_reader file(m.source, iomem_path);
    const auto read = zonal::read_iomem(view(file.rest), m.iomem, lm::describe_by_name);
    if (read) return;
    m.has_masked_iomem = read.error().why == zonal::iomem_reason::masked;
    if (!m.has_masked_iomem)
        throw user_error(m.source.root + iomem_path + ":" + std::to_string(read.error().line) +
                         ": " + str(read.error().why));
}

void read_firmware(machine& m) {
    for (unsigned i = 0;; ++i) {
        const std::string entry = firmware_path + std::to_string(i) + "/";
        if (!m.source.files.contains(entry + "start")) return;
        const std::uint64_t start = number_in(m.source, entry + "start", ~0ull);
        const std::uint64_t last = number_in(m.source, entry + "end", ~0ull - 1);
        if (last < start) throw user_error(m.source.root + entry + "end:1: lies before the start");
        const bool is_ram = text_in(m.source, entry + "type") == "System RAM";
        m.firmware.push_back(
            {{zonal::phys_addr{start}, zonal::phys_addr{last + 1}},
             is_ram ? zonal::firmware_kind::usable : zonal::firmware_kind::reserved});
    }
}

/// What can be said in place of addresses that are not shown: RAM where firmware says so, or where
/// there are memory blocks, or else zones.
void guess_iomem(machine& m) {
    const auto add = [&](zonal::result<zonal::address_range> r, zonal::text name) {
        zonal::region entry = lm::describe_by_name(name);
        entry.name = name;
        entry.range = r.value_or({});
        if (r) static_cast<void>(m.iomem.insert(entry)); // not over what is there already
    };
    for (const zonal::firmware_range& e : m.firmware)
        add(zonal::address_range::make(e.bytes.start, e.bytes.end),
            e.kind == zonal::firmware_kind::usable ? view("System RAM") : view("Reserved"));
    for (const memory_block& b : m.blocks) add(bytes_of(b.pages, m.geometry), "System RAM");
    const bool has_nothing = m.iomem.size() == 0;
    for (const zone_row& z : m.zone_rows)
        if (has_nothing) add(bytes_of(z.span(), m.geometry), "System RAM");
}

bool is_numbered(const std::string& name, const std::string& prefix) {
    return name.size() > prefix.size() && name.size() < prefix.size() + 16 &&
           name.starts_with(prefix) &&
           name.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
}

} // namespace

captured read_tree(const std::string& root) {
    namespace fs = std::filesystem;
    captured tree{root.empty() ? "/" : root + "/", {}};
    const auto take = [&](const std::string& path) {
        std::ifstream in(tree.root + path, std::ios::binary);
        if (in) tree.files[path].assign(std::istreambuf_iterator<char>(in), {});
    };
    const auto each_in = [&](const std::string& path, const std::string& prefix, auto use) {
        std::error_code ended;
        for (fs::directory_iterator at(tree.root + path, ended), end; !ended && at != end;
             at.increment(ended))
            if (const std::string name = at->path().filename(); is_numbered(name, prefix))
                use(path + name);
    };
    for (const char* path : {iomem_path, zoneinfo_path, "proc/cmdline", "proc/version"}) take(path);
    take(blocks_path + "block_size_bytes");
    each_in(blocks_path, "memory", [&](const std::string& block) {
        for (const char* file : {"/phys_index", "/state", "/valid_zones"}) take(block + file);
        each_in(block + "/", "node", [&](const std::string& link) { tree.files[link]; });
    });
    each_in(firmware_path, "", [&](const std::string& entry) {
        for (const char* file : {"/start", "/end", "/type"}) take(entry + file);
    });
    return tree;
}

machine understand(captured files) {
    machine m;
    m.source = std::move(files);
    if (m.source.root == "/") // other systems' pages are taken for 4 KiB
        m.geometry.page_bytes_log2 =
            static_cast<unsigned>(std::countr_zero(static_cast<unsigned long>(getpagesize())));
    if (m.source.files.contains("proc/version")) {
        line_reader version = first_line_of(m.source, "proc/version");
        while (!version.line.empty() && version.word() != "version") {
        }
        if (!version.line.empty()) m.kernel_name = version.word();
        m.kernel = lm::version_named(view(m.kernel_name)).value_or(m.kernel);
    }
    if (m.source.files.contains("proc/cmdline")) m.command_line = text_in(m.source, "proc/cmdline");
    read_iomem(m);
    read_zoneinfo(m);
    read_blocks(m);
    read_firmware(m);
    if (m.has_masked_iomem) guess_iomem(m);
    return m;
}

} // namespace zone_map
