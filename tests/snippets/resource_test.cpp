// SPDX-License-Identifier: BSL-1.0

// The snippets in the comments of resource/ and of Linux's names in it that no other test has; see
// core_test.cpp.

#include <zonal/linux_mm/iomem_names.hpp>
#include <zonal/resource.hpp>

#include <string>

#include "../test.hpp"

using namespace zonal;

namespace {

constexpr text iomem = "00001000-0009fbff : Reserved\n"
                       "00100000-1ffdefff : System RAM\n"
                       "  01000000-01e01d31 : Kernel code\n"
                       "100000000-13fffffff : Persistent Memory\n";

std::string printed;
void put(const char* data, std::size_t size) { printed.append(data, size); }

constexpr address_range at(std::uint64_t start, std::uint64_t end) {
    return *address_range::make(phys_addr{start}, end - start);
}

} // namespace

TEST_CASE("resource/iomem_read.hpp, resource/iomem_print.hpp", "[snippets]") {
    std::string said;
    const auto say = [&](const char* what, unsigned long line, text why) {
        said = what + (" " + std::to_string(line)) + ": " + why.as<std::string>();
    };
    for (const text file : {iomem, text{"00001000-0009fbff : Reserved\n00100000-ff : all\n"}}) {
        resource_tree<in_place<256>> tree;
        const auto read = read_iomem(file, tree);
        if (!read) say("line", read.error().line, read.error().why);
        CHECK(read.has_value() == said.empty());
        print_iomem(tree, [](text part) { put(part.data, part.size); });
    }
    CHECK(said == "line 2: the range ends before it starts");
    CHECK(printed == iomem.as<std::string>()); // and nothing of the second tree
    CHECK(printed.find("00100000-1ffdefff : System RAM\n"
                       "  01000000-01e01d31 : Kernel code\n") != std::string::npos);
}

TEST_CASE("resource/search.hpp", "[snippets]") {
    resource_tree<in_place<8>> tree;
    REQUIRE(read_iomem(iomem, tree, linux_mm::describe_by_name));
    std::string used;
    const auto use = [&](address_range part) {
        used += std::to_string(part.bytes()) + " ";
        return true;
    };
    const address_range range = at(0x0, 0x200000), below_4g = at(0, 1ull << 32);

    constexpr region_query ram{{.memory = true, .system_ram = true}};
    for_each_match(tree, range, ram, [&](address_range part, region_id) { return use(part); });
    CHECK(used == "1048576 ");
    const bool none = relation_to(tree, range, ram) == relation::disjoint; // of it is system RAM
    CHECK_FALSE(none);
    const auto hole = find_free(tree, {.bytes = 1 << 20, .alignment = 4096, .window = below_4g});
    CHECK(hole == at(0x1ffdf000, 0x200df000));
}

TEST_CASE("linux_mm/iomem_names.hpp", "[snippets]") {
    resource_tree<in_place<8>> tree;
    const text file = iomem;
    const address_range range = at(0x100000, 0x200000);
    read_iomem(file, tree, linux_mm::describe_by_name);
    relation_to(tree, range, linux_mm::system_ram);
    CHECK(relation_to(tree, range, linux_mm::system_ram) == relation::intersects);
    CHECK(relation_to(tree, at(1ull << 32, 5ull << 30), linux_mm::system_ram) ==
          relation::disjoint);
    CHECK(tree[*find(tree, phys_addr{1ull << 32})].kind == linux_mm::persistent_memory);
}
