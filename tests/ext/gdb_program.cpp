// SPDX-License-Identifier: BSL-1.0

// What gdb_test.sh looks at: `GDB: EXPRESSION => TEXT` is what `print EXPRESSION` shows in main()'s
// last line.

#include <zonal/ext/allocated.hpp>
#include <zonal/ext/print.hpp>
#include <zonal/flags/page_word.hpp>
#include <zonal/hotplug/hotplug_map.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/ranges.hpp>
#include <zonal/ranges/block_table.hpp>
#include <zonal/ranges/sorted_leaves.hpp>
#include <zonal/release.hpp>

// Only GDB looks at most of them.
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
struct page_flags : page_word<64, flag_field<24>, node_field<10>, zone_of<zones>> {};
constexpr placed_field none{};

// | section | zone  | node  | flags |
// 63        55    48 47   40 7     0
constexpr layout<3> machine = pack(64, {{.name = "zone", .width = 8},
                                        {.name = "node", .width = 8},
                                        {.name = "flags", .width = 8, .from = anchor::low}});
constexpr word_format format{
    .flags = machine[2],
    .names = {.name = {"locked", "dirty", "slab"}, .count = 3, .printed = {2, 0, 1}},
    .fields = {{machine[0]}, {none}, {machine[1], 16}},
    .field_count = 3,
};

using rules =
    release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>>;

constexpr pfn_range at(std::uint64_t start, std::uint64_t end) { return {pfn{start}, pfn{end}}; }

template <class Container, class... Value>
void fill(Container& to, Value... value) {
    expects(to.insert(at(0x100, 0x300), value...).has_value(), "");
    expects(to.erase(at(0x180, 0x280)).has_value(), "");
}

} // namespace

int main() {
    const pfn first{0x100000};           // GDB: first => 0x100000
    const page_count size{0x8000};       // GDB: size => 32768
    const phys_addr address{0xfee00000}; // GDB: address => 0xfee00000
    const pfn_range dimm{first, size};   // GDB: dimm => [0x100000, 0x108000)
    const auto top = address_range::up_from(address);
    // GDB: top => [0xfee00000, 0x10000000000000000)
    const text name = "System RAM!", ram = name.sub(0, 10); // GDB: ram => "System RAM"
    const text nothing;                                     // GDB: nothing => ""
    const auto made = pfn::make(7);                         // GDB: made => 0x7
    const auto failed = pfn::make(~0ull); // GDB: failed => fail(zonal::errc::out_of_reach)

    const zone_id zone = zones::id_of<lm::movable>; // GDB: zone => 2
    const zones set{};                  // GDB: set => zone_set{dma32, normal, movable, device}
    const zone_list list = zones::list; // GDB: list => {DMA32, Normal, Movable, Device}
    const zone_name named{list, zone};  // GDB: named => Movable
    const zone_name unknown{list, {4}}; // GDB: unknown => 4

    const word_format& linux_like = format;
    const printed_word word{linux_like, 0x0201000000000005};
    // GDB: word => 0x201000000000005(slab|locked|zone=2|node=0x1)
    const printed_word nameless{linux_like, 0xf2};
    // GDB: nameless => 0xf2(dirty|0xf0|zone=0|node=0x0)
    std::uint64_t raw = page_flags::set(1, node_id{5}, zone_id{2});
    // GDB: $zonal_word(linux_like, 4) => "0x4(slab|zone=0|node=0x0)"
    const auto flags = page_flags::in(raw); // GDB: flags => 0x160000000000001

    pfn_range_map<char, in_place<4>> map;
    fill(map, 'a'); // GDB: map => 2 ranges = {[0x100, 0x180) = 97 'a', [0x280, 0x300) = 97 'a'}
    pfn_range_map<int, caller_storage>::slot slots[2];
    pfn_range_map<int, caller_storage> lent{slots};
    expects(lent.insert(dimm, 1).has_value(), "");
    // GDB: lent => 1 range = {[0x100000, 0x108000) = 1}
    pfn_range_set<allocated<>> heap;
    fill(heap); // GDB: heap => 2 ranges = {[0x100, 0x180), [0x280, 0x300)}
    const pfn_range_set<in_place<1>> empty; // GDB: empty => 0 ranges
    pfn_range_set<sorted_leaves, allocated<>> leaves;
    for (std::uint64_t i = 0; i != 18; ++i)
        expects(leaves.insert(at(17 * i % 18 * 2, 17 * i % 18 * 2 + 1)).has_value(), "");
    // GDB: leaves => 18 ranges = {[0x0, 0x1), [0x2, 0x3), [0x4, 0x5), [0x6, 0x7), [0x8, 0x9), +
    // [0xa, 0xb), [0xc, 0xd), [0xe, 0xf), [0x10, 0x11), [0x12, 0x13), [0x14, 0x15), +
    // [0x16, 0x17), [0x18, 0x19), [0x1a, 0x1b), [0x1c, 0x1d), [0x1e, 0x1f), [0x20, 0x21), +
    // [0x22, 0x23)}
    const pfn_range_map<int, sorted_leaves, in_place<4>> no_leaves; // GDB: no_leaves => 0 ranges
    using by_block = block_table<4, 30>;
    pfn_range_map<pfn, by_block, allocated<>> blocks;
    fill(blocks, first);
    expects(blocks.insert(at(0x40000, 0x140010), pfn{1}).has_value(), "");
    expects(blocks.insert(at(0x140010, 0x140020), pfn{2}).has_value(), "");
    expects(blocks.insert(at(0x3ffffff0, 0x40000000), pfn{3}).has_value(), "");
    // GDB: blocks => 5 ranges = {[0x100, 0x180) = 0x100000, [0x280, 0x300) = 0x100000, +
    // [0x40000, 0x140010) = 0x1, [0x140010, 0x140020) = 0x2, [0x3ffffff0, 0x40000000) = 0x3}

    hotplug_map<zones, rules, in_place<4>> memory;
    const auto pmem = memory.plug<lm::device>(at(0x300, 0x400)).value();
    const auto offline = memory.plug(at(0x100, 0x200), {.node = {1}}).value();
    expects(memory.pin(pmem).has_value() && memory.pin(pmem).has_value(), "");
    // GDB: memory => 2 ranges = {[0x100, 0x200) = node 1, no zone, offline, pins 0, +
    // [0x300, 0x400) = node 0, Device, online, pins 2}
    return flags.get<zone_id>() == zone && memory.about(offline) ? 0 : 1; // GDB: stops here
}
