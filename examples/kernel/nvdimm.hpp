// SPDX-License-Identifier: BSL-1.0
#pragma once

// A driver of an NVDIMM: its pages have structs like all others, and are nobody's to allocate.

#include "checks.hpp"

#include <zonal/device/device_memory.hpp>

namespace kernel {

class nvdimm_driver {
    static constexpr owner_id self{1};
    struct duties {
        unsigned idle_pages = 0;
        void page_idle(pfn) { ++idle_pages; }
    };
    using structs = words_in<word, page, &page::flags, &page::references>;
    using memory = device_memory<memory_map, device, device_fs_dax, duties, structs>;

public:
    /// Takes as many whole sections as one block of page structs describes.
    explicit nvdimm_driver(const node_range& what)
        : node_(what.node), pages_(sections_in(what.bytes)),
          structs_(must(
              allocator().allocate(0, bits_for(words_take(pages_.size(), sizeof(page)).value())))),
          memory_(map, duties_, structs(allocator().at(structs_), pages_.size().value())) {}

    [[nodiscard]] address_range bytes() const { return must(bytes_of(pages_, geometry)); }

    void bind() {
        must(map.resources().insert({bytes(), "Persistent Memory", {.memory = true}}));
        must(map.resources().request(bytes(), "namespace0.0", self));
        must(memory_.map({{pages_}}, {.node = node_, .owner = self}));
        set_structs(allocator().at(structs_));
        const page& last = allocator().pages[pages_.end() - page_count{1}];
        say("NVDIMM of ", mebibytes(pages_.size()), " at pfn ", hex(pages_.start().value()), "\n");
        check("from pfn to page, and its word says Device",
              last.as_block().owner == page_owner{node_, zones::id_of<device>} &&
                  &last == memory_.page(pages_.end() - page_count{1}).value() &&
                  holds_what_is_written(pages_.start()));
    }

    void unbind() {
        say("unbinding the NVDIMM\n");
        const pfn used = pages_.start() + page_count{5};
        must(memory_.get(used));
        check("a page in use keeps it: unbinding is refused",
              memory_.unmap() == fail(errc::busy) && allocator().pages[used].references == 1);
        must(memory_.put(used));
        check("the driver hears that the page is idle", duties_.idle_pages == 1);
        check("drained, it leaves", memory_.unmap().has_value() && !map.find(used) &&
                                        memory_.get(used) == fail(errc::stale));
        set_structs(nullptr);
        check("its addresses are its driver's still, not the system's",
              map.plug(pages_) == fail(errc::busy) &&
                  release_region(map.resources(), bytes(), self).has_value());
        allocator().release(structs_);
    }

private:
    static pfn_range sections_in(byte_range bytes) {
        constexpr auto block_bytes = buddy::pages_in(buddy::max_order).value() << 12;
        constexpr pfn_range most{
            pfn{}, geometry.align_down(pfn{block_bytes / sizeof(page)}, unit::section)};
        const pfn start = geometry.align_up(pfn{bytes.start.value >> 12}, unit::section);
        const pfn end = geometry.align_down(pfn{bytes.end.value >> 12}, unit::section);
        return {start, end - start < most.size() ? end : start + most.size()};
    }
    void set_structs(page* first) {
        each_section(pages_, [&](pfn start) {
            allocator().pages.set(
                start, first == nullptr ? first : first + (start - pages_.start()).value());
        });
    }

    node_id node_;
    pfn_range pages_;
    pfn structs_;
    duties duties_;
    memory memory_;
};

} // namespace kernel
