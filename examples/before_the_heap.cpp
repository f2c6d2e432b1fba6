// SPDX-License-Identifier: BSL-1.0

// Before there is a heap: from the firmware's table to memory that can be given out, in storage that
// the program has when it starts. Each step can be asked of a kernel's first hundred lines.
//
//     before_the_heap         prints who has which pages; exit status 1 if something needed a heap

#include <zonal/linux_mm/zones.hpp>
#include <zonal/zonal.hpp>

#include <cstdio>
#include <cstdlib>
#include <new>

using namespace zonal;
namespace lm = zonal::linux_mm;

// Nobody may ask for a heap in this program.
void* operator new(std::size_t) {
    std::fputs("before_the_heap: somebody wanted a heap\n", stderr);
    std::_Exit(1);
}
void operator delete(void*) noexcept {}
void operator delete(void*, std::size_t) noexcept {}

namespace {

using zones = zone_set<lm::dma, lm::dma32, lm::normal>;

enum class use : unsigned char { kernel_image, page_structs, initial_disk };
constexpr const char* names[] = {"the kernel's image", "page structs", "the initial disk"};

// Slots that the linker has reserved: as many ranges as the owner of the program allows.
constinit range_entry<use> slots[8] = {};

struct firmware_says {
    std::uint64_t start, end;
    firmware_kind kind;
};
constexpr firmware_says table[] = {
    {0x0, 0x9fc00, firmware_kind::usable},
    {0x100000, 0x7ff00000, firmware_kind::usable},
    {0x7fe00000, 0x80000000, firmware_kind::acpi_tables}, // overlaps: the stronger kind wins
    {0x100000000, 0x180000000, firmware_kind::usable},
};

constexpr result<boot_map<8, 1>> zones_of_this_machine() {
    firmware_map<8> firmware;
    for (const firmware_says& f : table)
        if (const auto added = firmware.add({{phys_addr{f.start}, phys_addr{f.end}}, f.kind});
            !added)
            return fail(added.error());
    const auto usable = boot_ranges<8>::make(page_geometry{}, firmware, node_map<1>{});
    if (!usable) return fail(usable.error());
    return boot_map<8, 1>::make(*usable, zones::list);
}
// The same text, before the program even runs.
constexpr auto expected = zones_of_this_machine().value();
static_assert(expected.pages_of(node_id{0}, zones::id_of<lm::normal>).present ==
              page_count{0x80000});

} // namespace

int main() {
    const auto boot = zones_of_this_machine();
    if (!boot) return 1;

    pfn_range_map<use, caller_storage> taken(slots);
    const auto take = [&](pfn_range r, use what) { return taken.insert(r, what).has_value(); };
    if (!take({pfn{0x100}, pfn{0x900}}, use::kernel_image)) return 1;
    if (!take({pfn{0x4000}, pfn{0x6000}}, use::initial_disk)) return 1;

    // 64 bytes a page, in the highest hole of the zone where the kernel can address everything.
    const pfn_range normal = boot->pages_of(node_id{0}, zones::id_of<lm::normal>).span;
    const page_count words = words_take(normal.size(), 64);
    const auto place =
        taken.find_hole({.size = words, .window = normal, .from = search_from::above});
    if (!place || !take(*place, use::page_structs)) return 1;

    for (zone_id z{}; z.value < zones::size; ++z.value) {
        const pfn_range span = boot->pages_of(node_id{0}, z).span;
        std::printf("%-6s [%#jx, %#jx)\n", zones::name_of(z).data,
                    std::uintmax_t{span.start().value()}, std::uintmax_t{span.end().value()});
        for (const auto& e : taken.overlapping(span))
            std::printf("         [%#jx, %#jx) %s\n", std::uintmax_t{e.range.start().value()},
                        std::uintmax_t{e.range.end().value()},
                        names[static_cast<unsigned>(e.value)]);
    }
    // One range too many is an answer, and nothing has changed.
    for (pfn p{0x20000}; take({p, page_count{1}}, use::initial_disk);) p += page_count{2};
    std::printf("all %zu of %zu slots are in use\n", taken.size(), sizeof slots / sizeof *slots);
}
