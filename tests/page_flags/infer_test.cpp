// SPDX-License-Identifier: BSL-1.0
#include "../../examples/page_flags/infer.hpp"

#include "../../examples/page_flags/kconfig.hpp"

#include "linux_mm/printing.hpp"
#include "test.hpp"

#include <algorithm>
#include <set>

using namespace zonal::linux_mm;
using namespace page_flags;
using namespace zonal_test;
using zonal::text;

namespace {

constexpr unsigned shown_fields = sizeof(printed_rows) / sizeof(printed_row);

/// Where the printed fields are: what an explanation is about.
std::string place(const explanation& e) {
    std::string name = layout_name(e.layout);
    return name.substr(0, name.find(':', name.find(':') + 1));
}
std::set<std::string> places(const std::vector<explanation>& found) {
    std::set<std::string> all;
    for (const explanation& e : found) all.insert(place(e));
    return all;
}

/// The widths of the printed fields; 0 for one that is not there.
std::vector<unsigned> widths(const config& c) {
    std::vector<unsigned> all;
    for (const printed_row& row : printed_rows) all.push_back(page_layout_of(c)[row.field].width);
    return all;
}

std::vector<report> lines_of(const std::vector<public_report>& reports) {
    std::vector<report> lines;
    for (const public_report& r : reports) lines.push_back(r.line());
    return lines;
}

/// The public report with this word.
public_report reported(std::uint64_t raw) {
    for (const public_report& r : public_reports())
        if (r.raw == raw) return r;
    throw std::invalid_argument("no such report");
}

/// The public reports with their explanations, found once.
struct explained_report : public_report {
    std::vector<explanation> found;
};
const std::vector<explained_report>& explained_reports() {
    static const std::vector<explained_report> all = [] {
        std::vector<explained_report> made;
        for (const public_report& r : public_reports())
            made.push_back({r, explanations({r.line()})});
        return made;
    }();
    return all;
}

/// Every version up to one after the last that is known.
std::vector<version> all_versions() {
    std::vector<version> all;
    for (unsigned short minor = 3; minor <= 20; ++minor) all.push_back({4, minor});
    for (unsigned short minor = 0; minor <= 19; ++minor) all.push_back({5, minor});
    for (unsigned short minor = 0; minor <= 19; ++minor) all.push_back({6, minor});
    for (unsigned short minor = 0; minor <= 6; ++minor) all.push_back({7, minor});
    return all;
}

/// Every flag, name and width that a word of that version could show or hide.
std::string shown_by(version kernel) {
    std::string all = pick(prints_fields, kernel) ? "fields" : "names";
    for (unsigned options = 0; options < 512; ++options)
        for (unsigned bits : {32u, 64u}) {
            config c{.kernel = kernel, .bits_per_long = bits};
            c.memory_failure = (options & 1) != 0;
            c.uncached = (options & 2) != 0;
            c.idle = (options & 4) != 0;
            c.arch_2 = (options & 8) != 0;
            c.arch_3 = (options & 16) != 0;
            c.extended = (options & 32) != 0;
            c.thp = (options & 64) != 0;
            c.mmu = (options & 128) == 0;
            c.kasan = (options & 256) != 0 ? kasan_mode::hw_tags : kasan_mode::sw_tags;
            c.lru_gen = true;
            c.zone_dma = c.zone_dma32 = c.zone_device = true;
            const zonal::flag_names names = page_flags_of(c);
            for (unsigned i = 0; i < names.count; ++i)
                all += std::to_string(names.printed[i]) + string_of(names.name[names.printed[i]]);
            for (unsigned width : widths(c)) all += "/" + std::to_string(width);
            all += "/" + std::to_string(page_layout_of(c)[page_field::lru_gen].width);
        }
    return all;
}

} // namespace

TEST_CASE("infer: the example of the header", "[page_flags]") {
    const report lines[] = {{0x57ffffc0010200, "slab|head|node=1|zone=2|lastcpupid=0x1fffff"}};
    std::set<std::string> found;
    infer(lines, 1, [&](validity versions, const config& c) {
        // 5.14 of a distribution printed it.
        if (versions.contains({5, 14})) found.insert(layout_name(c));
        return true;
    });
    CHECK(found == std::set<std::string>{"5.14/64:node=10,zone=3,lastcpupid=21"});
}

TEST_CASE("the epochs begin with 4.3 and ascend without a gap to the latest kernel",
          "[page_flags]") {
    constexpr epoch_list all = epochs();
    STATIC_REQUIRE(all.size > 10);
    STATIC_REQUIRE(all[0].since == version{4, 3});
    STATIC_REQUIRE(all[all.size - 1].until == never);
    for (unsigned i = 0; i < all.size; ++i) {
        CHECK(all[i].since < all[i].until);
        if (i + 1 < all.size) CHECK(all[i].until == all[i + 1].since);
    }
}

TEST_CASE("versions are added to a list of epochs once and in order, none before 4.3",
          "[page_flags]") {
    epoch_list list;
    for (version v : {version{6, 1}, version{4, 3}, version{6, 1}, version{5, 0}, version{4, 2},
                      never, version{4, 3}, version{7, 0}, version{0, 0}})
        list.add(v);
    REQUIRE(list.size == 4);
    CHECK(list.since[0] == version{4, 3});
    CHECK(list.since[1] == version{5, 0});
    CHECK(list.since[2] == version{6, 1});
    CHECK(list.since[3] == version{7, 0});
    CHECK(list[1].since == version{5, 0});
    CHECK(list[1].until == version{6, 1});
    CHECK(list[3].until == never);
}

TEST_CASE("within an epoch nothing that is printed changes, and each epoch changes something",
          "[page_flags]") {
    const epoch_list all = epochs();
    std::string before;
    unsigned epoch = 0;
    for (version v : all_versions()) {
        const bool begins = epoch < all.size && all.since[epoch] == v;
        epoch += begins ? 1 : 0;
        const std::string now = shown_by(v);
        INFO(v.major << "." << v.minor);
        CHECK((now != before) == begins);
        before = now;
    }
    CHECK(epoch == all.size);
}

TEST_CASE("each explanation really explains each line", "[page_flags]") {
    std::size_t explained = 0;
    for (const explained_report& r : explained_reports()) {
        INFO(r.raw << " " << r.decoded);
        CHECK_FALSE(r.found.empty());
        for (const explanation& e : r.found) {
            INFO(layout_name(e.layout));
            CHECK(e.versions.contains(e.layout.kernel));
            CHECK(page_layout_of(e.layout).fits());
            CHECK(decoded(e.layout, r.raw) == r.decoded);
            if (e.layout.bits_per_long == 32) CHECK(r.raw >> 32 == 0);
            if (pick(prints_fields, e.layout.kernel))
                CHECK(zonal::explains(format_of(e.layout), r.raw, r.line().printed));
            ++explained;
        }
    }
    CHECK(explained > 1000);
}

TEST_CASE("no two explanations are the same, and the oldest version comes first", "[page_flags]") {
    for (const explained_report& r : explained_reports()) {
        INFO(r.raw << " " << r.decoded);
        CHECK(places(r.found).size() == r.found.size());
        CHECK(std::is_sorted(r.found.begin(), r.found.end(),
                             [](const explanation& a, const explanation& b) {
                                 return a.versions.since < b.versions.since;
                             }));
    }
}

TEST_CASE("every layout that explains a report is found", "[page_flags]") {
    // All widths that put each printed value where the word has it, tried one by one.
    for (std::uint64_t raw : {0x57ffffc0010200u, 0x2ffff000000001u, 0x1ffc00000010200u,
                              0xa5c00000000000u, 0x300000000002009u}) {
        const public_report r = reported(raw);
        INFO(r.raw << " " << r.decoded);
        std::set<std::string> expected;
        const epoch_list all = epochs();
        for (unsigned i = 0; i < all.size; ++i)
            for (unsigned node = 0; node <= 10; ++node)
                for (unsigned zone = 1; zone <= 3; ++zone)
                    for (unsigned cpupid = 0; cpupid <= 22; cpupid += cpupid == 0 ? 9 : 1)
                        for (unsigned tag : {0u, 4u, 8u}) {
                            std::string name = std::to_string(all.since[i].major) + "." +
                                               std::to_string(all.since[i].minor) + "/64:";
                            if (node != 0) name += "node=" + std::to_string(node) + ",";
                            name += "zone=" + std::to_string(zone);
                            if (cpupid != 0) name += ",lastcpupid=" + std::to_string(cpupid);
                            if (tag != 0) name += ",kasantag=" + std::to_string(tag);
                            const auto c = config_named(view(name));
                            if (c && zonal::explains(format_of(*c), r.raw, r.line().printed))
                                expected.insert(name);
                        }
        CHECK_FALSE(expected.empty());
        CHECK(places(explanations({r.line()})) == expected);
    }
}

TEST_CASE("several lines of one kernel leave the layouts that explain each of them",
          "[page_flags]") {
    const auto& reports = explained_reports();
    unsigned pairs = 0;
    unsigned narrowed = 0;
    unsigned contradict = 0;
    for (std::size_t i = 0; i < reports.size(); i += 4)
        for (std::size_t j = i + 1; j < reports.size(); j += 5) {
            const auto one = places(reports[i].found);
            const auto other = places(reports[j].found);
            const auto both = places(explanations({reports[i].line(), reports[j].line()}));
            std::set<std::string> common;
            std::set_intersection(one.begin(), one.end(), other.begin(), other.end(),
                                  std::inserter(common, common.end()));
            INFO(reports[i].decoded << " and " << reports[j].decoded);
            // Never more than the common ones; fewer only if no options give both their flags.
            CHECK(std::includes(common.begin(), common.end(), both.begin(), both.end()));
            if (reports[i].decoded.find("hwpoison") == std::string::npos &&
                reports[j].decoded.find("hwpoison") == std::string::npos)
                CHECK(both == common);
            ++pairs;
            narrowed += !both.empty() && both.size() < std::min(one.size(), other.size()) ? 1 : 0;
            contradict += both.empty() ? 1 : 0;
        }
    CHECK(pairs > 50);
    CHECK(narrowed > 0);
    CHECK(contradict > 10);
}

TEST_CASE("a line in which a higher field is set tells what zone=1 alone left open",
          "[page_flags]") {
    // Bit 54 is the node's in the first line, so the zone of the second ends below it.
    const report open{0xfffffc0000000, "node=0|zone=1|lastcpupid=0x1fffff"};
    const report closing{0x57ffffc0010200, "slab|head|node=1|zone=2|lastcpupid=0x1fffff"};
    const auto before = explanations({open});
    const auto after = explanations({open, closing});
    CHECK(after.size() < before.size());
    for (const explanation& e : after)
        CHECK(widths(e.layout) == std::vector<unsigned>{0, 10, 3, 21, 0});
}

TEST_CASE("lines that contradict each other have no explanation", "[page_flags]") {
    const public_report good = reported(0x57ffffc0010200);
    const auto lines = [&](std::uint64_t raw, const char* printed) {
        return std::vector<report>{good.line(), {raw, {printed, std::string(printed).size()}}};
    };
    // The same word printed in two ways, a place that cannot be, flags of another version.
    CHECK(explanations(lines(good.raw, "slab|node=1|zone=2|lastcpupid=0x1fffff")).empty());
    CHECK(explanations(lines(good.raw, "slab|head|node=2|zone=2|lastcpupid=0x1fffff")).empty());
    CHECK(
        explanations(lines(0x57ffffc0000800, "owner_2|node=1|zone=2|lastcpupid=0x1fffff")).empty());
    CHECK(
        explanations(lines(0x17ff00000010200, "slab|head|node=0|zone=2|lastcpupid=0x7ff")).empty());
    CHECK(explanations(lines(0x10200, "slab|head")).empty());
}

TEST_CASE("what no kernel prints has no explanation", "[page_flags]") {
    const report lines[] = {{0, "nonsense"},
                            {1, ""},
                            {0, "locked"},
                            {1, "locked|locked"},
                            {1, "|locked"},
                            {1, "locked|"},
                            {1, "locked|zone"},
                            {1, "locked|zone="},
                            {1, "locked|zone=zone=0"},
                            {1, "locked|zone=00"},
                            {1, "locked|zone=0x0"},
                            {1, "locked|zone=0 "},
                            {1, "locked|zone=0|"},
                            {1, "locked|node=0"},
                            {1, "zone=0|locked"},
                            {1, "locked|zone=0|node=0"},
                            {1, "locked|zone=0|lru_gen=0"},
                            {0xf000000000000001, "locked|zone=0"},
                            {1, "locked|zone=18446744073709551616"},
                            {0, "sectionnodezonelastcpupidkasantag"},
                            {0, "=sectionnodezone"}};
    for (const report& line : lines) {
        INFO(line.raw << " '" << string_of(line.printed) << "'");
        CHECK(explanations({line}).empty());
    }
}

TEST_CASE("a line without flags and fields is explained by kernels that print no fields",
          "[page_flags]") {
    const auto found = explanations({{0xffff000000000000, ""}});
    CHECK_FALSE(found.empty());
    for (const explanation& e : found) {
        CHECK_FALSE(pick(prints_fields, e.versions.since));
        CHECK(e.layout.bits_per_long == 64); // the word has more than 32
    }
}

TEST_CASE("a word of more than 32 bits is no word of a 32-bit kernel", "[page_flags]") {
    const public_report r = reported(0x2fffff00008000); // tail, 3.x, x86_64
    const auto found = explanations({r.line()});
    CHECK(places(found) == std::set<std::string>{"4.3/64:zone=1"});
}

TEST_CASE("no lines rule nothing out", "[page_flags]") {
    unsigned found = 0;
    infer(nullptr, 0, [&](validity versions, const config& c) {
        CHECK(versions.contains(c.kernel));
        CHECK(page_layout_of(c).fits());
        return ++found, true;
    });
    CHECK(found > 0);
}

TEST_CASE("the search stops when it is told to", "[page_flags]") {
    const public_report r = reported(0x10200);
    const std::size_t all = explanations({r.line()}).size();
    REQUIRE(all > 10);
    for (std::size_t most : {std::size_t{1}, std::size_t{2}, std::size_t{7}, all, all + 1}) {
        const report line = r.line();
        std::size_t calls = 0;
        infer(&line, 1, [&](validity, const config&) { return ++calls < most; });
        CHECK(calls == std::min(most, all));
    }
}

TEST_CASE("an explanation can be kept as a name and read again", "[page_flags]") {
    for (const explained_report& r : explained_reports())
        for (const explanation& e : r.found) {
            const std::string name = layout_name(e.layout);
            INFO(name);
            const auto again = config_named(view(name));
            REQUIRE(again.has_value());
            CHECK(layout_name(*again) == name);
            CHECK(decoded(*again, r.raw) == r.decoded);
        }
}

TEST_CASE("the layout of every distribution kernel is found from a few of its words",
          "[page_flags]") {
    std::ifstream in(recorded + "/distro/distro.csv");
    unsigned kernels = 0;
    for (csv row(in); row.next();) {
        const std::string file = config_text(row["headers_package"]);
        const config c = read_kconfig(view(file))->mm;
        if (!pick(prints_fields, c.kernel)) continue;
        INFO(row["headers_package"] << " " << layout_name(c));
        // All flags in one word; the lowest and the highest bit of each field in others.
        const page_layout l = page_layout_of(c);
        std::vector<std::uint64_t> words = {l[page_field::flags].mask(), 0, 0};
        for (const printed_row& shown : printed_rows) {
            words[1] |= l[shown.field].put(1);
            words[2] |= l[shown.field].mask() ^ l[shown.field].mask() >> 1;
        }
        std::vector<public_report> reports;
        for (std::uint64_t word : words) reports.push_back({word, decoded(c, word), "", ""});
        const auto found = explanations(lines_of(reports));
        unsigned right = 0;
        for (const explanation& e : found) {
            bool same = e.versions.contains(c.kernel) && e.layout.bits_per_long == c.bits_per_long;
            for (unsigned i = 0; i < shown_fields; ++i)
                same = same && page_layout_of(e.layout)[printed_rows[i].field].mask() ==
                                   l[printed_rows[i].field].mask();
            right += same ? 1 : 0;
        }
        CHECK(right == 1);
        ++kernels;
    }
    CHECK(kernels == 24);
}

TEST_CASE("a kernel without an MMU, or with hardware tags, is found by the flags that move",
          "[page_flags]") {
    const auto found_for_6_1 = [](const config& c, const char* flag, const char* expected) {
        const std::uint64_t raw = std::uint64_t{1}
                                  << *page_flags_of(c).bit_of({flag, std::string(flag).size()});
        const std::string printed = decoded(c, raw);
        CHECK(printed == expected);
        for (const explanation& e : explanations({{raw, view(printed)}}))
            if (e.versions.contains({6, 1})) return true;
        return false;
    };
    // Without mlocked, hwpoison is one bit lower.
    CHECK(found_for_6_1({.kernel = {6, 1}, .mmu = false, .memory_failure = true}, "hwpoison",
                        "hwpoison|zone=0"));
    CHECK(found_for_6_1({.kernel = {6, 1}, .kasan = kasan_mode::hw_tags}, "skip_kasan_poison",
                        "skip_kasan_poison|zone=0|kasantag=0x0"));
}

TEST_CASE("bits of the LRU between flags and fields do not stand in the way", "[page_flags]") {
    config c = named("6.1/64:node=10,zone=3,lastcpupid=21");
    c.lru_gen = true;
    const std::uint64_t raw =
        page_layout_of(c)[page_field::lru_gen].mask() | page_layout_of(c)[page_field::node].put(1);
    const std::string printed = decoded(c, raw);
    CHECK(printed == "node=1|zone=0|lastcpupid=0x0");
    const auto found = explanations({{raw, view(printed)}});
    CHECK(places(found).count("6.1/64:node=10,zone=3,lastcpupid=21") == 1);
    // No kernel before 6.1 has such bits.
    for (const explanation& e : found) CHECK(e.versions.since >= version{6, 1});
}
