// SPDX-License-Identifier: BSL-1.0
#include "../../examples/zone_map/command_line.hpp"

#include "test.hpp"

using namespace zonal;
using namespace zone_map;
using kind = firmware_kind;

namespace {

constexpr std::uint64_t MiB = 1u << 20, GiB = 1u << 30;

constexpr firmware_range entry(std::uint64_t start, std::uint64_t end, kind k = kind::usable) {
    return {{phys_addr{start}, phys_addr{end}}, k};
}
// 2 GiB of memory with a reserved end, after the command line.
template <unsigned Capacity = 8>
constexpr firmware_map<Capacity> edited(text line) {
    firmware_map<Capacity> map;
    expects(map.add(entry(0, 2 * GiB)) && map.add(entry(2 * GiB, 3 * GiB, kind::reserved)),
            "test: no room");
    expects(edit_firmware_map(map, line).has_value(), "test: the line does not fit");
    return map;
}
template <unsigned Capacity>
constexpr bool is(const firmware_map<Capacity>& map, std::initializer_list<firmware_range> runs) {
    auto run = map.run_from({});
    for (const firmware_range& wanted : runs) {
        if (run != result<firmware_range>(wanted)) return false;
        run = map.run_from(run->bytes.end);
    }
    return !run;
}
constexpr auto end = entry(2 * GiB, 3 * GiB, kind::reserved);

} // namespace

TEST_CASE("the example of command_line.hpp", "[zone_map]") {
    constexpr auto wishes = parse_command_line("quiet kernelcore=50% numa=off");
    static_assert(wishes.kernelcore.percent == 50 && wishes.one_node);
    firmware_map<8> firmware;
    const bool fits = edit_firmware_map(firmware, "mem=1G memmap=64M$0x20000000").has_value();
    REQUIRE(fits);
    REQUIRE(firmware.run_from({}) == entry(512 * MiB, 576 * MiB, kind::reserved));
}

TEST_CASE("numbers are decimal, hexadecimal or octal, with a suffix for bytes", "[zone_map]") {
    STATIC_REQUIRE(parse_number("4096").value == 4096);
    STATIC_REQUIRE(parse_number("0x1F").value == 0x1f);
    STATIC_REQUIRE(parse_number("0XaBc").value == 0xabc);
    STATIC_REQUIRE(parse_number("017").value == 15);
    STATIC_REQUIRE(parse_number("018").rest == text("8")); // no octal digit
    STATIC_REQUIRE(parse_number("0").value == 0);
    STATIC_REQUIRE(parse_number("0").rest.empty());
    STATIC_REQUIRE(parse_number("0x").rest == text("x"));
    STATIC_REQUIRE(parse_number("12ab").rest == text("ab"));
    STATIC_REQUIRE(parse_number("-1").rest == text("-1"));
    STATIC_REQUIRE(parse_number("\x10").rest.size == 1);
    STATIC_REQUIRE(parse_number("").value == 0);
    STATIC_REQUIRE(parse_bytes("64M").value == 64 * MiB);
    STATIC_REQUIRE(parse_bytes("64m").value == 64 * MiB);
    STATIC_REQUIRE(parse_bytes("3k").value == 3072);
    STATIC_REQUIRE(parse_bytes("1G").value == GiB);
    STATIC_REQUIRE(parse_bytes("2T").value == 2048 * GiB);
    STATIC_REQUIRE(parse_bytes("1P").value == 1024 * 1024 * GiB);
    STATIC_REQUIRE(parse_bytes("1E").value == 1024 * 1024 * 1024 * GiB);
    STATIC_REQUIRE(parse_bytes("0x10K$2").value == 0x4000);
    STATIC_REQUIRE(parse_bytes("0x10K$2").rest == text("$2"));
    STATIC_REQUIRE(parse_bytes("7").value == 7);
    STATIC_REQUIRE(parse_bytes("7Q").rest == text("Q"));
}

TEST_CASE("a command line is words; quotes keep them together and -- ends it", "[zone_map]") {
    constexpr auto nth = [](text line, int wanted) {
        boot_parameter found;
        for_each_parameter(line, [&](boot_parameter p) {
            if (wanted-- == 0) found = p;
        });
        return found;
    };
    constexpr text line = "  a=b  c d=\"e f\" =g h= -- i";
    STATIC_REQUIRE((nth(line, 0).name == "a" && nth(line, 0).value == "b"));
    STATIC_REQUIRE((nth(line, 1).name == "c" && nth(line, 1).value.empty()));
    STATIC_REQUIRE((nth(line, 2).name == "d" && nth(line, 2).value == "\"e f\""));
    STATIC_REQUIRE((nth(line, 3).name.empty() && nth(line, 3).value == "g"));
    STATIC_REQUIRE((nth(line, 4).name == "h" && nth(line, 4).value.empty()));
    STATIC_REQUIRE(nth(line, 5).name.empty());
    STATIC_REQUIRE(nth("", 0).name.empty());
}

TEST_CASE("parameters are known by their whole name, with - for _", "[zone_map]") {
    STATIC_REQUIRE(parse_command_line("movable_node").movable_node);
    STATIC_REQUIRE(parse_command_line("movable-node").movable_node);
    STATIC_REQUIRE(!parse_command_line("movable_nodes").movable_node);
    STATIC_REQUIRE(!parse_command_line("xmovable_node").movable_node);
    STATIC_REQUIRE(!parse_command_line("a -- movable_node").movable_node);
    STATIC_REQUIRE(parse_command_line("numa=off").one_node);
    STATIC_REQUIRE(!parse_command_line("numa=noacpi").one_node);
    STATIC_REQUIRE(parse_command_line("numa=fake=4").fake_nodes == 4);
    STATIC_REQUIRE(parse_command_line("numa=fake=1G").fake_nodes == 0); // by size: not known
}

TEST_CASE("kernelcore and movablecore are sizes or shares; the last one counts", "[zone_map]") {
    STATIC_REQUIRE(parse_command_line("kernelcore=2G").kernelcore.bytes == 2 * GiB);
    STATIC_REQUIRE(parse_command_line("movablecore=0x100M").movablecore.bytes == 256 * MiB);
    STATIC_REQUIRE(parse_command_line("movablecore=30%").movablecore.percent == 30);
    STATIC_REQUIRE(parse_command_line("kernelcore=30% kernelcore=1G").kernelcore.percent == 0);
    STATIC_REQUIRE(parse_command_line("kernelcore=1G kernelcore=30%").kernelcore.percent == 30);
    STATIC_REQUIRE(parse_command_line("kernelcore=mirror").kernelcore_mirror);
    STATIC_REQUIRE(!parse_command_line("movablecore=mirror").kernelcore_mirror);
    STATIC_REQUIRE(parse_command_line("kernelcore").kernelcore.bytes == 0);
}

TEST_CASE("mem= and memmap= change what is usable", "[zone_map]") {
    STATIC_REQUIRE(is(edited("quiet"), {entry(0, 2 * GiB), end}));
    STATIC_REQUIRE(is(edited("mem=1G"), {entry(0, GiB), end}));
    STATIC_REQUIRE(is(edited("memmap=1G"), {entry(0, GiB), end}));
    STATIC_REQUIRE(is(edited("mem=4G"), {entry(0, 2 * GiB), end}));
    STATIC_REQUIRE(is(edited("mem=nopentium mem= mem"), {entry(0, 2 * GiB), end}));
    STATIC_REQUIRE(is(edited("memmap=64M$0x20000000"),
                      {entry(0, 512 * MiB), entry(512 * MiB, 576 * MiB, kind::reserved),
                       entry(576 * MiB, 2 * GiB), end}));
    STATIC_REQUIRE(is(edited("memmap=1G!1G"),
                      {entry(0, GiB), entry(GiB, 2 * GiB, kind::persistent_legacy), end}));
    STATIC_REQUIRE(
        is(edited("memmap=1G#1G"), {entry(0, GiB), entry(GiB, 2 * GiB, kind::acpi_tables), end}));
    STATIC_REQUIRE(is(edited("memmap=1G@4G"), {entry(0, 2 * GiB), end, entry(4 * GiB, 5 * GiB)}));
    // what is reserved stays so
    STATIC_REQUIRE(is(edited("memmap=1G@2560M"),
                      {entry(0, 2 * GiB), end, entry(3 * GiB, 3 * GiB + 512 * MiB)}));
    STATIC_REQUIRE(is(edited("memmap=exactmap,1G@0"), {entry(0, GiB)}));
    STATIC_REQUIRE(
        is(edited("memmap=x,,1G$1G"), {entry(0, GiB), entry(GiB, 3 * GiB, kind::reserved)}));
    STATIC_REQUIRE(is(edited("memmap=1G%1G-1+2"), {entry(0, 2 * GiB), end})); // not known
}

TEST_CASE("changes apply from left to right", "[zone_map]") {
    STATIC_REQUIRE(
        is(edited("mem=1G memmap=1G@4G"), {entry(0, GiB), end, entry(4 * GiB, 5 * GiB)}));
    STATIC_REQUIRE(is(edited("memmap=1G@4G mem=1G"), {entry(0, GiB), end}));
}

TEST_CASE("what a firmware map cannot take is refused", "[zone_map]") {
    firmware_map<1> one;
    REQUIRE(one.add(entry(0, GiB)));
    CHECK(edit_firmware_map(one, "memmap=1M$1M").error() == errc::no_space);
    CHECK(edit_firmware_map(one, "memmap=16E$1M").has_value()); // 16 EiB wrap to nothing, as there
    CHECK(edit_firmware_map(one, "memmap=2M$0xffffffffffffffff").error() == errc::bad_range);
}
