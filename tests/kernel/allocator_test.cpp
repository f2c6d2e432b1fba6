// SPDX-License-Identifier: BSL-1.0

#include "../../examples/kernel/allocator.hpp"

#include "test.hpp"

#include <memory>
#include <vector>

using namespace kernel;

namespace {

constexpr node_id near{0}, far{1};
constexpr zone_id isa = zones::id_of<dma>, pci = zones::id_of<dma32>, any = zones::id_of<normal>,
                  mobile = zones::id_of<movable>;

/// A block of the largest order in each zone that requests may be served from, of two nodes.
struct machine {
    std::vector<page> structs = std::vector<page>(1u << geometry.section_order);
    std::unique_ptr<page_allocator> all = std::make_unique<page_allocator>();

    machine() {
        all->pages.set(pfn{0}, structs.data());
        pfn_range next{pfn{0x400}, page_count{0x400}};
        for (const node_id n : {near, far})
            for (const zone_id z : {isa, pci, any, mobile}) {
                all->write_words(next, {n, z});
                all->add(next, {n, z});
                next = {next.end(), page_count{0x400}};
            }
    }
    /// Where a request is served from: blocks of the largest order, until there is none.
    std::vector<page_owner> served(unsigned modifiers, node_id from) {
        std::vector<page_owner> owners;
        while (const auto block = all->allocate(modifiers, buddy::max_order, from))
            owners.push_back(all->pages[*block].as_block().owner);
        return owners;
    }
};
using owners = std::vector<page_owner>;

} // namespace

TEST_CASE("a request falls back zone by zone, then node by node", "[kernel]") {
    CHECK(machine().served(can_move, near) == owners{{near, mobile},
                                                     {near, any},
                                                     {near, pci},
                                                     {near, isa},
                                                     {far, mobile},
                                                     {far, any},
                                                     {far, pci},
                                                     {far, isa}});
    CHECK(machine().served(0, far) ==
          owners{{far, any}, {far, pci}, {far, isa}, {near, any}, {near, pci}, {near, isa}});
    CHECK(machine().served(for_pci32 | can_move, near) ==
          owners{{near, pci}, {near, isa}, {far, pci}, {far, isa}});
    CHECK(machine().served(for_isa, far) == owners{{far, isa}, {near, isa}});
}

TEST_CASE("a request without a rule is refused, and so is one of too large a block", "[kernel]") {
    machine m;
    CHECK(m.all->allocate(for_isa | for_pci32) == fail(errc::not_found));
    CHECK(m.all->allocate(8) == fail(errc::not_found));
    CHECK(m.all->allocate(0, buddy::max_order + 1).error() == errc::bad_range);
    CHECK(m.served(can_move, near).size() == 8); // nothing was lost
    CHECK(m.all->allocate(0) == fail(errc::no_space));
}

TEST_CASE("a block goes back to the zone that it came from", "[kernel]") {
    machine m;
    std::vector<pfn> blocks;
    while (const auto block = m.all->allocate(can_move, 5, far)) blocks.push_back(*block);
    CHECK(blocks.size() == 8 * 0x400 / 32);
    for (const pfn block : blocks) m.all->release(block);
    for (const node_id n : {near, far})
        for (const zone_id z : {isa, pci, any, mobile}) {
            CHECK(m.all->free_in({n, z}).free_pages() == page_count{0x400});
            CHECK(m.all->free_in({n, z}).free_blocks(buddy::max_order) == 1);
            CHECK(m.all->managed({n, z}) == page_count{0x400});
        }
}

TEST_CASE("pages are served from the requested zone as long as it has one", "[kernel]") {
    machine m;
    for (int i = 0; i < 0x400; ++i)
        REQUIRE(m.all->pages[m.all->allocate(0).value()].as_block().owner == page_owner{near, any});
    CHECK(m.all->pages[m.all->allocate(0).value()].as_block().owner == page_owner{near, pci});
}

TEST_CASE("memory goes offline only when all of it is free, and comes back whole", "[kernel]") {
    machine m;
    const pfn_range range{pfn{0x1000}, page_count{0x400}}; // the near node's movable memory
    const hotplug_event offline{hotplug_change::offline, range, near, mobile};
    const pfn used = m.all->allocate(can_move).value();
    REQUIRE(range.contains(used));
    CHECK(m.all->before(offline) == page_allocator::pages_in_use);
    m.all->release(used);
    CHECK(m.all->before(offline) == no_veto);
    CHECK(!range.contains(m.all->allocate(can_move).value()));
    m.all->undo(offline);
    CHECK(range.contains(m.all->allocate(can_move).value()));
}
