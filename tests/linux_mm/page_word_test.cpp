// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/page_word.hpp>

#include "../../examples/page_flags/kconfig.hpp"

#include "linux_mm/recorded.hpp"
#include "oracle_rows_layout.hpp"
#include "test.hpp"

#include <functional>

namespace lm = zonal::linux_mm;
using namespace zonal_test;
using zonal::node_id;
using zonal::section_id;
using zonal::text;
using zonal::zone_id;

namespace {

// ---- a configuration, by what differs from one with nothing in it ----

using on = lm::config; // &on::zone_dma is an option

struct word_bits {
    unsigned bits;
};
struct sparse {
    unsigned max_physmem_bits, section_size_bits = 0;
};
struct vmemmap {
    unsigned max_physmem_bits = 0, section_size_bits = 0;
};
struct nodes {
    unsigned shift;
};
struct cpus {
    unsigned count;
};
struct without {
    bool on::* option;
};
constexpr void set(lm::config& to, bool on::* option) { to.*option = true; }
constexpr void set(lm::config& to, without off) { to.*off.option = false; }
constexpr void set(lm::config& to, word_bits word) { to.bits_per_long = word.bits; }
constexpr void set(lm::config& to, lm::kasan_mode mode) { to.kasan = mode; }
constexpr void set(lm::config& to, cpus n) { to.nr_cpus = n.count; }
constexpr void set(lm::config& to, nodes n) {
    to.numa = true;
    to.nodes_shift = n.shift;
}
constexpr void set(lm::config& to, sparse m) {
    to.memory = lm::memory_model::sparse;
    to.max_physmem_bits = m.max_physmem_bits;
    to.section_size_bits = m.section_size_bits;
}
constexpr void set(lm::config& to, vmemmap m) {
    set(to, sparse{m.max_physmem_bits, m.section_size_bits});
    to.memory = lm::memory_model::sparse_vmemmap;
}
template <class... Parts>
constexpr lm::config of(lm::version kernel, Parts... parts) {
    lm::config made{.kernel = kernel};
    (set(made, parts), ...);
    return made;
}

// ---- kernels of distributions: the same configuration as a constant and as a .config ----

constexpr lm::config debian_5_10 =
    of({5, 10}, &on::zone_dma, &on::zone_dma32, &on::zone_device, vmemmap{46, 27}, nodes{10},
       cpus{8192}, &on::numa_balancing, &on::uncached, &on::memory_failure, &on::thp);
constexpr lm::config debian_6_1 =
    of({6, 1}, &on::zone_dma, &on::zone_dma32, &on::zone_device, vmemmap{52, 27}, nodes{10},
       cpus{8192}, &on::numa_balancing, &on::lru_gen, &on::uncached, &on::thp);
constexpr lm::config debian_6_12 =
    of({6, 12}, &on::zone_dma, &on::zone_dma32, &on::zone_device, vmemmap{52, 27}, nodes{10},
       cpus{8192}, &on::numa_balancing, &on::lru_gen, &on::memory_failure, &on::thp, &on::idle,
       &on::arch_2, &on::slab_obj_ext);
constexpr lm::config debian_7_3 = [] {
    lm::config c = debian_6_12;
    c.kernel = {7, 3};
    return c;
}();
constexpr lm::config debian_6_1_686 =
    of({6, 1}, word_bits{32}, &on::zone_dma, &on::highmem, cpus{32}, &on::lru_gen, &on::uncached,
       &on::memory_failure, without{&on::memory_hotplug});

struct word_5_10 : lm::page_word<debian_5_10> {};
struct word_6_1 : lm::page_word<debian_6_1> {};
struct word_6_12 : lm::page_word<debian_6_12> {};
struct word_7_3 : lm::page_word<debian_7_3> {};
struct word_6_1_686 : lm::page_word<debian_6_1_686> {};

// The header's example.
static_assert(word_6_1::width<node_id> == 10);

/// What a word says of one field, and how the recorded tables call it.
struct typed_field {
    const char* name;
    unsigned width, shift;
    std::uint64_t mask, max;
};
template <class Word, class Field>
constexpr typed_field typed(const char* name) {
    return {name, Word::template width<Field>, Word::template shift<Field>,
            Word::template mask<Field>, Word::template max<Field>};
}
struct typed_fields {
    typed_field list[7];
    unsigned flags;
};
template <class Word>
constexpr typed_fields fields_of_word{
    {typed<Word, section_id>("sections"), typed<Word, node_id>("nodes"),
     typed<Word, zone_id>("zones"), typed<Word, lm::last_cpupid>("last_cpupid"),
     typed<Word, lm::kasan_tag>("kasan_tag"), typed<Word, lm::lru_gen>("lru_gen"),
     typed<Word, lm::lru_refs>("lru_refs")},
    Word::template width<zonal::flag_bits>};

/// Widths, shifts and masks of a word are those recorded; some tables have their columns in capitals.
void check_recorded(const typed_fields& word, const csv& row, bool capitals) {
    const auto cell = [&](std::string column) -> const std::string& {
        if (capitals)
            for (char& c : column)
                c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        return row[column];
    };
    for (const typed_field& field : word.list) {
        const std::string name = field.name;
        INFO(name);
        const std::string& width = cell(name + "_width");
        CHECK(field.width == (width.empty() ? 0 : std::stoul(width))); // empty: not yet invented
        if (field.width == 0) continue;
        const bool lru =
            name == "lru_gen" || name == "lru_refs"; // whose masks are recorded in place
        CHECK(field.shift == std::stoul(cell(name + (lru ? "_pgoff" : "_pgshift"))));
        CHECK((lru ? field.mask : field.max) == std::stoull(cell(name + "_mask"), nullptr, 16));
        CHECK(field.mask == field.max << field.shift);
    }
    CHECK(word.flags == std::stoul(cell("nr_pageflags")));
}

void check_debian(const char* package, const lm::config& wanted, const typed_fields& word) {
    INFO(package);
    const std::string file = config_text(package);
    CHECK(page_flags::read_kconfig(view(file))->mm == wanted);
    std::ifstream in(recorded + "/distro/distro.csv");
    unsigned rows = 0;
    for (csv row(in); row.next();)
        if (row["headers_package"] == package) {
            ++rows;
            check_recorded(word, row, true);
        }
    CHECK(rows == 1);
}

// ---- rows of the recorded layouts, found again by their configuration ----

void check_row(const lm::config& wanted, const typed_fields& word) {
    const lm::version v = wanted.kernel;
    const std::string kernel = std::to_string(v.major) + "." + std::to_string(v.minor);
    INFO(kernel);
    std::ifstream in(recorded + "/layout/layout_" + kernel + ".csv");
    unsigned rows = 0;
    for (csv row(in); row.next();)
        if (config_from(row, v) == wanted) {
            INFO("line " << row.line());
            ++rows;
            CHECK(row["error"].empty());
            check_recorded(word, row, false);
        }
    CHECK(rows != 0);
}
template <lm::config C>
void check_row() {
    check_row(C, fields_of_word<lm::page_word<C>>);
}

/// All values of small fields, the corner values of large ones: what is set is read again, nothing else moves.
template <class Word>
constexpr bool fields_are_independent() {
    bool good = true;
    using integer = typename Word::word_type;
    const auto check = [&]<class Field>(Field) {
        const integer all = static_cast<integer>(~integer{0});
        for (std::uint64_t value :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{Word::template max<Field>} >> 1,
              std::uint64_t{Word::template max<Field>}}) {
            if constexpr (Word::template is_present<Field>)
                for (const integer before : {integer{0}, all}) {
                    const integer after = Word::set(before, Field{value});
                    good = good && Word::template get<Field>(after).value == value;
                    good = good && ((after ^ before) & ~Word::template mask<Field>) == 0;
                }
        }
    };
    check(section_id{});
    check(node_id{});
    check(zone_id{});
    check(lm::last_cpupid{});
    check(lm::kasan_tag{});
    check(lm::lru_gen{});
    check(lm::lru_refs{});
    check(zonal::flag_bits{});
    return good;
}

/// The typed word is the value that page_layout_of computes, and the typed zones are those of zones_of.
template <lm::config C>
constexpr bool is_one_and_the_same() {
    using word = lm::page_word<C>;
    constexpr lm::page_layout value = lm::page_layout_of(C);
    static_assert(value.fits());
    static_assert(sizeof(typename word::word_type) * 8 == C.bits_per_long);
    for (unsigned i = 0; i < lm::page_fields; ++i)
        if (!(word::placed[i] == value.word[i])) return false;
    if (word::template width<node_id> != value[lm::page_field::node].width ||
        word::template mask<zone_id> != value[lm::page_field::zone].mask() ||
        word::template shift<lm::last_cpupid> != value[lm::page_field::last_cpupid].shift() ||
        word::template was_left_out<node_id> != value.node_left_out())
        return false;
    const zonal::zone_list zones = lm::zones_of(C);
    if (zones.size != word::zones::size) return false;
    for (unsigned i = 0; i < zones.size; ++i)
        if (!(word::zones::list.zones[i].name == zones.zones[i].name)) return false;
    return fields_are_independent<word>();
}

// A word of each kind: versions, word sizes, memory models, fields that are there or not.
constexpr lm::config of_4_3 = of({4, 3}, &on::zone_dma, &on::zone_dma32, sparse{46, 27}, nodes{6},
                                 cpus{64}, &on::numa_balancing);
constexpr lm::config of_4_3_arm = of({4, 3}, word_bits{32}, &on::zone_dma, &on::highmem);
constexpr lm::config of_4_7 = of({4, 7}, &on::zone_dma, &on::zone_dma32, &on::zone_device,
                                 vmemmap{}, nodes{10}, cpus{8192}, &on::numa_balancing);
constexpr lm::config of_5_10 = of({5, 10}, &on::zone_dma32, vmemmap{}, nodes{4}, cpus{256},
                                  &on::numa_balancing, lm::kasan_mode::sw_tags);
constexpr lm::config of_5_10_686 =
    of({5, 10}, word_bits{32}, &on::zone_dma, &on::highmem, &on::uncached, &on::memory_failure);
constexpr lm::config of_6_1 =
    of({6, 1}, sparse{48, 28}, nodes{6}, cpus{256}, &on::numa_balancing, &on::lru_gen);
constexpr lm::config of_6_1_tagged = of({6, 1}, &on::zone_dma, lm::kasan_mode::hw_tags);
constexpr lm::config of_6_12 = of({6, 12}, &on::zone_dma, sparse{40}, nodes{10});
constexpr lm::config of_6_12_arm =
    of({6, 12}, word_bits{32}, &on::zone_dma, &on::highmem, &on::lru_gen);
constexpr lm::config of_7_3 =
    of({7, 3}, &on::zone_dma, &on::zone_dma32, &on::zone_device, vmemmap{}, nodes{4}, cpus{512},
       &on::numa_balancing, lm::kasan_mode::hw_tags, &on::lru_gen, &on::idle, &on::arch_2,
       &on::arch_3);
constexpr lm::config of_7_3_bare = of({7, 3}, word_bits{32}, without{&on::mmu});

static_assert(is_one_and_the_same<of_4_3>());
static_assert(is_one_and_the_same<of_4_3_arm>());
static_assert(is_one_and_the_same<of_4_7>());
static_assert(is_one_and_the_same<of_5_10>());
static_assert(is_one_and_the_same<of_5_10_686>());
static_assert(is_one_and_the_same<of_6_1>());
static_assert(is_one_and_the_same<of_6_1_tagged>());
static_assert(is_one_and_the_same<of_6_12>());
static_assert(is_one_and_the_same<of_6_12_arm>());
static_assert(is_one_and_the_same<of_7_3>());
static_assert(is_one_and_the_same<of_7_3_bare>());
static_assert(is_one_and_the_same<debian_5_10>());
static_assert(is_one_and_the_same<debian_6_12>());
static_assert(is_one_and_the_same<debian_6_1_686>());

// ---- the zones that started it all ----

constexpr lm::config four_zones_in_4_3 = of({4, 3}, &on::zone_dma, &on::zone_dma32);
constexpr lm::config device_for_dma_in_4_3 = of({4, 3}, &on::zone_dma32, &on::zone_device);
constexpr lm::config five_zones_in(lm::version kernel) {
    return of(kernel, &on::zone_dma, &on::zone_dma32, &on::zone_device);
}
struct word_without_device : lm::page_word<four_zones_in_4_3> {};
struct word_without_dma : lm::page_word<device_for_dma_in_4_3> {};
struct word_with_five : lm::page_word<five_zones_in({4, 7})> {};

static_assert(word_without_device::width<zone_id> == 2);
static_assert(word_without_dma::width<zone_id> == 2);
static_assert(word_with_five::width<zone_id> == 3);
static_assert(std::is_same_v<word_without_device::zones,
                             zonal::zone_set<lm::dma, lm::dma32, lm::normal, lm::movable>>);
static_assert(std::is_same_v<word_without_dma::zones,
                             zonal::zone_set<lm::dma32, lm::normal, lm::movable, lm::device>>);
static_assert(
    std::is_same_v<lm::configured_zones<five_zones_in({4, 7})>,
                   zonal::zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>>);
static_assert(
    std::is_same_v<lm::configured_zones<of({6, 12})>, zonal::zone_set<lm::normal, lm::movable>>);
static_assert(
    std::is_same_v<lm::configured_zones<of({6, 12}, word_bits{32}, &on::zone_dma, &on::zone_dma32,
                                           &on::highmem, &on::zone_device)>,
                   lm::all_zones>);

} // namespace

TEST_CASE("a distribution's kernel as a constant is that kernel, and its word has its numbers",
          "[linux_mm]") {
    check_debian("linux-headers-5.10.0-32-amd64", debian_5_10, fields_of_word<word_5_10>);
    check_debian("linux-headers-6.1.0-56-cloud-amd64", debian_6_1, fields_of_word<word_6_1>);
    check_debian("linux-headers-6.12.111+deb12-amd64", debian_6_12, fields_of_word<word_6_12>);
    check_debian("linux-headers-7.3.4+deb13-amd64", debian_7_3, fields_of_word<word_7_3>);
    check_debian("linux-headers-6.1.0-50-rt-686-pae", debian_6_1_686, fields_of_word<word_6_1_686>);
}

TEST_CASE("words as types have the recorded numbers of their configurations", "[linux_mm]") {
    // The node is left out.
    check_row<of({4, 3}, &on::zone_dma, &on::zone_dma32, sparse{51, 24}, nodes{10}, cpus{64},
                 &on::memory_failure, &on::thp, &on::extended, &on::idle)>();
    check_row<of({4, 3}, word_bits{32}, sparse{36, 29}, nodes{2}, cpus{8}, &on::memory_failure,
                 &on::thp, &on::extended)>();
    // The last CPU and process are left out.
    check_row<of({4, 3}, &on::zone_dma, &on::zone_device, sparse{46, 27}, nodes{6}, cpus{512},
                 &on::numa_balancing, &on::memory_failure, &on::thp, &on::extended, &on::idle)>();
    check_row<of({4, 7}, word_bits{32}, sparse{36, 29}, nodes{4}, cpus{8}, &on::memory_failure)>();
    // Tags.
    check_row<of({5, 4}, &on::zone_device, cpus{512}, lm::kasan_mode::sw_tags, &on::memory_failure,
                 &on::idle)>();
    check_row<of({5, 10}, word_bits{32}, &on::zone_device, sparse{36, 29}, nodes{2}, cpus{8},
                 &on::numa_balancing, &on::memory_failure)>();
    check_row<of({5, 15}, &on::zone_dma, &on::highmem, &on::zone_device, sparse{46, 27}, nodes{3},
                 cpus{512}, &on::numa_balancing, lm::kasan_mode::hw_tags, &on::memory_failure,
                 &on::idle)>();
    // References take the last bit.
    check_row<of({6, 1}, &on::zone_dma32, &on::zone_device, nodes{6}, cpus{512},
                 &on::numa_balancing, lm::kasan_mode::hw_tags, &on::lru_gen, &on::memory_failure,
                 &on::idle)>();
    check_row<of({6, 12}, word_bits{32}, sparse{36, 29}, nodes{2}, cpus{8}, &on::memory_failure)>();
    check_row<of({7, 3}, &on::zone_dma, &on::zone_device, sparse{46, 27}, nodes{3}, cpus{512},
                 &on::numa_balancing, lm::kasan_mode::hw_tags, &on::memory_failure, &on::idle)>();
}

TEST_CASE("typed words and computed layouts agree, and fields do not touch each other",
          "[linux_mm]") {
    // The others are compared in static assertions only.
    CHECK(is_one_and_the_same<of_6_1>());
    CHECK(is_one_and_the_same<of_7_3>());
    CHECK(is_one_and_the_same<of_6_12_arm>());
}

TEST_CASE("four zones fit 4.3 with or without a device, five fit from 4.7 on", "[linux_mm]") {
    STATIC_REQUIRE(!lm::page_layout_of(five_zones_in({4, 3})).fits());
    STATIC_REQUIRE(!lm::page_layout_of(five_zones_in({4, 6})).fits());
    for (lm::version v :
         {lm::version{4, 7}, lm::version{5, 4}, lm::version{6, 12}, lm::version{7, 3}})
        CHECK(lm::page_layout_of(five_zones_in(v)).fits());
    constexpr auto device = word_with_five::set(0, word_with_five::zones::id_of<lm::device>);
    STATIC_REQUIRE(device >> 61 == 4);
}

TEST_CASE("a zeroed word carries no tag: a tag is stored inverted", "[linux_mm]") {
    struct word : lm::page_word<of_6_1_tagged> {};
    STATIC_REQUIRE(word::get<lm::kasan_tag>(0).value == 0xff);
    STATIC_REQUIRE(word::get<lm::kasan_tag>(word::set(0, lm::kasan_tag{0x3c})).value == 0x3c);
    STATIC_REQUIRE((word::set(0, lm::kasan_tag{0xff})) == 0);
}

TEST_CASE("a field that found no room is known to be left out", "[linux_mm]") {
    struct word : lm::page_word<of_6_12> {};
    STATIC_REQUIRE(word::was_left_out<node_id>);
    STATIC_REQUIRE(!word::is_present<node_id>);
    STATIC_REQUIRE(word::width<section_id> == 40);
    STATIC_REQUIRE(word_6_12::is_present<node_id> && !word_6_12::was_left_out<node_id>);
}

TEST_CASE("the word of a struct page is updated in place", "[linux_mm]") {
    struct page {
        std::uint64_t flags = 1;
    } p;
    word_6_12::in(p.flags).set(node_id{5}, zone_id{2}, lm::last_cpupid{0x1fffff});
    CHECK(word_6_12::in(p.flags).get<node_id>() == node_id{5});
    CHECK(word_6_12::get<zonal::flag_bits>(p.flags).value == 1);
    word_6_12::in(p.flags).atomic_set(zone_id{4});
    CHECK(word_6_12::get<zone_id>(p.flags) == zone_id{4});
    CHECK(word_6_12::merged<node_id, zone_id>(p.flags) == (5 << 3 | 4));
    CHECK(word_6_12::checked_set(p.flags, zone_id{8}).error() == zonal::errc::out_of_reach);
}

namespace {
// 26 flags, 27 section bits and 2 zone bits leave 9: too few for the node, enough for the last CPU and process.
constexpr lm::config nine_bits_left(lm::version kernel) {
    return of(kernel, &on::zone_dma, &on::zone_dma32, sparse{51, 24}, nodes{10}, cpus{2},
              &on::numa_balancing, &on::memory_failure, &on::idle);
}
} // namespace

TEST_CASE("up to 5.10 a node that was left out still takes room from the last CPU and process",
          "[linux_mm]") {
    struct word_5_15 : lm::page_word<nine_bits_left({5, 15})> {};
    STATIC_REQUIRE(word_5_15::was_left_out<node_id>);
    STATIC_REQUIRE(word_5_15::width<lm::last_cpupid> == 9);
    STATIC_REQUIRE(word_5_15::placed.unused() == 0);
    struct word_in_5_10 : lm::page_word<nine_bits_left({5, 10})> {};
    STATIC_REQUIRE(word_in_5_10::was_left_out<node_id>);
    STATIC_REQUIRE(word_in_5_10::was_left_out<lm::last_cpupid>);
    STATIC_REQUIRE(word_in_5_10::placed.unused() == 9);
}
