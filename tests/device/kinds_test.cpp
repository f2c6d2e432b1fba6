// SPDX-License-Identifier: BSL-1.0

#include <zonal/device/kinds.hpp>

#include "../test.hpp"
#include "setup.hpp"

using namespace zonal_test;

namespace {

struct frees {
    void page_free(pfn) {}
};
struct idles {
    void page_idle(pfn) {}
};
struct migrates : frees {
    result<done> migrate_to_ram(pfn) { return done{}; }
};
struct frees_and_says {
    bool page_free(pfn) { return true; }
};

} // namespace

TEST_CASE("each duty is a concept of its own", "[device]") {
    STATIC_REQUIRE(told_of_free_pages<frees> && !told_of_free_pages<idles>);
    STATIC_REQUIRE(told_of_idle_pages<idles> && !told_of_idle_pages<frees>);
    STATIC_REQUIRE(migrates_pages<migrates> && !migrates_pages<frees>);
    STATIC_REQUIRE(!told_of_free_pages<frees_and_says>); // nobody would hear the answer
    STATIC_REQUIRE(!migrates_pages<no_duties>);
}

TEST_CASE("a kind accepts the drivers that do their duty", "[device]") {
    STATIC_REQUIRE(std::is_void_v<device_kind_lacks_duty<device_private, migrates>::named>);
    STATIC_REQUIRE(std::is_void_v<device_kind_lacks_duty<device_coherent, frees>::named>);
    STATIC_REQUIRE(std::is_void_v<device_kind_lacks_duty<device_fs_dax, idles>::named>);
    STATIC_REQUIRE(std::is_void_v<device_kind_lacks_duty<device_p2p_dma, frees>::named>);
    STATIC_REQUIRE(std::is_void_v<device_kind_lacks_duty<device_generic, no_duties>::named>);
}

TEST_CASE("a processor that touches a page uses it, has it migrated, or is refused", "[device]") {
    machine map;
    driver d;
    page words[8];
    const auto touched = [&]<class Kind>(Kind) {
        memory<Kind> m(map, d, words_in<word>(words));
        REQUIRE(m.map({{pages(0x100, 0x108)}}, {.owner = nvdimm}));
        const auto said = m.fault(pfn{0x103});
        CHECK(m.fault(pfn{0x108}) == fail(errc::not_found));
        REQUIRE(m.unmap());
        CHECK(m.fault(pfn{0x103}) == fail(errc::stale));
        return said;
    };
    CHECK(touched(device_generic{}));
    CHECK(touched(device_coherent{}));
    CHECK(touched(device_fs_dax{}));
    CHECK(d.last == pfn{});
    CHECK(touched(device_p2p_dma{}) == fail(errc::bad_state));
    CHECK(touched(device_private{}));
    CHECK(d.last == pfn{0x103});
    d.migrated = fail(errc::no_space);
    CHECK(touched(device_private{}) == fail(errc::no_space));
}

TEST_CASE("the driver is told of a page's last reference, in its kind's words", "[device]") {
    struct careful {
        unsigned freed = 0;
        unsigned idled = 0;
        void page_free(pfn) { ++freed; }
        void page_idle(pfn) { ++idled; }
        result<done> migrate_to_ram(pfn) { return done{}; }
    };
    const auto told = []<class Kind>(Kind) {
        machine map;
        careful d;
        page words[8];
        memory<Kind, careful> m(map, d, words_in<word>(words));
        REQUIRE(m.map({{pages(0x100, 0x108)}}));
        REQUIRE(m.get(pfn{0x101}));
        REQUIRE(m.get(pfn{0x101}));
        REQUIRE(m.put(pfn{0x101}));
        CHECK(d.freed + d.idled == 0);
        REQUIRE(m.put(pfn{0x101}));
        return 10 * d.freed + d.idled;
    };
    CHECK(told(device_private{}) == 10);
    CHECK(told(device_coherent{}) == 10);
    CHECK(told(device_p2p_dma{}) == 10);
    CHECK(told(device_fs_dax{}) == 1);
    CHECK(told(device_generic{}) == 0);
}
