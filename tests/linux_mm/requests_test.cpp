// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/requests.hpp>

#include "linux_mm/recorded.hpp"
#include "oracle_rows_layout.hpp"
#include "test.hpp"

#include <functional>

namespace lm = zonal::linux_mm;
using namespace zonal_test;
using zonal::text;
using zonal::zone_id;

namespace {

const char* const versions[] = {"4.3", "4.7", "5.4", "5.10", "5.15", "6.1", "6.12", "7.3"};

/// Calls f(row, config, where) for each recorded request row.
void for_each_row(const std::function<void(const csv&, const lm::config&, const std::string&)>& f) {
    for (const char* version : versions) {
        std::ifstream in(recorded + "/gfp/gfp_" + version + ".csv");
        for (csv row(in); row.next();)
            f(row, config_from(row, version_of(version)),
              std::string(version) + " line " + std::to_string(row.line()));
    }
}

/// The zones of set number 0 to 15: one bit an option.
constexpr lm::config zone_set_number(unsigned set, lm::version kernel, unsigned bits = 64) {
    return {.kernel = kernel,
            .bits_per_long = bits,
            .zone_dma = (set & 1) != 0,
            .zone_dma32 = (set & 2) != 0,
            .highmem = (set & 4) != 0,
            .zone_device = (set & 8) != 0};
}

/// What a request means, in the words of the recordings: the zone it names, or NORMAL where there is none.
std::string meaning(unsigned modifiers, const lm::config& c) {
    switch (modifiers) {
    case 1:
    case 9: return c.zone_dma ? "DMA" : "Normal";
    case 2: return c.highmem ? "HighMem" : "Normal";
    case 4:
    case 12: return c.zone_dma32 ? "DMA32" : "Normal";
    case 10: return "Movable";
    default: return "Normal";
    }
}
constexpr unsigned good_combinations[] = {0, 1, 2, 4, 8, 9, 10, 12};

/// No request of this zone set reaches the device zone, by itself or by falling back.
constexpr bool device_is_out_of_reach(unsigned set) {
    const zonal::zone_list zones = lm::zones_of(zone_set_number(set, {6, 12}));
    const auto device = zones.find("Device");
    if (!device) return (set & 8) == 0;
    return zonal::unreachable(lm::requests_of(zones), zonal::descending_fallback(zones), *device);
}
/// And every other zone is reached by some request.
constexpr bool all_others_are_reached(unsigned set) {
    const zonal::zone_list zones = lm::zones_of(zone_set_number(set, {6, 12}));
    for (std::uint64_t i = 0; i < zones.size; ++i)
        if (!zones.zones[i].traits.device &&
            zonal::unreachable(lm::requests_of(zones), zonal::descending_fallback(zones), {i}))
            return false;
    return true;
}
template <class F>
constexpr bool for_all_sets(F f) {
    for (unsigned set = 0; set < 16; ++set)
        if (!f(set)) return false;
    return true;
}
static_assert(for_all_sets(device_is_out_of_reach));
static_assert(for_all_sets(all_others_are_reached));

// The same proof where the zones are types.
using amd64 = zonal::zone_set<lm::dma, lm::dma32, lm::normal, lm::movable, lm::device>;
static_assert(zonal::unreachable<lm::device, amd64>(lm::requests<amd64>, lm::fallback<amd64>));
static_assert(!zonal::unreachable<lm::movable, amd64>(lm::requests<amd64>, lm::fallback<amd64>));
static_assert(zonal::unreachable<lm::device, lm::all_zones>(lm::requests<lm::all_zones>,
                                                            lm::fallback<lm::all_zones>));
static_assert(lm::fallback<lm::all_zones>.ends());

} // namespace

TEST_CASE("the modifiers that choose a zone are the recorded bits", "[linux_mm]") {
    std::ifstream in(recorded + "/gfp/gfpbits_7.3.csv");
    unsigned seen = 0;
    for (csv row(in); row.next();) {
        const std::pair<const char*, unsigned> modifiers[] = {{"___GFP_DMA", lm::gfp_dma},
                                                              {"___GFP_HIGHMEM", lm::gfp_highmem},
                                                              {"___GFP_DMA32", lm::gfp_dma32},
                                                              {"___GFP_MOVABLE", lm::gfp_movable}};
        for (const auto& [name, bit] : modifiers)
            if (row["name"] == name) {
                CHECK(std::stoul(row["value_hex"], nullptr, 0) == bit);
                ++seen;
            }
    }
    CHECK(seen >= 4);
}

TEST_CASE("each recorded request is served from the recorded zone, packed or not", "[linux_mm]") {
    unsigned requests = 0;
    for_each_row([&](const csv& row, const lm::config& c, const std::string& where) {
        if (!row["error"].empty() || row["runtime_agrees"] == "0") return;
        INFO(where);
        const zonal::zone_list zones = lm::zones_of(c);
        const zonal::request_table table = lm::requests_of(zones);
        const auto packed = lm::packed_requests_of(c);
        REQUIRE(packed.has_value());
        CHECK(packed->table == std::stoull(row["gfp_zone_table"], nullptr, 16));
        CHECK(packed->bad == std::stoull(row["gfp_zone_bad"], nullptr, 16));
        for (unsigned m = 0; m < 16; ++m, ++requests) {
            INFO("modifiers " << m);
            const std::string& recorded_zone = row[std::string("m") + "0123456789abcdef"[m]];
            const std::uint64_t number = std::stoull(recorded_zone);
            const bool bad = recorded_zone.find("!BAD") != std::string::npos;
            CHECK(packed->is_bad(m) == bad);
            CHECK(packed->zone_for(m).value == number);
            CHECK(table.is_bad(m) == bad);
            if (!bad) {
                CHECK(table.zone_for(m)->value == number);
                CHECK(packed->checked_zone_for(m)->value == number);
                CHECK(string_of(zones[zone_id{number}].name) == meaning(m, c));
            } else {
                CHECK(packed->checked_zone_for(m).error() == zonal::errc::not_found);
            }
        }
    });
    CHECK(requests > 1500);
}

TEST_CASE("entries are as wide as recorded: a device zone needs none from 4.7 on", "[linux_mm]") {
    for_each_row([&](const csv& row, const lm::config& c, const std::string& where) {
        if (!row["error"].empty()) return;
        INFO(where);
        const std::string& width =
            row[row["gfp_zones_shift"].empty() ? "zones_shift" : "gfp_zones_shift"];
        CHECK(lm::entry_bits_of(c) == std::stoul(width));
    });
    // Five zones, one of them the device's.
    STATIC_REQUIRE(lm::entry_bits_of(zone_set_number(0b1011, {4, 3})) == 3);
    STATIC_REQUIRE(lm::entry_bits_of(zone_set_number(0b1011, {4, 6})) == 3);
    STATIC_REQUIRE(lm::entry_bits_of(zone_set_number(0b1011, {4, 7})) == 2);
    STATIC_REQUIRE(lm::entry_bits_of(zone_set_number(0b1011, {7, 3})) == 2);
    // Five zones without it, and all six.
    STATIC_REQUIRE(lm::entry_bits_of(zone_set_number(0b0111, {6, 12})) == 3);
    STATIC_REQUIRE(lm::entry_bits_of(zone_set_number(0b1111, {6, 12})) == 3);
    // A device zone beside the two that are always there makes the entries wider.
    STATIC_REQUIRE(lm::entry_bits_of(zone_set_number(0b0000, {6, 12})) == 1);
    STATIC_REQUIRE(lm::entry_bits_of(zone_set_number(0b1000, {6, 12})) == 2);
}

TEST_CASE("a table that does not fit a long has no space", "[linux_mm]") {
    unsigned refused = 0;
    for_each_row([&](const csv& row, const lm::config& c, const std::string& where) {
        if (row["error"].find("GFP_ZONES_SHIFT too large") == std::string::npos) return;
        INFO(where);
        ++refused;
        CHECK(lm::packed_requests_of(c).error() == zonal::errc::no_space);
    });
    CHECK(refused > 3);
    STATIC_REQUIRE(lm::packed_requests_of(zone_set_number(0b0111, {6, 12}, 32)).error() ==
                   zonal::errc::no_space);
    STATIC_REQUIRE(lm::packed_requests_of(zone_set_number(0b0111, {6, 12}, 64)).has_value());
    STATIC_REQUIRE(lm::packed_requests_of(zone_set_number(0b1011, {6, 12}, 32)).has_value());
}

TEST_CASE("where the kernel's own table overflows, ours says what was meant", "[linux_mm]") {
    unsigned broken = 0;
    for_each_row([&](const csv& row, const lm::config& c, const std::string& where) {
        if (row["runtime_agrees"] != "0") return;
        INFO(where);
        ++broken;
        const zonal::zone_list zones = lm::zones_of(c);
        const auto packed = lm::packed_requests_of(c);
        REQUIRE(packed.has_value());
        CHECK(packed->entry_bits == 3);
        CHECK(packed->bad == std::stoull(row["gfp_zone_bad"], nullptr, 16));
        std::uint64_t table = 0;
        for (unsigned m : good_combinations) {
            INFO("modifiers " << m);
            CHECK_FALSE(packed->is_bad(m));
            const zone_id zone = packed->zone_for(m);
            CHECK(string_of(zones[zone].name) == meaning(m, c));
            table |= zone.value << 3 * m;
            // Below the 32nd bit the recording is right, too.
            const std::string& recorded_zone = row[std::string("m") + "0123456789abcdef"[m]];
            if (3 * m + 3 <= 32) CHECK(zone.value == std::stoull(recorded_zone));
        }
        CHECK(packed->table == table);
        CHECK(packed->table >> 32 != 0); // the part that an int loses
        CHECK((packed->table & 0x3fffffff) ==
              (std::stoull(row["gfp_zone_table"], nullptr, 16) & 0x3fffffff));
    });
    CHECK(broken > 3);
}

TEST_CASE("no request of any zone set reaches the device zone, and every other zone is reached",
          "[linux_mm]") {
    for (unsigned set = 0; set < 16; ++set) {
        INFO("zone set " << set);
        CHECK(device_is_out_of_reach(set));
        CHECK(all_others_are_reached(set));
        // The packed table answers with no device either, whatever the modifiers, in every version and width.
        for (const char* version : versions)
            for (unsigned bits : {32u, 64u}) {
                const lm::config c = zone_set_number(set, version_of(version), bits);
                const zonal::zone_list zones = lm::zones_of(c);
                CHECK(zonal::descending_fallback(zones).ends());
                const auto packed = lm::packed_requests_of(c);
                if (!packed) continue;
                for (unsigned m = 0; m < 64; ++m) {
                    REQUIRE(zones.contains(packed->zone_for(m)));
                    CHECK_FALSE(zones[packed->zone_for(m)].traits.device);
                }
            }
    }
}

TEST_CASE("a device zone that could be allocated from would be reached: the proof can fail",
          "[linux_mm]") {
    zonal::zone_list zones = lm::zones_of(zone_set_number(0b1011, {6, 12}));
    const zone_id device = *zones.find("Device");
    const zonal::request_table table = lm::requests_of(zones);
    zonal::fallback_order order = zonal::descending_fallback(zones);
    CHECK(zonal::unreachable(table, order, device));
    order.next[zones.find("Movable")->value] = static_cast<unsigned char>(device.value);
    CHECK_FALSE(zonal::unreachable(table, order, device));
}

TEST_CASE("only together with HIGHMEM does MOVABLE mean the movable zone", "[linux_mm]") {
    constexpr zonal::request_table table = lm::requests<amd64>;
    STATIC_REQUIRE(table.zone_for(lm::gfp_movable).value() == amd64::id_of<lm::normal>);
    STATIC_REQUIRE(table.zone_for(lm::gfp_highmem).value() == amd64::id_of<lm::normal>);
    STATIC_REQUIRE(table.zone_for(lm::gfp_movable | lm::gfp_highmem).value() ==
                   amd64::id_of<lm::movable>);
    STATIC_REQUIRE(table.zone_for(lm::gfp_dma | lm::gfp_dma32).error() == zonal::errc::not_found);
    STATIC_REQUIRE(table.zone_for(16).error() == zonal::errc::not_found);
    STATIC_REQUIRE(table.combinations() == 16);
}
