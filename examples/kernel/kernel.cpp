// SPDX-License-Identifier: BSL-1.0

// A kernel that manages its memory with zonal and nothing else. It boots, draws the map of what it
// found, tries everything that must hold, binds and unbinds an NVDIMM, and takes and gives back
// DIMMs that are plugged while it runs.

#include "machine.hpp"

#include "checks.hpp"
#include "dimms.hpp"
#include "nvdimm.hpp"
#include "picture.hpp"

extern "C" char image_file_end[];
extern "C" void kernel_main(std::uint64_t start_info);

namespace kernel {
namespace {

constinit timer clock;
constinit dimms slots;

/// Until the condition holds, or for so long that nobody will do anything any more.
template <class F>
void poll_until(F condition) {
    constexpr std::uint64_t patience = 60'000'000;
    for (const auto end = clock.microseconds() + patience; !condition();)
        expects(clock.microseconds() < end, "nobody plugs or unplugs a DIMM");
}

/// With an NVDIMM that was there at boot, or without, and with a DIMM if somebody will plug one.
void come_and_go(nvdimm_driver* nvdimm, bool takes_dimm) {
    if (nvdimm != nullptr) nvdimm->bind();
    const unsigned at_boot = slots.poll();
    result<pfn> in_use = fail(errc::not_found);
    if (takes_dimm) {
        say("PLUG a DIMM\n");
        poll_until([&] { return slots.poll() > at_boot; });
        in_use = must(allocator().allocate(can_move));
        check("what may move is allocated there, and it holds what is written",
              allocator().pages[*in_use].as_block().owner.zone == zones::id_of<movable> &&
                  holds_what_is_written(*in_use));
    }
    draw_map("all that comes and goes is there");
    check_allocator();

    if (nvdimm != nullptr) nvdimm->unbind();
    if (takes_dimm) {
        say("UNPLUG the DIMM\n");
        poll_until([&] { return slots.poll(), slots.refusals != 0; });
        allocator().release(*in_use);
        say("UNPLUG the DIMM again\n");
        poll_until([&] { return slots.poll() == at_boot; });
    }
    draw_map("all of it is gone");
    check_allocator();
}

} // namespace
} // namespace kernel

using namespace kernel;

void kernel_main(std::uint64_t start_info) {
    firmware_reader(machine).read_start_info(start_info);
    clock.port = machine.timer_port;
    const auto start = clock.microseconds();
    boot();
    const auto booted = clock.microseconds();

    const auto kib = static_cast<std::uint64_t>(image_file_end - image_start + 1023) / 1024;
    say("zonal kernel: an image of ", kib, " KiB, the map ", booted - start, " us after boot\n");
    slots.poll();
    draw_map("at boot");
    check_allocator();
    const auto free_at_boot = free_memory::now();
    const bool takes_dimm = machine.is_told("dimm");
    if (machine.nvdimms.size != 0) {
        nvdimm_driver nvdimm(machine.nvdimms[0]);
        come_and_go(&nvdimm, takes_dimm);
    } else if (takes_dimm) {
        come_and_go(nullptr, takes_dimm);
    }
    check("as much is free as was at boot", free_memory::now() == free_at_boot);
    say(all_well ? text("all is well\n") : text("SOMETHING IS WRONG\n"));
    leave(all_well ? passed : failed);
}
