// SPDX-License-Identifier: BSL-1.0
#include <zonal/resource/iomem_print.hpp>
#include <zonal/resource/iomem_read.hpp>

#include "contract.hpp"
#include "linux_mm/recorded.hpp"
#include "resource/trees.hpp"
#include "test.hpp"

using namespace zonal;
using namespace zonal_test;

namespace {

template <class S>
std::string printed(const resource_tree<S>& tree) {
    std::string out;
    print_iomem(tree, [&](text part) { out.append(part.data, part.size); });
    return out;
}

constexpr text small_map = "00100000-1ffdefff : System RAM\n"
                           "  01000000-01e01d31 : Kernel code\n"
                           "  02000000-028eafff : Kernel rodata\n"
                           "20000000-febfffff : PCI Bus 0000:00\n";

constexpr bool reads_and_prints() {
    resource_tree<in_place<4>> tree;
    if (!read_iomem(small_map, tree)) return false;
    const region_id ram = tree.first_child(tree.root());
    std::size_t at = 0;
    bool same = true;
    print_iomem(tree, [&](text part) {
        same = same && small_map.sub(at, part.size) == part;
        at += part.size;
    });
    return same && at == small_map.size && tree.size() == 4 &&
           tree[ram].range == address_range{phys_addr{0x100000}, phys_addr{0x1ffdf000}} &&
           tree[tree.first_child(ram)].name == text("Kernel code");
}
static_assert(reads_and_prints());

struct bad_map {
    const char* map;
    unsigned long line;
    text why;
};

} // namespace

TEST_CASE("a tree reads and prints as /proc/iomem", "[resource]") { CHECK(reads_and_prints()); }

TEMPLATE_TEST_CASE("the header's reading", "[resource]", ZONAL_TEST_TREES) {
    TestType t;
    auto& tree = t.tree;
    const text file = "00000000-00000fff : Reserved\n00001000 : half a line\n";
    unsigned long line = 0;
    std::string reason;
    const auto say = [&](const char*, unsigned long at, text why) {
        line = at;
        reason = string_of(why);
    };
    const auto read = read_iomem(file, tree);
    if (!read) say("line", read.error().line, read.error().why);
    CHECK(line == 2);
    CHECK(reason == "not an entry: START-END : NAME, in hexadecimal");
    CHECK(tree.size() == 0);
}

TEST_CASE("addresses are printed in at least 8 digits, of a small space in 4", "[resource]") {
    tree_in_place t;
    build(t.tree, "0-1 a 10-100000000 b 100000000-top c");
    CHECK(printed(t.tree) == "00000000-00000000 : a\n"
                             "00000010-ffffffff : b\n"
                             "100000000-ffffffffffffffff : c\n");
    resource_tree<in_place<2>> ports({.range = at(0, 0x10000)});
    build(ports, "0-20 dma1 cf8-d00 PCI");
    CHECK(printed(ports) == "0000-001f : dma1\n0cf8-0cff : PCI\n");
    resource_tree<in_place<2>> more({.range = at(0, 0x10001)});
    build(more, "0-20 dma1");
    CHECK(printed(more) == "00000000-0000001f : dma1\n");
}

TEST_CASE("a part of a tree prints alone, and an entry without a name says so", "[resource]") {
    tree_in_place t;
    build(t.tree, "10-40 window{10-20 a{10-18 b}}");
    CHECK(t.tree.insert({.range = at(0x50, 0x60)}).has_value());
    std::string out;
    print_iomem(t.tree, [&](text part) { out += string_of(part); }, named(t.tree, "window"));
    CHECK(out == "00000010-0000001f : a\n  00000010-00000017 : b\n");
    CHECK(printed(t.tree) == "00000010-0000003f : window\n"
                             "  00000010-0000001f : a\n"
                             "    00000010-00000017 : b\n"
                             "00000050-0000005f : <BAD>\n");
}

TEST_CASE("entries below the sixth level print as on it, and are read back where they were",
          "[resource]") {
    tree_in_place t;
    const char* const deep = "0-80 a{0-70 b{0-60 c{0-50 d{0-40 e{0-30 f{0-20 g{0-10 h} 20-30 i} "
                             "30-40 j} 40-50 k}}}} 80-90 l";
    build(t.tree, deep);
    const std::string map = printed(t.tree);
    CHECK(map.find("\n          00000000-0000002f : f\n"
                   "          00000000-0000001f : g\n"
                   "          00000000-0000000f : h\n"
                   "          00000020-0000002f : i\n"
                   "          00000030-0000003f : j\n"
                   "        00000040-0000004f : k\n") != std::string::npos);
    tree_in_place back;
    CHECK(read_iomem(view(map), back.tree).has_value());
    CHECK(shown(back.tree) == deep);
}

TEST_CASE("a map that is not one is refused with its line, and nothing stays in the tree",
          "[resource]") {
    using r = iomem_reason;
    const bad_map rows[] = {
        {"hello\n", 1, r::not_an_entry},
        {"00000000-00000fff\n", 1, r::not_an_entry},
        {"00000000-00000fff : \n", 1, r::not_an_entry},
        {"00000000-00000fff: a\n", 1, r::not_an_entry},
        {"00000000 - 00000fff : a\n", 1, r::not_an_entry},
        {"-00000fff : a\n", 1, r::not_an_entry},
        {"00000000- : a\n", 1, r::not_an_entry},
        {"00000000-0000FFFF : a\n", 1, r::not_an_entry},
        {"0x000000-00000fff : a\n", 1, r::not_an_entry},
        {"   \n", 1, r::not_an_entry},
        {"00000000-00000fff : a\n00001000-0000", 2, r::not_an_entry}, // cut
        {"00000000-1ffffffffffffffff : a\n", 1, r::address_too_large},
        {"10000000000000000-1 : a\n", 1, r::address_too_large},
        {"00001000-00000fff : a\n", 1, r::end_before_start},
        {" 00000000-00000fff : a\n", 1, r::bad_indentation},
        {"  00000000-00000fff : a\n", 1, r::bad_indentation},
        {"00000000-00000fff : a\n    00000000-00000fff : b\n", 2, r::bad_indentation},
        {"            00000000-00000fff : a\n", 1, r::bad_indentation},
        {"00000000-00000fff : a\n  00000800-00001000 : b\n", 2, r::outside_parent},
        {"00001000-00001fff : a\n  00000fff-00001000 : b\n", 2, r::outside_parent},
        {"00000000-00000fff : a\n00000fff-00001fff : b\n", 2, r::not_ascending},
        {"00001000-00001fff : a\n00000000-00000fff : b\n", 2, r::not_ascending},
        {"00001000-00001fff : a\n00001000-00001fff : b\n", 2, r::not_ascending},
        {"00000000-00000fff : a\n\n  00000000-00000001 : b\n  00000001-00000002 : c\n", 4,
         r::not_ascending},
        {"00000000-00000fff : a\tb\n", 1, r::not_text},
        {"00000000-00000fff : a\n\x1f\x8b\x08\n", 2, r::not_text},
        {"\x7f"
         "ELF\n",
         1, r::not_text},
    };
    for (const bad_map& row : rows) {
        INFO(row.map);
        tree_in_place t;
        const auto read = read_iomem({row.map, std::char_traits<char>::length(row.map)}, t.tree);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error() == iomem_error{row.line, row.why});
        CHECK(t.tree.size() == 0);
        CHECK_FALSE(row.why.empty());
    }
}

TEST_CASE("addresses that are all zero are recognised as masked", "[resource]") {
    // What a user without privileges reads.
    const text masked = "00000000-00000000 : Reserved\n"
                        "00000000-00000000 : System RAM\n"
                        "  00000000-00000000 : Kernel code\n"
                        "00000000-00000000 : Reserved\n";
    tree_in_place t;
    CHECK(is_masked_iomem(masked));
    CHECK(read_iomem(masked, t.tree).error() == iomem_error{1, iomem_reason::masked});
    CHECK(string_of(iomem_reason::masked).find("privilege") != std::string::npos);
    CHECK_FALSE(is_masked_iomem(small_map));
    CHECK_FALSE(is_masked_iomem(""));
    CHECK_FALSE(is_masked_iomem("\n\n"));
    CHECK_FALSE(is_masked_iomem("00000000-00000000 : a\n00000001-00000001 : b\n"));
    CHECK_FALSE(is_masked_iomem("00000000-00000000 : a\nhello\n"));
    CHECK(read_iomem("00000000-00000000 : a\n00000001-00000001 : b\n", t.tree).has_value());
}

TEST_CASE("lines may end in CR LF, be empty, and the last one need not end", "[resource]") {
    tree_in_place t;
    CHECK(read_iomem("\r\n00000000-00000fff : a\r\n\n  00000000-000000ff : b : c", t.tree)
              .has_value());
    CHECK(t.tree[named(t.tree, "b : c")].range == at(0, 0x100));
    CHECK(printed(t.tree) == "00000000-00000fff : a\n  00000000-000000ff : b : c\n");
    tree_in_place empty;
    CHECK(read_iomem("", empty.tree).has_value());
    CHECK(empty.tree.size() == 0);
}

TEST_CASE("what a name means is the reader's to say", "[resource]") {
    tree_in_place t;
    const auto described_by = [](text name) { return described(name); };
    CHECK(read_iomem("00000000-00000fff : ram\n  00000000-000000ff : drv0\n", t.tree, described_by)
              .has_value());
    CHECK(t.tree[named(t.tree, "ram")].flags.system_ram);
    CHECK(t.tree[named(t.tree, "drv0")].owner == driver);
    tree_in_place plain;
    CHECK(read_iomem("00000000-00000fff : ram\n", plain.tree).has_value());
    CHECK(plain.tree[named(plain.tree, "ram")].flags == region_flags{.memory = true});
}

TEST_CASE("a map larger than the tree is refused at the line that does not fit", "[resource]") {
    for (unsigned room = 1; room <= 4; ++room) {
        region_slot slots[4];
        resource_tree<caller_storage> tree{slots, std::size_t{room}};
        const auto read = read_iomem(small_map, tree);
        CHECK(read.has_value() == (room == 4));
        if (!read) CHECK(read.error() == iomem_error{room + 1, iomem_reason::no_space});
        CHECK(tree.size() == (room == 4 ? 4u : 0u));
        if (!read) CHECK(tree.insert({.range = at(1, 2)}).has_value());
    }
}

TEST_CASE("every beginning of a map is read or refused", "[resource]") {
    for (std::size_t size = 0; size <= small_map.size; ++size) {
        tree_in_place t;
        const text part = small_map.sub(0, size);
        const auto read = read_iomem(part, t.tree);
        INFO(string_of(part));
        if (read && size != 0)
            REQUIRE(printed(t.tree).substr(0, size) == string_of(part));
        else
            REQUIRE(t.tree.size() == 0);
    }
}

TEST_CASE("reading into a tree that has entries is a broken contract", "[resource]") {
    CHECK(traps([] {
        tree_in_place t;
        build(t.tree, "0-1 a");
        static_cast<void>(read_iomem(small_map, t.tree));
    }));
}
