// SPDX-License-Identifier: BSL-1.0
#pragma once

// What kinds of device memory there are, and what each asks of the driver's type.
//
//     kind              a processor touches a page         a page has lost its last reference
//     device_private    the driver migrates it to RAM      the driver is told that it is free
//     device_coherent   uses it                            ... that it is free
//     device_fs_dax     uses it                            ... that it is idle: its block can go
//     device_generic    uses it                            nobody is told
//     device_p2p_dma    cannot: only the device's peers    ... that it is free
//
// A kind of your own is one more type like these.

#include <concepts>

#include <zonal/core/pfn.hpp>
#include <zonal/detail/mistake.hpp>

namespace zonal::inline v0 {

enum class touching : unsigned char { uses_it, migrates_it, is_refused };
enum class last_put : unsigned char { tells_nobody, tells_free, tells_idle };

/// Models: include/linux/memremap.h enum memory_type and struct dev_pagemap_ops.
template <touching Processor, last_put Reference>
struct device_kind {
    static constexpr touching processor = Processor;
    static constexpr last_put reference = Reference;
};
struct device_private : device_kind<touching::migrates_it, last_put::tells_free> {};
struct device_coherent : device_kind<touching::uses_it, last_put::tells_free> {};
struct device_fs_dax : device_kind<touching::uses_it, last_put::tells_idle> {};
struct device_generic : device_kind<touching::uses_it, last_put::tells_nobody> {};
struct device_p2p_dma : device_kind<touching::is_refused, last_put::tells_free> {};

template <class Driver>
concept migrates_pages = requires(Driver& d, pfn p) {
    { d.migrate_to_ram(p) } -> std::same_as<result<done>>;
};
template <class Driver>
concept told_of_free_pages = requires(Driver& d, pfn p) {
    { d.page_free(p) } -> std::same_as<void>;
};
template <class Driver>
concept told_of_idle_pages = requires(Driver& d, pfn p) {
    { d.page_idle(p) } -> std::same_as<void>;
};

/// Does not compile where the driver lacks what its kind asks for.
/// Models: mm/memremap.c memremap_pages(), which refuses such a driver when it is probed.
template <class Kind, class Driver>
struct device_kind_lacks_duty : detail::mistake {
    static_assert(Kind::processor != touching::migrates_it || migrates_pages<Driver>,
                  "device_memory: processors cannot address this kind (first argument); add "
                  "`result<done> migrate_to_ram(pfn)` to the driver (second argument)");
    static_assert(Kind::reference != last_put::tells_free || told_of_free_pages<Driver>,
                  "device_memory: of this kind (first argument), the driver gets back each free "
                  "page; add `void page_free(pfn)` to the driver (second argument)");
    static_assert(Kind::reference != last_put::tells_idle || told_of_idle_pages<Driver>,
                  "device_memory: of this kind (first argument), somebody waits for idle pages; "
                  "add `void page_idle(pfn)` to the driver (second argument)");
};

} // namespace zonal::inline v0
