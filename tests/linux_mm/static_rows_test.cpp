// SPDX-License-Identifier: BSL-1.0

// Recorded rows of every version as static assertions, at the compilers' default limits. The rows are made from
// tests/data while this is built (static_rows.awk); page_layout_test compares all of them at run time.

#include <zonal/linux_mm/page_layout.hpp>
#include <zonal/linux_mm/requests.hpp>

#include "test.hpp"

using namespace zonal::linux_mm;

namespace {

/// A field's width and the bit where it begins; a version without the field has no such columns.
struct placed {
    static constexpr unsigned not_recorded = ~0u;
    unsigned width = 0;
    unsigned offset = not_recorded;

    constexpr bool is(const zonal::placed_field& f) const {
        return f.width == width && (offset == not_recorded || f.offset == offset);
    }
};

/// The results of a layout row that are compared: where each field is, or why there are none.
struct layout_row {
    placed section{}, node{}, zone{}, last_cpupid{}, kasan_tag{}, lru_gen{}, lru_refs{};
    unsigned flags = 0;
    unsigned zones = 0;
    bool node_left_out = false;
    bool last_cpupid_left_out = false;
    refusal refused[4] = {};
};

/// The results of a request row.
struct request_row {
    std::uint64_t table = 0;
    std::uint64_t bad = 0;
    unsigned entry_bits = 0;
    refusal refused[1] = {};
};

template <unsigned N>
constexpr unsigned together(const refusal (&reasons)[N]) {
    unsigned all = 0;
    for (refusal r : reasons) all |= static_cast<unsigned>(r);
    return all;
}

consteval bool agrees(const config& c, const layout_row& row) {
    const page_layout l = page_layout_of(c);
    if (l.refused != together(row.refused)) return false;
    if (!l.fits()) return true;
    const zonal::placed_field& cpupid = l[page_field::last_cpupid];
    return row.section.is(l[page_field::section]) && row.node.is(l[page_field::node]) &&
           row.zone.is(l[page_field::zone]) && row.last_cpupid.is(cpupid) &&
           row.kasan_tag.is(l[page_field::kasan_tag]) && row.lru_gen.is(l[page_field::lru_gen]) &&
           row.lru_refs.is(l[page_field::lru_refs]) && row.flags == l[page_field::flags].width &&
           row.zones == zones_of(c).size && row.node_left_out == l.node_left_out() &&
           row.last_cpupid_left_out == (cpupid.outcome == zonal::fate::left_out);
}

consteval bool agrees(const config& c, const request_row& row) {
    const bool crowded = zones_of(c).size > pick(most_zones, c.kernel);
    const auto packed = packed_requests_of(c);
    const unsigned refused = crowded  ? together({refusal::too_many_zones})
                             : packed ? 0u
                                      : together({refusal::table_too_large});
    if (refused != together(row.refused)) return false;
    return refused != 0 || (packed->table == row.table && packed->bad == row.bad &&
                            packed->entry_bits == row.entry_bits);
}

#include "static_rows.inc"

} // namespace

// What the rows cannot show: that a wrong one is noticed.
static_assert(agrees(
    config{.kernel = {6, 1}, .mmu = false},
    layout_row{.section = {0, 64}, .node = {0, 64}, .zone = {1, 63}, .flags = 22, .zones = 2}));
static_assert(!agrees(
    config{.kernel = {6, 1}, .mmu = false},
    layout_row{.section = {0, 64}, .node = {0, 64}, .zone = {1, 62}, .flags = 22, .zones = 2}));
static_assert(!agrees(config{.kernel = {6, 1}}, layout_row{.refused = {refusal::not_enough_bits}}));

TEST_CASE("rows of all versions were compared while this was compiled", "[linux_mm]") {
    STATIC_REQUIRE(layout_rows >= 240);
    STATIC_REQUIRE(request_rows >= 32);
}
