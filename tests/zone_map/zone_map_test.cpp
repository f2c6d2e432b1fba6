// SPDX-License-Identifier: BSL-1.0
#include "../../examples/zone_map/check.hpp"
#include "../../examples/zone_map/strip.hpp"

#include "capture.hpp"
#include "test.hpp"
#include "trace_boot.hpp"

#include <algorithm>
#include <set>

// The example's reading, checking and drawing, on every snapshot of every recorded kernel.

using namespace zonal_test;

namespace {

zone_map::machine machine_of(const captured_files& files) {
    return zone_map::understand({"", files});
}
zone_map::comparison checked(const captured_files& files) {
    const zone_map::machine m = machine_of(files);
    return compare(m, owners_of(m));
}

template <class F>
void each_snapshot(F use) {
    for (const std::string& path : all_traces()) {
        json boot;
        for (trace t(path); t.next();) {
            if (t.is("event") && t.line().at("op") == "boot") boot = t.line();
            if (!t.is("snapshot")) continue;
            INFO(t.place());
            use(capture(boot, t.snapshot()));
        }
    }
}

captured_files snapshot_of(const char* trace_name, unsigned number) {
    json boot;
    for (trace t(trace_path(trace_name)); t.next();) {
        if (t.is("event") && t.line().at("op") == "boot") boot = t.line();
        if (t.is("snapshot") && t.line().at("t") == number) return capture(boot, t.snapshot());
    }
    throw std::runtime_error("no such snapshot");
}
/// Two nodes, all zones but Normal, blocks in every state, memory of drivers.
captured_files with_everything() { return snapshot_of("6.1-D02-kmem-numa", 26); }

std::string error_of(const captured_files& files) {
    try {
        static_cast<void>(checked(files));
        return "";
    } catch (const zone_map::user_error& e) {
        return e.what();
    }
}

/// How many columns a text of UTF-8 takes.
std::size_t columns_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

void check_picture(const zone_map::machine& m, unsigned columns) {
    const zone_map::ownership found = owners_of(m);
    const zone_map::strip s = lay_out(m, found, columns);
    CHECK(s.columns == columns);
    unsigned free_from = 0;
    for (const zone_map::tick& t : s.ticks) {
        CHECK((t.column == 0 || free_from < t.column));
        free_from = t.column + static_cast<unsigned>(t.address.size());
    }
    std::set<std::string> drawn;
    for (const zone_map::lane& l : s.lanes) {
        unsigned from = 0;
        for (const zone_map::run& r : l.runs) {
            CHECK((from <= r.from && r.from < r.to && r.to <= columns));
            from = r.to;
            if (l.name == "zone") drawn.insert(r.label);
        }
    }
    for (const zone_map::zone_row& z : m.zone_rows)
        if (!z.present.is_zero()) CHECK(drawn.count(m.name_of(z.zone)) == 1);

    std::istringstream lines(draw(m, found, columns, false));
    for (std::string line; std::getline(lines, line) && line.rfind("owner", 0) != 0;)
        CHECK(columns_of(line) <= columns);
}

} // namespace

TEST_CASE("an online block of a kernel before 4.13 names its own zone, and those it could move to",
          "[zone_map]") {
    captured_files files = with_everything();
    const auto before = machine_of(files).blocks;
    unsigned changed = 0;
    for (auto& [path, contents] : files) {
        if (!path.ends_with("/valid_zones")) continue;
        const std::string state = path.substr(0, path.size() - 11) + "state";
        if (files.at(state).rfind("online", 0) != 0 || contents.rfind("none", 0) == 0) continue;
        contents = contents.substr(0, contents.find('\n')) + " Movable\n";
        ++changed;
    }
    REQUIRE(changed != 0);
    const auto after = machine_of(files).blocks;
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i != after.size(); ++i) CHECK(after[i].zones == before[i].zones);
}

TEST_CASE("the tree that is shipped is a recorded snapshot", "[zone_map]") {
    CHECK(zone_map::read_tree(recorded + "/../../examples/zone_map/captured").files ==
          with_everything());
}

TEST_CASE("zoneinfo agrees with the other files in every snapshot of every trace", "[zone_map]") {
    std::size_t snapshots = 0, numbers = 0;
    each_snapshot([&](const captured_files& files) {
        const zone_map::machine m = machine_of(files);
        const zone_map::comparison c = compare(m, owners_of(m));
        if (c.differences() != 0) FAIL_CHECK(report(m, c));
        numbers += c.numbers.size();
        ++snapshots;
        // Of each zone its present pages, and of those with memory also the span.
        CHECK(c.numbers.size() >= m.zone_rows.size());
    });
    CHECK(snapshots == 1755);
    CHECK(numbers > 24000);
}

TEST_CASE("no number that is compared can change unnoticed", "[zone_map]") {
    const captured_files files = with_everything();
    const std::string& text = files.at("proc/zoneinfo");
    REQUIRE(checked(files).differences() == 0);
    std::size_t found = 0;
    std::string zone;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("Node", 0) == 0) zone = line;
        const std::size_t last = line.find_last_not_of("0123456789");
        const bool counts = line.find("managed") == std::string::npos && zone != line;
        if (!counts || last + 1 == line.size()) continue;
        if (line == "        present  0") continue; // with pages there would be a start_pfn
        // The same line can stand in several zones: take the one behind this zone's name.
        captured_files changed = files;
        const std::size_t at = text.find(line, text.find(zone));
        changed["proc/zoneinfo"].replace(
            at, line.size(),
            line.substr(0, last + 1) + std::to_string(std::stoull(line.substr(last + 1)) + 1));
        INFO(zone << " " << line);
        const zone_map::machine m = machine_of(changed);
        const zone_map::comparison c = compare(m, owners_of(m));
        if (zone.find("Device") != std::string::npos) {
            CHECK(c.differences() == 0); // and says that it did not look
            CHECK(report(m, c).find("not compared: node 0 Device: spanned") != std::string::npos);
            continue;
        }
        CHECK(c.differences() == 1);
        CHECK(report(m, c).find("1 differ") != std::string::npos);
        ++found;
    }
    CHECK(found == 3 * 3 + 5); // three zones with memory, five without
}

TEST_CASE("a block that goes offline unnoticed is a difference", "[zone_map]") {
    captured_files files = with_everything();
    files["sys/devices/system/memory/memory33/state"] = "offline\n";
    CHECK(checked(files).differences() == 3); // present, spanned, start_pfn of Movable
}

TEST_CASE("what is the same memory in other words agrees too", "[zone_map]") {
    captured_files files = with_everything();
    SECTION("RAM entries that meet inside a page, as where firmware left data in it") {
        std::string& iomem = files["proc/iomem"];
        const std::string whole = "00100000-7ffdefff : System RAM\n";
        REQUIRE(iomem.find(whole) != std::string::npos);
        const std::string rest = iomem.substr(iomem.find(whole) + whole.size());
        iomem.resize(iomem.find(whole));
        const std::size_t kernel_end = rest.find("7ffdf000");
        iomem += "00100000-7b000017 : System RAM\n" + rest.substr(0, kernel_end) +
                 "7b000018-7b012057 : System RAM\n7b012058-7ffdefff : System RAM\n" +
                 rest.substr(kernel_end);
    }
    SECTION("a block with the links of both its nodes") { // traces have the higher one
        files = snapshot_of("6.1-A-boot-3n-unaligned", 2);
        const std::string block = "sys/devices/system/memory/memory7/";
        REQUIRE(files.count(block + "node1") == 1);
        files[block + "node0"];
    }
    SECTION("a kernel without a name") { files.erase("proc/version"); }
    CHECK(checked(files).differences() == 0);
}

TEST_CASE("what cannot be derived is left out and named", "[zone_map]") {
    captured_files files = with_everything();
    SECTION("without the firmware's map") {
        std::erase_if(files, [](const auto& f) { return f.first.rfind("sys/firmware/", 0) == 0; });
        const zone_map::machine m = machine_of(files);
        const zone_map::comparison c = compare(m, owners_of(m));
        CHECK(c.differences() == 0);
        CHECK(report(m, c).find("not compared: node 0 DMA: all;") != std::string::npos);
    }
    SECTION(
        "without memory blocks, of several nodes nothing but that device memory is not in use") {
        std::erase_if(files, [](const auto& f) { return f.first.rfind("sys/devices/", 0) == 0; });
        const zone_map::machine m = machine_of(files);
        for (const zone_map::compared& n : compare(m, owners_of(m)).numbers) CHECK(n.derived == 0);
    }
    SECTION("with masked addresses there is a picture, but nothing to compare") {
        for (char& c : files["proc/iomem"])
            if (std::isxdigit(static_cast<unsigned char>(c)) != 0) c = '0';
        files["proc/iomem"] = "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n";
        CHECK(error_of(files).find("proc/iomem: all addresses are masked") == 0);
        check_picture(machine_of(files), 100);
    }
}

TEST_CASE("what is wrong with a file is said with its name and line", "[zone_map]") {
    const captured_files good = with_everything();
    const auto error_with = [&](const std::string& path, const char* contents) {
        captured_files files = good;
        files[path] = contents;
        if (contents[0] == '-') files.erase(path);
        return error_of(files);
    };
    const std::string block = "sys/devices/system/memory/memory33/";
    const std::string blocks = "sys/devices/system/memory/block_size_bytes";
    struct row {
        std::string path;
        const char* contents;
        const char* error;
    };
    const row rows[] = {
        {"proc/iomem", "-", ": cannot be read"},
        {"proc/iomem", "", ": is empty"},
        {"proc/iomem", "00000000-00000fff : a\nnonsense\n", ":2: not an entry"},
        {"proc/iomem", "00001000-00000fff : a\n", ":1: the range ends before it starts"},
        {"proc/zoneinfo", "-", ": cannot be read"},
        {"proc/zoneinfo", "no zones\n", ":1: no 'Node N, zone NAME'"},
        {"proc/zoneinfo", "Node 0, zone Twilight\n", ":1: not 'Node N, zone NAME'"},
        {"proc/zoneinfo", "Node x, zone DMA\n", ":1: 'x' is not a number"},
        {"proc/zoneinfo", "Node 0, zone DMA\n  spanned 1\n", ":2: Node 0, zone DMA lacks one of"},
        {"proc/zoneinfo", "Node 0, zone DMA\n  spanned 99999999999999999999\n", ":2: '9999"},
        {"proc/zoneinfo",
         "Node 0, zone DMA\nspanned 4503599627370496\npresent 1\nmanaged 1\nstart_pfn: 1\n",
         ":5: Node 0, zone DMA ends beyond all pages"},
        {blocks, "3000000\n", ":1: not a power of two"},
        {blocks, "big\n", ":1: 'big' is not a number"},
        {block + "phys_index", "-", ": cannot be read"},
        {block + "phys_index", "ffffffffffffffff\n", ":1: 'ffff"},
        {block + "valid_zones", "", ": is empty"},
        {"sys/firmware/memmap/0/end", "x\n", ":1: 'x' is not a number"},
        {"sys/firmware/memmap/3/end", "0x0\n", ":1: lies before the start"},
    };
    for (const row& r : rows) {
        INFO(r.contents);
        CHECK(error_with(r.path, r.contents).find(r.path + r.error) == 0);
    }
    // Cut anywhere, a file gives an answer or an error, never more.
    for (const auto& [path, contents] : good)
        for (std::size_t size = 0; size < contents.size(); size += 1 + contents.size() / 40) {
            captured_files files = good;
            files[path].resize(size);
            static_cast<void>(error_of(files));
        }
}

TEST_CASE("a picture is as wide as it should be, and shows every zone with memory", "[zone_map]") {
    unsigned columns = 60;
    each_snapshot([&](const captured_files& files) {
        check_picture(machine_of(files), columns);
        columns = columns == 240 ? 60 : columns + 1;
    });
}

TEST_CASE("maps of real machines from public reports can be drawn", "[zone_map][realmaps]") {
    unsigned maps = 0;
    for (const auto& file : std::filesystem::directory_iterator(recorded + "/realmaps")) {
        if (file.path().filename().string().rfind("iomem_", 0) != 0) continue;
        std::istringstream lines(gunzip(file.path().string()));
        std::string map;
        const auto draw_map = [&] {
            if (map.empty()) return;
            INFO(file.path() << "\n" << map);
            // Their zones were not reported; these files need one.
            const zone_map::machine m = machine_of(
                {{"proc/iomem", map},
                 {"proc/zoneinfo", "Node 0, zone Normal\nspanned 0\npresent 0\nmanaged 0\n"}});
            for (const unsigned columns : {60u, 100u, 240u}) check_picture(m, columns);
            map.clear();
            ++maps;
        };
        for (std::string line; std::getline(lines, line);)
            if (line[0] == '#')
                draw_map();
            else
                map += line + "\n";
        draw_map();
    }
    CHECK(maps == 29);
}
