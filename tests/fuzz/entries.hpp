// SPDX-License-Identifier: BSL-1.0
#pragma once

// What must hold for any bytes: one function a target, called by libFuzzer (kconfig.cpp, layouts.cpp, infer.cpp) and,
// with random bytes, by random_bytes_test.cpp. A broken promise is an exception, which ends a fuzzer with the input.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../examples/page_flags/infer.hpp"
#include "../../examples/page_flags/kconfig.hpp"
#include <zonal/linux_mm/changes.hpp>
#include <zonal/linux_mm/gfp_bits.hpp>
#include <zonal/linux_mm/requests.hpp>

namespace zonal_test {

namespace lm = zonal::linux_mm;

/// The bytes in memory of exactly their size, so that a read beyond their end is seen.
class exact_bytes {
public:
    exact_bytes(const std::uint8_t* data, std::size_t size)
        : copy_(size == 0 ? nullptr : new char[size]), size_(size) {
        if (size != 0) std::memcpy(copy_, data, size);
    }
    exact_bytes(const exact_bytes&) = delete;
    exact_bytes& operator=(const exact_bytes&) = delete;
    ~exact_bytes() { delete[] copy_; }

    operator zonal::text() const { return {copy_, size_}; }

private:
    char* copy_;
    std::size_t size_;
};

inline void must(bool holds, const char* sentence) {
    if (!holds) throw std::logic_error(sentence);
}

template <class Print>
std::string printed_by(Print print) {
    std::string out;
    print([&](zonal::text part) { out.append(part.data, part.size); });
    return out;
}
inline std::string name_printed(const lm::config& c) {
    return printed_by([&](auto out) { page_flags::print_layout_name(c, out); });
}
inline std::string word_printed(const lm::config& c, std::uint64_t raw) {
    return printed_by([&](auto out) { zonal::print_flags(lm::format_of(c), raw, out); });
}

/// A layout that fits has its fields beside each other, and one that does not says why.
inline void check_layout(const lm::config& c) {
    const lm::page_layout l = lm::page_layout_of(c);
    bool refused = false;
    for (const lm::refusal r : lm::refusals) refused = refused || l.is_refused_for(r);
    must(refused == !l.fits(), "a layout is refused for no reason");
    if (!l.fits()) return;
    std::uint64_t taken = 0;
    unsigned used = 0;
    for (const zonal::placed_field& f : l.word) {
        must(f.width <= f.asked.width, "a field is wider than it asked for");
        must(f.offset + f.width <= c.bits_per_long, "a field stands beyond the word");
        must((taken & f.mask()) == 0, "two fields share bits");
        must(f.get(f.put(f.max())) == f.max() && f.get(f.put(0)) == 0, "a field loses its value");
        taken |= f.mask();
        used += f.width;
    }
    must(used == l.word.used() && used + l.word.unused() == c.bits_per_long,
         "bits are neither used nor unused");
}

/// A word is printed in the form that explains it.
inline void check_printing(const lm::config& c, std::uint64_t raw) {
    const zonal::word_format format = lm::format_of(c);
    std::uint64_t known = format.flags.mask() | format.silent;
    for (unsigned i = 0; i < format.field_count; ++i) known |= format.fields[i].field.mask();
    const std::string printed = word_printed(c, raw);
    must(zonal::explains(format, raw & known, {printed.data(), printed.size()}),
         "a word's printed form does not explain it");
    must(((raw & ~known) == 0) == zonal::explains(format, raw, {printed.data(), printed.size()}),
         "bits that belong to nobody are explained, or others are not");
}

/// Numbers out of bytes; zeros when there are no more.
class byte_reader {
public:
    byte_reader(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
    std::uint64_t take(unsigned bytes) {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < bytes; ++i) {
            value = value << 8 | (size_ != 0 ? *data_ : 0u);
            if (size_ != 0) ++data_, --size_;
        }
        return value;
    }
    unsigned number(unsigned most) { return static_cast<unsigned>(take(4) % (most + 1u)); }
    bool flag() { return take(1) % 2 != 0; }
    const std::uint8_t* rest() const { return data_; }
    std::size_t size() const { return size_; }

private:
    const std::uint8_t* data_;
    std::size_t size_;
};

/// Any configuration whose numbers are within the limits of the options that they stand for.
inline lm::config config_from(byte_reader& bytes) {
    lm::config c;
    c.kernel = {static_cast<unsigned short>(4 + bytes.number(4)),
                static_cast<unsigned short>(bytes.number(20))};
    if (c.kernel < lm::oldest) c.kernel = lm::oldest;
    c.bits_per_long = bytes.flag() ? 32 : 64;
    const std::uint64_t flags = bytes.take(3);
    bool lm::config::* const switches[] = {
        &lm::config::zone_dma,       &lm::config::zone_dma32,  &lm::config::highmem,
        &lm::config::zone_device,    &lm::config::numa,        &lm::config::numa_balancing,
        &lm::config::lru_gen,        &lm::config::mmu,         &lm::config::uncached,
        &lm::config::memory_failure, &lm::config::thp,         &lm::config::extended,
        &lm::config::idle,           &lm::config::arch_2,      &lm::config::arch_3,
        &lm::config::lockdep,        &lm::config::slab_obj_ext};
    unsigned bit = 0;
    for (bool lm::config::* to : switches) c.*to = (flags >> bit++ & 1) != 0;
    c.memory = static_cast<lm::memory_model>(bytes.number(2));
    c.kasan = static_cast<lm::kasan_mode>(bytes.number(3));
    c.max_physmem_bits = bytes.number(64);
    c.section_size_bits = bytes.number(64);
    c.nodes_shift = bytes.number(16);
    c.nr_cpus = bytes.number(1u << 20);
    if (bytes.flag()) c.given_pageflags = bytes.number(64);
    return c;
}

// ---- the targets ----

/// Any text as a `.config`: read completely, or refused with a line that exists.
inline void any_kconfig(const std::uint8_t* data, std::size_t size) {
    byte_reader bytes(data, size);
    page_flags::kconfig_given given;
    if (bytes.flag())
        given.kernel = {static_cast<unsigned short>(3 + bytes.number(5)),
                        static_cast<unsigned short>(bytes.number(20))};
    given.arch = static_cast<page_flags::architecture>(
        bytes.number(static_cast<unsigned>(page_flags::architecture::other)));
    const exact_bytes file(bytes.rest(), bytes.size());
    const zonal::text text = file;

    const auto read = page_flags::read_kconfig(text, given);
    if (!read) {
        unsigned long lines = 1;
        for (char c : text) lines += c == '\n' ? 1 : 0;
        must(read.error().line >= 1 && read.error().line <= lines, "an error on no line");
        must(!page_flags::describe(read.error().why).empty(), "an error without words");
        must(!(page_flags::describe(read.error().why) == zonal::text("unknown")),
             "an unknown error");
        return;
    }
    must(read->mm.kernel >= lm::oldest, "a kernel that is too old was read");
    must(read->max_page_order < 64 && read->pageblock_order <= read->max_page_order,
         "an order out of bounds");
    for (unsigned i = 0; i < page_flags::option_count; ++i) {
        const unsigned value = read->options.value[i];
        must(value == 0 || (value >= page_flags::option_rows[i].least &&
                            value <= page_flags::option_rows[i].greatest),
             "an option outside its limits");
    }
    check_layout(read->mm);
    if (!lm::page_layout_of(read->mm).fits()) {
        for (const lm::change& c : lm::changes_for(read->mm))
            must(lm::page_layout_of(c.after).fits(), "a change that does not help");
        return;
    }
    check_printing(read->mm, 0x123456789abcdef0 >> (64 - read->mm.bits_per_long));
    static_cast<void>(lm::packed_requests_of(read->mm));
    static_cast<void>(lm::gfp_bits_of(read->mm));
}

/// Any text as the name of a layout; any word under any configuration.
inline void any_layout(const std::uint8_t* data, std::size_t size) {
    byte_reader bytes(data, size);
    const std::uint64_t raw = bytes.take(8);
    if (bytes.flag()) {
        const lm::config c = config_from(bytes);
        check_layout(c);
        if (lm::page_layout_of(c).fits()) check_printing(c, raw >> (64 - c.bits_per_long));
        for (const lm::change& turned : lm::changes_for(c, static_cast<lm::page_field>(raw % 8)))
            must(lm::page_layout_of(turned.after).fits(), "a change to a refused configuration");
        return;
    }
    const exact_bytes name(bytes.rest(), bytes.size());
    const auto c = page_flags::config_named(name);
    if (!c) {
        const zonal::errc why = c.error();
        must(why == zonal::errc::bad_range || why == zonal::errc::out_of_reach ||
                 why == zonal::errc::no_space,
             "a name is refused for another reason than its comment says");
        return;
    }
    check_layout(*c);
    must(lm::page_layout_of(*c).fits(), "a name of a refused configuration");
    check_printing(*c, raw >> (64 - c->bits_per_long));
    const std::string again = name_printed(*c);
    const auto second = page_flags::config_named({again.data(), again.size()});
    must(second.has_value() && name_printed(*second) == again, "a printed name is not a name");
    must(word_printed(*second, raw) == word_printed(*c, raw), "one name, two layouts");
}

/// Any text as lines of a report ("0x57ffffc0010200 slab|head|node=1|zone=2"): what is found explains them all.
inline void any_report(const std::uint8_t* data, std::size_t size) {
    const exact_bytes bytes(data, size);
    std::vector<std::string> parts; // every piece in memory of its own
    std::vector<std::uint64_t> words;
    for (zonal::text rest = bytes; !rest.empty() && words.size() < 4;) {
        std::size_t end = 0;
        while (end < rest.size && rest[end] != '\n') ++end;
        const std::string line = rest.sub(0, end).as<std::string>();
        rest = rest.sub(end + 1);
        char* after = nullptr;
        words.push_back(std::strtoull(line.c_str(), &after, 16));
        if (*after == ' ') ++after;
        parts.push_back(after);
    }
    std::vector<page_flags::report> lines;
    for (std::size_t i = 0; i < words.size(); ++i)
        lines.push_back({words[i], {parts[i].data(), parts[i].size()}});

    unsigned found = 0;
    page_flags::infer(lines.data(), static_cast<unsigned>(lines.size()),
                      [&](lm::validity versions, const lm::config& c) {
                          must(versions.contains(c.kernel), "a version outside its epoch");
                          must(lm::page_layout_of(c).fits(),
                               "an explanation that no kernel accepts");
                          check_layout(c);
                          for (const page_flags::report& line : lines)
                              must(word_printed(c, line.raw) == line.printed.as<std::string>(),
                                   "an explanation that prints something else");
                          const std::string name = name_printed(c);
                          must(page_flags::config_named({name.data(), name.size()}).has_value(),
                               "an explanation without a name");
                          return ++found < 20;
                      });
    must(found <= 20, "the search went on after it was stopped");
}

} // namespace zonal_test
