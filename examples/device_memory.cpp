// SPDX-License-Identifier: BSL-1.0

// Device memory in user space, from the driver's claim to its release: a region from mmap() stands
// for the device. Four threads use its pages while the device is being unbound, and at no instant
// does a page belong to two, or a thread write to one that is gone.

#include <sys/mman.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include <zonal/device.hpp>
#include <zonal/linux_mm/zones.hpp>
#include <zonal/resource/iomem_print.hpp>

namespace lm = zonal::linux_mm;
using namespace zonal;

namespace {

struct zones : zone_set<lm::normal, lm::movable, lm::device> {};
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<zones>> {};

// RAM goes back to the tree. A device is drained first, and its addresses stay with the driver.
using rules =
    release<zones, otherwise<return_to_tree>, on<lm::device, drain_then<leave_to_driver>>>;
struct machine : hotplug_map<zones, rules, in_place<8>> {
    machine() : hotplug_map(page_geometry{}) {} // 4 KiB, 2 MiB, 128 MiB
};

constexpr owner_id the_driver{1};
constexpr pfn_range dimm{pfn{0x200000}, pfn{0x208000}};
constexpr pfn_range bank{pfn{0x240000}, pfn{0x240400}}; // 4 MiB
constexpr unsigned workers = 4;

/// The driver: where the device's pages are, and what happens to one that is free again.
struct accelerator {
    static constexpr std::size_t page_bytes = 4096;
    void* mapping = mmap(nullptr, bank.size().value() * page_bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    char* at(pfn p) const {
        return static_cast<char*>(mapping) + (p - bank.start()).value() * page_bytes;
    }
    /// Nobody has the page, and nobody gets it before this returns.
    void page_free(pfn p) const { std::memset(at(p), 0, page_bytes); }
};

using memory = device_memory<machine, lm::device, device_coherent, accelerator, words_in<word>>;

/// What a thread has a reference to from the beginning, for it to drop.
pfn own_page(unsigned self) { return bank.start() + page_count{0x10 + self}; }

/// One thread: keeps the page it was given until it may finish, and meanwhile writes to any.
void work(memory& device, const accelerator& driver, unsigned self, std::atomic<unsigned>& running,
          const std::atomic<unsigned>& finish) {
    ++running;
    for (std::uint64_t n = self; finish <= self; n = n * 0x5851f42d4c957f2d + 1) {
        const pfn p = bank.start() + page_count{n >> 32 & 0x3ff};
        if (!device.get(p)) continue; // being removed, or just being cleaned
        driver.at(p)[self] = 'x';
        static_cast<void>(device.put(p));
    }
    static_cast<void>(device.put(own_page(self)));
}

void print_tree(const char* when, const machine& m) {
    std::printf("%s:\n", when);
    print_iomem(m.resources(), [](text part) { std::fwrite(part.data, 1, part.size, stdout); });
}

/// Prints a step and whether it went as it must.
bool step(const char* what, result<done> got, result<done> wanted = done{}) {
    std::printf("%-44s %s\n", what, got ? "done" : name_of(got.error()).data);
    return got == wanted;
}

} // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        const bool help = std::strcmp(argv[1], "--help") == 0;
        std::fprintf(help ? stdout : stderr, "%s: takes no arguments\n", argv[0]);
        return help ? 0 : 2;
    }
    accelerator driver;
    if (driver.mapping == MAP_FAILED) return std::perror("mmap"), 1;
    machine m;
    const address_range bytes = bytes_of(bank, m.memory().geometry()).value();

    // The firmware describes the device, the driver claims it, and its pages become usable.
    bool ok = m.resources().insert({bytes, "Accelerator 0", {.memory = true}}).has_value();
    ok &= m.resources().request(bytes, "hbm0", the_driver).has_value();
    std::vector<device_page<word>> pages(bank.size().value());
    memory device(m, driver, words_in<word>(pages));
    ok &= step("map the device", device.map({{bank}}, {.owner = the_driver}));
    const auto ram = m.plug(dimm).value();
    ok &= step("online a DIMM as Movable", m.online(ram, zones::id_of<lm::movable>));
    print_tree("before", m);

    std::atomic<unsigned> running = 0;
    std::atomic<unsigned> finish = 0; // so many threads may
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < workers; ++i) ok &= device.get(own_page(i)).has_value();
    for (unsigned i = 0; i < workers; ++i)
        threads.emplace_back([&, i] { work(device, driver, i, running, finish); });
    while (running < workers) std::this_thread::yield();

    ok &= step("unbind while it is used", device.unmap(), fail(errc::busy));
    int polls = 0;
    const auto cancelled = device.unmap([&](std::uint64_t) { return ++polls == 1000; });
    ok &= step("unbind, and cancel after 1000 looks", cancelled, fail(errc::busy));
    ok &= step("the device is open again", device.get(own_page(0)));
    ok &= device.put(own_page(0)).has_value();

    // Closed: what the threads do in passing ends by itself; what they hold, when they may finish.
    const auto gone = device.unmap([&](std::uint64_t references) {
        if (references + finish == workers) {
            const device_usage left = device.in_use();
            std::printf("  %ju references to %ju pages, the first is pfn %#jx\n",
                        std::uintmax_t{left.references}, std::uintmax_t{left.pages.value()},
                        std::uintmax_t{left.first.value()});
            ++finish;
        }
        return false;
    });
    ok &= step("unbind, draining", gone);
    for (std::thread& t : threads) t.join();
    ok &= step("take a page of it now", device.get(bank.start()), fail(errc::stale));

    ok &= step("offline the DIMM", m.offline(ram));
    ok &= step("and unplug it", m.unplug(ram));
    print_tree("after", m); // the driver's entry is the driver's, the DIMM's is gone

    ok &=
        step("the driver gives up its addresses", release_region(m.resources(), bytes, the_driver));
    for (pfn p = bank.start(); p < bank.end(); ++p)
        for (std::size_t i = 0; i < accelerator::page_bytes; ++i) ok &= driver.at(p)[i] == 0;
    munmap(driver.mapping, bank.size().value() * accelerator::page_bytes);
    return ok ? 0 : 1;
}
