// SPDX-License-Identifier: BSL-1.0
#include "../../examples/page_flags/kconfig.hpp"

#include "csv.hpp"
#include "linux_mm/recorded.hpp"
#include "test.hpp"

#include <algorithm>
#include <map>
#include <random>

using namespace zonal::linux_mm;
using namespace page_flags;
using namespace zonal_test;
using zonal::text;

namespace {

/// Enough of a `.config` to be complete; tests add lines before or after it.
constexpr text small = "#\n"
                       "# Automatically generated file; DO NOT EDIT.\n"
                       "# Linux/x86 6.1.192 Kernel Configuration\n"
                       "#\n"
                       "CONFIG_CC_VERSION_TEXT=\"gcc (Debian 12.2.0-14) 12.2.0\"\n"
                       "CONFIG_64BIT=y\n"
                       "CONFIG_X86_64=y\n"
                       "CONFIG_MMU=y\n"
                       "CONFIG_PGTABLE_LEVELS=4\n"
                       "CONFIG_SMP=y\n"
                       "CONFIG_NR_CPUS=64\n"
                       "CONFIG_NUMA=y\n"
                       "CONFIG_NODES_SHIFT=6\n"
                       "CONFIG_SPARSEMEM=y\n"
                       "CONFIG_SPARSEMEM_VMEMMAP=y\n"
                       "# CONFIG_ZONE_DMA is not set\n"
                       "CONFIG_ZONE_DMA32=y\n";

constexpr bool reads_a_small_config() {
    const auto k = read_kconfig(small);
    if (!k) return false;
    const config& mm = k->mm;
    return mm.kernel == version{6, 1} && mm.bits_per_long == 64 && !mm.zone_dma && mm.zone_dma32 &&
           mm.memory == memory_model::sparse_vmemmap && mm.nr_cpus == 64 && mm.nodes_shift == 6 &&
           mm.max_physmem_bits == 46 && mm.section_size_bits == 27 && k->page_shift == 12 &&
           k->arch == architecture::x86_64 && !k->max_physmem_at_run_time &&
           k->max_page_order == 10;
}
static_assert(reads_a_small_config());

constexpr kconfig_error error_of(text file, kconfig_given given = {}) {
    const auto k = read_kconfig(file, given);
    return k ? kconfig_error{} : k.error();
}

static_assert(error_of("") == kconfig_error{1, kconfig_reason::no_version, {}});
static_assert(error_of("CONFIG_NUMA=maybe\n") ==
              kconfig_error{1, kconfig_reason::bad_value, "NUMA"});
static_assert(error_of("#\nCONFIG_NR_CPUS=99999999999999999999999\n") ==
              kconfig_error{2, kconfig_reason::out_of_range, "NR_CPUS"});

kconfig_error error_of(const std::string& file) { return error_of(view(file)); }

std::string with(const std::string& lines) { return string_of(small) + lines; }

/// A complete flat configuration of an architecture, plus lines.
std::string flat(const std::string& header, const std::string& lines) {
    return "# Linux/" + header + " Kernel Configuration\nCONFIG_MMU=y\nCONFIG_FLATMEM=y\n" + lines;
}
std::string sparse(const std::string& header, const std::string& lines) {
    return "# Linux/" + header + " Kernel Configuration\nCONFIG_MMU=y\nCONFIG_SPARSEMEM=y\n" +
           lines;
}

std::string upper(std::string s) {
    for (char& c : s) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return s;
}

const std::map<std::string, std::vector<architecture>> architectures_of_column = {
    {"x86", {architecture::x86_64, architecture::x86_32}},
    {"arm64", {architecture::arm64}},
    {"arm", {architecture::arm}},
    {"powerpc", {architecture::powerpc64}},
    {"mips", {architecture::mips}},
    {"s390", {architecture::s390}},
};

} // namespace

TEST_CASE("every recorded distribution configuration is read to its recorded facts",
          "[page_flags]") {
    std::ifstream in(recorded + "/distro/distro.csv");
    csv table(in);
    std::size_t kernels = 0;
    while (table.next()) {
        INFO(table["headers_package"]);
        const std::string file = config_text(table["headers_package"]);
        const auto k = read_kconfig(view(file));
        REQUIRE(k);
        ++kernels;

        for (const std::string& column : table.header()) {
            const bool on_off = column.rfind("cfg_", 0) == 0;
            if (!on_off && column.rfind("CONFIG_", 0) != 0) continue;
            INFO(column);
            const std::string name = on_off ? upper(column.substr(4)) : column.substr(7);
            const option what = option_named(view(name));
            REQUIRE(what != option::none);
            CHECK(is_number(what) != on_off);
            CHECK(k->options.number(what) == table.number(column));
        }

        CHECK(k->mm.kernel == version_of(table["kernel"]));
        CHECK(k->mm.bits_per_long == table.number("BITS_PER_LONG"));
        CHECK(k->page_shift == table.number("PAGE_SHIFT"));
        CHECK(k->mm.nodes_shift == table.number("NODES_SHIFT"));
        CHECK(k->mm.section_size_bits == table.number("SECTION_SIZE_BITS"));
        CHECK(k->max_physmem_at_run_time == (table["MAX_PHYSMEM_BITS"] == "runtime"));
        if (k->max_physmem_at_run_time)
            CHECK(k->mm.max_physmem_bits == 52);
        else
            CHECK(k->mm.max_physmem_bits == table.number("MAX_PHYSMEM_BITS"));
        CHECK(k->pageblock_order == table.number("pageblock_order"));
        if (table["MAX_PAGE_ORDER"].empty())
            CHECK(k->max_page_order + 1 == table.number("MAX_ORDER"));
        else
            CHECK(k->max_page_order == table.number("MAX_PAGE_ORDER"));

        const std::vector<architecture>& possible = architectures_of_column.at(table["arch"]);
        CHECK(std::count(possible.begin(), possible.end(), k->arch) == 1);
        CHECK((k->mm.nr_cpus == 1) == (table["cfg_smp"] == "0"));
        CHECK(k->mm.memory == (table["cfg_sparsemem"] == "0" ? memory_model::flat
                               : table["cfg_sparsemem_vmemmap"] == "0"
                                   ? memory_model::sparse
                                   : memory_model::sparse_vmemmap));
        CHECK(k->mm.arch_3 == (table["cfg_arch_uses_pg_arch_3"] == "1"));
    }
    CHECK(kernels == 28);
}

TEST_CASE("the running kernel's configuration can be read, where it shows one", "[page_flags]") {
    std::ifstream there("/proc/config.gz");
    if (!there) return;
    const auto k = read_kconfig(view(gunzip("/proc/config.gz")));
    REQUIRE(k);
    CHECK(k->mm.kernel >= oldest);
    CHECK(k->mm.nr_cpus >= 1);
}

TEST_CASE("architectures without a recorded file follow the recorded rules", "[page_flags]") {
    const auto bits = [](const std::string& file) {
        const auto k = read_kconfig(view(file));
        REQUIRE(k);
        return std::vector<unsigned>{k->mm.max_physmem_bits, k->mm.section_size_bits, k->page_shift,
                                     k->mm.bits_per_long};
    };
    using is = std::vector<unsigned>;
    CHECK(bits(sparse("riscv 6.12.1", "CONFIG_RISCV=y\nCONFIG_64BIT=y\nCONFIG_PAGE_SHIFT=12\n")) ==
          is{56, 27, 12, 64});
    CHECK(bits(sparse("loongarch 7.2.13",
                      "CONFIG_LOONGARCH=y\nCONFIG_64BIT=y\nCONFIG_PAGE_SIZE_16KB=y\n")) ==
          is{48, 29, 14, 64});
    CHECK(bits(sparse("mips 6.1.176", "CONFIG_MIPS=y\nCONFIG_MACH_LOONGSON64=y\nCONFIG_64BIT=y\n"
                                      "CONFIG_PAGE_SIZE_16KB=y\n")) == is{48, 28, 14, 64});
    CHECK(bits(sparse("mips 6.1.176", "CONFIG_MIPS=y\nCONFIG_CAVIUM_OCTEON_SOC=y\nCONFIG_64BIT=y\n"
                                      "CONFIG_PAGE_SIZE_4KB=y\n")) == is{48, 28, 12, 64});
    CHECK(
        bits(sparse("powerpc 6.1.1", "CONFIG_PPC64=y\nCONFIG_64BIT=y\nCONFIG_PPC_64K_PAGES=y\n")) ==
        is{51, 24, 16, 64});
    CHECK(
        bits(sparse("s390 6.1.1", "CONFIG_S390=y\nCONFIG_64BIT=y\nCONFIG_MAX_PHYSMEM_BITS=46\n")) ==
        is{46, 28, 12, 64});
    CHECK(
        bits(sparse("s390 7.2.1", "CONFIG_S390=y\nCONFIG_64BIT=y\nCONFIG_MAX_PHYSMEM_BITS=46\n")) ==
        is{46, 27, 12, 64});
    CHECK(bits(sparse("arm64 5.10.1", "CONFIG_ARM64=y\nCONFIG_64BIT=y\nCONFIG_ARM64_PA_BITS=48\n"
                                      "CONFIG_ARM64_16K_PAGES=y\n")) == is{48, 30, 14, 64});
    CHECK(bits(sparse("arm64 6.1.1", "CONFIG_ARM64=y\nCONFIG_64BIT=y\nCONFIG_ARM64_PA_BITS=48\n"
                                     "CONFIG_ARM64_4K_PAGES=y\n")) == is{48, 27, 12, 64});
    CHECK(bits(flat("arm 6.1.176", "CONFIG_ARM=y\n")) == is{0, 0, 12, 32});
    CHECK(bits(flat("sparc 6.1.1", "CONFIG_SPARC=y\n")) == is{0, 0, 12, 32});
}

TEST_CASE("options count only in the versions that know them", "[page_flags]") {
    const auto mm = [](const char* v, const std::string& lines) {
        return read_kconfig(view(flat("arm64 " + std::string(v),
                                      "CONFIG_ARM64=y\nCONFIG_64BIT=y\n" + lines)))
            .value()
            .mm;
    };
    CHECK(mm("5.10.1", "CONFIG_IDLE_PAGE_TRACKING=y\n").idle);
    CHECK_FALSE(mm("5.15.1", "CONFIG_IDLE_PAGE_TRACKING=y\n").idle);
    CHECK(mm("5.15.1", "CONFIG_PAGE_IDLE_FLAG=y\n").idle);
    CHECK(mm("6.6.1", "CONFIG_ARCH_USES_PG_ARCH_X=y\n").arch_2);
    CHECK(mm("6.6.1", "CONFIG_ARCH_USES_PG_ARCH_X=y\n").arch_3);
    CHECK(mm("6.12.1", "CONFIG_ARCH_USES_PG_ARCH_2=y\n").arch_2);
    CHECK_FALSE(mm("6.12.1", "CONFIG_ARCH_USES_PG_ARCH_2=y\n").arch_3);
    CHECK(mm("6.11.1", "CONFIG_ARCH_USES_PG_UNCACHED=y\n").uncached);
    CHECK_FALSE(mm("6.12.1", "CONFIG_ARCH_USES_PG_UNCACHED=y\n").uncached);
    CHECK(mm("4.3.0", "CONFIG_PAGEFLAGS_EXTENDED=y\n").extended);
    CHECK(mm("6.1.0", "CONFIG_KASAN=y\nCONFIG_KASAN_SW_TAGS=y\n").kasan == kasan_mode::sw_tags);
    CHECK(mm("4.3.0", "CONFIG_KASAN=y\n").kasan == kasan_mode::generic);
    CHECK(mm("6.1.0", "CONFIG_KASAN_SW_TAGS=y\n").kasan == kasan_mode::none);
    CHECK(mm("6.1.0", "CONFIG_NR_CPUS=8\n").nr_cpus == 1); // without SMP
}

TEST_CASE("a forced maximal order is a count up to 6.3 and the greatest order from 6.4 on",
          "[page_flags]") {
    const auto order = [](const std::string& v, const std::string& lines) {
        return read_kconfig(view(flat("arm " + v, "CONFIG_ARM=y\n" + lines)))
            .value()
            .max_page_order;
    };
    CHECK(order("6.1.1", "") == 10);
    CHECK(order("6.12.1", "") == 10);
    CHECK(order("6.1.1", "CONFIG_ARCH_FORCE_MAX_ORDER=12\n") == 11);
    CHECK(order("5.10.1", "CONFIG_FORCE_MAX_ZONEORDER=12\n") == 11);
    CHECK(order("6.12.1", "CONFIG_ARCH_FORCE_MAX_ORDER=11\n") == 11);
}

TEST_CASE("the caller's version and architecture replace the file's", "[page_flags]") {
    const auto newer = read_kconfig(small, {.kernel = {6, 18}});
    REQUIRE(newer);
    CHECK(newer->mm.kernel == version{6, 18});
    CHECK(newer->arch == architecture::x86_64);
    const auto other = read_kconfig(small, {.arch = architecture_named("loong64")});
    REQUIRE(other);
    CHECK(other->mm.section_size_bits == 29);
    CHECK(read_kconfig("CONFIG_FLATMEM=y\n", {.kernel = {5, 4}}).value().arch ==
          architecture::other);
    STATIC_REQUIRE(architecture_named("pdp11") == architecture::unknown);
}

TEST_CASE("of contradictory lines the last one counts", "[page_flags]") {
    CHECK(read_kconfig(view(with("CONFIG_ZONE_DMA=y\n")))->mm.zone_dma);
    CHECK_FALSE(read_kconfig(view(with("# CONFIG_ZONE_DMA32 is not set\n")))->mm.zone_dma32);
    CHECK(read_kconfig(view(with("CONFIG_NR_CPUS=2\nCONFIG_NR_CPUS=3\n")))->mm.nr_cpus == 3);
    CHECK(read_kconfig(view(with("# CONFIG_SMP is not set\n")))->mm.nr_cpus == 1);
    CHECK(read_kconfig(view(with("# Linux/x86 6.12.1 Kernel Configuration\n")))->mm.kernel ==
          version{6, 12});
}

TEST_CASE("line ends, comments and unknown options do not matter", "[page_flags]") {
    std::string crlf;
    for (char c : small) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
    CHECK(read_kconfig(view(crlf)).value().mm == read_kconfig(small).value().mm);
    const std::string noise =
        "\n# a comment\n#\n# CONFIG_ is not set up\nCONFIG_FOO=m\nCONFIG_BAR=\"a = b\"\n"
        "CONFIG_HEX=0xdead000000000000\nCONFIG_NEG=-1\nCONFIG_EMPTY=\n"
        "CONFIG_TEXT=\"\xc3\xbc\"\n# CONFIG_NUMA is not s";
    CHECK(read_kconfig(view(with(noise))).value().mm == read_kconfig(small).value().mm);
    // A last line without an end is fine as long as it cannot hide a longer number.
    CHECK(read_kconfig(view(with("CONFIG_LRU_GEN=y")))->mm.lru_gen);
}

TEST_CASE("the version is found in the headers that kernels write", "[page_flags]") {
    const auto kernel = [](const char* header) {
        return read_kconfig(view(flat(header, "")))->mm.kernel;
    };
    CHECK(kernel("x86 4.3.0") == version{4, 3});
    CHECK(kernel("x86_64 6.15.0-rc1") == version{6, 15});
    CHECK(kernel("arm64 5.14.0-284.11.1.el9_2.aarch64") == version{5, 14});
    CHECK(kernel("s390 7.2.13+deb14") == version{7, 2});
}

TEST_CASE("what cannot be read is refused with its line and reason", "[page_flags]") {
    using r = kconfig_reason;
    const unsigned long last = 17; // lines of the small configuration
    const std::string s = string_of(small);
    struct refusal {
        std::string file;
        kconfig_error error;
    };
    const refusal refusals[] = {
        {"", {1, r::no_version, {}}},
        {"\n\n", {2, r::no_version, {}}},
        {"CONFIG_MMU=y\n", {1, r::no_version, {}}},
        {"# Linux/x86 Kernel Configuration\n", {1, r::bad_version, {}}},
        {"# Linux/x86 six.one Kernel Configuration\n", {1, r::bad_version, {}}},
        {"# Linux/x86 6. Kernel Configuration\n", {1, r::bad_version, {}}},
        {"# Linux/x86 99999999999.1 Kernel Configuration\n", {1, r::bad_version, {}}},
        {"# Linux/x86 6.99999999999999999999 Kernel Configuration\n", {1, r::bad_version, {}}},
        {"#\n# Linux/x86 3.16.7 Kernel Configuration\n", {2, r::too_old, {}}},
        {flat("x86 4.2.8", ""), {1, r::too_old, {}}},
        {"# Linux/x86 6.1.1 Kernel Configuration\nCONFIG_MMU=y\n", {2, r::no_memory_model, {}}},
        {flat("x86 6.1.1", "CONFIG_SMP=y\n#\n"), {4, r::missing_number, "NR_CPUS"}},
        {flat("x86 6.1.1", "#\nCONFIG_NUMA=y\n"), {5, r::missing_number, "NODES_SHIFT"}},
        {sparse("sparc 6.1.1", "CONFIG_SPARC64=y\nCONFIG_64BIT=y\n"),
         {3, r::unknown_addresses, {}}},
        {with("CONFIG_NUMA\n"), {last + 1, r::not_an_option, {}}},
        {with("CONFIG_=y\n"), {last + 1, r::not_an_option, {}}},
        {with("CONFIG_NUMA y\n"), {last + 1, r::not_an_option, {}}},
        {with("CONFIG_NU MA=y\n"), {last + 1, r::not_an_option, {}}},
        {with(" CONFIG_NUMA=y\n"), {last + 1, r::not_an_option, {}}},
        {with("hello\n"), {last + 1, r::not_an_option, {}}},
        {with("#\nCONFIG_NUMA=m\n"), {last + 2, r::bad_value, "NUMA"}},
        {with("CONFIG_NUMA=\n"), {last + 1, r::bad_value, "NUMA"}},
        {with("CONFIG_NUMA=\"y\"\n"), {last + 1, r::bad_value, "NUMA"}},
        {with("CONFIG_NR_CPUS=\n"), {last + 1, r::bad_value, "NR_CPUS"}},
        {with("CONFIG_NR_CPUS=-1\n"), {last + 1, r::bad_value, "NR_CPUS"}},
        {with("CONFIG_NR_CPUS=0x10\n"), {last + 1, r::bad_value, "NR_CPUS"}},
        {with("CONFIG_NR_CPUS=8 \n"), {last + 1, r::bad_value, "NR_CPUS"}},
        {with("CONFIG_NR_CPUS=y\n"), {last + 1, r::bad_value, "NR_CPUS"}},
        {with("CONFIG_NR_CPUS=0\n"), {last + 1, r::out_of_range, "NR_CPUS"}},
        {with("CONFIG_NODES_SHIFT=4294967297\n"), {last + 1, r::out_of_range, "NODES_SHIFT"}},
        {with("CONFIG_PAGE_SHIFT=" + std::string(5000, '9') + "\n"),
         {last + 1, r::out_of_range, "PAGE_SHIFT"}},
        {with("CONFIG_NR_CPUS=819"), {last + 1, r::cut_number, "NR_CPUS"}},
        {s + std::string("CONFIG_A=\0\n", 11), {last + 1, r::not_text, {}}},
        {"\x1f\x8b\x08", {1, r::not_text, {}}},
        {with("CONFIG_A=\x7f\n"), {last + 1, r::not_text, {}}},
    };
    for (const refusal& one : refusals) {
        INFO(one.file.substr(0, 200));
        const kconfig_error got = error_of(one.file);
        CHECK(got.line == one.error.line);
        CHECK(string_of(describe(got.why)) == string_of(describe(one.error.why)));
        CHECK(string_of(got.name) == string_of(one.error.name));
    }
    CHECK(error_of("CONFIG_FLATMEM=y\n", {.kernel = {4, 2}}).why == r::too_old);
}

TEST_CASE("every reason has a sentence of its own", "[page_flags]") {
    std::map<std::string, int> sentences;
    for (int why = 1; why <= static_cast<int>(kconfig_reason::unknown_addresses); ++why)
        ++sentences[string_of(describe(static_cast<kconfig_reason>(why)))];
    CHECK(sentences.size() == static_cast<std::size_t>(kconfig_reason::unknown_addresses));
    CHECK(sentences.count("unknown") == 0);
}

TEST_CASE("a file cut anywhere is refused or loses options, but never changes one",
          "[page_flags]") {
    const auto unchanged = [](const std::string& whole, std::size_t size) {
        const auto full = read_kconfig_text(view(whole)).value();
        // A copy, so that a sanitizer sees a step beyond its end.
        const std::string piece(whole, 0, size);
        const auto cut = read_kconfig_text(view(piece));
        if (!cut) return cut.error().line > 0;
        for (unsigned i = 0; i < option_count; ++i)
            if (cut->options.value[i] != 0 && cut->options.value[i] != full.options.value[i])
                return false;
        return true;
    };
    const std::string s = string_of(small);
    for (std::size_t size = 0; size <= s.size(); ++size) CHECK(unchanged(s, size));
    const std::string real = config_text("linux-headers-6.12.111+deb12-amd64");
    for (std::size_t size = 0; size < real.size(); size += 4001) CHECK(unchanged(real, size));
}

TEST_CASE("random bytes and random damage end in an answer", "[page_flags]") {
    std::mt19937 random(20150904);
    INFO("seed 20150904");
    for (int i = 0; i < 300; ++i) {
        std::string noise(random() % 400, ' ');
        for (char& c : noise) c = static_cast<char>(random());
        const kconfig_error got = error_of(noise);
        CHECK(got.line > 0);
    }
    const std::string letters = "CONFIG_=#\n\r\t0123456789yn \"xLinux/.";
    for (int i = 0; i < 2000; ++i) {
        std::string noise(random() % 200, ' ');
        for (char& c : noise) c = letters[random() % letters.size()];
        CHECK(error_of(noise).line > 0); // never a version
    }
    for (int i = 0; i < 2000; ++i) {
        std::string damaged = string_of(small);
        for (int n = 0; n < 3; ++n)
            damaged[random() % damaged.size()] = letters[random() % letters.size()];
        const auto k = read_kconfig(view(damaged));
        if (k)
            CHECK(k->mm.nr_cpus >= 1);
        else
            CHECK(k.error().line <= 60);
    }
}

TEST_CASE("the table of options is in the order of their enumeration", "[page_flags]") {
    STATIC_REQUIRE(option_named("64BIT") == option::bits_64);
    STATIC_REQUIRE(option_named("NUMA") == option::numa);
    STATIC_REQUIRE(option_named("NR_CPUS") == option::nr_cpus);
    STATIC_REQUIRE(option_named("PAGE_SIZE_64KB") == option::page_size_64kb);
    STATIC_REQUIRE(option_named("PAGE_BLOCK_MAX_ORDER") == option::page_block_max_order);
    STATIC_REQUIRE(option_named("FOO") == option::none);
    for (unsigned i = 0; i < option_count; ++i) {
        const option what = static_cast<option>(i);
        CHECK(option_named(row_of(what).name) == what); // no name twice
        CHECK((row_of(what).greatest > 1) == is_number(what));
    }
}
